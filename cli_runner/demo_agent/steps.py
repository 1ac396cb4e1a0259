"""What each line of a prompt does."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from cli_runner.demo_agent import beside, permission, questions, work
from cli_runner.demo_agent.turn import Turn
from cli_runner.demo_agent.wire import emit
from cli_runner.demo_agent.words import HELP, MARKDOWN

ECHO_S = 2.0
_ECHO_CHARS = 800

STEPS: Mapping[str, Callable[[Turn, str], None]] = MappingProxyType(
    {
        "say": lambda turn, text: turn.say(text),
        "think": lambda turn, text: turn.think(text),
        "wait": work.wait,
        "run": work.run,
        "leave": work.leave,
        "long": work.long,
        "markdown": lambda turn, _: turn.say(MARKDOWN),
        "notice": lambda _, text: emit("notice", text=text),
        "remember": work.remember,
        "recall": work.recall,
        "ask": permission.ask,
        "edit": permission.edit,
        "several": permission.several,
        "mode": work.tell_mode,
        "question": questions.question,
        "questions": questions.questions,
        "plan": questions.plan,
        "todo": beside.todo,
        "agent": beside.agent,
        "background": beside.background,
        "tokens": beside.tokens,
        "fail": work.fail,
        "crash": work.crash,
        "garbage": work.garbage,
        "help": lambda turn, _: turn.say(HELP, word_s=0.005),
    }
)


def parse(prompt: str) -> Iterator[tuple[str, str]]:
    """The steps of a prompt, one a line; none if its first line is not one. Other lines are said."""
    lines = [line for line in prompt.splitlines() if line.strip()]
    for index, line in enumerate(lines):
        name, _, argument = line.strip().partition(" ")
        if name.lower() in STEPS:
            yield name.lower(), argument
        elif index == 0:
            return
        else:
            yield "say", line


def work_through(turn: Turn) -> str:
    """Do all that the turn's order says; returns the answer. Raises Interrupted or Failed."""
    order = turn.order
    if order.files:
        turn.tell_files(order.files)
    steps = list(parse(order.text))
    if not steps and order.reason:
        turn.say(f"My background task is done: {order.text}")
    elif not steps and (order.text.strip() or not order.files):
        _greet(turn, order.text)
    for name, argument in steps:
        turn.take_steers()
        STEPS[name](turn, argument)
    turn.take_steers()
    return turn.said


def _greet(turn: Turn, prompt: str) -> None:
    words = " ".join(prompt.split())
    shown = words if len(words) <= _ECHO_CHARS else words[: _ECHO_CHARS - 1] + "…"
    text = (
        f"You said: {shown}\n\nI work in `{Path.cwd()}`. I am only a demo, but everything around me is "
        "real: the process, the session, the buttons. Say `help` to see what I can do."
    )
    turn.say(text, word_s=ECHO_S / len(text.split()))
