"""Whose turn it is to write: one holder at a time, in the order of asking, but urgent ones go first."""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import anyio.lowlevel


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Waiter:
    task_id: int
    handed: anyio.Event = field(default_factory=anyio.Event)


class WriterLock:
    """A lock that is handed from one holder to the next, never snatched by a newcomer.

    Urgent waiters are served in their own order, before all others. One that is cancelled leaves the
    queue; one that was handed the lock at that moment hands it on.
    """

    def __init__(self) -> None:
        self._owner: int | None = None
        self._urgent = deque[_Waiter]()
        self._others = deque[_Waiter]()

    @asynccontextmanager
    async def held(self, *, urgent: bool = False) -> AsyncIterator[None]:
        """Wait for the lock, and hold it inside the block. Raises RuntimeError if this task holds it already."""
        await self._acquire(urgent=urgent)
        try:
            yield
        finally:
            self._hand_on()

    async def _acquire(self, *, urgent: bool) -> None:
        await anyio.lowlevel.checkpoint_if_cancelled()
        task_id = anyio.get_current_task().id
        if self._owner is None:
            self._owner = task_id
            return
        if self._owner == task_id:
            raise RuntimeError("This task holds the lock already and would wait for itself.")
        queue = self._urgent if urgent else self._others
        waiter = _Waiter(task_id=task_id)
        queue.append(waiter)
        try:
            await waiter.handed.wait()
        except BaseException:
            if waiter.handed.is_set():
                self._hand_on()
            else:
                queue.remove(waiter)
            raise

    def _hand_on(self) -> None:
        for queue in (self._urgent, self._others):
            if queue:
                waiter = queue.popleft()
                self._owner = waiter.task_id
                waiter.handed.set()
                return
        self._owner = None
