"""`/resume`, seen from outside: going on with a session by the agent's own id."""

import re
from pathlib import Path

from tests.integration.test_bot_approvals import a_bot, says


async def test_a_session_is_continued_by_its_own_id(tmp_path: Path) -> None:
    """Here it is switched to; another topic continues a copy, so that neither is in the other's way."""
    async with a_bot(tmp_path) as bot:
        await bot.answer_to(says(bot, "remember the milk"), "remember that")
        status = await bot.answer_to(says(bot, "/status"), "Session 1")
        [session_id] = re.findall(r"Session 1: (\S+)", status.text)
        await bot.answer_to(says(bot, "/new"), "fresh")
        await bot.answer_to(says(bot, f"/resume {session_id}"), session_id)
        await bot.answer_to(says(bot, "recall"), "the milk")
        other = says(bot, f"/resume {session_id}", topic="website")
        await bot.answer_to(other, "A copy of it")
        await bot.answer_to(says(bot, "recall", topic="website"), "the milk")
        await bot.answer_to(says(bot, "remember bread", topic="website"), "remember that")
        assert "bread" not in (await bot.answer_to(says(bot, "recall"), "the milk")).text


async def test_nothing_was_interrupted(tmp_path: Path) -> None:
    """And what is no id is refused with how it is written."""
    async with a_bot(tmp_path) as bot:
        await bot.answer_to(says(bot, "/resume"), "Nothing was interrupted here.")
        await bot.answer_to(says(bot, "/resume --help"), "/resume ID")
