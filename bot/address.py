"""Which topic a message belongs to.

The rule (Bot API, `Message.is_topic_message`): `message_thread_id` names a topic only where
`is_topic_message` is set. Messages of the General topic have none; replies in groups without topics
have one that is only the root of the reply thread and must not be used.
"""

from aiogram.types import CallbackQuery, InaccessibleMessage, Message

from orchestrator.domain.ids import TopicKey


def topic_of(message: Message) -> TopicKey:
    """The topic of a message."""
    return TopicKey(message.chat.id, message.message_thread_id if message.is_topic_message else None)


def topic_of_press(query: CallbackQuery, thread_id: int | None) -> TopicKey | None:
    """The topic of a button press; `thread_id` is what the button itself says, for old messages."""
    message = query.message
    if message is None:
        return None
    if isinstance(message, InaccessibleMessage):
        return TopicKey(message.chat.id, thread_id)
    key = topic_of(message)
    return key if key.thread_id is not None else TopicKey(message.chat.id, thread_id)


def replied_message_id(message: Message) -> int | None:
    """The message that a person replied to.

    In a topic every message «replies» to the one that created the topic; that is no reply.
    """
    replied = message.reply_to_message
    if replied is None or replied.forum_topic_created is not None:
        return None
    if message.is_topic_message and replied.message_id == message.message_thread_id:
        return None
    return replied.message_id
