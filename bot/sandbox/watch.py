"""Waiting for something to be true, without polling."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Watch(Generic[T]):
    """Hands every value that is `tell`ed to all who wait, at once and in order.

    Conditions are looked at while the value is told, not when the waiter next runs: a state that lasts
    for a moment only is not missed.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[T], bool], asyncio.Future[T]]] = []

    def tell(self, value: T) -> None:
        """Wakes those whose condition `value` meets; a condition that raises wakes its waiter with it."""
        still: list[tuple[Callable[[T], bool], asyncio.Future[T]]] = []
        for condition, future in self._waiting:
            if future.done():
                continue
            try:
                is_met = condition(value)
            except Exception as error:  # noqa: BLE001 - it is the waiter's own code; it gets the error
                future.set_exception(error)
                continue
            if is_met:
                future.set_result(value)
            else:
                still.append((condition, future))
        self._waiting = still

    async def next(self, condition: Callable[[T], bool], *, timeout_s: float) -> T:
        """The next value that meets `condition`. Raises TimeoutError after `timeout_s`."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((condition, future))
        async with asyncio.timeout(timeout_s):
            return await future
