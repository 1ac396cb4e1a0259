"""The whole bot with the real Claude Code and a scripted model, for tests that look at it from outside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox.flood import FloodPolicy
from tests.real.install import CLAUDE
from tests.real.model_api import ModelApi
from tests.whole_bot import WholeBot, whole_bot


@asynccontextmanager
async def claude_bot(home: Path, *, mode: str = "all") -> AsyncIterator[tuple[WholeBot, ModelApi]]:
    """A bot whose agent is Claude Code, and the model that it talks to."""
    with ModelApi() as api:
        environment = {**api.environment(str(home)), "IS_SANDBOX": "1"}
        agent = {"protocol": "claude", "command": [str(CLAUDE)], "mode": mode, "env": environment}
        async with whole_bot(
            home,
            agents={"claude": agent},
            defaults={"agent": "claude", "directory": str(home / "work")},
            stop={"polite": "3s", "grace": "5s"},
            policy=FloodPolicy(is_strict=False),
        ) as bot:
            yield bot, api
