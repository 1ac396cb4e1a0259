"""A backlog: how fast updates are committed and acknowledged, and how fast their effects are stored."""

import time

import anyio

from benchmarks.bot_process import CHATS, bots
from benchmarks.figures import Figure
from benchmarks.floors import floors

UPDATES = 20_000
FLOOR_SAMPLES = 50
DEADLINE_S = 45.0
LOOK_EVERY_S = 0.05
AGENT = {"protocol": "text", "command": ["true"]}
_LEFT = "SELECT count(*) FROM inbox WHERE state = 'new'"


async def measure() -> list[Figure]:
    """20,000 edits of messages, which have no effect but to be marked as handled."""
    async with bots((10,), AGENT) as (bot,), floors(bot.work, bot.api) as machine:
        for _ in range(FLOOR_SAMPLES):
            await machine.sample()
        edited = bot.message(CHATS[0], "edited")
        begun = time.monotonic()
        last = bot.api.put([{"edited_message": edited}] * UPDATES)
        await bot.api.until(lambda: bot.api.acknowledged > last, timeout_s=DEADLINE_S)
        acknowledged_s = time.monotonic() - begun
        db = bot.database()
        while db.execute(_LEFT).fetchone()[0] and time.monotonic() - begun < DEADLINE_S:
            await anyio.sleep(LOOK_EVERY_S)
        handled_s = time.monotonic() - begun
        left = db.execute(_LEFT).fetchone()[0]
        db.close()
        return [
            Figure(
                name="updates committed and acknowledged",
                samples=(UPDATES / acknowledged_s,),
                unit="per s",
                at_least=2000,
            ),
            Figure(name="updates handled", samples=((UPDATES - left) / handled_s,), unit="per s"),
            *machine.figures(),
        ]
