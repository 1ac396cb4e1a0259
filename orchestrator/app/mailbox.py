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
        self._paused = False

    def post(self, message: T, *, urgent: bool = False) -> None:
        """Put a message; never waits."""
        (self._urgent if urgent else self._normal).append(message)
        self._arrived.set()

    def pause(self) -> None:
        """Until `resume`, only urgent messages are taken."""
        self._paused = True

    def resume(self, message: T) -> None:
        """Go on, with this message before all others that are not urgent."""
        self._paused = False
        self._normal.appendleft(message)
        self._arrived.set()

    def withdraw(self, wanted: Callable[[T], bool]) -> list[T]:
        """Take out the messages that are wanted, whatever is before them."""
        found = [each for each in (*self._urgent, *self._normal) if wanted(each)]
        for message in found:
            (self._urgent if message in self._urgent else self._normal).remove(message)
        return found

    async def take(self) -> T:
        """The next message."""
        while not self._urgent and (self._paused or not self._normal):
            self._arrived = anyio.Event()
            await self._arrived.wait()
        return (self._urgent or self._normal).popleft()
