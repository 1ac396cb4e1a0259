"""Files that leave a topic's directory, seen from outside: asked for with /get, or named by an answer."""

from pathlib import Path

from bot.sandbox.model import MediaKind
from tests.integration.hearing import come_true
from tests.integration.test_bot_approvals import a_bot, says
from tests.integration.test_bot_deadlines import stored
from tests.integration.test_bot_gathering import PNG


async def test_a_file_comes_as_a_file_and_an_image_as_a_photo(tmp_path: Path) -> None:
    """With its name and size; whole."""
    async with a_bot(tmp_path) as bot:
        (bot.work / "out").mkdir()
        (bot.work / "out" / "notes.md").write_bytes(b"# notes")
        (bot.work / "plot.png").write_bytes(PNG)
        file = await bot.answer_to(says(bot, "/get out/notes.md"))
        assert file.media is not None
        assert (file.media.kind, file.media.file.data) == (MediaKind.DOCUMENT, b"# notes")
        assert file.text == "out/notes.md · 7 bytes"
        photo = await bot.answer_to(says(bot, "/get plot.png"))
        assert photo.media is not None
        assert (photo.media.kind, photo.media.file.data) == (MediaKind.PHOTO, PNG)


async def test_a_directory_and_a_pattern_are_listed(tmp_path: Path) -> None:
    """With sizes; a pattern that fits one file sends it."""
    async with a_bot(tmp_path) as bot:
        for name in ("a.txt", "b.txt", "c.md"):
            (bot.work / name).write_text("x" * 2048)
        (bot.work / "src").mkdir()
        listing = await bot.answer_to(says(bot, "/get"), "4 entries")
        assert "src/" in listing.text.splitlines()[1]
        assert "a.txt · 2 KB" in listing.text
        assert "c.md" not in (await bot.answer_to(says(bot, "/get *.txt"), "2 entries")).text
        assert (await bot.answer_to(says(bot, "/get *.md"))).media is not None
        await bot.answer_to(says(bot, "/get nothing.txt"), "Nothing here is called nothing.txt")


async def test_nothing_outside_and_nothing_of_the_bot_is_sent(tmp_path: Path) -> None:
    """Not by .., not by an absolute path, not by a link, not by a second name."""
    async with a_bot(tmp_path) as bot:
        secret = tmp_path / "secret"
        secret.write_text("no")
        (bot.work / "link").symlink_to(secret)
        (bot.work / "away").symlink_to(tmp_path)
        (bot.work / "twin.toml").hardlink_to(bot.config)
        for path in ("../secret", str(secret), "link", "away/secret", "away"):
            await bot.answer_to(says(bot, f"/get {path}"), "outside of this topic's directory")
        await bot.answer_to(says(bot, "/get twin.toml"), "belongs to the bot itself")


async def test_where_the_directory_holds_the_bots_state_that_is_not_sent(tmp_path: Path) -> None:
    """As when agents work in the home directory."""
    async with a_bot(tmp_path, defaults={"directory": str(tmp_path)}) as bot:
        await bot.answer_to(says(bot, "/get state/topicd.sqlite3"), "belongs to the bot itself")
        await bot.answer_to(says(bot, "/get config.toml"), "belongs to the bot itself")


async def test_too_large_and_empty_files_are_explained(tmp_path: Path) -> None:
    """Telegram takes neither."""
    async with a_bot(tmp_path) as bot:
        with (bot.work / "big.bin").open("wb") as big:
            big.truncate(51 * 2**20)
        (bot.work / "none").touch()
        await bot.answer_to(says(bot, "/get big.bin"), "51 MB; bots may send files of up to 50 MB")
        await bot.answer_to(says(bot, "/get none"), "is empty")


async def test_a_file_that_is_owed_survives_the_death_of_the_bot(tmp_path: Path) -> None:
    """As it was when it was asked for."""
    async with a_bot(tmp_path) as bot:
        (bot.work / "a.txt").write_text("before")
        bot.box.faults.server_error("sendDocument")
        asked = says(bot, "/get a.txt")
        await bot.box.wait_call("sendDocument")
        await bot.kill()
        (bot.work / "a.txt").write_text("after")
        await bot.start()
        file = await bot.answer_to(asked, timeout_s=60)
        assert file.media is not None
        assert file.media.file.data == b"before"


async def test_files_that_an_answer_names_come_below_it(tmp_path: Path) -> None:
    """A line of its own is taken out, a Markdown image stays as text; what can't be sent is said."""
    async with a_bot(tmp_path) as bot:
        (bot.work / "out.png").write_bytes(PNG)
        (bot.work / "report.csv").write_text("a,b")
        lines = ["Here it is: ![the plot](out.png)", "[[send: report.csv]]", "[[send: ../config.toml]]"]
        (bot.work / "answer.md").write_text("\n".join(lines))
        prompt = says(bot, "\n".join(f"say {line}" for line in lines))
        answer = await bot.answer_to(prompt, "Here it is")
        assert "[[send" not in answer.text
        assert "Not sent: ../config.toml: outside of the session's directory" in answer.text
        await come_true(
            lambda: len([m for m in bot.box.messages(prompt.chat_id, prompt.thread_id, by_bot=True) if m.media]) == 2,
            "both files came",
        )
        sent = [m for m in bot.box.messages(prompt.chat_id, prompt.thread_id, by_bot=True) if m.media is not None]
        kinds = {m.media.file.name: m.media.kind for m in sent if m.media is not None}
        assert kinds == {"report.csv": MediaKind.DOCUMENT, "out.png": MediaKind.PHOTO}
        assert all(m.is_silent and m.message_id > answer.message_id for m in sent)
        assert stored(bot, "SELECT state FROM turns") == [("done",)]
