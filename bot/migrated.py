"""Presses on what was written before a group became a supergroup.

Its members still see those messages, and their buttons come with the old chat's id (Bot API, `CallbackQuery.message`).
They mean the supergroup; but a message's id means another message there, so the pressed one is out of reach.
"""

from collections.abc import Mapping

from aiogram.types import Chat, InaccessibleMessage, Update

NO_MESSAGE = 0


def moved_along(update: Update, moved: Mapping[int, int]) -> Update:
    """The update as one of the supergroup, if it is a press in the group that it was. `moved` is old to new id."""
    query = update.callback_query
    if query is None or query.message is None or query.message.chat.id not in moved:
        return update
    chat_id = query.message.chat.id
    while chat_id in moved:
        chat_id = moved[chat_id]
    title = query.message.chat.title
    gone = InaccessibleMessage(chat=Chat(id=chat_id, type="supergroup", title=title), message_id=NO_MESSAGE, date=0)
    return update.model_copy(update={"callback_query": query.model_copy(update={"message": gone})})
