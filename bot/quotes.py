"""What an agent is told of a message beside what it says: what it answers, and who wrote it first.

Agents see one text. So a quotation stands in it as people write one: its lines behind `>`, and before
them whose they are.
"""

from aiogram.types import (
    Message,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
)

from bot.address import replied_message_id

MOST_CHARS = 1500
"""Of what is quoted; the rest is where it was."""

_NAME_CHARS = 64


def head_of(message: Message, bot_id: int) -> str:
    """Whom a message answers with which words, or who wrote it first; empty for all others."""
    return forwarded_from(message) or quoted(message, bot_id)


def forwarded_from(message: Message) -> str:
    """A line that says who wrote a forwarded message."""
    match message.forward_origin:
        case MessageOriginUser(sender_user=user):
            name = user.full_name
        case MessageOriginHiddenUser(sender_user_name=hidden):
            name = hidden
        case MessageOriginChat(sender_chat=chat, author_signature=signature):
            name = ", ".join(each for each in (signature, chat.title) if each)
        case MessageOriginChannel(chat=chat, author_signature=signature):
            name = ", ".join(each for each in (signature, chat.title) if each)
        case _:
            return ""
    return f"Forwarded from {_in_line(name) or 'somebody'}:"


def quoted(message: Message, bot_id: int) -> str:
    """What a message answers, behind `>`. The part that its author marked, else the beginning."""
    replied = message.reply_to_message if replied_message_id(message) is not None else None
    marked = message.quote.text if message.quote is not None else ""
    if replied is None and message.external_reply is None:
        return ""
    text = marked or (text_of(replied) if replied is not None else "")
    if not text.strip():
        return ""
    if len(text) > MOST_CHARS:
        text = f"{text[:MOST_CHARS].rstrip()} …"
    lines = "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())
    return f"{_whose(replied, bot_id)}\n{lines}"


def text_of(message: Message) -> str:
    """What a message says: its text, or its caption."""
    return message.text or message.caption or ""


def _whose(replied: Message | None, bot_id: int) -> str:
    if replied is None:
        return "In reply to this:"
    user = replied.from_user
    if user is not None and user.id == bot_id:
        return "In reply to what you or the bot wrote:"
    name = replied.sender_chat.title if replied.sender_chat is not None else user.full_name if user else ""
    return f"In reply to {_in_line(name or '') or 'somebody'}:"


def _in_line(name: str) -> str:
    return " ".join(name.split())[:_NAME_CHARS]
