"""From the start of the bot's process to its first poll."""

import statistics
import subprocess
import sys
import time

from benchmarks.bot_process import bots
from benchmarks.figures import Figure

SAMPLES = 20
TOPICS = (10, 5000)
AGENT = {"protocol": "text", "command": ["true"]}
_LIBRARIES = "import aiogram, aiohttp, aiosqlite, anyio, pydantic_settings, structlog"


async def measure() -> list[Figure]:
    """Starts of bots that know 10 and 5,000 topics, with Python's own start beside them.

    The bot is quicker than a plain import of its libraries: `bot.lazy_models` builds models as they are needed.
    """
    took: dict[int, list[float]] = {topics: [] for topics in TOPICS}
    bare: list[float] = []
    imports: list[float] = []
    async with bots(TOPICS, AGENT) as pair:
        for bot in pair:
            await bot.end()
        for _ in range(SAMPLES):
            for bot in pair:
                took[bot.topics].append(await bot.start())
                await bot.end()
            bare.append(_python("pass"))
            imports.append(_python(_LIBRARIES))
    ratio = statistics.median(took[TOPICS[1]]) / statistics.median(took[TOPICS[0]])
    return [
        *(
            Figure(name=f"process starts → first poll, {topics} topics", samples=tuple(took[topics]), at_most=1200)
            for topics in TOPICS
        ),
        Figure(name="  5000 topics : 10 topics", samples=(ratio,), unit="×"),
        Figure(name="  floor: python -c pass", samples=tuple(bare), is_floor=True),
        Figure(name="  python importing the libraries plainly", samples=tuple(imports), is_floor=True),
    ]


def _python(program: str) -> float:
    begun = time.monotonic_ns()
    subprocess.run([sys.executable, "-c", program], check=True)
    return (time.monotonic_ns() - begun) / 1e6
