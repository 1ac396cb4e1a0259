"""The whole bot with the real Claude Code, against a scripted model: the model's log is the witness."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox.flood import FloodPolicy
from tests.real.install import CLAUDE, missing
from tests.real.model_api import ModelApi
from tests.whole_bot import WholeBot, whole_bot

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(missing()), reason="run python -m tests.real.install first"),
    pytest.mark.timeout(120),
]

# What a tool leaves behind in every way there is; a leading `sleep` is refused by the CLI.
DETACHED = (
    "setsid -f sleep 2001; nohup sleep 2002 >/dev/null 2>&1 & setsid sleep 2003 & (setsid -f env -i sleep 2004); "
    "true; tail -f /dev/null"
)


@asynccontextmanager
async def claude_bot(home: Path) -> AsyncIterator[tuple[WholeBot, ModelApi]]:
    """A bot whose agent is Claude Code, and the model that it talks to."""
    with ModelApi() as api:
        environment = {**api.environment(str(home)), "IS_SANDBOX": "1"}
        environment.pop("PATH", None)
        environment.pop("TMPDIR", None)
        agent = {"protocol": "claude", "command": [str(CLAUDE)], "mode": "all", "env": environment}
        async with whole_bot(
            home,
            agents={"claude": agent},
            defaults={"agent": "claude", "directory": str(home / "work")},
            stop={"polite": "3s", "grace": "5s"},
            policy=FloodPolicy(is_strict=False),
        ) as bot:
            yield bot, api


def _sleepers() -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip())
            except OSError:
                continue
    return [line for line in found if line.startswith("sleep 200")]


async def test_text_tool_and_second_turn(tmp_path: Path) -> None:
    """A text turn, a turn with a Bash tool, and a further turn that remembers; each prompt goes out once."""
    async with claude_bot(tmp_path) as (bot, api):
        alice, topic, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.answer_to(
            alice.says(box.workshop, topic, "@@ say: the heron stands"), "the heron stands", timeout_s=30
        )
        tool = alice.says(box.workshop, topic, "@@ bash: touch made-by-claude; echo from the shell")
        await bot.answer_to(tool, "from the shell", timeout_s=30)
        assert (tmp_path / "work" / "made-by-claude").exists()
        await bot.answer_to(alice.says(box.workshop, topic, "@@ say: and flies"), "and flies", timeout_s=30)
        assert len(bot.runs()) == 1, "the second and third turn went to the warm process"
        assert [prompt for prompt in api.prompts() if "the heron stands" in prompt] == ["@@ say: the heron stands"]
        assert len([prompt for prompt in api.prompts() if "and flies" in prompt]) == 1


async def test_stop_during_a_tool_leaves_nothing_and_the_session_goes_on(tmp_path: Path) -> None:
    """/stop while Bash works with detached children: all gone; the next prompt continues the session."""
    async with claude_bot(tmp_path) as (bot, api):
        alice, topic, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.answer_to(alice.says(box.workshop, topic, "@@ say: remember me"), "remember me", timeout_s=30)
        live = await bot.live_of(alice.says(box.workshop, topic, f"@@ bash: {DETACHED}"), "Bash", timeout_s=30)
        command = alice.says(box.workshop, topic, "/stop")
        await bot.says("Stopped", after=command, timeout_s=20)
        assert bot.living() == []
        assert _sleepers() == []
        assert live.message_id
        await bot.answer_to(alice.says(box.workshop, topic, "@@ say: still here"), "still here", timeout_s=30)
        assert len(bot.runs()) == 2
        assert "remember me" in api.requests[-1].conversation, "the new process has the session's history"


async def test_bot_killed_during_a_turn(tmp_path: Path) -> None:
    """The bot is killed while Claude Code streams; the next bot delivers the answer, and no prompt went twice."""
    async with claude_bot(tmp_path) as (bot, api):
        alice, topic, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, topic, "@@ slow 6: " + " ".join(f"word{n}" for n in range(30)))
        await bot.live_of(prompt, "word1", timeout_s=30)
        await bot.kill()
        await bot.start()
        await bot.answer_to(prompt, "word29", timeout_s=30)
        assert len([each for each in api.prompts() if "word29" in each]) == 1
