"""The pages of `/sessions`. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.menus.page import Button, Choice, Page, Path, Shown, back, confirm, in_rows, pager
from bot.render import builder as b
from bot.render.entities import RichText
from bot.wording import duration, shortened
from bot.words.speech import say, say_rich
from orchestrator.domain.records import Session, Turn

PAGE_SIZE = 6

_PROMPT = 80
_WHOLE_PROMPT = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSeen:
    """A session as it is now. `state` is that of its last turn, `idle`, or `left`; `place` the name of its topic
    where that is another one."""

    session: Session
    state: str
    age_s: float
    last: Turn | None = None
    is_current: bool = False
    place: str = ""
    waiting: int = 0

    @property
    def is_busy(self) -> bool:
        """Whether there is something to stop."""
        return self.state not in ("idle", "queued")

    @property
    def called(self) -> str:
        """What people know it by."""
        return f"{self.session.id} · {self.session.name or self.session.agent}"


def listed(seen: Sequence[SessionSeen], shown: Shown, *, whole_chat: bool) -> Page:
    """A page of the list."""
    base: Path = ("a",) if whole_chat else ("h",)
    other = (
        Choice(label=say("session-here"), to=("h", "1"))
        if whole_chat
        else Choice(label=say("session-chat"), to=("a", "1"))
    )
    text = b.lines(
        say_rich("session-list-chat" if whole_chat else "session-list-here"),
        *(_row(each) for each in seen),
        say("session-list-empty") if not seen else "",
    )
    open_: list[Button] = [Choice(label=_label(each), to=("i", str(each.session.id))) for each in seen]
    stop: list[Button] = [_stop(each, say("session-stop-id", id=str(each.session.id))) for each in seen if each.is_busy]
    return Page(text=b.message(text), rows=(*in_rows(open_), *in_rows(stop), pager(shown, base), (other,)))


def item(one: SessionSeen, list_page: Path) -> Page:
    """One session, and what can be done with it."""
    session = one.session
    name = str(session.id)
    text = b.lines(
        b.text(b.bold(_sign(one), " ", one.called), f"\n{session.agent} · {_state(one)}"),
        b.code(session.directory),
        say_rich("session-agent-id", id=b.code(session.cli_session_id)) if session.begun else "",
        b.italic(say("session-current")) if one.is_current else "",
        say("session-in-topic", topic=one.place) if one.place else "",
        say("session-waiting", n=one.waiting) if one.waiting else "",
        say_rich("session-last-prompt", prompt=shortened(one.last.prompt, _WHOLE_PROMPT)) if one.last else "",
    )
    buttons: list[Button] = []
    if not one.is_current and not one.place:
        buttons.append(Choice(label=say("session-switch"), to=("switch", name), acts=True, style="primary"))
    buttons.append(Choice(label=say("session-name"), to=("n", name)))
    if one.is_busy:
        buttons.append(_stop(one, say("session-stop")))
    buttons.append(Choice(label=say("session-delete"), to=("d", name)))
    return Page(text=b.message(text), rows=(*in_rows(buttons), back(list_page)))


def asks_name(one: SessionSeen) -> Page:
    """A page that takes a reply as the session's name."""
    text = say_rich("session-ask-name", id=str(one.session.id))
    return Page(text=text, rows=(back(("i", str(one.session.id))),), hears=True)


def asks_delete(one: SessionSeen) -> Page:
    """A page that asks before a session is deleted."""
    name = str(one.session.id)
    text = b.lines(
        say_rich("session-ask-delete", name=one.called),
        say("session-ask-delete-works") if one.is_busy else "",
        say("session-ask-delete-waiting", n=one.waiting) if one.waiting else "",
    )
    return confirm(
        b.message(text), yes=say("session-yes-delete"), no=say("session-keep"), act=("delete", name), keep=("i", name)
    )


def _row(one: SessionSeen) -> RichText:
    where = f" · {say('session-in-topic', topic=one.place)}" if one.place else ""
    agent = f" · {one.session.agent}" if one.session.name else ""
    return b.text(
        "\n",
        b.bold(_sign(one), " ", one.called),
        f"{agent} · {_state(one)}{where}\n",
        b.code(one.session.directory),
        f"\n{shortened(one.last.prompt, _PROMPT)}" if one.last is not None else "",
    )


def _state(one: SessionSeen) -> str:
    age = say("session-ago", time=duration(int(one.age_s)))
    return f"{say('session-state', state=one.state)} · {age}"


def _label(one: SessionSeen) -> str:
    return f"{_sign(one)} {one.called}"


def _sign(one: SessionSeen) -> str:
    return "●" if one.is_current else "○"


def _stop(one: SessionSeen, label: str) -> Choice:
    return Choice(label=label, to=("stop", str(one.session.id)), acts=True, style="danger")
