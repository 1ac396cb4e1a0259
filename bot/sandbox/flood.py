"""Telegram's limits on messages and edits, and how often the bot went over them.

Documented: about 1 message per second in one chat, 20 per minute in one group (all its topics together),
about 30 per second overall; edits share the budget. Real limits vary; `FloodPolicy` says what holds here.
"""

import math
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.sandbox.model import Chat


class Limit(StrEnum):
    """What can be exceeded."""

    CHAT_PER_SECOND = "chat_per_second"
    GROUP_PER_MINUTE = "group_per_minute"
    OVERALL_PER_SECOND = "overall_per_second"
    # a call to a chat before its retry_after was over
    DURING_RETRY_AFTER = "during_retry_after"


@dataclass(frozen=True, slots=True, kw_only=True)
class FloodPolicy:
    """The limits; `slack_s` forgives the jitter between the bot's clock and the server's."""

    is_strict: bool = True
    chat_burst: int = 1
    chat_per_s: float = 1.0
    group_per_minute: int = 20
    overall_per_s: int = 30
    slack_s: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    limit: Limit
    log: deque[float]
    count: int
    window_s: float

    def wait_s(self, now: float) -> float:
        """Seconds until one more fits; 0 if it fits now."""
        if len(self.log) < self.count:
            return 0.0
        return max(0.0, self.log[-self.count] + self.window_s - now)


class Flood:
    """Counts every message and edit; in strict mode refuses those that are too many.

    Relaxed (`policy.is_strict` False), everything passes and is still counted, so that a test sees what
    a strict Telegram would have refused.
    """

    def __init__(self, policy: FloodPolicy, *, monotonic: Callable[[], float]) -> None:
        self.policy = policy
        self.exceeded: Counter[Limit] = Counter()
        self.exceeded_in: Counter[tuple[int, Limit]] = Counter()
        self._monotonic = monotonic
        self._chats: dict[int, deque[float]] = {}
        self._overall: deque[float] = deque(maxlen=1000)
        self._frozen_until: dict[int, float] = {}

    def freeze(self, chat_id: int, seconds: float) -> None:
        """From now on, calls to this chat within `seconds` count as made during `retry_after`."""
        self._frozen_until[chat_id] = self._monotonic() + seconds

    def spend(self, chat: Chat) -> int | None:
        """One message or edit in `chat`: None if it may pass, else `retry_after` in whole seconds."""
        now = self._monotonic()
        if (left_s := self._frozen_until.get(chat.id, 0.0) - now) > self.policy.slack_s:
            self._note(chat.id, Limit.DURING_RETRY_AFTER)
            if self.policy.is_strict:
                return max(1, math.ceil(left_s))
        waits = {rule.limit: rule.wait_s(now) for rule in self._rules(chat)}
        broken = {limit: wait_s for limit, wait_s in waits.items() if wait_s > 0}
        for limit in broken:
            self._note(chat.id, limit)
        if broken and self.policy.is_strict:
            retry_after_s = max(1, math.ceil(max(broken.values())))
            self._frozen_until[chat.id] = now + max(broken.values())
            return retry_after_s
        self._log_of(chat.id).append(now)
        self._overall.append(now)
        return None

    def in_last_minute(self, chat_id: int) -> int:
        """How many messages and edits passed in this chat within 60 s."""
        now = self._monotonic()
        return sum(1 for at in self._log_of(chat_id) if now - at < 60)

    def _log_of(self, chat_id: int) -> deque[float]:
        return self._chats.setdefault(chat_id, deque(maxlen=1000))

    def _note(self, chat_id: int, limit: Limit) -> None:
        self.exceeded[limit] += 1
        self.exceeded_in[(chat_id, limit)] += 1

    def _rules(self, chat: Chat) -> Iterator[_Rule]:
        policy, log = self.policy, self._log_of(chat.id)
        window_s = policy.chat_burst / policy.chat_per_s - policy.slack_s
        yield _Rule(limit=Limit.CHAT_PER_SECOND, log=log, count=policy.chat_burst, window_s=window_s)
        if chat.is_group:
            minute_s = 60.0 - policy.slack_s
            yield _Rule(limit=Limit.GROUP_PER_MINUTE, log=log, count=policy.group_per_minute, window_s=minute_s)
        second_s = 1.0 - policy.slack_s
        yield _Rule(limit=Limit.OVERALL_PER_SECOND, log=self._overall, count=policy.overall_per_s, window_s=second_s)
