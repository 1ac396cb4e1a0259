"""A backlog: how fast updates are committed and acknowledged, and how fast they are handled."""

import sqlite3
import time

import anyio

from benchmarks.bot_process import CHATS, BotProcess, bots
from benchmarks.figures import Figure
from benchmarks.floors import floors

UPDATES = 20_000
BACKLOGS = 3
FLOOR_SAMPLES = 10
DEADLINE_S = 17.0
LOOK_EVERY_S = 0.05
AGENT = {"protocol": "text", "command": ["true"]}
_LEFT = "SELECT count(*) FROM inbox WHERE state = 'new'"


async def measure() -> list[Figure]:
    """20,000 edits of messages at once, three times; edits have no effect but to be marked as handled.

    A backlog that is not handled by its deadline counts with what was.
    """
    acknowledged, handled = [], []
    async with bots((10,), AGENT) as (bot,), floors(bot.work, bot.api) as machine:
        db = bot.database()
        for _ in range(BACKLOGS):
            for _ in range(FLOOR_SAMPLES):
                await machine.sample()
            rates = await _backlog(bot, db)
            acknowledged.append(rates[0])
            handled.append(rates[1])
        db.close()
        return [
            Figure(name="updates committed and acknowledged", samples=tuple(acknowledged), unit="per s", at_least=2000),
            Figure(name="updates handled, one transaction each", samples=tuple(handled), unit="per s"),
            *machine.figures(),
        ]


async def _backlog(bot: BotProcess, db: sqlite3.Connection) -> tuple[float, float]:
    edited = bot.message(CHATS[0], "edited")
    begun = time.monotonic()
    last = bot.api.put([{"edited_message": edited}] * UPDATES)
    await bot.api.until(lambda: bot.api.acknowledged > last, timeout_s=DEADLINE_S)
    acknowledged_s = time.monotonic() - begun
    while (left := _left(db)) and time.monotonic() - begun < DEADLINE_S:  # noqa: ASYNC110 - a row tells nobody
        await anyio.sleep(LOOK_EVERY_S)
    return UPDATES / acknowledged_s, (UPDATES - left) / (time.monotonic() - begun)


def _left(db: sqlite3.Connection) -> int:
    return int(db.execute(_LEFT).fetchone()[0])
