"""Clients of the local Telegram for its own tests: a real aiogram bot, and bare HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot.sandbox.server import Sandbox


@asynccontextmanager
async def bot_of(box: Sandbox, *, token: str | None = None) -> AsyncIterator[Bot]:
    """A real aiogram bot that talks to the sandbox."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(box.url))
    bot = Bot(token or box.token, session=session)
    try:
        yield bot
    finally:
        await session.close()


@asynccontextmanager
async def http(box: Sandbox) -> AsyncIterator[aiohttp.ClientSession]:
    """Bare HTTP; paths begin at the sandbox's root."""
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(box.url, timeout=timeout) as session:
        yield session


def path(box: Sandbox, method: str) -> str:
    """The path of a method with the right token."""
    return f"/bot{box.token}/{method}"
