"""Steps that ask a person something else than permission: questions, and plans to be judged."""

from collections.abc import Mapping

from cli_runner.demo_agent.beside import todo
from cli_runner.demo_agent.turn import Failed, Turn
from cli_runner.demo_agent.words import PLAN, REVISED

ONE = "Which colour? red | green | blue"
MANY = "Which colour? red | green | blue; Which sizes? * small | medium | large; What is its name?"
MOST = 4
_STEPS = "look | change | check"


def question(turn: Turn, argument: str) -> None:
    """One question."""
    _ask(turn, [_parsed(argument.strip() or ONE, 1)])


def questions(turn: Turn, argument: str) -> None:
    """Two to four at once, with `;` between them. Raises Failed."""
    parts = [part for part in (argument.strip() or MANY).split(";") if part.strip()]
    if not 2 <= len(parts) <= MOST:
        raise Failed(f"I want two to {MOST} questions with ; between them, not {len(parts)}")
    _ask(turn, [_parsed(part, nth) for nth, part in enumerate(parts, start=1)])


def plan(turn: Turn, argument: str) -> None:
    """Show a plan until it is approved, or denied without a word."""
    task = argument.strip() or "make it better"
    shown = PLAN.format(task=task)
    while True:
        _, answer = turn.answer(
            turn.request(
                name="plan",
                title=f"Plan: {task}",
                detail=shown,
                detail_is="plan",
                options=[
                    {"id": "approve", "answer": "allow_once", "label": "Approve", "mode": "ask"},
                    {"id": "edits", "answer": "allow_once", "label": "Approve and accept edits", "mode": "edits"},
                    {"id": "revise", "answer": "reject_once", "label": "Do not do this"},
                ],
            )
        )
        if answer.get("allow") is True:
            break
        words = str(answer.get("reason") or "").strip()
        if not words:
            turn.say("Then I leave it at that.")
            return
        turn.say(f"You said: {words}. Here is another plan.")
        shown = PLAN.format(task=task) + REVISED.format(words=words)
    if answer.get("option") == "edits":
        turn.session.set_mode("edits")
    elif turn.session.mode == "plan":
        turn.session.set_mode("ask")
    turn.say(f"The plan is approved. I work in mode `{turn.session.mode}` now.")
    todo(turn, _STEPS)


def _parsed(text: str, nth: int) -> dict[str, object]:
    """`Which colour? * red | green`: the words, what `*` says, and the choices. Without a «?» it has none."""
    words, mark, rest = text.strip().partition("?")
    several = rest.strip().startswith("*")
    labels = [label.strip() for label in rest.strip().removeprefix("*").split("|")]
    return {
        "id": f"q{nth}",
        "text": words.strip() + mark,
        "choices": [{"label": label} for label in dict.fromkeys(labels) if label],
        "several": several,
        "takes_text": True,
    }


def _ask(turn: Turn, asked: list[dict[str, object]]) -> None:
    title = str(asked[0]["text"]) if len(asked) == 1 else f"{len(asked)} questions"
    _, answer = turn.answer(turn.request(name="question", title=title, questions=asked))
    given = answer.get("answers")
    if not isinstance(given, Mapping):
        turn.say(f"You gave no answer: {answer.get('reason') or 'no reason given'}")
        return
    lines = [f"- {each['text']} **{_listed(given.get(each['id']))}**" for each in asked]
    turn.say("\n".join(["You answered:", *lines]))


def _listed(answers: object) -> str:
    return ", ".join(map(str, answers)) if isinstance(answers, list) and answers else "(nothing)"
