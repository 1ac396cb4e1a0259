"""How many agents may work at once, who waits, and which idle ones are kept warm."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from orchestrator.domain.ids import RunId, TurnId


class Places:
    """A fair gate: at most `limit` turns at once, the others in the order in which they came."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: set[TurnId] = set()
        self._waiting: OrderedDict[TurnId, Callable[[], None]] = OrderedDict()

    def take(self, turn_id: TurnId, granted: Callable[[], None]) -> bool:
        """True if a place is taken now; else `granted` is called once one is."""
        if turn_id in self._taken:
            return True
        if len(self._taken) < self._limit and not self._waiting:
            self._taken.add(turn_id)
            return True
        self._waiting[turn_id] = granted
        return False

    def take_anyway(self, turn_id: TurnId) -> None:
        """A turn that already works (it was re-attached) has its place, whatever the limit."""
        self._taken.add(turn_id)

    def leave(self, turn_id: TurnId) -> None:
        """Give the place, or the place in the queue, back. Harmless if there is none."""
        self._waiting.pop(turn_id, None)
        self._taken.discard(turn_id)
        while self._waiting and len(self._taken) < self._limit:
            first, granted = self._waiting.popitem(last=False)
            self._taken.add(first)
            granted()

    def ahead(self, turn_id: TurnId) -> int:
        """How many wait before this turn."""
        return list(self._waiting).index(turn_id) if turn_id in self._waiting else 0

    @property
    def waiting(self) -> int:
        """How many turns wait for a place."""
        return len(self._waiting)


class Retirable(Protocol):
    """An idle run that can be let go."""

    @property
    def run_id(self) -> RunId: ...

    def retire(self) -> None:
        """Ask for its end; does not wait."""
        ...


_SHORT = 0.1
"""With a smaller share of memory left no more runs are kept than have to be."""


class WarmPool:
    """The idle runs that are kept for their next turn, the least recently used first to go.

    `available` tells the share of memory that is left, from 0 to 1.
    """

    def __init__(self, limit: int, available: Callable[[], float] = lambda: 1.0) -> None:
        self._limit = limit
        self._available = available
        self._idle: OrderedDict[RunId, Retirable] = OrderedDict()

    def keep(self, run: Retirable) -> None:
        """A run became idle; the oldest beyond the limit are retired, perhaps this one."""
        self._idle[run.run_id] = run
        self._idle.move_to_end(run.run_id)
        while len(self._idle) > self._limit:
            self._retire_oldest()
        self.relieve()

    def relieve(self) -> None:
        """A process is about to be started, or is kept: where memory is short, let the oldest idle one go."""
        if self._idle and self._available() < _SHORT:
            self._retire_oldest()

    def _retire_oldest(self) -> None:
        _, oldest = self._idle.popitem(last=False)
        oldest.retire()

    def drop(self, run_id: RunId) -> None:
        """A run works again, or is gone."""
        self._idle.pop(run_id, None)
