"""What waits to be sent to one chat, and which of it goes next."""

from dataclasses import dataclass, field

import anyio

from orchestrator.domain.records import StoredLetter
from orchestrator.domain.states import Priority

RANK = {priority: rank for rank, priority in enumerate(Priority)}
PATIENCE = 4
"""After so many tries a letter no longer holds up those behind it."""


@dataclass(slots=True, eq=False)
class ChatQueue:
    """The letters that wait for one chat, and how its last calls went. `begun` ones have no outcome yet."""

    letters: list[StoredLetter] = field(default_factory=list)
    begun: set[int] = field(default_factory=set)
    woken: anyio.Event = field(default_factory=anyio.Event)
    working: bool = False
    sending: bool = False
    failures: int = 0
    retry_at: dict[int, float] = field(default_factory=dict)

    def first(self, now: float) -> StoredLetter | None:
        """The letter that goes next. One that waits for another try holds up its own topic, so that
        an answer stays in order, but no stop and no other topic; after a few tries not even its own."""
        waiting = {each.id: each for each in self.letters if self.retry_at.get(each.id, 0.0) > now}
        held_up = {each.letter.topic for each in waiting.values() if each.attempts < PATIENCE}
        ready = [each for each in self.letters if each.id not in waiting]
        free = (each for each in ready if each.letter.topic not in held_up or each.letter.priority is Priority.URGENT)
        return min(free, key=lambda each: (RANK[each.letter.priority], each.id), default=None)

    def next_retry(self, now: float) -> float | None:
        """How long until a letter that waits for another try may go; None if none waits."""
        times = [self.retry_at[each.id] for each in self.letters if each.id in self.retry_at]
        return max(0.0, min(times) - now) if times else None
