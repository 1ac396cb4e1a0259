"""Resident memory of the bot: idle, and after its first hundred updates."""

from pathlib import Path

import anyio

from benchmarks.bot_process import CHATS, BotProcess, bots
from benchmarks.figures import Figure

TOPICS = (10, 5000)
LIVES = 3
REST_S = 1.0
TARGET_MB = 90.0
AGENT = {"protocol": "text", "command": ["date", "+%s"]}
PROMPTS = 20
COMMANDS = 40
EDITS = 40


async def measure() -> list[Figure]:
    """VmRSS (proc(5)) of the bot alone; its supervisors are measured by themselves."""
    idle: dict[int, list[float]] = {topics: [] for topics in TOPICS}
    used: dict[int, list[float]] = {topics: [] for topics in TOPICS}
    async with bots(TOPICS, AGENT) as pair:
        for _ in range(LIVES):
            for bot in pair:
                await bot.end()
                await bot.start()
                await anyio.sleep(REST_S)
                idle[bot.topics].append(_rss_mb(bot.pid))
                await _use(bot)
                await anyio.sleep(REST_S)
                used[bot.topics].append(_rss_mb(bot.pid))
    return [
        Figure(name=f"memory of the bot, {when}, {topics} topics", samples=tuple(sizes), unit="MB", at_most=TARGET_MB)
        for when, found in (("idle", idle), ("after 100 updates", used))
        for topics, sizes in found.items()
    ]


async def _use(bot: BotProcess) -> None:
    """A hundred updates: prompts, commands and edits, in forty chats; until all of it is answered."""
    since = len(bot.api.calls)
    prompts, asked = CHATS[:PROMPTS], CHATS[-PROMPTS:]
    for chat_id in prompts:
        bot.says(chat_id, "a prompt of a few words")
    for nth in range(COMMANDS):
        bot.says(asked[nth % len(asked)], "/status")
    bot.api.put([{"edited_message": bot.message(CHATS[nth % len(CHATS)], "edited")} for nth in range(EDITS)])
    wanted = PROMPTS + COMMANDS
    await bot.api.until(lambda: sum(call.method == "sendMessage" for call in bot.api.calls[since:]) >= wanted)


def _rss_mb(pid: int) -> float:
    rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(row.split()[1]) / 1024 for row in rows if row.startswith("VmRSS"))
