"""Reactions on what people wrote: an acknowledgement that costs nothing of the message budget.

Best effort: only the newest reaction of a message counts, and a failure is only logged (a group may not
allow reactions, Bot API `setMessageReaction`). They wait for no message and a few are made at once, so that a
slow call in one chat does not delay the sign in another that a stop was heard. A chat that asked for
silence gets it; what was wanted there meanwhile comes after it.
"""

import math
import time
from collections.abc import Callable

import anyio
import structlog

from bot.telegram import CallError, RetryAfterError, Telegram

log = structlog.get_logger()

_MOST_WAITING = 500
_AT_ONCE = 8
_CALL_S = 10.0
_HUSH_S = 1.0

_Message = tuple[int, int]


class Reactions:
    """Puts reactions on messages. `serve` owns it. `now_s` is monotonic."""

    def __init__(self, telegram: Telegram, now_s: Callable[[], float] = time.monotonic) -> None:
        self._telegram = telegram
        self._now_s = now_s
        self._wanted: dict[_Message, str] = {}
        self._first: set[_Message] = set()
        self._under_way: set[_Message] = set()
        self._void: set[_Message] = set()
        self._silent_until: dict[int, float] = {}
        self._arrived = anyio.Event()
        self._done = anyio.Event()

    def put(self, chat_id: int, message_id: int | None, emoji: str, *, first: bool = False) -> None:
        """React to a message soon, before others if it is to come `first`; replaces what was wanted before."""
        if message_id is None or (len(self._wanted) >= _MOST_WAITING and not first):
            return
        self._wanted[chat_id, message_id] = emoji
        if first:
            self._first.add((chat_id, message_id))
        self._arrived.set()

    def drop(self, chat_id: int, message_id: int | None) -> None:
        """Forget a reaction that was not put yet: its turn is being stopped."""
        if message_id is not None:
            self._forget((chat_id, message_id))
            if (chat_id, message_id) in self._under_way:
                self._void.add((chat_id, message_id))

    async def hush(self, chat_id: int) -> None:
        """Wait a moment for what is under way to prompts whose turns are being stopped: it should not come after
        people were told so. A notice does not wait for long for a mere reaction."""
        with anyio.move_on_after(_HUSH_S):
            while any(each[0] == chat_id for each in self._void):
                await self._done.wait()

    def _forget(self, message: _Message) -> str:
        self._first.discard(message)
        return self._wanted.pop(message, "")

    async def serve(self) -> None:
        """React until cancelled."""
        async with anyio.create_task_group() as tasks:
            while True:
                self._arrived = anyio.Event()
                message = self._next() if len(self._under_way) < _AT_ONCE else None
                if message is not None:
                    self._under_way.add(message)
                    tasks.start_soon(self._react, message, self._forget(message))
                    continue
                with anyio.move_on_after(self._silence_left()):
                    await self._arrived.wait()

    def _next(self) -> _Message | None:
        """The message whose turn it is; one call at a time for each, so that the newest reaction is the last."""
        now = self._now_s()
        free = [
            each
            for each in (*(each for each in self._wanted if each in self._first), *self._wanted)
            if each not in self._under_way and self._silent_until.get(each[0], 0.0) <= now
        ]
        return free[0] if free else None

    def _silence_left(self) -> float:
        """How long until a chat may be called again in which something is wanted."""
        now = self._now_s()
        ends = (self._silent_until.get(chat_id, 0.0) for chat_id, _ in self._wanted)
        return min((each - now for each in ends if each > now), default=math.inf)

    async def _react(self, message: _Message, emoji: str) -> None:
        chat_id, message_id = message
        reaction = [{"type": "emoji", "emoji": emoji}] if emoji else []
        params = {"chat_id": chat_id, "message_id": message_id, "reaction": reaction}
        try:
            await self._telegram.call("setMessageReaction", params, timeout_s=_CALL_S)
        except RetryAfterError as error:
            self._silent_until[chat_id] = self._now_s() + error.seconds
            if message not in self._void:
                self._wanted.setdefault(message, emoji)
        except CallError as error:
            log.debug("reaction.failed", chat=chat_id, error=str(error))
        finally:
            self._under_way.discard(message)
            self._void.discard(message)
            self._arrived.set()
            self._done.set()
            self._done = anyio.Event()
