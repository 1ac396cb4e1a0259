"""One cycle: a scenario with a bot that is killed at one point, or again and again; and the verdict."""

import os
import shutil
import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import anyio

from bot.sandbox.flood import FloodPolicy
from bot.sandbox.server import Sandbox
from tests.crash.lives import QUIET_S, Kill, Lives, Nursery
from tests.crash.scenarios import SCENARIOS
from tests.crash.stage import ASKER, CHATS, WITNESS, Stage, seed
from tests.crash.verdict import complaints, left_to_press
from tests.whole_bot import DEMO, WholeBot

_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a cycle. `points` are those that were passed, `killed` is how often it died."""

    name: str
    points: Sequence[str]
    killed: int
    complaints: Sequence[str]
    left: Sequence[str]


async def cycle(
    nursery: Nursery,
    home: Path,
    scenario: str,
    kills: Iterable[Kill],
    *,
    name: str,
    ordinary: bool = False,
    quiet_s: float = QUIET_S,
) -> Outcome:
    """Play a scenario once, in a Telegram and a state directory of its own."""
    home.mkdir(parents=True)
    async with Sandbox(seed=seed, policy=FloodPolicy(is_strict=False)) as box:
        bot = WholeBot(
            box,
            home,
            {
                "access": {"chats": CHATS},
                "agents": {"demo": DEMO, "witness": WITNESS, "asker": ASKER},
                "defaults": {"agent": "witness"},
            },
        )
        stage = Stage(box, bot)
        lives = Lives(nursery, bot, kills, ordinary=ordinary, quiet_s=quiet_s)
        wrong: list[str] = []
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(lives.serve)
                try:
                    await box.wait_arrival("getUpdates", timeout_s=_PATIENCE_S)
                    await SCENARIOS[scenario](stage)
                    await lives.finish()
                except TimeoutError as error:
                    wrong.append(f"it got stuck: {error}")
                tasks.cancel_scope.cancel()
        except* AssertionError as group:
            wrong += [str(error) for error in group.exceptions]
        finally:
            _end(bot)
        stage.deaths = lives.killed
        wrong += complaints(stage)
        outcome = Outcome(
            name=name, points=lives.points(), killed=lives.killed, complaints=wrong, left=left_to_press(stage)
        )
    if not wrong:
        # A supervisor may be writing its last record yet.
        shutil.rmtree(home, ignore_errors=True)
    return outcome


def _end(bot: WholeBot) -> None:
    while living := bot.living():
        for pid in living:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
