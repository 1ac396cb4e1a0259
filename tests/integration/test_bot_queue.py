"""What waits, seen from outside: listed, moved, run at once, cancelled; in the same order after a restart."""

from pathlib import Path

from bot.sandbox.model import Message
from tests.integration.hearing import come_true
from tests.integration.test_bot_approvals import a_bot, says, shows
from tests.integration.test_bot_deadlines import stored
from tests.integration.test_bot_menus import answered, opened, pressed
from tests.whole_bot import WholeBot

ORDER = "SELECT prompt FROM turns WHERE started_at IS NOT NULL ORDER BY started_at, id"


async def waiting(bot: WholeBot, *prompts: str, working: str = "wait 60") -> list[Message]:
    """A turn at work, and these prompts behind it; the notices that they wait."""
    await bot.live_of(says(bot, working))
    return [await answered(bot, says(bot, prompt), "Queued") for prompt in prompts]


async def test_a_prompt_moves_up_and_its_notice_says_so(tmp_path: Path) -> None:
    """By button and by command; the first one stays where it is."""
    async with a_bot(tmp_path) as bot:
        _, _, third = await waiting(bot, "say a", "say b", "say c")
        assert "2 more before it" in third.text
        menu = await opened(bot, "/queue", "Waiting here")
        assert "Works now: wait 60" in menu.text
        assert menu.text.index("say a") < menu.text.index("say b") < menu.text.index("say c")
        _, one = await pressed(bot, menu, "4 say c", "2 go before it")
        toast, one = await pressed(bot, one, "Move up", "1 goes before it")
        assert toast == "Moved up."
        await shows(bot, third, "1 more before it")
        says(bot, "/queue up 4")
        await bot.says("Prompt 4 is the next one")
        await shows(bot, third, "runs when the current turn is over")
        up = one.button("Move up")
        assert up is not None
        late = await bot.box.people["alice"].sends_callback(menu, up.callback_data)
        assert late.text == "It is the next one already."


async def test_the_order_that_was_made_survives_a_restart(tmp_path: Path) -> None:
    """Prompts run in it, the one that is run now first."""
    async with a_bot(tmp_path) as bot:
        await waiting(bot, "say a", "say b", "say c")
        says(bot, "/queue up 4")
        await bot.says("Prompt 4 moved up")
        await bot.kill()
        await bot.start()
        says(bot, "/queue now 3")
        await come_true(lambda: len(stored(bot, ORDER)) == 4, "all of them run")
        assert [row[0] for row in stored(bot, ORDER)] == ["wait 60", "say b", "say a", "say c"]


async def test_a_retried_prompt_is_the_next_one_after_a_restart_too(tmp_path: Path) -> None:
    """Its place before all that waits is stored with it."""
    async with a_bot(tmp_path, stop={"polite": "20s", "grace": "20s"}) as bot:
        await waiting(bot, "say a", working="run trap '' TERM INT; sleep 60; sleep 60")
        says(bot, "/retry")
        await come_true(lambda: len(stored(bot, "SELECT 1 FROM turns")) == 3, "it is asked again")
        await bot.kill()
        waits = "SELECT id FROM turns WHERE state = 'queued' ORDER BY coalesce(position, id)"
        assert stored(bot, waits) == [(3,), (2,)]
        await bot.start()
        menu = await opened(bot, "/queue", "Waiting here")
        assert menu.text.index("run trap") < menu.text.index("say a")


async def test_one_runs_now_and_what_ran_is_stopped(tmp_path: Path) -> None:
    """By command; the others go on waiting, and run after it. One that has begun is not run again."""
    async with a_bot(tmp_path) as bot:
        await waiting(bot, "say a", "wait 60\nsay b")
        sent = says(bot, "/queue now 3")
        await bot.answer_to(sent, "Prompt 3 runs now")
        await come_true(lambda: ("running", 3) in stored(bot, "SELECT state, id FROM turns"), "it runs")
        assert stored(bot, "SELECT state FROM turns ORDER BY id") == [("stopped",), ("queued",), ("running",)]
        menu = await opened(bot, "/queue", "Waiting here")
        assert "say a" in menu.text
        data = menu.buttons[0].callback_data.replace(".q.i.2", "!q.now.3")
        begun = await bot.box.people["alice"].sends_callback(menu, data)
        assert begun.text == "It has begun already."
        await bot.answer_to(says(bot, "/queue now 3"), "runs now")
        assert stored(bot, "SELECT state FROM turns WHERE id = 3") == [("running",)]
        await bot.answer_to(says(bot, "/queue now 99"), "No prompt 99 waits here")


async def test_cancelled_once_and_only_while_it_waits(tmp_path: Path) -> None:
    """Its notice says so; a second press, and one on what has begun, only say so."""
    async with a_bot(tmp_path) as bot:
        [notice] = await waiting(bot, "say a")
        menu = await opened(bot, "/queue", "say a")
        _, one = await pressed(bot, menu, "2 say a", "It is the next one")
        data = one.button("Cancel").callback_data  # type: ignore[union-attr]
        toast, _ = await pressed(bot, one, "Cancel", "Nothing waits here")
        assert toast == "Cancelled."
        await shows(bot, notice, "Cancelled")
        alice = bot.box.people["alice"]
        assert (await alice.sends_callback(menu, data)).text == "It is over already."
        assert (await alice.sends_callback(menu, data.replace("cancel.2", "cancel.1"))).text == "It has begun already."
        await bot.answer_to(says(bot, "/queue cancel 1"), "has begun already")
        assert stored(bot, "SELECT state FROM turns ORDER BY id") == [("running",), ("stopped",)]


async def test_what_rests_runs_or_is_dropped_from_there(tmp_path: Path) -> None:
    """One of them alone, or all."""
    async with a_bot(tmp_path) as bot:
        await waiting(bot, "say a", "wait 60\nsay b", "say c")
        await bot.answer_to(says(bot, "/stop"), "Stopped")
        menu = await opened(bot, "/queue", "Resting since the last stop")
        _, one = await pressed(bot, menu, "3 wait", "It rests")
        await pressed(bot, one, "Run now", "Waiting here")
        await come_true(lambda: ("running", 3) in stored(bot, "SELECT state, id FROM turns"), "it runs alone")
        held = "SELECT id FROM turns WHERE held = 1 AND state = 'queued'"
        assert stored(bot, held) == [(2,), (4,)]
        await bot.kill()
        await bot.start()
        assert stored(bot, held) == [(2,), (4,)]
        data = next(each.callback_data for each in menu.buttons if "Drop" in each.text)
        await bot.box.people["alice"].sends_callback(menu, data)
        await shows(bot, menu, "Nothing waits here")
        assert stored(bot, "SELECT state FROM turns ORDER BY id")[1::2] == [("stopped",), ("stopped",)]


async def test_a_topic_sees_only_what_waits_there(tmp_path: Path) -> None:
    """And a button of another topic's prompt does nothing."""
    async with a_bot(tmp_path) as bot:
        await waiting(bot, "say a")
        asked = says(bot, "/queue", topic="website")
        elsewhere = await bot.box.wait_for(lambda m: m.reply_to == asked.message_id, timeout_s=15)
        assert "Nothing waits here" in elsewhere.text
        menu = await opened(bot, "/queue", "say a")
        data = menu.buttons[0].callback_data.replace(".q.i.", "!q.cancel.")
        answer = await bot.box.people["alice"].sends_callback(elsewhere, data)
        assert "not there any more" in answer.text
        assert stored(bot, "SELECT state FROM turns ORDER BY id") == [("running",), ("queued",)]
