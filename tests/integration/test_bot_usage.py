"""What was used, seen from outside: of each turn that an agent had, however it ended."""

from pathlib import Path

from tests.integration.test_bot_approvals import a_bot, says
from tests.integration.test_bot_deadlines import stored
from tests.integration.test_bot_menus import opened, pressed
from tests.whole_bot import shell


async def test_what_turns_used_is_counted_however_they_ended(tmp_path: Path) -> None:
    """Done, failed and stopped ones, with what is known of them; what only waited used nothing."""
    async with a_bot(tmp_path) as bot:
        await bot.answer_to(says(bot, "say one two three"), "one two three")
        await bot.answer_to(says(bot, "fail"), "failed")
        await bot.live_of(says(bot, "tokens 50000\nwait 60"), "wait")
        says(bot, "say never")
        await bot.says("Queued")
        await bot.answer_to(says(bot, "/stop_all"), "Stopped")
        rows = stored(bot, "SELECT turn_id, agent, input_tokens, output_tokens, cost_usd FROM usage ORDER BY turn_id")
        assert [row[0] for row in rows] == [1, 2, 3]
        assert rows[0] == (1, "demo", 4, 3, 0.0)
        assert rows[2] == (3, "demo", 4, 6, 0.0)


async def test_usage_is_shown_for_a_topic_by_day_and_for_the_chat(tmp_path: Path) -> None:
    """What was not told is not nothing: the table says so."""
    agents = {"demo": {"protocol": "demo", "mode": "all"}, "mute": shell("cat >/dev/null; echo hello")}
    async with a_bot(tmp_path, agents=agents) as bot:
        await bot.answer_to(says(bot, "say one two three"), "one two three")
        await bot.answer_to(says(bot, "/agent mute"), "mute")
        await bot.answer_to(says(bot, "hello"), "hello")
        await bot.answer_to(says(bot, "say elsewhere", topic="website"), "elsewhere")
        menu = await opened(bot, "/usage", "Used here")
        assert "Today" in menu.text
        assert "$0.00+" in menu.text
        assert "mute\n1 turn · – in, – out · not told" in menu.text
        assert "Of 2 turns 1 did not tell its money" in menu.text
        await bot.kill()
        await bot.start()
        _, days = await pressed(bot, menu, "By day", "by day")
        assert "Today" in days.text
        _, chat = await pressed(bot, days, "This chat", "Used in this chat")
        assert "api\n2 turns" in chat.text
        assert "website\n1 turn" in chat.text
        await opened(bot, "/usage all", "By topic")
        await bot.answer_to(says(bot, "/usage never"), "/usage all")
