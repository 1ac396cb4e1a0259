"""One change of a lane: what it becomes, what is stored, what is done afterwards.

Everything that a message causes is committed in one transaction together with the mark that its
update was handled; only then is anything done that the outside can see. Those effects are safe to
repeat: letters are in the outbox, and runs are started or ended again from the turns' states.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from orchestrator.app import turn_deadline, turn_requests
from orchestrator.app.kit import Kit
from orchestrator.domain.agent_events import Usage
from orchestrator.domain.deadline import Deadline
from orchestrator.domain.errors import TopicdError
from orchestrator.domain.ids import TurnId
from orchestrator.domain.lane import LaneState, over
from orchestrator.domain.machine import TurnEvent
from orchestrator.domain.notices import Notice
from orchestrator.domain.records import StoredLetter, Turn
from orchestrator.domain.states import TERMINAL_STATES, StopCause
from storage import inbox, outbox, steers, turns, usage
from storage.database import Transaction


class AlreadyHandled(TopicdError):
    """The update's effect is stored; doing it again would do it twice."""


@dataclass(slots=True, kw_only=True)
class Change:
    """A change under way. `state`, `turns` and `deadlines` become the lane's own when it is committed; `used` tells
    what a turn used so far."""

    kit: Kit
    tx: Transaction
    at: int
    state: LaneState
    turns: dict[TurnId, Turn]
    deadlines: dict[TurnId, Deadline]
    letters: list[StoredLetter] = field(default_factory=list)
    first: list[Callable[[], None]] = field(default_factory=list)
    effects: list[Callable[[], None]] = field(default_factory=list)
    undone: list[Callable[[], None]] = field(default_factory=list)
    used: Callable[[TurnId], Usage | None] = lambda _: None

    async def say(self, notice: Notice) -> StoredLetter | None:
        """Tell people; the last letter of it, which has its buttons, if there is one."""
        stored = [await outbox.add(self.tx, letter, self.at) for letter in self.kit.composer.compose(notice)]
        self.letters.extend(stored)
        return stored[-1] if stored else None

    async def move(self, turn: Turn, event: TurnEvent, *, why: str = "", cause: StopCause | None = None) -> Turn:
        """Take a turn along. Of one that is stopped or over, what says that it waits or runs is void if unsent.

        Raises TopicdError if the stored turn is not where the lane thinks it is.
        """
        moved = await turns.move(self.tx, turn, event, self.at, why=why, cause=cause)
        if moved is None:
            raise TopicdError(f"turn {turn.id} is not {turn.state} any more: {event} was not applied")
        if event is TurnEvent.STOP or moved.state in TERMINAL_STATES:
            await outbox.void(self.tx, moved.id, self.at)
        if event is TurnEvent.STOP and cause in (StopCause.PERSON, StopCause.TAKEOVER):
            await steers.void(self.tx, moved.id)
        await turn_deadline.follow(self, turn, moved)
        await turn_requests.follow(self, turn, moved)
        if moved.state in TERMINAL_STATES:
            await usage.note(self.tx, moved.id, self.used(moved.id) or Usage(), self.at)
            self.turns.pop(moved.id, None)
            self.state = over(self.state, moved.id)
        else:
            self.turns[moved.id] = moved
        return moved

    def if_refused(self, undo: Callable[[], None]) -> None:
        """Take back something of memory if this is not committed. It must not wait."""
        self.undone.append(undo)

    def at_once(self, effect: Callable[[], None]) -> None:
        """Do something once this is committed, before its letters may be sent. It must not wait."""
        self.first.append(effect)

    def then(self, effect: Callable[[], None]) -> None:
        """Do something once this is committed. It must not wait."""
        self.effects.append(effect)


@asynccontextmanager
async def changing(
    kit: Kit,
    state: LaneState,
    known: dict[TurnId, Turn],
    deadlines: dict[TurnId, Deadline],
    update_id: int | None,
    *,
    more_ids: Sequence[int] = (),
    urgent: bool = False,
) -> AsyncIterator[Change]:
    """A change in a transaction of its own. Raises AlreadyHandled, StoreError; then nothing is stored.

    `more_ids` are updates that came with the first and are done with it. The effects are not performed here: the
    lane does that once it has taken over the new state.
    """
    at = kit.clock()
    async with kit.db.transaction(urgent=urgent) as tx:
        if not await inbox.mark_done(tx, update_id, at):
            raise AlreadyHandled(f"update {update_id}")
        for each in more_ids:
            await inbox.mark_done(tx, each, at)
        yield Change(kit=kit, tx=tx, at=at, state=state, turns=dict(known), deadlines=dict(deadlines))
