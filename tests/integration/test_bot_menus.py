"""Menus seen from outside: opened, walked through, pressed late, twice, forged, and after a restart."""

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from bot.menus.way import Way
from bot.sandbox.model import Message
from tests.integration.hearing import come_true
from tests.integration.test_bot_approvals import a_bot, says, shows
from tests.integration.test_bot_deadlines import stored
from tests.whole_bot import WholeBot

LIVE = "SELECT id, name FROM sessions WHERE deleted_at IS NULL ORDER BY id"


async def opened(bot: WholeBot, command: str, text: str = "", who: str = "alice") -> Message:
    """The menu that answers a command."""
    return await answered(bot, says(bot, command, who=who), text)


async def answered(bot: WholeBot, asked: Message, text: str = "") -> Message:
    """What answers a message, with buttons."""
    return await bot.box.wait_for(
        lambda m: m.chat_id == asked.chat_id and m.reply_to == asked.message_id and bool(m.buttons) and text in m.text,
        timeout_s=15,
    )


async def pressed(bot: WholeBot, menu: Message, label: str, text: str, who: str = "alice") -> tuple[str, Message]:
    """The toast of a press, and the menu once it says something."""
    answer = await bot.box.people[who].presses(menu, label)
    return answer.text, await shows(bot, menu, text)


async def sessions(bot: WholeBot, count: int) -> None:
    """So many sessions that were worked with, the last of them the current one."""
    for nth in range(1, count + 1):
        if nth > 1:
            await bot.answer_to(says(bot, "/new"), "fresh session")
        await bot.answer_to(says(bot, f"remember word{nth}"), "remember")


def copied(bot: WholeBot, count: int) -> None:
    """As if so many more sessions had been worked with since."""
    columns = "chat_id, thread_id, agent, directory, mode, cli_session_id, begun, created_at"
    with closing(sqlite3.connect(bot.state / "topicd.sqlite3")) as db, db:
        for nth in range(count):
            db.execute(
                f"INSERT INTO sessions ({columns}, used_at) SELECT {columns}, used_at + {nth + 1} FROM sessions LIMIT 1"
            )


async def test_sessions_are_paged_looked_at_and_left_again(tmp_path: Path) -> None:
    """All in one message: six of a page, one of them with its details, back to its page."""
    async with a_bot(tmp_path) as bot:
        await sessions(bot, 1)
        await bot.kill()
        copied(bot, 6)
        await bot.start()
        menu = await opened(bot, "/sessions", "Sessions here")
        assert "○ 7" in menu.text
        assert menu.button("1/2") is not None
        _, second = await pressed(bot, menu, "▶", "● 1 · demo")
        assert second.button("2/2") is not None
        _, one = await pressed(bot, second, "● 1", "Last prompt: remember word1")
        assert one.button("Go on with it") is None
        _, again = await pressed(bot, one, "Back", "Sessions here")
        assert again.button("2/2") is not None
        _, chat = await pressed(bot, again, "Of the whole chat", "Sessions of this chat")
        assert chat.message_id == menu.message_id


async def test_a_session_is_gone_on_with_by_button_and_by_name(tmp_path: Path) -> None:
    """After a restart too: the button knows all that it needs. Nothing is said beside the menu."""
    async with a_bot(tmp_path) as bot:
        await sessions(bot, 2)
        menu = await opened(bot, "/sessions 1", "Last prompt")
        await bot.kill()
        await bot.start()
        toast, _ = await pressed(bot, menu, "Go on with it", "this topic goes on with it")
        assert toast == "Your next prompt goes on with it."
        await bot.answer_to(says(bot, "recall"), "word1")
        assert not any("✓ Session" in m.text for m in bot.box.messages(bot.box.workshop))
        late = await bot.box.people["alice"].sends_callback(menu, menu.button("Go on").callback_data)  # type: ignore[union-attr]
        assert "already" in late.text
        await bot.answer_to(says(bot, "/sessions name api tests"), "called api tests")
        await bot.answer_to(says(bot, "/sessions switch 2"), "Session")
        await bot.answer_to(says(bot, "/sessions switch API Tests"), "api tests")
        await bot.answer_to(says(bot, "recall"), "word1")
        status = await bot.answer_to(says(bot, "/status"), "api tests")
        assert "demo" in status.text


async def test_a_session_is_named_by_a_reply(tmp_path: Path) -> None:
    """To the page that asks for it, after a restart too; a reply to any other page is a prompt."""
    async with a_bot(tmp_path) as bot:
        await sessions(bot, 2)
        menu = await opened(bot, "/sessions 1")
        await pressed(bot, menu, "Name", "Reply to this message")
        await bot.kill()
        await bot.start()
        said = says(bot, "the old one", to=menu)
        await shows(bot, menu, "the old one")
        assert stored(bot, LIVE) == [(1, "the old one"), (2, "")]
        await come_true(lambda: "👌" in str(bot.box.now(said)), "it is acknowledged")
        await bot.answer_to(says(bot, "say a prompt", to=menu), "a prompt")
        taken = await bot.answer_to(says(bot, "/sessions name The Old One"), "called")
        assert "Session 1 is called the old one already" in taken.text
        await bot.answer_to(says(bot, "/sessions name 12"), "not just a number")


async def test_deleting_asks_first_and_stops_what_works(tmp_path: Path) -> None:
    """Its processes are gone, what waits for it is dropped, the next prompt opens a fresh one."""
    async with a_bot(tmp_path) as bot:
        prompt = says(bot, "wait 60")
        await bot.live_of(prompt, "wait")
        says(bot, "say never")
        await bot.says("Queued")
        menu = await opened(bot, "/sessions delete 1", "Delete")
        assert "It works now" in menu.text
        assert "1 prompt that waits" in menu.text
        _, kept = await pressed(bot, menu, "Keep", "Last prompt")
        assert stored(bot, LIVE) == [(1, "")]
        _, asks = await pressed(bot, kept, "Delete", "Delete 1 · demo?")
        toast, listing = await pressed(bot, asks, "Delete", "None yet")
        assert toast == "Deleted."
        await bot.says("Stopped")
        await come_true(lambda: bot.living() == [], "its processes are gone")
        assert stored(bot, LIVE) == []
        assert stored(bot, "SELECT state FROM turns ORDER BY id") == [("stopped",), ("stopped",)]
        twice = await bot.box.people["alice"].sends_callback(listing, asks.buttons[0].callback_data)
        assert "not there any more" in twice.text
        await bot.answer_to(says(bot, "recall"), "nothing")
        assert stored(bot, LIVE) == [(2, "")]


async def test_a_session_that_is_deleted_while_the_bot_dies_leaves_nothing(tmp_path: Path) -> None:
    """The next bot ends what was left of it."""
    async with a_bot(tmp_path, stop={"polite": "2s", "grace": "2s"}) as bot:
        prompt = says(bot, "run trap '' TERM INT; sleep 60; sleep 60")
        await bot.live_of(prompt)
        menu = await opened(bot, "/sessions delete 1", "Delete")
        await bot.box.people["alice"].presses(menu, "Delete")
        await come_true(lambda: stored(bot, LIVE) == [], "it is deleted")
        await bot.kill()
        await bot.start()
        await come_true(lambda: bot.living() == [], "nothing of it is left")
        await come_true(lambda: stored(bot, "SELECT state FROM turns") == [("stopped",)], "its turn is over")


def _aged(message: Message, label: str, minutes: int) -> str:
    """The data of a button of a page that was made so long ago."""
    button = message.button(label)
    assert button is not None
    verb, thread, argument = button.callback_data.split("|")
    way = Way.parse(argument)
    assert way is not None
    assert abs(way.minutes - time.time() / 60) < 5
    stamp = argument[: len(argument) - len(argument.lstrip("0123456789abcdefghijklmnopqrstuvwxyz"))]
    value, digits = way.minutes - minutes, ""
    while value:
        value, digit = divmod(value, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return f"{verb}|{thread}|{digits}{argument[len(stamp) :]}"


async def test_an_old_menu_does_nothing_but_is_shown_anew(tmp_path: Path) -> None:
    """A day later a button only says so; pressed again, it does what it says."""
    async with a_bot(tmp_path) as bot:
        await sessions(bot, 1)
        menu = await opened(bot, "/sessions delete 1", "Delete")
        old = await bot.box.people["alice"].sends_callback(menu, _aged(menu, "Delete", 25 * 60))
        assert "old" in old.text
        await shows(bot, menu, "Sessions here")
        assert stored(bot, LIVE) == [(1, "")]
        await bot.box.people["alice"].sends_callback(menu, _aged(menu, "Delete", 23 * 60))
        await come_true(lambda: stored(bot, LIVE) == [], "a younger one deletes")


FORGED = (
    "m||zzzzz.s.i.1",
    "m||x",
    "m||1!s.delete.1",
    "m|||",
    "m||1.nowhere",
    "m||1.s.i.99999999999999999999",
    "m||1.s.²",
)


async def test_forged_buttons_do_nothing(tmp_path: Path) -> None:
    """Whatever they say, the bot goes on, and nothing is deleted."""
    async with a_bot(tmp_path) as bot:
        await sessions(bot, 1)
        menu = await opened(bot, "/sessions")
        for data in FORGED:
            assert (await bot.box.people["alice"].sends_callback(menu, data)).text, data
        await bot.answer_to(says(bot, "say still here"), "still here")
        assert stored(bot, LIVE) == [(1, "")]


async def test_what_belongs_to_another_chat_is_not_shown(tmp_path: Path) -> None:
    """A session of one chat can't be looked at or deleted from another."""
    async with a_bot(tmp_path) as bot:
        await sessions(bot, 1)
        flat = bot.box.flat
        alice = bot.box.people["alice"]
        asked = alice.says(flat, None, "/sessions")
        menu = await bot.box.wait_for(lambda m: m.reply_to == asked.message_id and "Sessions" in m.text, timeout_s=15)
        here = await opened(bot, "/sessions delete 1", "Delete")
        data = here.buttons[0].callback_data
        for forged in (data, data.replace("!s.delete", ".s.i")):
            answer = await alice.sends_callback(menu, forged)
            assert "not there any more" in answer.text
        assert stored(bot, LIVE) == [(1, "")]


async def test_a_stranger_presses_in_vain(tmp_path: Path) -> None:
    """Rights are asked for again with each press."""
    async with a_bot(tmp_path) as bot:
        await sessions(bot, 1)
        menu = await opened(bot, "/sessions delete 1", "Delete")
        bot.box.people["mallory"].presses(menu, "Delete")
        await bot.answer_to(says(bot, "say still here"), "still here")
        assert stored(bot, LIVE) == [(1, "")]
        unchanged = bot.box.now(menu)
        assert unchanged is not None
        assert unchanged.text == menu.text


async def test_a_menu_out_of_reach_comes_again(tmp_path: Path) -> None:
    """A press on a message that is gone is answered with a new one."""
    async with a_bot(tmp_path) as bot:
        await sessions(bot, 1)
        menu = await opened(bot, "/sessions")
        bot.box.world.delete(bot.box.workshop, [menu.message_id])
        await bot.box.people["alice"].sends_callback(menu, menu.buttons[0].callback_data)
        again = await bot.box.wait_for(
            lambda m: "Last prompt: remember word1" in m.text and m.message_id != menu.message_id, timeout_s=15
        )
        assert replace(again, message_id=0).thread_id == menu.thread_id


async def test_menus_work_in_private_and_in_a_group_without_topics(tmp_path: Path) -> None:
    """They are edited there like anywhere else."""
    async with a_bot(tmp_path) as bot:
        alice = bot.box.people["alice"]
        for chat in (None, bot.box.flat):
            await bot.answer_to(alice.says(chat, None, "say hello"), "hello")
            menu = await answered(bot, alice.says(chat, None, "/sessions"))
            await pressed(bot, menu, "●", "Last prompt: say hello")


async def test_in_a_silenced_chat_a_press_says_when_and_only_the_newest_page_is_shown(tmp_path: Path) -> None:
    """Nobody wonders whether a press was heard, and what was pressed meanwhile costs one edit."""
    async with a_bot(tmp_path) as bot:
        alice = bot.box.people["alice"]
        menu = await opened(bot, "/settings")
        other, another = [each.text for each in menu.buttons][:2]
        bot.box.faults.flood(6, chat_id=menu.chat_id, method="editMessageText")
        assert (await alice.presses(menu, other)).text == ""
        refused = await bot.box.wait_call("editMessageText", lambda call: call.error is not None)
        late = [(await alice.presses(menu, label)).text for label in (another, other, another)]
        assert [text.partition(" in about")[0] for text in late] == ["⏳ Shown"] * 3
        shown = await bot.box.wait_call("editMessageText", lambda call: call.error is None)
        assert shown.at - refused.at >= 6
        await bot.answer_to(says(bot, "say done"), "done")
        assert len(bot.box.calls.of("editMessageText")) == 2 + len(edits_of_others(bot, menu))


def edits_of_others(bot: WholeBot, menu: Message) -> list[object]:
    """Edits of other messages than the menu."""
    return [call for call in bot.box.calls.of("editMessageText") if call.params["message_id"] != menu.message_id]
