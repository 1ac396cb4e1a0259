"""Topics that the bot names, with the whole bot."""

from pathlib import Path

from bot.sandbox.flood import FloodPolicy
from tests.whole_bot import whole_bot

RELAXED = FloodPolicy(is_strict=False)


async def test_a_topic_that_nobody_named_is_named_once(tmp_path: Path) -> None:
    """After its first prompt, with an icon; never again, also not after a restart; what a person names stays."""
    async with whole_bot(tmp_path, topics={"name": True, "icon": True}, policy=RELAXED) as bot:
        alice, box = bot.box.people["alice"], bot.box
        new, chosen = alice.creates_topic(box.workshop, "New Topic"), alice.creates_topic(box.workshop, "New Chat")
        alice.renames_topic(box.workshop, chosen, "Mine")
        await bot.answer_to(alice.says(box.workshop, new, "say hello there. And more"), "hello there")
        if not box.calls.of("editForumTopic"):
            await box.wait_call("editForumTopic", since=0)
        assert new.name == "Say hello there"
        assert new.icon_custom_emoji_id
        await bot.kill()
        await bot.start()
        await bot.answer_to(alice.says(box.workshop, new, "say second"), "second")
        await bot.answer_to(alice.says(box.workshop, chosen, "say mine"), "mine")
        await bot.answer_to(alice.says(box.workshop, box.topic("api"), "say api"), "api")
        assert [call.thread_id for call in box.calls.of("editForumTopic")] == [new.thread_id]
        assert (new.name, chosen.name, box.topic("api").name) == ("Say hello there", "Mine", "api")


async def test_by_default_no_topic_is_named(tmp_path: Path) -> None:
    """It is a matter of taste, so it has to be asked for."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, box = bot.box.people["alice"], bot.box
        new = alice.creates_topic(box.workshop, "New Topic")
        await bot.answer_to(alice.says(box.workshop, new, "say hello"), "hello")
        await bot.answer_to(alice.says(box.workshop, new, "say again"), "again")
        assert box.calls.of("editForumTopic") == ()


async def test_without_the_right_the_name_stays_and_nothing_is_said(tmp_path: Path) -> None:
    """It is in the log; the prompt has its answer all the same."""
    async with whole_bot(tmp_path, topics={"name": True}, policy=RELAXED) as bot:
        alice, box = bot.box.people["alice"], bot.box
        box.workshop.bot_can_manage_topics = False
        new = alice.creates_topic(box.workshop, "New Topic")
        await bot.answer_to(alice.says(box.workshop, new, "say hello"), "hello")
        await bot.answer_to(alice.says(box.workshop, new, "say again"), "again")
        assert new.name == "New Topic"
        assert "topic.not_named" in bot.log_text()
        assert len(box.calls.of("editForumTopic")) == 1
