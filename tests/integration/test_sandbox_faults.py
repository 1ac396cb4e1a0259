"""The local Telegram's bad days: each fault does what it says, to the calls that it names."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramConflictError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from bot.sandbox.calls import Outcome
from bot.sandbox.faults import FaultKind
from bot.sandbox.flood import FloodPolicy
from bot.sandbox.server import Sandbox
from tests.integration.sandbox_client import bot_of, http, path

CALM = FloodPolicy(is_strict=False)


def said(box: Sandbox) -> list[str]:
    """What stands in the flat group."""
    return [message.text for message in box.messages(box.flat)]


@pytest.mark.parametrize(
    ("kind", "error", "outcome", "is_there"),
    [
        (FaultKind.LOSE_REPLY, TelegramNetworkError, Outcome.REPLY_LOST, True),
        (FaultKind.DROP, TelegramNetworkError, Outcome.DROPPED, False),
        (FaultKind.BAD_GATEWAY, ClientDecodeError, Outcome.GARBAGE, False),
        (FaultKind.SERVER_ERROR, TelegramServerError, Outcome.REFUSED, False),
        (FaultKind.UNAUTHORIZED, TelegramUnauthorizedError, Outcome.REFUSED, False),
    ],
)
async def test_a_fault_strikes_once_and_says_what_became_of_the_call(
    kind: FaultKind, error: type[Exception], outcome: Outcome, *, is_there: bool
) -> None:
    """Only a lost reply leaves the message there; the call after it is fine."""
    async with Sandbox(policy=CALM) as box, bot_of(box) as bot:
        strike = {
            FaultKind.LOSE_REPLY: box.faults.lose_reply,
            FaultKind.DROP: box.faults.drop,
            FaultKind.BAD_GATEWAY: box.faults.bad_gateway,
            FaultKind.SERVER_ERROR: box.faults.server_error,
            FaultKind.UNAUTHORIZED: box.faults.unauthorized,
        }[kind]
        fault = strike("sendMessage", times=1)
        await bot.get_me()
        with pytest.raises(error):
            await bot.send_message(box.flat.id, "first")
        await bot.send_message(box.flat.id, "second")
        assert said(box) == (["first", "second"] if is_there else ["second"])
        assert [call.outcome for call in box.calls.of("sendMessage")] == [outcome, Outcome.OK]
        assert fault.hits == 1


async def test_flood_and_conflict_on_request() -> None:
    """429 for one chat, 409 for the poller."""
    async with Sandbox(policy=CALM) as box, bot_of(box) as bot:
        box.faults.flood(7, chat_id=box.flat.id)
        await bot.send_message(box.workshop.id, "not concerned")
        with pytest.raises(TelegramRetryAfter) as refused:
            await bot.send_message(box.flat.id, "x")
        assert refused.value.retry_after == 7
        box.faults.conflict()
        with pytest.raises(TelegramConflictError):
            await bot.get_updates()
        assert await bot.get_updates() == []


async def test_a_delayed_call_is_carried_out_late() -> None:
    """Nothing is there before, everything after."""
    async with Sandbox(policy=CALM) as box, bot_of(box) as bot:
        box.faults.delay(0.2, "sendMessage")
        await bot.send_message(box.flat.id, "late")
        call = box.calls.of("sendMessage")[0]
        assert call.done_at is not None
        assert call.done_at - call.at >= 0.2


async def test_every_third_call() -> None:
    """`every` lets the others pass."""
    async with Sandbox(policy=CALM) as box, bot_of(box) as bot:
        fault = box.faults.drop("sendMessage", times=None, every=3)
        for number in range(7):
            try:
                await bot.send_message(box.flat.id, str(number))
            except TelegramNetworkError:
                continue
        assert said(box) == ["0", "1", "3", "4", "6"]
        assert fault.hits == 2


async def _poll_until_broken(bot: Bot) -> None:
    with pytest.raises(TelegramNetworkError):
        await bot.get_updates(timeout=50)


async def test_an_outage_breaks_everything_and_loses_nothing() -> None:
    """Waiting polls break, calls fail, files too; what people wrote meanwhile comes afterwards."""
    async with Sandbox(policy=CALM) as box, bot_of(box) as bot, asyncio.TaskGroup() as tasks:
        poll = tasks.create_task(_poll_until_broken(bot))
        await box.wait_arrival("getUpdates")
        box.faults.begin_outage()
        await poll
        with pytest.raises(TelegramNetworkError):
            await bot.send_message(box.flat.id, "x")
        box.people["alice"].says(box.flat, None, "are you there?")
        box.faults.end_outage()
        assert [update.message.text for update in await bot.get_updates() if update.message] == ["are you there?"]
        assert box.calls.of("sendMessage")[0].outcome is Outcome.DROPPED


async def test_odd_updates() -> None:
    """Fields that no one knows pass aiogram; an update of another shape poisons its whole batch."""
    async with Sandbox() as box, bot_of(box) as bot:
        box.faults.has_odd_updates = True
        box.people["alice"].says(box.flat, None, "plain")
        first = await bot.get_updates()
        assert first[0].message is not None
        assert first[0].message.text == "plain"
        assert "sandbox_unknown" in (first[0].message.model_extra or {})
        box.world.updates.push_raw({"message": {"message_id": "not a number"}})
        with pytest.raises(ClientDecodeError):
            await bot.get_updates()


async def test_only_the_own_page_may_write_as_a_person() -> None:
    """Deeds are refused to other origins, other names of this host, and without the page's header."""
    async with Sandbox() as box, http(box) as client:
        body = {"writer": "alice", "chat_id": box.flat.id, "thread_id": None, "text": "hi"}
        for headers in (
            {},
            {"X-Sandbox": "page", "Origin": "http://evil.example"},
            {"X-Sandbox": "page", "Host": f"evil.example:{box.port}"},
        ):
            async with client.post("/control/say", json=body, headers=headers) as answer:
                assert answer.status == 403
        assert said(box) == []
        async with client.post("/control/say", json=body, headers={"X-Sandbox": "page", "Origin": box.url}) as answer:
            assert answer.status == 200
        assert said(box) == ["hi"]
        async with client.post("/control/say", json={"writer": "eve"}, headers={"X-Sandbox": "page"}) as answer:
            assert (answer.status, await answer.text()) == (400, "There is no such writer.")


async def test_a_sandbox_ends_while_somebody_polls() -> None:
    """A waiting poll gets its empty answer at once and does not hold up the end."""
    async with asyncio.timeout(5), AsyncExitStack() as outer, asyncio.TaskGroup() as tasks:
        async with Sandbox() as box:
            client = await outer.enter_async_context(http(box))
            poll = tasks.create_task(client.get(path(box, "getUpdates"), params={"timeout": "50"}))
            await box.wait_arrival("getUpdates")
        async with await poll as answer:
            assert (await answer.json())["result"] == []
