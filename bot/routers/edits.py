"""Messages that were changed: a prompt that waits is another from now on, one that began can be run again."""

from aiogram import Router
from aiogram.types import Message

from bot.address import topic_of
from bot.command_list import COMMANDS
from bot.desk import Desk
from bot.message_parts import MOST_CHARS, part_of
from bot.origin import origin_of
from bot.quotes import text_of
from orchestrator.domain.commands import EditPrompt

router = Router(name="edits")

_OURS = frozenset(each.name for each in COMMANDS)


@router.edited_message()
async def edited(message: Message, desk: Desk, update_id: int) -> None:
    """A message was changed; Telegram tells that also where only its preview did.

    A command that was carried out is not carried out again.
    """
    if await desk.gatherer.edited(message, update_id):
        return
    text = text_of(message)
    word = text.split(maxsplit=1)[0] if text.startswith("/") else ""
    if not text.strip() or len(text) > MOST_CHARS or word[1:].partition("@")[0].lower() in _OURS:
        await desk.send(update_id, [])
        return
    part = part_of(message, desk.me.id, quotes=True, spoken=desk.files.listens)
    desk.orchestrator.submit(topic_of(message), EditPrompt(origin=origin_of(message, update_id), part=part))
