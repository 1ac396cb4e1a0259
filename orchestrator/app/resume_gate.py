"""How many resumed turns may work at once, and how soon one may follow the other."""

from collections import OrderedDict
from collections.abc import Callable, Collection

from orchestrator.domain.ids import TurnId
from orchestrator.domain.resume_policy import APART_S


class ResumeGate:
    """A fair gate for turns that are resumed by themselves, over all topics: first come, first through.

    Closed until `open`: at the start of the bot everything that lives is found before anything is resumed.
    """

    def __init__(self, concurrent: int, *, apart_s: float = APART_S) -> None:
        self._concurrent = concurrent
        self._apart_ms = round(apart_s * 1000)
        self._inside: set[TurnId] = set()
        self._waiting: OrderedDict[TurnId, Callable[[float], None]] = OrderedDict()
        self._next_ms: int | None = None

    def open(self, now_ms: int) -> None:
        """From now on turns may go through, the first after a moment: what people wrote meanwhile comes first."""
        self._next_ms = now_ms + self._apart_ms
        self._wake_first(self._apart_ms)

    def enter(self, turn_id: TurnId, now_ms: int, again: Callable[[float], None]) -> bool:
        """True if the turn may work. Else `again` is called, with seconds to wait, when asking again helps.

        Asking again is harmless, however often.
        """
        if turn_id in self._inside:
            return True
        self._waiting[turn_id] = again
        if self._next_ms is None or next(iter(self._waiting)) != turn_id or len(self._inside) >= self._concurrent:
            return False
        # A clock that was put back must not hold it up for longer.
        self._next_ms = min(self._next_ms, now_ms + self._apart_ms)
        if now_ms < self._next_ms:
            again((self._next_ms - now_ms) / 1000)
            return False
        del self._waiting[turn_id]
        self._inside.add(turn_id)
        self._next_ms = now_ms + self._apart_ms
        self._wake_first(self._apart_ms)
        return True

    def enter_anyway(self, turn_id: TurnId) -> None:
        """A turn that already works (it was re-attached) is inside, whatever the limit."""
        self._inside.add(turn_id)

    def leave(self, turn_id: TurnId) -> None:
        """A turn is over, or does not want to work any more. Harmless if it is not known here."""
        known = turn_id in self._inside or turn_id in self._waiting
        self._inside.discard(turn_id)
        self._waiting.pop(turn_id, None)
        if known:
            self._wake_first(0)

    def ahead(self, turn_id: TurnId) -> int:
        """How many turns have to be over before this one may work."""
        if turn_id not in self._waiting:
            return 0
        place = list(self._waiting).index(turn_id)
        return max(0, len(self._inside) + place + 1 - self._concurrent)

    @property
    def inside(self) -> Collection[TurnId]:
        """The turns that may work."""
        return frozenset(self._inside)

    def _wake_first(self, wait_ms: int) -> None:
        if self._waiting and self._next_ms is not None and len(self._inside) < self._concurrent:
            next(iter(self._waiting.values()))(wait_ms / 1000)
