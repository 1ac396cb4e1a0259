"""How a bot gets its updates from the local Telegram."""

import asyncio

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramUnauthorizedError,
)
from aiogram.types import (
    Update,
)

from bot.sandbox.flood import FloodPolicy
from bot.sandbox.server import Sandbox
from tests.integration.sandbox_client import bot_of, http, path

CALM = FloodPolicy(is_strict=False)


async def next_update(bot: Bot) -> Update:
    """The newest update; forgets the ones before."""
    return (await bot.get_updates(offset=-1))[0]


class TestPolling:
    async def test_an_update_comes_until_it_is_acknowledged(self) -> None:
        """The same updates come again; a higher offset ends that; `allowed_updates` persists."""
        async with Sandbox() as box, bot_of(box) as bot:
            box.people["alice"].says(box.workshop, None, "one")
            box.people["bob"].says(None, None, "two")
            first = await bot.get_updates()
            assert [u.message.text for u in first if u.message] == ["one", "two"]
            assert await bot.get_updates() == first
            assert await bot.get_updates(offset=first[0].update_id + 1, limit=1) == first[1:]
            assert await bot.get_updates(offset=first[1].update_id + 1, allowed_updates=["callback_query"]) == []
            box.people["alice"].says(box.workshop, None, "unheard")
            assert await bot.get_updates() == []

    async def test_a_long_poll_ends_as_soon_as_something_happens(self) -> None:
        """The poll waits for the message, not for its timeout."""
        async with Sandbox() as box, bot_of(box) as bot, asyncio.TaskGroup() as tasks:
            poll = tasks.create_task(bot.get_updates(timeout=50))
            await box.wait_arrival("getUpdates")
            box.people["alice"].says(box.flat, None, "hello")
            async with asyncio.timeout(5):
                assert [u.message.text for u in await poll if u.message] == ["hello"]

    async def test_the_older_of_two_pollers_gets_409(self) -> None:
        """As Telegram does: the newer one goes on."""
        async with Sandbox() as box, http(box) as client, asyncio.TaskGroup() as tasks:
            older = tasks.create_task(client.get(path(box, "getUpdates"), params={"timeout": "50"}))
            await box.wait_arrival("getUpdates")
            async with client.get(path(box, "getUpdates")) as newer:
                assert newer.status == 200
            async with await older as answer:
                assert answer.status == 409
                assert "terminated by other getUpdates request" in (await answer.json())["description"]

    async def test_no_polling_beside_a_webhook(self) -> None:
        """409 until the webhook is deleted."""
        async with Sandbox() as box, bot_of(box) as bot, http(box) as client:
            await bot.set_webhook("https://example.com/hook")
            assert (await bot.get_webhook_info()).url == "https://example.com/hook"
            async with client.get(path(box, "getUpdates")) as answer:
                assert answer.status == 409
            await bot.delete_webhook()
            assert await bot.get_updates() == []

    async def test_a_wrong_token_and_an_unknown_method(self) -> None:
        """401 and 404, in Telegram's words."""
        async with Sandbox() as box, bot_of(box, token="1:wrong") as stranger, http(box) as client:
            with pytest.raises(TelegramUnauthorizedError, match="Unauthorized"):
                await stranger.get_me()
            async with client.get(path(box, "sendTelepathy")) as answer:
                assert (answer.status, await answer.json()) == (
                    404,
                    {"ok": False, "error_code": 404, "description": "Not Found"},
                )
