"""What topics are called in menus."""

from bot.desk import Desk
from bot.words.speech import say
from orchestrator.domain.ids import TopicKey


async def topic_name(desk: Desk, key: TopicKey) -> str:
    """A topic's name, or its number where Telegram has not told it."""
    if key.thread_id is None:
        return say("menu-general")
    return (await desk.counter.topic(key)).name or say("menu-topic", id=str(key.thread_id))


def message_url(chat_id: int, thread_id: int | None, message_id: int) -> str:
    """The address of a message; empty where Telegram has none: private chats and groups that are no supergroups."""
    short = str(chat_id).removeprefix("-100")
    if not str(chat_id).startswith("-100"):
        return ""
    return f"https://t.me/c/{short}/{f'{thread_id}/' if thread_id else ''}{message_id}"
