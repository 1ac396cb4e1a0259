"""`/whoami`: ids, and what one may do. The one command that works for those who aren't let in, in private only."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from bot.address import topic_of
from bot.desk import Desk
from bot.gate import Verdict
from bot.render import builder as b
from bot.render.entities import RichText
from bot.words.speech import say_rich

router = Router(name="whoami")


@router.message(Command("whoami", ignore_case=True))
async def whoami(message: Message, desk: Desk, update_id: int) -> None:
    """Ids, and what one may do."""
    text = await whoami_text(message, desk, Verdict.ALLOWED)
    await desk.answer(update_id, topic_of(message), message.message_id, text)


async def whoami_text(message: Message, desk: Desk, verdict: Verdict) -> RichText:
    """The ids of a person, the chat, the topic and the bot, and what the person may do here."""
    key, user = topic_of(message), message.from_user
    if message.sender_chat is not None:
        sender = message.sender_chat
        who = say_rich("person-whoami-sender", name=sender.title or "", id=str(sender.id))
    elif user is not None:
        who = say_rich("person-whoami-you", name=_called(user.full_name, user.username), id=str(user.id))
    else:
        who = RichText()
    topic = RichText()
    if key.thread_id is not None:
        known = await desk.counter.topic(key)
        topic = say_rich("person-whoami-topic", name=known.name, id=str(key.thread_id))
    chat = message.chat
    return b.message(
        b.lines(
            who,
            say_rich(
                "person-whoami-chat", kind=chat.type, name=_called(chat.title or "", chat.username), id=str(chat.id)
            ),
            topic,
            say_rich("person-whoami-bot", name=desk.me.username, id=str(desk.me.id)),
            say_rich(_may(message, desk, verdict)),
        )
    )


def _called(name: str, username: str | None) -> str:
    return " ".join(part for part in (name, f"@{username}" if username else "") if part)


def _may(message: Message, desk: Desk, verdict: Verdict) -> str:
    """The sentence that says what somebody may do."""
    if verdict is not Verdict.ALLOWED:
        return "person-may-not"
    if message.sender_chat is not None:
        return "person-may-as-chat"
    user = message.from_user
    return "person-may-admin" if desk.gate.is_admin(user.id if user is not None else None) else "person-may-use"
