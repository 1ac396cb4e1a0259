"""Tasks seen from outside: listed, looked at, gone on with, deleted."""

from pathlib import Path

from tests.integration.hearing import come_true
from tests.integration.test_bot_approvals import a_bot, says, shows
from tests.integration.test_bot_deadlines import stored
from tests.integration.test_bot_menus import opened, pressed

LIVE = "SELECT id, kind FROM sessions WHERE deleted_at IS NULL ORDER BY id"


async def test_a_task_has_its_own_message_and_answer_and_is_looked_at(tmp_path: Path) -> None:
    """Its prompt, its last steps, a link to its message; what it answered, once it has."""
    async with a_bot(tmp_path) as bot:
        task = says(bot, "/bg wait 3\nsay the work is done")
        live = await bot.live_of(task, "wait")
        menu = await opened(bot, "/tasks", "Tasks of this chat")
        _, one = await pressed(bot, menu, "⚙ 1", "▸ wait 3 s")
        link = one.button("Its message")
        assert link is not None
        assert str(live.message_id) in str(link.raw)
        assert one.button("Go on with it") is None
        answer = await bot.answer_to(task, "the work is done")
        assert "Task 1" in answer.text
        _, listing = await pressed(bot, menu, "Back", "Tasks of this chat")
        _, done = await pressed(bot, listing, "✓ 1", "It answered:")
        assert "the work is done" in done.text
        assert done.button("Stop") is None


async def test_a_conversation_goes_on_with_what_a_task_began(tmp_path: Path) -> None:
    """Once it is over; then its session is one of the topic's."""
    async with a_bot(tmp_path) as bot:
        await bot.answer_to(says(bot, "/bg remember the task's word"), "remember")
        menu = await opened(bot, "/tasks 1", "Task 1")
        toast, _ = await pressed(bot, menu, "Go on with it here", "Task 1")
        assert toast == "Your next prompt goes on with it."
        await bot.answer_to(says(bot, "recall"), "the task's word")
        assert stored(bot, LIVE) == [(1, "foreground")]
        await opened(bot, "/sessions", "● 1")


async def test_a_task_that_works_is_not_gone_on_with(tmp_path: Path) -> None:
    """Neither by a button that was shown later or forged, nor by command."""
    async with a_bot(tmp_path) as bot:
        await bot.live_of(says(bot, "/bg wait 60"))
        menu = await opened(bot, "/tasks 1", "Task 1")
        delete = menu.button("Delete")
        assert delete is not None
        forged = delete.callback_data.replace(".t.d.", "!t.switch.")
        answer = await bot.box.people["alice"].sends_callback(menu, forged)
        assert answer.show_alert
        assert "still works" in answer.text
        await bot.answer_to(says(bot, "/sessions switch 1"), "Task 1 still works")


async def test_a_task_is_stopped_and_deleted(tmp_path: Path) -> None:
    """Deleting asks first; nothing of it is left, and it is not listed any more, nor is its session."""
    async with a_bot(tmp_path) as bot:
        await bot.live_of(says(bot, "/bg wait 60"))
        await bot.live_of(says(bot, "/bg wait 61"))
        menu = await opened(bot, "/tasks", "Tasks of this chat")
        toast, one = await pressed(bot, menu, "Stop 1", "stopp")
        assert toast == "Stopping…"
        await bot.says("Stopped")
        again = await bot.box.people["alice"].sends_callback(menu, menu.button("Stop 1").callback_data)  # type: ignore[union-attr]
        assert again.text == "Nothing to stop: this is over already."
        asks = await opened(bot, "/tasks delete 2", "It works now")
        toast, listing = await pressed(bot, asks, "Delete", "Tasks of this chat")
        assert toast == "Deleted."
        await come_true(lambda: bot.living() == [], "its processes are gone")
        assert "wait 61" not in listing.text
        assert stored(bot, "SELECT id, unlisted, state FROM turns ORDER BY id") == [
            (1, 0, "stopped"),
            (2, 1, "stopped"),
        ]
        assert stored(bot, LIVE) == [(1, "task")]
        await bot.answer_to(says(bot, "/tasks 2"), "There is no task 2")
        twice = await bot.box.people["alice"].sends_callback(menu, asks.buttons[0].callback_data)
        assert "not there any more" in twice.text
        await shows(bot, one, "Tasks of this chat")


async def test_another_topic_sees_it_and_can_stop_it_but_not_go_on_with_it(tmp_path: Path) -> None:
    """The list is the chat's, and says where each task is."""
    async with a_bot(tmp_path) as bot:
        await bot.answer_to(says(bot, "/bg say done"), "done")
        asked = says(bot, "/tasks 1", topic="website")
        menu = await bot.box.wait_for(lambda m: m.reply_to == asked.message_id, timeout_s=15)
        assert "api" in menu.text
        assert menu.button("Go on with it") is None
