"""The pages of `/queue`. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.menus.page import Button, Choice, Page, Shown, back, in_rows, pager
from bot.render import builder as b
from bot.render.entities import RichText
from bot.wording import shortened
from bot.words.speech import say, say_rich
from orchestrator.domain.records import Turn

PAGE_SIZE = 6

_PROMPT = 100
_WHOLE_PROMPT = 800
_LABEL_PROMPT = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSeen:
    """What waits in a topic now, in the order in which it will run, and what rests."""

    queue: Sequence[Turn] = ()
    held: Sequence[Turn] = ()
    current: Turn | None = None

    @property
    def all(self) -> list[Turn]:
        """What waits, then what rests."""
        return [*self.queue, *self.held]

    def ahead(self, turn: Turn) -> int | None:
        """How many go before a prompt; None of one that rests."""
        ids = [each.id for each in self.queue]
        return ids.index(turn.id) if turn.id in ids else None


def listed(seen: QueueSeen, things: Sequence[Turn], shown: Shown) -> Page:
    """A page of the list."""
    waiting = [turn for turn in things if seen.ahead(turn) is not None]
    resting = [turn for turn in things if seen.ahead(turn) is None]
    text = b.lines(
        say_rich("waiting-list"),
        say("waiting-works", prompt=shortened(seen.current.prompt, _PROMPT)) if seen.current is not None else "",
        *(_row(turn) for turn in waiting),
        b.text("\n", say_rich("waiting-resting")) if resting else "",
        *(_row(turn) for turn in resting),
        say("waiting-empty") if not things else "",
    )
    open_: list[Button] = [Choice(label=_label(turn), to=("i", str(turn.id))) for turn in things]
    count = len(seen.held)
    all_held: tuple[Button, ...] = (
        Choice(label=say("waiting-run-all", n=count), to=("run",), acts=True, style="success"),
        Choice(label=say("waiting-drop-all", n=count), to=("drop",), acts=True),
    )
    rows = (*in_rows(open_), pager(shown, ("p",)), *((all_held,) if count else ()))
    return Page(text=b.message(text), rows=rows)


def item(seen: QueueSeen, turn: Turn, list_page: int) -> Page:
    """One prompt, and what can be done with it."""
    ahead, name = seen.ahead(turn), str(turn.id)
    place = say("waiting-rests")
    if ahead is not None:
        place = say("waiting-ahead", ahead=ahead) if ahead else say("waiting-first")
    text = b.lines(
        b.text(b.bold(name), _by(turn)),
        b.quote(shortened(turn.prompt, _WHOLE_PROMPT)),
        place,
    )
    buttons: list[Button] = []
    if ahead:
        buttons.append(Choice(label=say("waiting-up"), to=("up", name), acts=True))
    buttons.append(Choice(label=say("waiting-cancel"), to=("cancel", name), acts=True, style="danger"))
    now = say("waiting-now-stops" if seen.current is not None else "waiting-now")
    run: tuple[Button, ...] = (Choice(label=now, to=("now", name), acts=True),)
    return Page(text=b.message(text), rows=(run, tuple(buttons), back(("p", str(list_page)))))


def _row(turn: Turn) -> RichText:
    return b.text("\n", b.bold(str(turn.id)), _by(turn), f"\n{shortened(turn.prompt, _PROMPT)}")


def _by(turn: Turn) -> str:
    return f" · {say('waiting-by', name=turn.sender_name)}" if turn.sender_name else ""


def _label(turn: Turn) -> str:
    return f"{turn.id} {shortened(turn.prompt, _LABEL_PROMPT)}"
