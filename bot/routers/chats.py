"""What happens to chats and topics themselves: created, renamed, closed, reopened, moved; edits."""

import structlog
from aiogram import F, Router
from aiogram.types import ChatMemberUpdated, Message

from bot.address import topic_of
from bot.desk import Desk

router = Router(name="chats")
log = structlog.get_logger()


@router.message(F.forum_topic_created | F.forum_topic_edited)
async def named(message: Message, desk: Desk, update_id: int) -> None:
    """A topic got its name."""
    made = message.forum_topic_created or message.forum_topic_edited
    if made is not None and made.name:
        await desk.counter.topic_named(topic_of(message), made.name)
    await desk.send(update_id, [])


@router.message(F.forum_topic_closed)
async def closed(message: Message, desk: Desk, update_id: int) -> None:
    """A topic was closed; what is owed to it is held once Telegram refuses it."""
    await desk.counter.topic_condition(topic_of(message), "closed")
    await desk.send(update_id, [])


@router.message(F.forum_topic_reopened)
async def reopened(message: Message, desk: Desk, update_id: int) -> None:
    """A topic is back: what was held for it is delivered."""
    await desk.counter.topic_condition(topic_of(message), "open")
    await desk.send(update_id, [])


@router.message(F.migrate_to_chat_id)
async def migrated(message: Message, desk: Desk, update_id: int) -> None:
    """A group became a supergroup: everything moves along."""
    if message.migrate_to_chat_id is not None:
        await desk.migrate(message.chat.id, message.migrate_to_chat_id)
    await desk.send(update_id, [])


@router.message(F.migrate_from_chat_id)
async def migrated_here(message: Message, desk: Desk, update_id: int) -> None:
    """The same, seen from the supergroup."""
    if message.migrate_from_chat_id is not None:
        await desk.migrate(message.migrate_from_chat_id, message.chat.id)
    await desk.send(update_id, [])


@router.edited_message()
async def edited(_: Message, desk: Desk, update_id: int) -> None:
    """An edit changes nothing: its prompt may have been worked on already."""
    await desk.send(update_id, [])


@router.my_chat_member()
async def membership(event: ChatMemberUpdated, desk: Desk, update_id: int) -> None:
    """The bot's rights in a chat changed."""
    log.info("chat.membership", chat=event.chat.id, status=event.new_chat_member.status)
    await desk.send(update_id, [])
