"""Turns that take long, seen from outside: warned, given more time, ended without losing what they did."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from bot.sandbox.flood import FloodPolicy
from bot.sandbox.model import Message
from tests.integration.hearing import come_true
from tests.whole_bot import WholeBot, whole_bot

QUIET = "say half of *it*\nrun sleep 90"
BUSY = "wait 90"
_WARNINGS = "SELECT state FROM outbox WHERE fenced = 1 AND priority = 'urgent'"
SHORT = {"timeout": "6s", "warn_before": ["4s", "2s"], "extend_by": "30s", "max_extensions": 1}


@asynccontextmanager
async def a_bot(home: Path, **turns: Any) -> AsyncIterator[WholeBot]:
    """A bot with short limits, which Telegram does not slow down."""
    async with whole_bot(home, policy=FloodPolicy(is_strict=False), turns=SHORT | turns) as bot:
        yield bot


def asks(bot: WholeBot, text: str, topic: str = "api") -> Message:
    """Alice asks in a topic."""
    return bot.box.people["alice"].says(bot.box.workshop, bot.box.topic(topic), text)


async def warned(bot: WholeBot, prompt: Message, text: str = " left") -> Message:
    """The warning of a prompt's turn, as it says this."""
    return await bot.box.wait_for(
        lambda m: m.reply_to == prompt.message_id and m.text.startswith("⏱") and text in m.text, timeout_s=20
    )


async def settled(bot: WholeBot, warning: Message, text: str) -> Message:
    """The same message when it says that; without buttons."""
    found = await bot.box.wait_for(lambda m: m.key == warning.key and text in m.text, timeout_s=20)
    assert found.buttons == ()
    return found


def warnings_of(bot: WholeBot, prompt: Message) -> list[Message]:
    """All messages that tell of a prompt's deadline, as they were at first."""
    all_of = bot.box.messages(prompt.chat_id, prompt.thread_id, by_bot=True)
    first = [bot.box.versions(each)[0] for each in all_of if each.reply_to == prompt.message_id]
    return [each for each in first if each.text.startswith("⏱") and "Timed out" not in each.text]


def stored(bot: WholeBot, query: str) -> list[tuple[Any, ...]]:
    """Rows of the bot's database."""
    db = sqlite3.connect(f"file:{bot.state}/topicd.sqlite3?mode=ro", uri=True)
    try:
        return db.execute(query).fetchall()
    finally:
        db.close()


def away_for_a_minute(bot: WholeBot) -> None:
    """As if the bot, which is not there now, had been away for a minute already."""
    with closing(sqlite3.connect(bot.state / "topicd.sqlite3")) as db, db:
        db.execute("UPDATE deadlines SET total_at = total_at - 60000, warned_end = warned_end - 60000")


async def test_a_turn_is_warned_twice_in_one_message_and_ended_with_what_it_wrote(tmp_path: Path) -> None:
    """The message rings once; the notice shows what was written, and its button goes on in the session."""
    async with a_bot(tmp_path) as bot:
        neighbour = asks(bot, "run sleep 3\nsay done", "website")
        prompt = asks(bot, QUIET)
        warning = await warned(bot, prompt, "4 s left")
        assert [each.text for each in warning.buttons] == ["+30 s", "⏹ Stop"]
        assert not warning.is_silent
        assert (await warned(bot, prompt, "2 s left")).key == warning.key
        notice = await bot.says("Timed out", after=warning)
        assert bot.box.text_of(warning) == "⏱ Its time was up."
        assert "it took too long. Stopped" in notice.text
        assert "half of it" in notice.text
        assert {each.type for each in notice.entities} >= {"expandable_blockquote", "italic"}
        assert warnings_of(bot, prompt) == [warning]
        await bot.answer_to(neighbour, "done")
        assert len(bot.living()) == 1, "that of the neighbour, which waits for its next turn"
        press = await bot.box.people["alice"].presses(notice, "Continue")
        assert press.text == "Going on…"
        await bot.answer_to(prompt, "You said: continue")
        assert bot.box.now(notice).buttons == ()  # type: ignore[union-attr]
        assert len(stored(bot, "SELECT DISTINCT session_id FROM turns WHERE chat_id < 0 AND id > 1")) == 1
        assert stored(bot, "SELECT * FROM deadlines") == []


async def test_the_button_gives_a_turn_the_time_that_it_needs(tmp_path: Path) -> None:
    """It is not ended, the message says who did it, and its answer comes; a second press finds nothing to do."""
    async with a_bot(tmp_path) as bot:
        prompt = asks(bot, "run sleep 8\nsay through")
        warning = await warned(bot, prompt)
        press = await bot.box.people["bob"].presses(warning, "+30 s")
        assert press.text == "More time…"
        await settled(bot, warning, "30 s more, from Bob (extension 1 of 1)")
        await bot.answer_to(prompt, "through")
        late = await bot.box.people["bob"].sends_callback(warning, warning.buttons[0].callback_data)
        assert late.text == "This is over already."
        assert stored(bot, "SELECT state FROM turns") == [("done",)]


async def test_the_warning_of_a_stopped_turn_is_settled_before_the_stop_is_told(tmp_path: Path) -> None:
    """Its button stops; after «Stopped» nothing is done with it."""
    async with a_bot(tmp_path) as bot:
        prompt = asks(bot, QUIET)
        warning = await warned(bot, prompt)
        since = len(bot.box.calls)
        await bot.box.people["alice"].presses(warning, "Stop")
        await bot.says("Stopped", after=warning)
        said = [str(call.params.get("text")) for call in bot.box.calls[since:] if "text" in call.params]
        told = next(number for number, text in enumerate(said) if "Stopped" in text)
        assert "⏱ Over, before its time was up." in said[:told]
        assert bot.box.text_of(warning) == "⏱ Over, before its time was up."


async def test_a_task_has_a_deadline_of_its_own(tmp_path: Path) -> None:
    """It ends alone, and goes on as a task."""
    async with a_bot(tmp_path, timeout="60m", silence="6s") as bot:
        busy = await bot.live_of(asks(bot, BUSY), "wait")
        task = asks(bot, f"/bg {QUIET}")
        warning = await warned(bot, task)
        assert warning.text.startswith("⏱ Task 2 · ")
        notice = await bot.says("Timed out", after=warning)
        await bot.box.people["alice"].presses(notice, "Continue")
        await bot.answer_to(task, "You said: continue")
        assert stored(bot, "SELECT kind, state FROM turns") == [
            ("foreground", "running"),
            ("task", "timed_out"),
            ("task", "done"),
        ]
        assert bot.box.now(busy) is not None


async def test_a_restarted_bot_warns_again_before_it_ends_a_turn(tmp_path: Path) -> None:
    """Its time ran out while the bot was away; the button still saves it, in the same message."""
    async with a_bot(tmp_path, extend_by="60s") as bot:
        prompt = asks(bot, "run sleep 12\nsay through")
        warning = await warned(bot, prompt, "4 s left")
        await come_true(lambda: ("sent",) in stored(bot, _WARNINGS), "the bot knows that it warned")
        await bot.kill()
        away_for_a_minute(bot)
        await bot.start()
        again = await bot.box.wait_for(lambda m: m.key == warning.key and "2 s left" in m.text, timeout_s=10)
        await bot.box.people["alice"].presses(again, "+1 min")
        await settled(bot, warning, "1 min more, from Alice (extension 1 of 1)")
        await bot.answer_to(prompt, "through")
