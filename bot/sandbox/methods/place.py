"""Where a call goes: its chat, its topic, the message that it answers."""

from dataclasses import dataclass

from bot.sandbox.api_error import ApiError, bad_request, forbidden
from bot.sandbox.model import GENERAL_THREAD_ID, Chat, ChatKind, Membership, Message, Topic
from bot.sandbox.params import Params
from bot.sandbox.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a new message goes."""

    chat: Chat
    thread_id: int | None
    reply_to: int | None = None
    reply_root: int | None = None
    quote: str = ""


def chat_of(world: World, params: Params) -> Chat:
    """The chat that `chat_id` names, if the bot may act there."""
    raw = params.text("chat_id")
    if not raw:
        raise bad_request("chat_id is empty")
    chat = _find(world, raw)
    if chat is None:
        raise bad_request("chat not found")
    if chat.migrated_to is not None:
        raise ApiError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            parameters={"migrate_to_chat_id": chat.migrated_to},
        )
    status = chat.members.get(world.bot.id, Membership.LEFT)
    if status is Membership.KICKED:
        word = "bot was blocked by the user" if chat.kind is ChatKind.PRIVATE else "bot was kicked from the"
        raise forbidden(word if chat.kind is ChatKind.PRIVATE else f"{word} {chat.kind.value} chat")
    if not status.is_inside:
        raise forbidden(f"bot is not a member of the {chat.kind.value} chat")
    return chat


def _find(world: World, raw: str) -> Chat | None:
    if raw.startswith("@"):
        wanted = raw[1:].casefold()
        return next((c for c in world.chats.values() if c.username.casefold() == wanted), None)
    try:
        return world.chats.get(int(raw))
    except ValueError:
        return None


def bot_is_admin(world: World, chat: Chat) -> bool:
    """Whether the bot has an administrator's rights in `chat`; always in private."""
    return chat.kind is ChatKind.PRIVATE or chat.members.get(world.bot.id, Membership.LEFT).is_admin


def may_manage_topics(world: World, chat: Chat) -> bool:
    """Whether the bot has `can_manage_topics`."""
    return bot_is_admin(world, chat) and chat.bot_can_manage_topics


def thread_of(world: World, chat: Chat, params: Params) -> int | None:
    """The topic that `message_thread_id` names, by Telegram's rules.

    In a forum 1 (General) is not found, as are deleted topics; a closed one refuses who may not manage
    topics. In a group without topics the parameter is ignored.
    """
    thread_id = params.integer("message_thread_id") or None
    if thread_id is None:
        if chat.is_forum and chat.is_general_closed and not may_manage_topics(world, chat):
            raise bad_request("TOPIC_CLOSED")
        return None
    if not chat.has_topics:
        if chat.kind is ChatKind.PRIVATE:
            raise bad_request("message thread not found")
        return None
    topic = chat.topics.get(thread_id)
    if thread_id == GENERAL_THREAD_ID or topic is None:
        raise bad_request("message thread not found")
    check_open(world, chat, topic)
    return thread_id


def check_open(world: World, chat: Chat, topic: Topic) -> None:
    """Refuses a closed topic unless the bot manages topics."""
    if topic.is_closed and not may_manage_topics(world, chat):
        raise bad_request("TOPIC_CLOSED")


def place_of(world: World, params: Params) -> Place:
    """Chat, topic and answered message of a new message."""
    chat = chat_of(world, params)
    if chat.members.get(world.bot.id) is Membership.RESTRICTED:
        raise bad_request("not enough rights to send text messages to the chat")
    thread_id = thread_of(world, chat, params)
    reply = params.mapping("reply_parameters") or {}
    reply_id = reply.get("message_id") or params.integer("reply_to_message_id")
    if reply_id is None:
        return Place(chat=chat, thread_id=thread_id)
    may_miss = bool(reply.get("allow_sending_without_reply")) or params.flag("allow_sending_without_reply")
    target = chat.messages.get(int(str(reply_id)))
    is_elsewhere = target is not None and thread_id is not None and target.thread_id != thread_id
    if target is None or is_elsewhere:
        if may_miss and not is_elsewhere:
            return Place(chat=chat, thread_id=thread_id)
        raise bad_request("message to be replied not found")
    if target.thread_id is not None and target.thread_id in chat.topics:
        check_open(world, chat, chat.topics[target.thread_id])
    return reply_place(chat, target, quote=str(reply.get("quote") or ""))


def reply_place(chat: Chat, target: Message, *, quote: str = "") -> Place:
    """Where an answer to `target` goes; outside topics of groups it belongs to a chain of replies."""
    root = None
    if target.thread_id is None and chat.kind is ChatKind.SUPERGROUP:
        root = target.reply_root or target.message_id
    return Place(chat=chat, thread_id=target.thread_id, reply_to=target.message_id, reply_root=root, quote=quote)


def topic_of(chat: Chat, params: Params) -> Topic:
    """The topic that a call about topics names."""
    topic = chat.topics.get(params.integer("message_thread_id") or 0)
    if topic is None:
        raise bad_request("TOPIC_ID_INVALID")
    return topic
