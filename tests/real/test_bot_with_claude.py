"""The whole bot with the real Claude Code, against a scripted model: the model's log is the witness."""

from pathlib import Path

import pytest

from tests.real.claude_bot import claude_bot
from tests.real.install import missing

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(missing()), reason="run python -m tests.real.install first"),
    pytest.mark.timeout(120),
]


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
