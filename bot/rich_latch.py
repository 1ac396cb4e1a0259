"""Where rich messages may be sent: not in a chat that refused one, nor anywhere if Telegram has no such method.

What was refused once is not tried again, by no later life of the bot either: every try costs a message of
the budget, and the answer comes later for it.
"""

from collections.abc import Collection

from bot.telegram import RefusedError

EVERYWHERE = "rich refused"
"""The fact that says that there are no rich messages; with a chat's id behind it, that there are none there."""

_NO_METHOD = ("method not found",)
_NOT_FOUND = 404
_OTHER_REASONS = (
    "chat not found",
    "not enough rights",
    "have no rights",
    "CHAT_WRITE_FORBIDDEN",
    "CHAT_ADMIN_REQUIRED",
)


class RichLatch:
    """`enabled` is the setting, `refused` the facts that are stored."""

    def __init__(self, *, enabled: bool = False, refused: Collection[str] = ()) -> None:
        self.enabled = enabled
        self._refused = set(refused)

    def allows(self, chat_id: int) -> bool:
        """Whether a rich message may be tried."""
        return self.enabled and not {EVERYWHERE, fact_of(chat_id)} & self._refused

    def refused(self, fact: str) -> None:
        """Not again."""
        self._refused.add(fact)


def fact_of(chat_id: int) -> str:
    """The fact that there are none in a chat."""
    return f"{EVERYWHERE} {chat_id}"


def learnt(chat_id: int, error: RefusedError) -> str:
    """The fact that a refusal proves; empty if it is about something else than being rich."""
    if error.code == _NOT_FOUND or error.says(*_NO_METHOD):
        return EVERYWHERE
    return "" if error.says(*_OTHER_REASONS) else fact_of(chat_id)
