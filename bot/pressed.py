"""Messages whose buttons were pressed and have done what they could."""

from aiogram.types import CallbackQuery, Message

from bot.letter_body import Body
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.records import Letter
from orchestrator.domain.states import Priority


def without_buttons(query: CallbackQuery, key: TopicKey) -> list[Letter]:
    """The pressed message loses its buttons: they have done what they could."""
    if not isinstance(query.message, Message):
        return []
    body = Body(
        method="editMessageReplyMarkup",
        params={"chat_id": key.chat_id, "message_id": query.message.message_id},
    )
    return [Letter(topic=key, priority=Priority.NOTICE, body=body.to_json())]
