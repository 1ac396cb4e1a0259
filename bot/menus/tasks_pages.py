"""The pages of `/tasks`. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.menus.page import Button, Choice, Page, Shown, back, confirm, in_rows, pager
from bot.render import builder as b
from bot.render.entities import RichText
from bot.render.markdown import render_markdown
from bot.wording import duration, shortened
from bot.words.speech import say, say_rich, worded
from orchestrator.domain.progress import Step
from orchestrator.domain.records import Turn
from orchestrator.domain.run_events import ProcessNote
from orchestrator.domain.states import TERMINAL_STATES, TurnState

PAGE_SIZE = 6

_PROMPT = 100
_WHOLE_PROMPT = 600
_ANSWER = 800
_LABEL_PROMPT = 24
_MOST_OTHERS = 10
_STEPS = 4
_SIGNS = {TurnState.DONE: "✓", TurnState.FAILED: "✗", TurnState.STOPPED: "⏹", TurnState.LOST: "⚡"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSeen:
    """A task as it is now; `place` is the name of its topic where that is another one."""

    turn: Turn
    elapsed_s: float
    place: str = ""
    steps: tuple[Step, ...] = ()
    url: str = ""
    can_switch: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing of it works."""
        return self.turn.state in TERMINAL_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """What works in the background and is no task of ours: agents' own tasks, with the buttons that end them, and
    processes that turns left running."""

    own: tuple[str, ...] = ()
    ends: tuple[dict[str, Any], ...] = ()
    left: Sequence[ProcessNote] = field(default=())


def listed(seen: Sequence[TaskSeen], shown: Shown, others: Others) -> Page:
    """A page of the list."""
    text = b.lines(
        say_rich("task-list"),
        *(_row(each) for each in seen),
        say_rich("task-list-empty") if not seen else "",
        b.text("\n", say_rich("task-own")) if others.own else "",
        *(b.text("⚙ ", shortened(title, _PROMPT)) for title in others.own[:_MOST_OTHERS]),
        b.text("\n", say_rich("task-left")) if others.left else "",
        *(
            b.text(b.code(shortened(note.command, 60)), " ", say("task-pid", pid=str(note.pid)))
            for note in others.left[:_MOST_OTHERS]
        ),
    )
    open_: list[Button] = [Choice(label=_label(each), to=("i", str(each.turn.id))) for each in seen]
    stops: list[Button] = [
        _stop(each, say("task-stop-id", id=str(each.turn.id))) for each in seen if _can_be_stopped(each)
    ]
    ends = tuple((end,) for end in others.ends)
    return Page(text=b.message(text), rows=(*in_rows(open_), *in_rows(stops), *ends, pager(shown, ("p",))))


def item(task: TaskSeen, list_page: int) -> Page:
    """One task: what it was asked, what it does or answered."""
    turn, name = task.turn, str(task.turn.id)
    answer = turn.answer if len(turn.answer) <= _ANSWER else turn.answer[:_ANSWER].rstrip() + "…"
    text = b.lines(
        b.text(b.bold(_sign(turn), " ", say("task-head", id=name)), f" · {_state(task)}"),
        b.quote(shortened(turn.prompt, _WHOLE_PROMPT)),
        *(_step(step) for step in task.steps[-_STEPS:]),
        say("task-error", error=shortened(worded(turn.error), _PROMPT)) if turn.error else "",
        b.text(say("task-answer"), "\n", render_markdown(answer)) if answer else "",
    )
    buttons: list[Button] = []
    if task.can_switch and task.is_over:
        buttons.append(Choice(label=say("task-switch"), to=("switch", name), acts=True, style="primary"))
    if task.url:
        buttons.append({"text": say("task-message"), "url": task.url})
    if _can_be_stopped(task):
        buttons.append(_stop(task, say("task-stop")))
    buttons.append(Choice(label=say("task-delete"), to=("d", name)))
    return Page(text=b.message(text), rows=(*in_rows(buttons), back(("p", str(list_page)))))


def asks_delete(task: TaskSeen) -> Page:
    """A page that asks before a task is deleted."""
    name = str(task.turn.id)
    text = b.lines(
        say_rich("task-ask-delete", id=name),
        "" if task.is_over else say("task-ask-delete-works"),
        b.quote(shortened(task.turn.prompt, _PROMPT)),
    )
    return confirm(
        b.message(text), yes=say("task-yes-delete"), no=say("task-keep"), act=("delete", name), keep=("i", name)
    )


def _row(task: TaskSeen) -> RichText:
    turn = task.turn
    return b.text(
        "\n",
        b.bold(f"{_sign(turn)} {turn.id}"),
        f" {_state(task)}\n{shortened(turn.prompt, _PROMPT)}",
    )


def _state(task: TaskSeen) -> str:
    where = f" · {task.place}" if task.place else ""
    return f"{say('task-state', state=str(task.turn.state))} · {duration(int(task.elapsed_s))}{where}"


def _step(step: Step) -> RichText:
    sign = {None: "▸", True: "✓", False: "✗"}[step.ok]
    title = shortened(step.title, _PROMPT)
    return b.text(f"{sign} {step.name} ", b.code(title) if title else "")


def _label(task: TaskSeen) -> str:
    return f"{_sign(task.turn)} {task.turn.id} {shortened(task.turn.prompt, _LABEL_PROMPT)}"


def _sign(turn: Turn) -> str:
    return _SIGNS.get(turn.state, "⚙")


def _can_be_stopped(task: TaskSeen) -> bool:
    return not task.is_over and task.turn.state is not TurnState.STOPPING


def _stop(task: TaskSeen, label: str) -> Choice:
    return Choice(label=label, to=("stop", str(task.turn.id)), acts=True, style="danger")
