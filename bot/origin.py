"""Where a command came from, as the orchestrator wants to know it."""

from aiogram.types import CallbackQuery, Message

from bot.gate import person
from orchestrator.domain.commands import Origin
from orchestrator.domain.ids import UserId


def origin_of(message: Message, update_id: int) -> Origin:
    """A message's origin."""
    user_id, name = person(message)
    return Origin(update_id=update_id, message_id=message.message_id, user_id=user_id, user_name=name)


def origin_of_press(query: CallbackQuery, update_id: int) -> Origin:
    """A button press's origin; it is no message that could be replied to."""
    return Origin(update_id=update_id, user_id=UserId(query.from_user.id), user_name=query.from_user.full_name)
