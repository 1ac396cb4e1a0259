"""A lane's mailbox: first come, first served, but stops go first."""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

import anyio

T = TypeVar("T")


class Mailbox(Generic[T]):
    """An unbounded two-lane queue for one reader.

    It holds commands of people and events of runs, which must not be lost; what bounds it is that
    each prompt beyond `queue_limit` is refused and each run tells only its milestones.
    """

    def __init__(self) -> None:
        self._urgent: deque[T] = deque()
        self._normal: deque[T] = deque()
        self._arrived = anyio.Event()
        self._held: Callable[[T], bool] | None = None

    def post(self, message: T, *, urgent: bool = False) -> None:
        """Put a message; never waits."""
        (self._urgent if urgent else self._normal).append(message)
        self._arrived.set()

    def pause(self, held: Callable[[T], bool]) -> None:
        """Until `resume`, messages for which `held` is true wait, unless they are urgent."""
        self._held = held

    def resume(self, message: T) -> None:
        """Go on, with this message before all others that are not urgent."""
        self._held = None
        self._normal.appendleft(message)
        self._arrived.set()

    def withdraw(self, wanted: Callable[[T], bool]) -> list[T]:
        """Take out the messages that are wanted, whatever is before them."""
        found = [each for each in (*self._urgent, *self._normal) if wanted(each)]
        for message in found:
            (self._urgent if message in self._urgent else self._normal).remove(message)
        return found

    def rewrite(self, change: Callable[[T], T]) -> None:
        """Put what `change` makes of them in place of all messages."""
        self._urgent = deque(map(change, self._urgent))
        self._normal = deque(map(change, self._normal))

    async def take(self) -> T:
        """The next message."""
        while (found := self._first()) is None:
            self._arrived = anyio.Event()
            await self._arrived.wait()
        queue, at = found
        message = queue[at]
        del queue[at]
        return message

    def _first(self) -> tuple[deque[T], int] | None:
        if self._urgent:
            return self._urgent, 0
        held = self._held
        at = next((nth for nth, each in enumerate(self._normal) if held is None or not held(each)), None)
        return None if at is None else (self._normal, at)
