"""What happens to chats and topics themselves: created, renamed, closed, reopened, moved."""

import structlog
from aiogram import F, Router
from aiogram.types import ChatMemberUpdated, Message

from bot import closing, topic_names
from bot.address import topic_of
from bot.desk import Desk
from bot.gate import Verdict
from bot.letters import reply
from bot.words.speech import say_rich
from orchestrator.domain.ids import TopicKey

router = Router(name="chats")
log = structlog.get_logger()


@router.message(F.forum_topic_created | F.forum_topic_edited)
async def named(message: Message, desk: Desk, update_id: int, verdict: Verdict) -> None:
    """A topic got its name; one that a person chose stays."""
    key, created, edited = topic_of(message), message.forum_topic_created, message.forum_topic_edited
    name = created.name if created is not None else edited.name if edited is not None else None
    if not name:
        await desk.send(update_id, [])
        return
    if created is not None:
        await desk.lives.namer.created(key, name, is_implicit=bool(created.is_name_implicit))
    elif message.from_user is None or message.from_user.id != desk.me.id:
        await desk.lives.namer.renamed(key)
    await topic_names.named(desk, update_id, key, name, quietly=verdict is not Verdict.ALLOWED)


@router.message(F.forum_topic_closed | F.general_forum_topic_hidden)
async def closed(message: Message, desk: Desk, update_id: int, verdict: Verdict) -> None:
    """A topic was closed (hiding General closes it too): if something works there, somebody is asked about it."""
    key = topic_of(message)
    await desk.counter.topic_condition(key, "closed")
    await desk.send(update_id, await closing.question(desk, key, by_one_of_us=verdict is Verdict.ALLOWED))


@router.message(F.forum_topic_reopened | F.general_forum_topic_unhidden)
async def reopened(message: Message, desk: Desk, update_id: int) -> None:
    """A topic is back: what was held for it is delivered, and that is said once."""
    key = topic_of(message)
    held = await desk.counter.topic_condition(key, "open")
    said = [reply(key, None, say_rich("topic-held-before", n=held))] if held else []
    await desk.send(update_id, said)


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


@router.my_chat_member()
async def membership(event: ChatMemberUpdated, desk: Desk, update_id: int) -> None:
    """The bot's rights in a chat changed: what that means is found out beside what happens now."""
    log.info("chat.membership", chat=event.chat.id, status=event.new_chat_member.status)
    if event.chat.id in desk.lives.moved:
        pass  # the group that it was has nobody in it
    elif event.chat.type != "private":
        desk.lives.groups.look_soon(event.chat.id)
    elif event.new_chat_member.status == "member":
        await desk.counter.topic_condition(TopicKey(event.chat.id), "open")
    await desk.send(update_id, [])
