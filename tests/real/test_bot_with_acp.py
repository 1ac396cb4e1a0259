"""The whole bot with the real Gemini CLI and OpenCode over ACP, against a scripted model."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox.flood import FloodPolicy
from bot.sandbox.model import Message
from tests.integration.hearing import come_true
from tests.real.acp_client import AGENTS
from tests.real.model_server import ModelServer
from tests.real.sleepers import Sleepers
from tests.whole_bot import WholeBot, whole_bot

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]
TIMEOUT_S = 40
EACH = pytest.mark.parametrize("name", AGENTS)


@asynccontextmanager
async def acp_bot(home: Path, name: str, *, mode: str = "all") -> AsyncIterator[tuple[WholeBot, ModelServer]]:
    """A bot whose agent is this one, and the model that it talks to."""
    acp = AGENTS[name]
    if reason := acp.cli.absent():
        pytest.skip(reason)
    with acp.cli.model() as model:
        environment = {**acp.cli.environment(home, model.url), **acp.env}
        agent = {"protocol": "acp", "command": [*acp.command], "mode": mode, "env": environment}
        async with whole_bot(
            home,
            agents={name: agent},
            defaults={"agent": name, "directory": str(home / "work")},
            stop={"polite": "3s", "grace": "5s"},
            policy=FloodPolicy(is_strict=False),
        ) as bot:
            yield bot, model


def asked(model: ModelServer, text: str) -> int:
    """How many prompts with this text reached the model, not counting OpenCode's own request for a title."""
    return len({(each.prompt, each.step) for each in model.asked if each.tools and text in each.prompt})


def says(bot: WholeBot, text: str) -> Message:
    """Alice writes into her topic."""
    return bot.box.people["alice"].says(bot.box.workshop, bot.box.topic("api"), text)


@EACH
async def test_text_tool_and_second_turn(tmp_path: Path, name: str) -> None:
    """The greeting, a text turn, a turn with a tool, and a further one of the same process."""
    async with acp_bot(tmp_path, name) as (bot, model):
        await bot.answer_to(says(bot, "@@ say: the heron stands"), "the heron stands", timeout_s=TIMEOUT_S)
        tool = says(bot, "@@ bash: touch made-by-it; echo from the shell\n@@ say: it is made")
        await bot.answer_to(tool, "it is made", timeout_s=TIMEOUT_S)
        assert (tmp_path / "work" / "made-by-it").exists()
        await bot.answer_to(says(bot, "@@ say: and flies"), "and flies", timeout_s=TIMEOUT_S)
        assert len(bot.runs()) == 1, "the second and third turn went to the warm process"
        assert [asked(model, text) for text in ("heron", "and flies")] == [1, 1]


@EACH
async def test_bot_killed_during_a_turn(tmp_path: Path, name: str) -> None:
    """The next bot reads the output from its beginning, gives nothing twice, and the process goes on."""
    async with acp_bot(tmp_path, name) as (bot, model):
        await bot.answer_to(says(bot, "@@ say: first"), "first", timeout_s=TIMEOUT_S)
        prompt = says(bot, "@@ slow 8: " + " ".join(f"word{n}" for n in range(30)))
        await bot.live_of(prompt, "word1", timeout_s=TIMEOUT_S)
        await bot.kill()
        await bot.start()
        await bot.answer_to(prompt, "word29", timeout_s=TIMEOUT_S)
        assert asked(model, "word29") == 1
        given = (bot.runs()[0] / "given.ndjson").read_text(encoding="utf-8").splitlines()
        names = [json.loads(row)["id"] for row in given]
        assert len(names) == len(set(names)) >= 4, "initialize, session/new, and two prompts, once each"
        await bot.answer_to(says(bot, "@@ say: still here"), "still here", timeout_s=TIMEOUT_S)


@EACH
async def test_a_stop_leaves_nothing(tmp_path: Path, name: str) -> None:
    """Of eight processes that want to stay none is left when the notice is there; the next prompt is answered."""
    sleepers = Sleepers()
    async with acp_bot(tmp_path, name) as (bot, model):
        await bot.answer_to(says(bot, "@@ say: remember me"), "remember me", timeout_s=TIMEOUT_S)
        prompt = says(bot, f"@@ bash: {sleepers.command}")
        await bot.live_of(prompt, timeout_s=TIMEOUT_S)
        await sleepers.sleep()
        stop = says(bot, "/stop")
        await bot.says("Stopped", after=stop, timeout_s=TIMEOUT_S)
        assert sleepers.living() == []
        assert bot.living() == []
        await bot.answer_to(says(bot, "@@ say: still here"), "still here", timeout_s=TIMEOUT_S)
        if name == "opencode":  # Gemini CLI wipes a session that is loaded in the minute in which it was made
            assert any("still here" in body and "remember me" in body for body in model.bodies)
        assert asked(model, "still here") == 1


@EACH
async def test_a_stop_during_the_greeting(tmp_path: Path, name: str) -> None:
    """The prompt that was not given yet never is."""
    async with acp_bot(tmp_path, name) as (bot, model):
        says(bot, "@@ say: never")
        await come_true(lambda: bool(bot.runs()) and bool(bot.living()), "its program runs")
        stop = says(bot, "/stop")
        await bot.says("Stopped", after=stop, timeout_s=TIMEOUT_S)
        assert bot.living() == []
        await bot.answer_to(says(bot, "@@ say: still here"), "still here", timeout_s=TIMEOUT_S)
        assert asked(model, "never") == 0
