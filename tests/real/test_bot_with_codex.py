"""The whole bot with the real Codex, against a scripted model: the model's log is the witness."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox.flood import FloodPolicy
from bot.sandbox.model import Message
from tests.integration.hearing import come_true, nothing_left
from tests.real.clis import CODEX
from tests.real.model_openai import OpenAiApi
from tests.real.model_server import ModelServer
from tests.real.sleepers import Sleepers
from tests.whole_bot import WholeBot, whole_bot

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(CODEX.absent()), reason=CODEX.absent() or "it is there"),
    pytest.mark.timeout(120),
]
TIMEOUT_S = 30.0


@asynccontextmanager
async def codex_bot(home: Path, *, mode: str = "all") -> AsyncIterator[tuple[WholeBot, ModelServer]]:
    """A bot whose agent is Codex, and the model that it talks to."""
    with nothing_left(home / "work"), OpenAiApi() as api:
        env = {
            name: value for name, value in CODEX.environment(home, api.url).items() if name not in ("PATH", "TMPDIR")
        }
        agent = {"protocol": "codex", "command": list(CODEX.program), "mode": mode, "env": env}
        async with whole_bot(
            home,
            agents={"codex": agent},
            defaults={"agent": "codex", "directory": str(home / "work")},
            stop={"polite": "3s", "grace": "2s"},
            policy=FloodPolicy(is_strict=False),
        ) as bot:
            yield bot, api


def says(bot: WholeBot, text: str) -> Message:
    """What Alice writes in her topic."""
    return bot.box.people["alice"].says(bot.box.workshop, bot.box.topic("api"), text)


async def test_the_bot_leads_a_conversation(tmp_path: Path) -> None:
    """Text, a tool, a second turn in the warm process."""
    async with codex_bot(tmp_path) as (bot, api):
        await bot.answer_to(says(bot, "@@ say: the heron stands"), "the heron stands", timeout_s=TIMEOUT_S)
        await bot.answer_to(
            says(bot, "@@ bash: touch made; echo from the shell"), "from the shell", timeout_s=TIMEOUT_S
        )
        assert (tmp_path / "work" / "made").exists()
        await bot.answer_to(says(bot, "@@ say: and flies"), "and flies", timeout_s=TIMEOUT_S)
        assert len(bot.runs()) == 1
        assert len([asked for asked in api.asked if "the heron stands" in asked.prompt]) == 1


async def test_the_bot_stops_a_tool_and_the_session_goes_on(tmp_path: Path) -> None:
    """Codex alone would leave all eight sleepers; the next turn is a new process that remembers."""
    sleepers = Sleepers()
    async with codex_bot(tmp_path) as (bot, api):
        await bot.answer_to(says(bot, "@@ say: remember me"), "remember me", timeout_s=TIMEOUT_S)
        await bot.live_of(says(bot, f"@@ bash: true; {sleepers.command}"), "shell", timeout_s=TIMEOUT_S)
        await come_true(lambda: len(sleepers.living()) == 8, "all of them sleep")
        command = says(bot, "/stop")
        await bot.says("Stopped", after=command, timeout_s=TIMEOUT_S)
        assert sleepers.living() == []
        assert bot.living() == []
        await bot.answer_to(says(bot, "@@ say: still here"), "still here", timeout_s=TIMEOUT_S)
        assert len(bot.runs()) == 2
        assert "remember me" in api.bodies[-1]


async def test_the_bot_killed_during_a_turn_delivers_its_answer(tmp_path: Path) -> None:
    """Codex works on; the next life of the bot reads the spool again, and no prompt goes twice."""
    async with codex_bot(tmp_path) as (bot, api):
        await bot.answer_to(says(bot, "@@ say: first"), "first", timeout_s=TIMEOUT_S)
        prompt = says(bot, "@@ slow 6: " + " ".join(f"word{number}" for number in range(30)))
        await bot.live_of(prompt, "word1", timeout_s=TIMEOUT_S)
        await bot.kill()
        await bot.start()
        await bot.answer_to(prompt, "word29", timeout_s=TIMEOUT_S)
        assert len([asked for asked in api.asked if "word29" in asked.prompt]) == 1
        await bot.answer_to(says(bot, "@@ say: and on"), "and on", timeout_s=TIMEOUT_S)
        assert len(bot.runs()) == 1


async def test_what_is_asked_in_mode_ask_is_refused_and_the_turn_goes_on(tmp_path: Path) -> None:
    """As long as nobody can be asked; the model is told so."""
    async with codex_bot(tmp_path, mode="ask") as (bot, api):
        await bot.answer_to(says(bot, "@@ write: notes.md|# Notes"), "not allowed", timeout_s=TIMEOUT_S)
        assert not (tmp_path / "work" / "notes.md").exists()
        assert api.asked[-1].prompt.startswith("This was not allowed")
