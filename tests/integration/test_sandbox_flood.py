"""The local Telegram's limits: who is refused, for how long, and what is counted."""

import pytest
from aiogram.exceptions import TelegramRetryAfter
from aiogram.types import ReactionTypeEmoji

from bot.sandbox.flood import FloodPolicy, Limit
from bot.sandbox.server import Sandbox
from tests.integration.sandbox_client import bot_of


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 500.0

    def __call__(self) -> float:
        return self.now


async def test_one_message_a_second_in_a_chat() -> None:
    """The second within a second is refused for one second, in that chat only; then it passes."""
    clock = Clock()
    async with Sandbox(monotonic=clock) as box, bot_of(box) as bot:
        await bot.send_message(box.flat.id, "1")
        with pytest.raises(TelegramRetryAfter) as refused:
            await bot.send_message(box.flat.id, "2")
        assert refused.value.retry_after == 1
        await bot.send_message(box.people["bob"].id, "elsewhere")
        clock.now += 1
        await bot.send_message(box.flat.id, "2")
        assert box.flood.exceeded == {Limit.CHAT_PER_SECOND: 1}
        assert box.flood.exceeded_in == {(box.flat.id, Limit.CHAT_PER_SECOND): 1}


async def test_twenty_messages_and_edits_a_minute_in_a_group() -> None:
    """All topics together, edits included; private chats have no such limit; reactions are free."""
    clock = Clock()
    async with Sandbox(monotonic=clock) as box, bot_of(box) as bot:
        forum, alice = box.workshop.id, box.people["alice"]
        sent = await bot.send_message(forum, "0", message_thread_id=box.topic("api").thread_id)
        for number in range(1, 20):
            clock.now += 1
            await bot.edit_message_text(str(number), chat_id=forum, message_id=sent.message_id)
        clock.now += 1
        with pytest.raises(TelegramRetryAfter) as refused:
            await bot.send_message(forum, "21st", message_thread_id=box.topic("website").thread_id)
        assert refused.value.retry_after == 40
        await bot.set_message_reaction(forum, sent.message_id, [ReactionTypeEmoji(emoji="👀")])
        for number in range(25):
            clock.now += 1
            await bot.send_message(alice.id, str(number))
        assert box.flood.in_last_minute(forum) == 20
        clock.now += 16
        await bot.send_message(forum, "after the wait")
        assert box.flood.exceeded == {Limit.GROUP_PER_MINUTE: 1}


async def test_calls_during_retry_after_are_counted() -> None:
    """Who does not wait is refused again, and it shows."""
    clock = Clock()
    async with Sandbox(monotonic=clock) as box, bot_of(box) as bot:
        box.faults.flood(30, chat_id=box.flat.id)
        for expected in (30, 25):
            with pytest.raises(TelegramRetryAfter) as refused:
                await bot.send_message(box.flat.id, "x")
            assert refused.value.retry_after == expected
            clock.now += 5
        assert box.flood.exceeded == {Limit.DURING_RETRY_AFTER: 1}
        await bot.send_message(box.workshop.id, "another chat")


async def test_thirty_a_second_overall() -> None:
    """Many chats together are limited as well."""
    async with Sandbox(policy=FloodPolicy(overall_per_s=2), monotonic=Clock()) as box, bot_of(box) as bot:
        await bot.send_message(box.flat.id, "1")
        await bot.send_message(box.workshop.id, "2")
        with pytest.raises(TelegramRetryAfter):
            await bot.send_message(box.people["bob"].id, "3")
        assert box.flood.exceeded == {Limit.OVERALL_PER_SECOND: 1}


async def test_relaxed_counts_and_lets_pass() -> None:
    """Nothing is refused, everything that would have been is counted; bursts can be allowed."""
    relaxed = FloodPolicy(is_strict=False, chat_burst=3)
    async with Sandbox(policy=relaxed, monotonic=Clock()) as box, bot_of(box) as bot:
        for number in range(5):
            await bot.send_message(box.flat.id, str(number))
        assert len(box.messages(box.flat)) == 5
        assert box.flood.exceeded == {Limit.CHAT_PER_SECOND: 2}
