"""An event loop in which time stands still until a test moves it, and which knows when it is idle.

Threads are waited for in lockstep: whatever a database thread was given is done before the loop goes on,
in the order in which it was given. So the same steps lead to the same interleaving, every time.
"""

import asyncio
import queue
import selectors
import sys
from collections.abc import Callable
from contextvars import Context
from typing import Any

import anyio.to_thread

_PATIENCE_S = 30.0
_MOST_TURNS = 200_000

Arrived = tuple[Callable[..., object], tuple[Any, ...], Context | None]


class _Selector(selectors.SelectSelector):
    """Selects nothing: no file is ever waited for here. Tells when the loop would wait, and for how long."""

    def __init__(self) -> None:
        super().__init__()
        self.would_wait: Callable[[float | None], None] = lambda _: None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.would_wait(timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time is `time()`, in seconds; `run_for` and `run_turns` are the only ways to let something happen."""

    def __init__(self) -> None:
        self._now = 1_000.0
        self._until = self._now
        self._turns_left = _MOST_TURNS
        self._limited = False
        self._given: dict[object, int] = {}
        self._count = 0
        self._arrived: queue.SimpleQueue[Arrived] = queue.SimpleQueue()
        self._aside: list[Arrived] = []
        self._limiter: Any = None
        selector = _Selector()
        super().__init__(selector)
        selector.would_wait = self._would_wait
        self.run_until_complete(self._prepare())

    async def _prepare(self) -> None:
        # One thread at a time beside those of the database, so that their order is always the same.
        self._limiter = anyio.to_thread.current_default_thread_limiter()
        self._limiter.total_tokens = 1

    def time(self) -> float:
        """Seconds; moved by `run_for` alone."""
        return self._now

    def run_for(self, seconds: float) -> None:
        """Let time go on, from one timer to the next, until then; 0 lets all happen that is due now."""
        self._until = self._now + seconds
        self._turns_left, self._limited = _MOST_TURNS, False
        self.run_forever()

    def run_turns(self, turns: int) -> None:
        """Let the loop turn so many times, or until it is idle; no time goes by."""
        self._until = self._now
        self._turns_left, self._limited = max(1, turns), True
        self.run_forever()

    def create_future(self) -> "asyncio.Future[Any]":
        """A future; those of the database's threads are waited for."""
        future = super().create_future()
        if sys._getframe(1).f_globals.get("__name__") == "aiosqlite.core":
            self._count += 1
            self._given[future] = self._count
        return future

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """A thread is done with something."""
        self._arrived.put((callback, args, context))
        return asyncio.Handle(callback, args, self, context)

    def _would_wait(self, timeout: float | None) -> None:
        self._turns_left -= 1
        if self._turns_left <= 0:
            if not self._limited:
                raise RuntimeError("the loop turns without end, and no time goes by")
            self.stop()
        if self._collect(idle=timeout is None or timeout > 0) or timeout == 0:
            return
        if timeout is not None and self._now + timeout <= self._until:
            self._now += timeout
        else:
            self._now = max(self._now, self._until)
            self.stop()

    def _collect(self, *, idle: bool) -> bool:
        """Take over what threads have done; True if there was anything."""
        found: list[Arrived] = []
        while self._given:
            self._sort_out(self._arrived.get(timeout=_PATIENCE_S), found)
        # The others are only waited for when there is nothing else to do.
        while idle and not found and not self._aside and self._limiter is not None and self._limiter.borrowed_tokens:
            self._sort_out(self._arrived.get(timeout=_PATIENCE_S), found)
        if idle and not found:
            found, self._aside = self._aside, []
        for callback, args, context in found:
            self.call_soon(callback, *args, context=context)
        return bool(found)

    def _sort_out(self, arrived: Arrived, found: list[Arrived]) -> None:
        ours = bool(arrived[1]) and self._given.pop(arrived[1][0], None) is not None
        (found if ours else self._aside).append(arrived)
