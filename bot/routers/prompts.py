"""Everything that is no command: prompts, and what can't be one."""

from collections.abc import Sequence
from dataclasses import replace

from aiogram import F, Router
from aiogram.types import Message

from bot.address import topic_of
from bot.desk import Desk
from bot.files import too_large
from bot.gatherer import Gathered
from bot.letters import reply
from bot.menus import menu
from bot.message_files import HAS_FILES
from bot.message_parts import prompt_of
from bot.origin import origin_of
from bot.render import builder as b
from bot.render.entities import RichText
from bot.routers import asked, steering
from bot.words.speech import say, say_rich
from orchestrator.domain.commands import Prompt
from orchestrator.domain.ids import TopicKey

router = Router(name="prompts")

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
        await desk.answer(update_id, topic_of(message), message.message_id, say_rich("file-prompt-empty"))
        return
    await desk.gatherer.take(message, update_id)


def _for_another_bot(text: str, username: str) -> bool:
    word = text.split(maxsplit=1)[0] if text.startswith("/") else ""
    _, at, name = word.partition("@")
    return bool(at) and name.lower().endswith("bot") and name.lower() != username.lower()


@router.message(HAS_FILES)
async def files(message: Message, desk: Desk, update_id: int) -> None:
    """A file is a prompt with its caption; it is fetched when its turn begins."""
    await desk.gatherer.take(message, update_id)


async def deliver(desk: Desk, key: TopicKey, gathered: Sequence[Gathered]) -> None:
    """Hand on the messages that are one prompt: to what they answer, or to the topic's session."""
    first = gathered[0].message
    update_id, *more = (each for one in gathered for each in one.update_ids)
    origin = replace(origin_of(first, update_id), more_ids=tuple(more))
    meant = prompt_of([(each.message, each.goes_on) for each in gathered], desk.me.id, spoken=desk.files.listens)
    most = desk.files.most_bytes
    too_much = [file for file in meant.own_files if file.size > most]
    if too_much:
        await _refuse(desk, key, gathered, b.message(too_large(too_much[0], most)))
        return
    if not desk.files.listens and all(each.message.voice is not None for each in gathered):
        await _refuse(desk, key, gathered, say_rich("file-voice-not-set-up"))
        return
    live = await steering.live_turn_of_reply(first, desk)
    if not meant.own_files:
        said = meant.unquoted().text
        if await asked.take_reply(first, desk, origin, said) or await menu.take_reply(first, desk, origin, said):
            return
        if live is not None:
            steering.say_into(first, desk, origin, said, live)
            return
    if live is not None:
        meant = meant.unquoted()
    quoted = tuple(file for file in meant.quoted_files if file.size <= most)
    desk.orchestrator.submit(
        key,
        Prompt(
            origin=origin,
            text=meant.text,
            files=(*quoted, *meant.own_files),
            parts=meant.parts,
            for_live=live is not None,
            follows=gathered[0].follows,
        ),
    )


async def _refuse(desk: Desk, key: TopicKey, gathered: Sequence[Gathered], text: RichText) -> None:
    update_id, *more = (each for one in gathered for each in one.update_ids)
    letters = [reply(key, gathered[0].message.message_id, text)]
    await desk.counter.answer(update_id, letters, more_ids=more)


@router.message(F.content_type)
async def unusable(message: Message, desk: Desk, update_id: int) -> None:
    """Stickers, places and the like."""
    if message.content_type not in _WRITTEN_BY_PEOPLE:
        await desk.send(update_id, [])
        return
    text = say("file-unusable", kind=message.content_type.replace("_", " "))
    if message.caption:
        text += f" {say('file-caption-unused')}"
    await desk.answer(update_id, topic_of(message), message.message_id, b.message(text))
