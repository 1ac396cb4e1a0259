"""What a menu is made of: an area of pages, shown to a visitor."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.desk import Desk
from bot.menus.page import Page, Path
from orchestrator.domain.commands import LaneCommand, Origin
from orchestrator.domain.ids import SessionId, TopicKey, TurnId
from orchestrator.domain.reach import Way as StopWay


@dataclass(slots=True, kw_only=True)
class Visit:
    """Who looks at a menu, or presses in it, and where. The gate has let them in.

    `origin` is quiet: what a page shows needs no message beside it. `handed_to` is the topic whose lane got a
    command: its page is shown once that is done.
    """

    desk: Desk
    key: TopicKey
    origin: Origin
    is_admin: bool
    now_ms: int
    handed_to: TopicKey | None = None

    def submit(self, key: TopicKey, command: LaneCommand) -> None:
        """Hand a command to a topic's lane; at most one in a visit, with `origin` as its origin."""
        self.handed_to = key
        self.desk.orchestrator.submit(key, command)

    def stop(
        self, key: TopicKey, way: StopWay, *, turn_id: TurnId | None = None, session_id: SessionId | None = None
    ) -> None:
        """Stop something, instead of a command."""
        self.handed_to = key
        self.desk.orchestrator.stop(key, way, self.origin, turn_id=turn_id, session_id=session_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a press did. `toast` is shown to who pressed, as an `alert` if it is a no; `show` is the page to show
    then, None for none."""

    toast: str = ""
    show: Path | None = ()
    alert: bool = False


Render = Callable[[Visit, Path], Awaitable[Page | None]]
"""The page of a path as it is now; None if what it is about is gone, or never was. () is the first page, and always
there."""

Act = Callable[[Visit, Path], Awaitable[Done | None]]
"""Do what a button says, if that still can be done: it may come twice, late, or from a forger. None if what it is
about is gone."""


Hear = Callable[[Visit, Path, str], Awaitable[Done | None]]
"""Take what somebody answered to the message of a page that hears. None if that is gone: then it is a prompt."""


async def acts_not(_: Visit, __: Path) -> Done | None:
    """For areas whose buttons only lead to pages."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """The menus of one command. `name` is as short as can be: it stands in every button."""

    name: str
    render: Render
    act: Act = acts_not
    hear: Hear | None = None
    admins_only: bool = False
