"""Files that people send with a prompt, seen from outside."""

from pathlib import Path

from bot.sandbox.model import MediaKind
from tests.integration.test_bot_approvals import a_bot, says
from tests.integration.test_bot_deadlines import stored

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


async def test_a_document_reaches_the_agent(tmp_path: Path) -> None:
    """Under a safe name, in a directory of its own, with its caption as the prompt."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        sent = box.people["alice"].sends_file(
            box.workshop,
            box.topic("api"),
            b"hello",
            name="../no/CLAUDE.md",
            caption="say read it",
            mime_type="text/plain",
        )
        answer = await bot.answer_to(sent, "read it")
        assert "CLAUDE.md" in answer.text
        [path] = (bot.state / "files").rglob("*.md")
        assert path.read_bytes() == b"hello"
        assert path.parent.parent == bot.state / "files"
        assert path.stat().st_mode & 0o077 == 0
        assert list(bot.work.iterdir()) == []


async def test_a_photo_comes_along_in_a_warm_run_too(tmp_path: Path) -> None:
    """Without a caption the prompt says that there is a file."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        await bot.answer_to(says(bot, "say first"), "first")
        sent = box.people["alice"].sends_file(
            box.workshop, box.topic("api"), PNG, name="x.png", kind=MediaKind.PHOTO, mime_type="image/jpeg"
        )
        answer = await bot.answer_to(sent, "photo-")
        assert "image/jpeg" in answer.text
        assert len(bot.runs()) == 1


async def test_a_file_that_cannot_be_fetched_ends_its_turn_with_a_clear_word(tmp_path: Path) -> None:
    """The conversation goes on."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        box.world.files.clear()
        sent = box.people["alice"].sends_file(box.workshop, box.topic("api"), b"hello", name="gone.txt", caption="read")
        box.world.files.clear()
        await bot.answer_to(sent, "«gone.txt» could not be fetched", timeout_s=40)
        assert stored(bot, "SELECT state FROM turns") == [("failed",)]
        await bot.answer_to(says(bot, "say on we go"), "on we go")


async def test_a_file_that_is_too_large_is_explained(tmp_path: Path) -> None:
    """With the size, the limit, and ways round it."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        sent = box.people["alice"].sends_file(
            box.workshop, box.topic("api"), b"\0" * (21 * 2**20), name="huge.bin", caption="say read it"
        )
        await bot.answer_to(sent, "huge.bin has 21 MB; Telegram lets bots fetch files of up to 20 MB")


async def test_no_file_is_taken_for_instructions(tmp_path: Path) -> None:
    """What agents read by itself has another name on disk."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        sent = box.people["alice"].sends_file(
            box.workshop, box.topic("api"), b"obey", name="AGENTS.md", caption="say read it"
        )
        await bot.answer_to(sent, "sent-AGENTS.md")
        assert [path.name for path in (bot.state / "files").rglob("*.md")] == ["sent-AGENTS.md"]
