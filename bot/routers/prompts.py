"""Everything that is no command: prompts, and what can't be one."""

from aiogram import F, Router
from aiogram.types import Message

from bot.address import topic_of
from bot.desk import Desk
from bot.files import MOST_BYTES, files_of, safe_name
from bot.origin import origin_of
from bot.render import builder as b
from bot.routers import asked, steering
from orchestrator.domain.commands import Prompt

router = Router(name="prompts")

_MAX_CHARS = 200_000

_WRITTEN_BY_PEOPLE = frozenset(
    {
        *("animation", "audio", "document", "paid_media", "photo", "sticker", "story", "video", "video_note"),
        *("voice", "checklist", "contact", "dice", "game", "poll", "venue", "location", "rich_message"),
    }
)
"""Content types that a person sends; all others are service messages of the chat."""


@router.message(F.text)
async def prompt(message: Message, desk: Desk, update_id: int) -> None:
    """A text is a prompt; so is a command that is not ours, since agents have commands of their own."""
    text = message.text or ""
    if _for_another_bot(text, desk.me.username):
        await desk.send(update_id, [])
        return
    if not text.strip():
        await desk.answer(update_id, topic_of(message), message.message_id, b.message("⚠ That prompt is empty."))
        return
    if await asked.take_reply(message, desk, update_id) or await steering.take_reply(message, desk, update_id):
        return
    desk.orchestrator.submit(topic_of(message), Prompt(origin=origin_of(message, update_id), text=text[:_MAX_CHARS]))


def _for_another_bot(text: str, username: str) -> bool:
    word = text.split(maxsplit=1)[0] if text.startswith("/") else ""
    _, at, name = word.partition("@")
    return bool(at) and name.lower().endswith("bot") and name.lower() != username.lower()


@router.message(F.document | F.photo)
async def files(message: Message, desk: Desk, update_id: int) -> None:
    """A document or a photo is a prompt with its caption; it is fetched when its turn begins."""
    found = files_of(message)
    if not found or any(file.size > MOST_BYTES for file in found):
        most = MOST_BYTES // 1024 // 1024
        text = f"⚠ Telegram lets bots fetch files of up to {most} MB; this one is larger. Nothing was sent."
        await desk.answer(update_id, topic_of(message), message.message_id, b.message(text))
        return
    text = (message.caption or "").strip() or f"See the file {safe_name(found[0].name)}."
    command = Prompt(origin=origin_of(message, update_id), text=text, files=found)
    desk.orchestrator.submit(topic_of(message), command)


@router.message(F.content_type)
async def unusable(message: Message, desk: Desk, update_id: int) -> None:
    """Stickers, files and the like."""
    if message.content_type not in _WRITTEN_BY_PEOPLE:
        await desk.send(update_id, [])
        return
    kind = message.content_type.replace("_", " ")
    text = f"⚠ A {kind} can't be given to an agent here. Nothing was sent; write it as text."
    if message.caption:
        text += " The caption was not used either: send it as a message of its own."
    await desk.answer(update_id, topic_of(message), message.message_id, b.message(text))
