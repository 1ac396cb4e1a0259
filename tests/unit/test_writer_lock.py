"""The writers' queue: in order, urgent ones first, and nobody who left holds it up."""

import asyncio
from collections.abc import Sequence

import anyio
import pytest
from anyio import CancelScope, Event, create_task_group, fail_after, wait_all_tasks_blocked
from hypothesis import given
from hypothesis import strategies as st

from storage.writer_lock import WriterLock


class Queue:
    """Writers that stand in the queue behind one that holds the lock until `finish` is set."""

    def __init__(self) -> None:
        self.lock = WriterLock()
        self.finish = Event()
        self.served = list[int]()
        self.inside = 0
        self.scopes = dict[int, CancelScope]()

    async def hold(self) -> None:
        """Be the one that holds the lock."""
        async with self.lock.held():
            await self.finish.wait()

    async def write(self, number: int, *, urgent: bool = False) -> None:
        """Wait, note the turn, and give way inside it once."""
        with CancelScope() as self.scopes[number]:
            async with self.lock.held(urgent=urgent):
                assert self.inside == 0
                self.inside += 1
                self.served.append(number)
                await anyio.lowlevel.cancel_shielded_checkpoint()
                self.inside -= 1


async def served(urgencies: Sequence[bool], cancelled: frozenset[int] = frozenset()) -> Sequence[int]:
    """The order in which writers are served that asked in turn; some gave up while they waited."""
    queue = Queue()
    with fail_after(5):
        async with create_task_group() as tasks:
            tasks.start_soon(queue.hold)
            await wait_all_tasks_blocked()
            for number, urgent in enumerate(urgencies):

                async def write(number: int = number, *, urgent: bool = urgent) -> None:
                    await queue.write(number, urgent=urgent)

                tasks.start_soon(write)
            await wait_all_tasks_blocked()
            for number in cancelled & queue.scopes.keys():
                queue.scopes[number].cancel()
            await wait_all_tasks_blocked()
            queue.finish.set()
        async with queue.lock.held():
            pass
    return queue.served


async def test_an_urgent_writer_goes_before_all_that_wait() -> None:
    """Whoever asked first is first among its own; the urgent ones are before the others."""
    assert await served([False, False, True, False, True]) == [2, 4, 0, 1, 3]


@given(urgencies=st.lists(st.booleans(), max_size=12), cancelled=st.frozensets(st.integers(0, 11)))
def test_every_writer_that_stays_is_served_once_in_its_order(urgencies: list[bool], cancelled: frozenset[int]) -> None:
    """Whatever the mix, and whoever gives up: urgent ones in order, then the others in order; the lock is free."""
    stayed = [(number, urgent) for number, urgent in enumerate(urgencies) if number not in cancelled]
    expected = [number for number, urgent in stayed if urgent] + [number for number, urgent in stayed if not urgent]
    assert anyio.run(served, urgencies, cancelled) == expected


async def test_a_writer_cancelled_as_it_is_handed_the_lock_hands_it_on() -> None:
    """The next one writes; the lock is not lost with the one that never came to use it."""
    queue = Queue()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(queue.hold())
        await wait_all_tasks_blocked()
        heir = tasks.create_task(queue.write(1))
        tasks.create_task(queue.write(2))
        await wait_all_tasks_blocked()
        queue.finish.set()
        # The holder is woken in the next step of the loop and hands on; this comes right after it.
        asyncio.get_running_loop().call_soon(heir.cancel)
    assert heir.cancelled()
    assert queue.served == [2]
    async with asyncio.timeout(5), queue.lock.held():
        pass


async def test_a_failed_holder_frees_the_lock() -> None:
    """An error inside the block is raised, and the next writer gets its turn."""
    lock = WriterLock()
    with pytest.raises(ValueError, match="no"):
        async with lock.held():
            raise ValueError("no")
    with fail_after(5):
        async with lock.held():
            pass


async def test_a_cancelled_caller_does_not_get_a_free_lock() -> None:
    """Like every other wait, this one is a place where a cancelled task ends."""
    lock = WriterLock()
    entered = False
    with CancelScope() as scope:
        scope.cancel()
        async with lock.held():
            entered = True
    assert not entered
    with fail_after(5):
        async with lock.held():
            pass


async def test_a_task_that_holds_the_lock_cannot_wait_for_itself() -> None:
    """A transaction inside a transaction is our error, and is said rather than waited for."""
    lock = WriterLock()
    async with lock.held():
        with pytest.raises(RuntimeError, match="itself"):
            async with lock.held():
                pass
    with fail_after(5):
        async with lock.held():
            pass
