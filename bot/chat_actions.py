"""«… is typing»: where a turn works and its live message has nothing to say about that.

Telegram shows an action for 5 s at most, or until the bot's next message (Bot API, `sendChatAction`). It costs
nothing of the message budget but has limits of its own here, and none of it is worth a second try.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import anyio
import structlog

from bot.budget import Budget
from bot.telegram import CallError, RetryAfterError, Telegram
from orchestrator.domain.cancel_token import CancelTokens, TurnStopped, bound
from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.ports import LiveTurn

log = structlog.get_logger()

_EVERY_S = 4.5
_QUIET_S = 6.0
"""So long after its last edit a live message no longer tells that its turn works."""

_CHAT_GAP_S = 1.0
_GAP_S = 0.2
_CALL_S = 5.0
_LOOK_S = 1.0


@dataclass(slots=True)
class _Working:
    live: LiveTurn
    shown_s: float
    acted_s: float


class ChatActions:
    """Says in topics that a turn works. `serve` owns it; a companion of the presenter. `now_s` is monotonic."""

    def __init__(
        self, telegram: Telegram, tokens: CancelTokens, budget: Budget, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._telegram = telegram
        self._tokens = tokens
        self._budget = budget
        self._now_s = now_s
        self._working: dict[TurnId, _Working] = {}
        self._topics: dict[TopicKey, float] = {}
        self._chats: dict[int, float] = {}
        self._came = anyio.Event()

    def opened(self, live: LiveTurn) -> None:
        """A turn works."""
        known = self._working.get(live.turn.id)
        if known is None:
            # One whose message is there from an earlier life, or from its time in the queue, shows it soon.
            self._working[live.turn.id] = _Working(live, -_QUIET_S, 0.0)
            self._came.set()
        else:
            known.live = live

    def changed(self, turn_id: TurnId) -> None:
        """Typing does not say what is new."""

    def shown(self, turn_id: TurnId) -> None:
        """The live message says that the turn works."""
        if turn_id in self._working:
            self._working[turn_id].shown_s = self._now_s()

    def over(self, turn_id: TurnId) -> None:
        """It does not work any more."""
        self._working.pop(turn_id, None)

    def streams(self, turn_id: TurnId) -> bool:
        """Typing says nothing of what the agent says."""
        return False

    async def serve(self) -> None:
        """Type until cancelled."""
        while True:
            while not self._working:
                self._came = anyio.Event()
                await self._came.wait()
            due = self._due()
            if due is not None:
                await self._type(due)
            await anyio.sleep(_GAP_S if due is not None else _LOOK_S)

    def _due(self) -> _Working | None:
        now = self._now_s()
        due = [
            each
            for each in self._working.values()
            if not each.live.waits_for_person
            and not each.live.waits_for_place
            and now - each.shown_s >= _QUIET_S
            and now >= self._topics.get(each.live.turn.topic, 0.0)
            and now >= self._chats.get(each.live.turn.topic.chat_id, 0.0)
            and not self._budget.silence_left(each.live.turn.topic.chat_id, now)
        ]
        return min(due, key=lambda each: each.acted_s, default=None)

    async def _type(self, working: _Working) -> None:
        topic = working.live.turn.topic
        now = working.acted_s = self._now_s()
        self._topics[topic] = now + _EVERY_S
        self._chats[topic.chat_id] = now + _CHAT_GAP_S
        params: dict[str, object] = {"chat_id": topic.chat_id, "action": "typing"}
        if topic.thread_id is not None:
            params["message_thread_id"] = topic.thread_id
        try:
            with bound(self._tokens.find(working.live.turn.id)):
                await self._telegram.call("sendChatAction", params, timeout_s=_CALL_S)
        except TurnStopped:
            self.over(working.live.turn.id)
        except RetryAfterError as error:
            self._chats[topic.chat_id] = self._now_s() + error.seconds
        except CallError as error:
            log.debug("action.failed", chat=topic.chat_id, error=str(error))
            self._topics[topic] = self._now_s() + 10 * _EVERY_S
