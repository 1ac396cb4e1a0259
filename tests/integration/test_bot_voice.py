"""Voices that become prompts, seen from outside: by a program, by a service, and when neither works."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from bot.sandbox.model import MediaKind, Message
from tests.integration.hearing import come_true
from tests.integration.test_bot_approvals import a_bot, says
from tests.integration.test_bot_deadlines import stored
from tests.integration.test_bot_gathering import prompts
from tests.whole_bot import WholeBot

KEY = "sk-very-secret-indeed"


def speaks(bot: WholeBot, caption: str = "") -> Message:
    """Alice sends a voice message."""
    box = bot.box
    return box.people["alice"].sends_file(
        box.workshop,
        box.topic("api"),
        b"OggS-recording",
        name="voice.ogg",
        caption=caption,
        kind=MediaKind.VOICE,
        mime_type="audio/ogg",
    )


@asynccontextmanager
async def a_service(heard: list[tuple[str, str, bytes]], status: int = 200) -> AsyncIterator[str]:
    """Something that answers like OpenAI's transcriptions, and remembers what it got."""

    async def transcribe(request: web.Request) -> web.Response:
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        heard.append((request.headers["Authorization"], str(form["model"]), file.file.read()))
        if status != 200:
            return web.Response(status=status, text=f"no credit left for {KEY}")
        return web.json_response({"text": " say from the service "})

    app = web.Application()
    app.router.add_post("/v1/audio/transcriptions", transcribe)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


async def test_a_program_writes_it_down_and_the_words_are_shown(tmp_path: Path) -> None:
    """Silently, as a quote; they are the prompt, and the agent gets no recording."""
    async with a_bot(tmp_path, voice={"command": ["sh", "-c", 'cat "$0" >/dev/null; echo say I heard']}) as bot:
        sent = speaks(bot)
        shown = await bot.says("You said:")
        assert shown.text == "🎤 You said:\nsay I heard"
        assert [each.type for each in shown.entities] == ["blockquote"]
        assert shown.is_silent
        assert shown.reply_to == sent.message_id
        answer = await bot.box.wait_for(lambda m: m.reply_to == sent.message_id and m.text == "I heard", timeout_s=15)
        assert "ogg" not in answer.text
        assert prompts(bot) == ["say I heard"]


async def test_a_service_writes_it_down_and_its_key_goes_nowhere_else(tmp_path: Path) -> None:
    """Not into the log, the chat, or what an agent sees."""
    heard: list[tuple[str, str, bytes]] = []
    async with a_service(heard) as url, a_bot(tmp_path, voice={"url": url, "model": "m1", "api_key": KEY}) as bot:
        sent = speaks(bot)
        await bot.answer_to(sent, "from the service")
        assert heard == [(f"Bearer {KEY}", "m1", b"OggS-recording")]
        await bot.answer_to(says(bot, "run env"), "PATH")
        assert KEY not in bot.log_text()
        assert all(KEY not in each.text for each in bot.box.messages(sent.chat_id, sent.thread_id))


async def test_where_it_fails_nothing_is_lost_and_a_button_tries_again(tmp_path: Path) -> None:
    """The message says why, without the key."""
    heard: list[tuple[str, str, bytes]] = []
    async with a_service(heard, status=402) as url, a_bot(tmp_path, voice={"url": url, "api_key": KEY}) as bot:
        sent = speaks(bot)
        failed = await bot.answer_to(sent, "could not be written down: the service refused it (402)")
        assert KEY not in failed.text
        assert failed.button("Try again") is not None
        await bot.box.people["alice"].presses(failed, "Try again")
        await come_true(lambda: len(heard) == 2, "it is tried again")
        await bot.box.wait_for(lambda m: "402" in m.text and m.message_id > failed.message_id, timeout_s=15)


async def test_without_a_configuration_it_says_what_to_configure(tmp_path: Path) -> None:
    """Nothing is started; the recording can go as a file."""
    async with a_bot(tmp_path) as bot:
        await bot.answer_to(speaks(bot), "set command or url in [voice]")
        assert prompts(bot) == []


async def test_a_stop_ends_the_program_with_all_that_it_started(tmp_path: Path) -> None:
    """And it holds up nobody: another topic, and the stop itself, go on meanwhile."""
    pids = tmp_path / "pids"
    slow = ["sh", "-c", f"sleep 100 & echo $$ $! > {pids}.new; mv {pids}.new {pids}; wait"]
    async with a_bot(tmp_path, voice={"command": slow}) as bot:
        speaks(bot)
        await come_true(pids.exists, "the program runs")
        await bot.answer_to(says(bot, "say hello", topic="website"), "hello")
        await bot.answer_to(says(bot, "/stop"), "Stopped")
        await come_true(lambda: not any(alive(int(pid)) for pid in pids.read_text().split()), "both are gone")
        assert stored(bot, "SELECT state FROM turns WHERE prompt LIKE '%voice%'") == [("stopped",)]


def alive(pid: int) -> bool:
    """Whether a process lives, zombies left out."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_a_program_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """The time is configured."""
    async with a_bot(tmp_path, voice={"command": ["sleep"], "timeout": "1s"}) as bot:
        await bot.answer_to(speaks(bot), "could not be written down")


async def test_it_is_written_down_once_whatever_happens(tmp_path: Path) -> None:
    """Killed while the agent works on it, the bot does not listen again."""
    count = tmp_path / "count"
    script = f"echo once >> {count}; echo wait 4"
    async with a_bot(tmp_path, voice={"command": ["sh", "-c", script]}) as bot:
        sent = speaks(bot)
        await bot.live_of(sent)
        await bot.kill()
        await asyncio.to_thread(os.sync)
        await bot.start()
        await bot.answer_to(sent, "Waited")
        assert count.read_text() == "once\n"
