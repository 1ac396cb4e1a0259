"""Telegram's flood limits as a budget: pure, in seconds of a monotonic clock.

The limits (Telegram's bots FAQ): one message a second in a chat, 20 a minute in a group, 30 a second
overall; edits count as messages. They are kept as exact sliding windows, counted from the end of each
call, so that however the network delays calls Telegram never sees more than that. Where Telegram refuses
all the same, its limits are tighter there, and from then on so are ours (`bot.flood_lessons`).

What there is is given by priority: live edits leave a reserve for everything else, notices for answers,
and so on, and live edits keep a pace that spreads them over the minute (`bot.live_pace`).
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.flood_lessons import Lesson
from bot.live_pace import gap_s
from orchestrator.domain.states import Priority

_SPACING_S = 1.0
_WINDOW_S = 60.0
_OVERALL_PER_S = 30
_PRIVATE_PER_MINUTE = 60
_SLACK_S = 0.02
_MOMENT_S = 2.0
_SEVERAL = 3
"""Chats that are refused within a moment of each other: then it is the bot that sends too much, not they."""

_LONGEST_OVERALL_S = 30.0
"""How long all chats are silent at most because some are; a chat that was refused, as long as it was told."""

_RESERVE = {Priority.URGENT: 0.0, Priority.ANSWER: 0.1, Priority.NOTICE: 0.3, Priority.LIVE: 0.45}
"""The share of a minute that a priority leaves to those before it."""

_LIVE_RESERVE = {**_RESERVE, Priority.NOTICE: 0.4}
"""The same for live messages. In a group an answer of six parts always finds room behind them, and two stops or
approvals behind that; a turn that begins finds room for its first message behind the edits of others."""

_QUICK = 0.5
"""The share of that in which first messages of turns follow each other as fast as they may."""

_OVERALL_RESERVE = {Priority.URGENT: 0.0, Priority.ANSWER: 0.1, Priority.NOTICE: 0.2, Priority.LIVE: 0.35}
"""The same for the second of all chats together."""


@dataclass(slots=True)
class _ChatBudget:
    spent: deque[float] = field(default_factory=deque)
    live_at: dict[Priority, float] = field(default_factory=dict)
    frozen_until: float = 0.0
    spacing: Lesson = field(default_factory=Lesson)
    minute: Lesson = field(default_factory=Lesson)

    def spacing_s(self, now: float) -> float:
        return _SPACING_S / self.spacing.at(now)


class Budget:
    """What may be sent when. `group_per_minute` is at most Telegram's own limit."""

    def __init__(self, *, group_per_minute: int, live_interval_s: float = 3.0) -> None:
        self._group_per_minute = group_per_minute
        self._live_interval_s = live_interval_s
        self._chats: dict[int, _ChatBudget] = {}
        self._overall: deque[float] = deque(maxlen=_OVERALL_PER_S)
        self._overall_lesson = Lesson()
        self._overall_frozen_until = 0.0
        self._refused: deque[tuple[float, int, float]] = deque()
        self._under_way = 0

    def wait(self, chat_id: int, priority: Priority, now: float, *, of_live: bool = False) -> float:
        """How long a call of this priority has to wait; 0 if it may be made now. `of_live`: for a live message,
        whatever of it is shown."""
        chat = self._current(chat_id, now)
        ready = [chat.frozen_until, self._overall_frozen_until]
        if chat.spent:
            ready.append(chat.spent[-1] + chat.spacing_s(now) + _SLACK_S)
        allowed = self._allowed(chat_id, chat, priority, now, of_live=of_live)
        if len(chat.spent) >= allowed:
            ready.append(chat.spent[len(chat.spent) - allowed] + _WINDOW_S + _SLACK_S)
        last = chat.live_at.get(priority)
        if of_live and last is not None:
            free_at = [at + _WINDOW_S + _SLACK_S for at in chat.spent]
            is_edit = priority is Priority.LIVE
            interval, quick = (self._live_interval_s, 0.0) if is_edit else (_SPACING_S, _QUICK)
            ready.append(last + gap_s(free_at, allowed, interval, last, quick=quick))
        ready.append(self._overall_ready(priority, now))
        return max(0.0, max(ready) - now)

    def room(self, chat_id: int, now: float) -> int:
        """How many urgent calls could be made in a row in a chat, with nothing between them but their spacing."""
        chat = self._current(chat_id, now)
        if max(chat.frozen_until, self._overall_frozen_until) > now:
            return 0
        return max(0, self._allowed(chat_id, chat, Priority.URGENT, now) - len(chat.spent))

    def begin(self) -> None:
        """A call may be made now, perhaps beside others; its place is given back by `end`."""
        self._under_way += 1

    def end(self) -> None:
        """What `begin` was for is over, whether or not it came to a call."""
        self._under_way -= 1

    def spend(self, chat_id: int, now: float, priority: Priority = Priority.NOTICE, *, of_live: bool = False) -> None:
        """A call to a chat has just ended."""
        chat = self._chats.setdefault(chat_id, _ChatBudget())
        chat.spent.append(now)
        if of_live and priority is not Priority.URGENT:
            chat.live_at[priority] = now
        self._overall.append(now)

    def remember(
        self, chat_id: int, ended: Sequence[float], *, live_for_s: float | None, live_steps: int, now: float
    ) -> None:
        """What an earlier life of the bot sent in the last minute, oldest first. Calls for live messages are not
        recorded: as many are taken for made as could have been in the time for which there were any, with
        `live_steps` first and last states beside the edits at their interval, all as late as they could have been."""
        chat = self._chats.setdefault(chat_id, _ChatBudget())
        unknown: list[float] = []
        if live_for_s is not None:
            most = min(
                self._allowed(chat_id, chat, Priority.NOTICE, now, of_live=True), self._limit(chat_id, chat, now)
            )
            possible = live_steps + self._edits_possible(chat_id, chat, ended, now - live_for_s, now)
            ages = (min(nth * self._live_interval_s, live_for_s) for nth in range(min(possible, most)))
            unknown = [now - age for age in ages]
        chat.spent.extend(sorted([*ended, *unknown]))

    def _edits_possible(self, chat_id: int, chat: _ChatBudget, ended: Sequence[float], since: float, now: float) -> int:
        """How many edits could be made at their interval, each where what was sent before it left room for it."""
        allowed, made, at = self._allowed(chat_id, chat, Priority.LIVE, now), 0, since
        while at <= now:
            if made + sum(1 for each in ended if each <= at) < allowed:
                made += 1
            at += self._live_interval_s
        return made

    def freeze(self, chat_id: int, until: float) -> None:
        """Telegram asked for silence in a chat; in no other."""
        chat = self._chats.setdefault(chat_id, _ChatBudget())
        chat.frozen_until = max(chat.frozen_until, until)

    def silence_left(self, chat_id: int, now: float) -> float:
        """How long a chat still is to be left in silence; what is no message keeps to that too."""
        chat = self._chats.get(chat_id)
        return max(0.0, (0.0 if chat is None else chat.frozen_until) - now, self._overall_frozen_until - now)

    def refused(self, chat_id: int, seconds: float, now: float) -> None:
        """Telegram refused a call that has just been made, and asks for so many seconds of silence in its chat.

        We kept the limits, so there they are tighter: its spacing is widened if the call before was close,
        its minute made smaller if it was not, or much was sent in it. Several chats at once: less overall.
        """
        chat = self._current(chat_id, now)
        was_silent = chat.frozen_until > now
        self.freeze(chat_id, now + seconds)
        self._learn_overall(chat_id, seconds, now)
        if was_silent:
            return
        close = bool(chat.spent) and now - chat.spent[-1] < 2 * chat.spacing_s(now)
        if close:
            chat.spacing.refused(seconds, now)
        if not close or 2 * len(chat.spent) >= self._limit(chat_id, chat, now):
            chat.minute.refused(seconds, now)

    def _learn_overall(self, chat_id: int, seconds: float, now: float) -> None:
        while self._refused and self._refused[0][0] < now - _MOMENT_S:
            self._refused.popleft()
        self._refused.append((now, chat_id, seconds))
        if len({each for _, each, _ in self._refused}) < _SEVERAL:
            return
        shortest = min(asked for _, _, asked in self._refused)
        self._overall_lesson.refused(shortest, now)
        self._overall_frozen_until = max(self._overall_frozen_until, now + min(shortest, _LONGEST_OVERALL_S))
        self._refused.clear()

    def _current(self, chat_id: int, now: float) -> _ChatBudget:
        chat = self._chats.setdefault(chat_id, _ChatBudget())
        while chat.spent and chat.spent[0] <= now - _WINDOW_S - _SLACK_S:
            chat.spent.popleft()
        return chat

    def _overall_ready(self, priority: Priority, now: float) -> float:
        limit = max(1, int(_OVERALL_PER_S * self._overall_lesson.at(now) * (1 - _OVERALL_RESERVE[priority])))
        free = limit - self._under_way
        if free <= 0:
            return now + _SLACK_S  # until one of them ends
        return self._overall[-free] + 1.0 + _SLACK_S if len(self._overall) >= free else now

    def _limit(self, chat_id: int, chat: _ChatBudget, now: float) -> int:
        # Groups and channels have negative ids (Bot API, `Chat.id`).
        limit = self._group_per_minute if chat_id < 0 else _PRIVATE_PER_MINUTE
        return max(1, int(limit * chat.minute.at(now)))

    def _allowed(
        self, chat_id: int, chat: _ChatBudget, priority: Priority, now: float, *, of_live: bool = False
    ) -> int:
        reserve = _LIVE_RESERVE if of_live else _RESERVE
        return max(1, int(self._limit(chat_id, chat, now) * (1 - reserve[priority])))
