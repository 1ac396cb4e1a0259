"""The names of things: topics, sessions, turns, runs."""

from dataclasses import dataclass
from typing import NewType

SessionId = NewType("SessionId", int)
"""A session of a topic; never reused."""

TurnId = NewType("TurnId", int)
"""A turn, foreground or task; never reused, so that a late effect can be told from its successor's."""

RunId = NewType("RunId", str)
"""A supervised process tree; also the name of its directory and the value of `TOPICD_RUN_ID`."""

RequestId = NewType("RequestId", int)
"""Something that an agent asked of a person: a permission, answers, or the approval of a plan. Never reused."""

UserId = NewType("UserId", int)
"""A Telegram user."""


@dataclass(frozen=True, slots=True, order=True)
class TopicKey:
    """A forum topic, the General topic, or a whole chat without topics.

    `thread_id` is None for the General topic and for chats without topics: messages there carry no
    usable `message_thread_id` (Bot API, `Message.is_topic_message`).
    """

    chat_id: int
    thread_id: int | None = None

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.thread_id or '-'}"
