"""Telegram's flood limits as a budget: pure, in seconds of a monotonic clock.

The limits (Telegram's bots FAQ): one message a second in a chat, 20 a minute in a group, 30 a second
overall; edits count as messages. They are kept as exact sliding windows, counted from the end of each
call, so that however the network delays calls Telegram never sees more than that. What is left is
given by priority: live edits leave a reserve for everything else, notices for answers, and so on.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from orchestrator.domain.states import Priority

_SPACING_S = 1.0
_WINDOW_S = 60.0
_OVERALL_PER_S = 30
_PRIVATE_PER_MINUTE = 60
_SLACK_S = 0.02

_RESERVE = {Priority.URGENT: 0.0, Priority.ANSWER: 0.1, Priority.NOTICE: 0.2, Priority.LIVE: 0.4}
"""The share of a minute that a priority leaves to those before it."""


@dataclass(slots=True)
class _ChatBudget:
    spent: deque[float] = field(default_factory=deque)
    frozen_until: float = 0.0


class Budget:
    """What may be sent when. `group_per_minute` is at most Telegram's own limit."""

    def __init__(self, *, group_per_minute: int) -> None:
        self._group_per_minute = group_per_minute
        self._chats: dict[int, _ChatBudget] = {}
        self._overall: deque[float] = deque(maxlen=_OVERALL_PER_S)
        self._under_way = 0

    def wait(self, chat_id: int, priority: Priority, now: float) -> float:
        """How long a call of this priority has to wait; 0 if it may be made now."""
        chat = self._chats.setdefault(chat_id, _ChatBudget())
        while chat.spent and chat.spent[0] <= now - _WINDOW_S - _SLACK_S:
            chat.spent.popleft()
        ready = [chat.frozen_until]
        if chat.spent:
            ready.append(chat.spent[-1] + _SPACING_S + _SLACK_S)
        allowed = self._allowed(chat_id, priority)
        if len(chat.spent) >= allowed:
            ready.append(chat.spent[len(chat.spent) - allowed] + _WINDOW_S + _SLACK_S)
        free = _OVERALL_PER_S - self._under_way
        if free <= 0:
            ready.append(now + _SLACK_S)  # until one of them ends
        elif len(self._overall) >= free:
            ready.append(self._overall[-free] + 1.0 + _SLACK_S)
        return max(0.0, max(ready) - now)

    def begin(self) -> None:
        """A call may be made now, perhaps beside others; its place is given back by `end`."""
        self._under_way += 1

    def end(self) -> None:
        """What `begin` was for is over, whether or not it came to a call."""
        self._under_way -= 1

    def spend(self, chat_id: int, now: float) -> None:
        """A call to a chat has just ended."""
        self._chats.setdefault(chat_id, _ChatBudget()).spent.append(now)
        self._overall.append(now)

    def remember(self, chat_id: int, ended: Sequence[float], *, edited: bool, now: float) -> None:
        """What an earlier life of the bot sent in the last minute, oldest first. Edits of live messages are not
        recorded: where there may have been some (`edited`), as many as there could have been."""
        chat = self._chats.setdefault(chat_id, _ChatBudget())
        unknown = max(0, self._allowed(chat_id, Priority.LIVE) - len(ended)) if edited else 0
        chat.spent.extend([*ended, *[now] * unknown])

    def freeze(self, chat_id: int, until: float) -> None:
        """Telegram asked for silence in a chat; in no other."""
        chat = self._chats.setdefault(chat_id, _ChatBudget())
        chat.frozen_until = max(chat.frozen_until, until)

    def _allowed(self, chat_id: int, priority: Priority) -> int:
        # Groups and channels have negative ids (Bot API, `Chat.id`).
        limit = self._group_per_minute if chat_id < 0 else _PRIVATE_PER_MINUTE
        return max(1, int(limit * (1 - _RESERVE[priority])))
