"""What people ask of the bot, as an update carries it."""

from dataclasses import dataclass
from typing import Any

from orchestrator.domain.ids import SessionId, TopicKey, TurnId

STOPS = frozenset({"stop", "reply stop", "press stop", "stop session", "stop all"})
TAKEOVERS = frozenset({"prompt", "new", "retry", "reply"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One update. A press of a button has no message of its own; `data` is what it carries, `reply_to` the message
    that was replied to."""

    update_id: int
    do: str
    topic: TopicKey
    message_id: int | None = None
    text: str = ""
    turn_id: TurnId | None = None
    session_id: SessionId | None = None
    data: str = ""
    reply_to: int | None = None

    @property
    def in_forum(self) -> bool:
        """Whether its chat is divided into topics."""
        return self.topic.thread_id is not None

    def to_update(self) -> dict[str, Any]:
        """As Telegram would send it."""
        return {
            "update_id": self.update_id,
            "do": self.do,
            "chat_id": self.topic.chat_id,
            "thread_id": self.topic.thread_id,
            "message_id": self.message_id,
            "text": self.text,
            "turn_id": self.turn_id,
            "session_id": self.session_id,
            "data": self.data,
            "reply_to": self.reply_to,
        }

    @classmethod
    def from_update(cls, update: dict[str, Any]) -> "Ask":
        """As the bot reads it."""
        return cls(
            update_id=update["update_id"],
            do=update["do"],
            topic=TopicKey(update["chat_id"], update["thread_id"]),
            message_id=update["message_id"],
            text=update["text"],
            turn_id=update["turn_id"],
            session_id=update["session_id"],
            data=update["data"],
            reply_to=update["reply_to"],
        )
