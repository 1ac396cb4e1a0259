"""What comes in several messages and is one prompt, seen from outside."""

import time
from pathlib import Path

from bot.sandbox.model import MediaKind, Message
from tests.integration.hearing import come_true
from tests.integration.test_bot_approvals import a_bot, says
from tests.integration.test_bot_deadlines import stored
from tests.whole_bot import WholeBot

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def prompts(bot: WholeBot) -> list[str]:
    """All prompts, in order."""
    return [row[0] for row in stored(bot, "SELECT prompt FROM turns ORDER BY id")]


def undone(bot: WholeBot) -> int:
    """Updates whose effect is not stored."""
    return int(stored(bot, "SELECT count(*) FROM inbox WHERE state <> 'done'")[0][0])


def album(bot: WholeBot, caption: str = "say look", count: int = 3) -> list[Message]:
    box = bot.box
    files = [(f"{nth}.jpg", PNG + bytes([nth])) for nth in range(count)]
    return box.people["alice"].sends_album(box.workshop, box.topic("api"), files, caption=caption)


async def test_an_album_is_one_prompt_with_all_of_its_files(tmp_path: Path) -> None:
    """In order, none written over another; every update is done with the one turn."""
    async with a_bot(tmp_path) as bot:
        sent = album(bot)
        await bot.answer_to(sent[0], "look")
        assert prompts(bot) == ["say look"]
        kept = sorted((bot.state / "files").rglob("*.jpg"))
        assert [path.read_bytes()[-1] for path in kept] == [0, 1, 2]
        assert undone(bot) == 0
        assert stored(bot, "SELECT message_id FROM prompt_parts ORDER BY nth") == [(each.message_id,) for each in sent]


async def test_a_split_paste_is_one_prompt_letter_by_letter(tmp_path: Path) -> None:
    """What the client cut is whole again."""
    async with a_bot(tmp_path) as bot:
        text = "say " + "".join(chr(97 + nth % 26) for nth in range(9_000))
        sent = bot.box.people["alice"].pastes(bot.box.workshop, bot.box.topic("api"), text)
        assert len(sent) == 3
        await bot.answer_to(sent[0])
        assert prompts(bot) == [text]
        assert undone(bot) == 0


async def test_a_forwarded_burst_is_one_prompt_that_says_who_wrote_what(tmp_path: Path) -> None:
    """With the comment that came right before it."""
    async with a_bot(tmp_path, start=False) as bot:
        box = bot.box
        first = box.people["bob"].says(box.workshop, box.topic("website"), "the build fails")
        second = box.people["bob"].says(box.workshop, box.topic("website"), "since monday")
        comment = says(bot, "say why?")
        for message in (first, second):
            box.people["alice"].forwards(message, box.workshop, box.topic("api"))
        await bot.start()
        await bot.answer_to(comment, "why?")
        head = "Forwarded from Bob:"
        here = stored(bot, f"SELECT prompt FROM turns WHERE thread_id = {comment.thread_id}")
        assert [row[0] for row in here] == [f"say why?\n\n{head}\n\nthe build fails\n\n{head}\n\nsince monday"]
        assert undone(bot) == 0


async def test_what_is_forwarded_after_its_comment_joins_it(tmp_path: Path) -> None:
    """The comment waits for nothing: while it is queued the rest is added to it, and said to an agent at work."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        first = box.people["bob"].says(box.workshop, box.topic("website"), "say one")
        await bot.answer_to(first, "one")
        running = says(bot, "wait 4")
        await bot.live_of(running)
        comment = says(bot, "say why?")
        await come_true(lambda: prompts(bot)[1:] == ["wait 4", "say why?"], "the comment waits")
        box.people["alice"].forwards(first, box.workshop, box.topic("api"))
        whole = "say why?\n\nForwarded from Bob:\n\nsay one"
        await come_true(lambda: prompts(bot)[1:] == ["wait 4", whole], "the rest is added")
        await bot.answer_to(comment, "why?")
        late = says(bot, "wait 5")
        await come_true(lambda: prompts(bot)[-1] == "wait 5", "it runs")
        box.people["alice"].forwards(first, box.workshop, box.topic("api"))
        await come_true(lambda: stored(bot, "SELECT count(*) FROM steers") == [(1,)], "it is said into the turn")
        await bot.answer_to(late, "Waited")
        assert undone(bot) == 0


async def test_a_short_prompt_waits_for_nothing(tmp_path: Path) -> None:
    """Nor does one behind something that is gathered: order is kept, and what is gathered is sent at once."""
    async with a_bot(tmp_path) as bot:
        await bot.answer_to(says(bot, "say warm"), "warm")
        sent = album(bot, count=2)
        began = time.monotonic()
        other = says(bot, "say next")
        await come_true(lambda: len(prompts(bot)) == 3, "what was sent is stored")
        assert time.monotonic() - began < 0.9
        assert prompts(bot) == ["say warm", "say look", "say next"]
        await bot.answer_to(sent[0], "look")
        await bot.answer_to(other, "next")


async def test_another_sender_is_another_prompt(tmp_path: Path) -> None:
    """Nobody's words get into the prompt of somebody else."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        sent = box.people["alice"].pastes(box.workshop, box.topic("api"), "say " + "x" * 4092)
        theirs = says(bot, "say mine", who="bob")
        await bot.answer_to(theirs, "mine")
        await bot.answer_to(sent[0])
        assert prompts(bot) == ["say " + "x" * 4092, "say mine"]


async def test_a_stop_takes_what_is_gathered_with_it(tmp_path: Path) -> None:
    """It was sent before the stop, so it never runs; and the stop waits for nothing."""
    async with a_bot(tmp_path) as bot:
        album(bot, caption="run touch made")
        began = time.monotonic()
        stop = says(bot, "/stop")
        await bot.answer_to(stop, "Stopped")
        assert time.monotonic() - began < 0.95
        assert stored(bot, "SELECT state FROM turns") == [("stopped",)]
        assert undone(bot) == 0
        assert not (bot.work / "made").exists()


async def test_what_was_gathered_survives_the_death_of_the_bot(tmp_path: Path) -> None:
    """Killed while it waits for more: the next life gathers the same again, once."""
    async with a_bot(tmp_path) as bot:
        sent = album(bot)
        await come_true(lambda: undone(bot) == 3, "what was sent is stored")
        await bot.kill()
        assert prompts(bot) == []
        await bot.start()
        await bot.answer_to(sent[0], "look")
        assert prompts(bot) == ["say look"]
        assert undone(bot) == 0


async def test_an_edit_of_what_is_gathered_counts(tmp_path: Path) -> None:
    """The prompt says what its messages say when it is made."""
    async with a_bot(tmp_path) as bot:
        sent = album(bot, caption="say wrong")
        bot.box.people["alice"].edits(sent[0], "say right")
        await bot.answer_to(sent[0], "right")
        assert prompts(bot) == ["say right"]
        assert undone(bot) == 0


async def test_every_kind_of_file_is_kept(tmp_path: Path) -> None:
    """Under its own name or one that says what it is."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        kinds = (MediaKind.VIDEO, MediaKind.AUDIO, MediaKind.VIDEO_NOTE, MediaKind.ANIMATION)
        for kind in kinds:
            sent = box.people["alice"].sends_file(
                box.workshop, box.topic("api"), b"abc", name=f"a.{kind.value}", caption=f"say {kind.value}", kind=kind
            )
            await bot.answer_to(sent, kind.value)
        names = {path.name for path in (bot.state / "files").rglob("*") if path.is_file()}
        assert {name.rpartition("-")[0] or name for name in names} == {
            "a.video",
            "a.audio",
            "video-note",
            "a.animation",
        }
