"""A lane's mailbox: first come, first served, but stops go first."""

from collections import deque
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

    def post(self, message: T, *, urgent: bool = False) -> None:
        """Put a message; never waits."""
        (self._urgent if urgent else self._normal).append(message)
        self._arrived.set()

    async def take(self) -> T:
        """The next message."""
        while not self._urgent and not self._normal:
            self._arrived = anyio.Event()
            await self._arrived.wait()
        return (self._urgent or self._normal).popleft()
