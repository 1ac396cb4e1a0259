"""A lane's mailbox: in order, but stops go first, and nothing is lost."""

import asyncio

import anyio

from orchestrator.app.mailbox import Mailbox


async def test_messages_come_in_order_and_urgent_ones_first() -> None:
    """A stop does not queue behind prompts; two stops keep their order."""
    box = Mailbox[str]()
    box.post("a")
    box.post("b")
    box.post("stop", urgent=True)
    box.post("stop again", urgent=True)
    assert [await box.take() for _ in range(4)] == ["stop", "stop again", "a", "b"]


async def test_a_waiting_reader_is_woken() -> None:
    """Posting from elsewhere ends the wait, for each message anew."""
    box = Mailbox[int]()
    taken = list[int]()

    async def read() -> None:
        while len(taken) < 2:
            taken.append(await box.take())

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            for number in (1, 2):
                await anyio.wait_all_tasks_blocked()
                box.post(number)
    assert taken == [1, 2]


async def test_a_cancelled_reader_loses_nothing() -> None:
    """What comes after a wait was given up is there for the next one."""
    box = Mailbox[str]()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await box.take()
    box.post("late")
    async with asyncio.timeout(5):
        assert await box.take() == "late"


async def test_what_waits_for_something_beside_is_overtaken_by_the_rest() -> None:
    """Until that is done; then its outcome comes first, and everything else in order."""
    box = Mailbox[str]()
    box.pause(lambda message: message.startswith("prompt"))
    for message in ("prompt 1", "end of a turn", "prompt 2"):
        box.post(message)
    assert await box.take() == "end of a turn"
    box.post("stop", urgent=True)
    assert await box.take() == "stop"
    box.resume("outcome")
    assert [await box.take() for _ in range(3)] == ["outcome", "prompt 1", "prompt 2"]
