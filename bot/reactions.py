"""Reactions on prompts: an acknowledgement that costs nothing of the message budget.

Best effort: only the newest reaction of a message counts, a failure is only logged (a group may not
allow reactions, Bot API `setMessageReaction`), and a chat that asked for silence gets it.
"""

import time

import anyio
import structlog

from bot.telegram import CallError, RetryAfterError, Telegram

log = structlog.get_logger()

_MOST_WAITING = 500


class Reactions:
    """Puts reactions on messages, one call at a time. `serve` owns it."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._wanted: dict[tuple[int, int], str] = {}
        self._silent_until: dict[int, float] = {}
        self._arrived = anyio.Event()

    def put(self, chat_id: int, message_id: int | None, emoji: str) -> None:
        """React to a message soon; replaces what was wanted before."""
        if message_id is None or len(self._wanted) >= _MOST_WAITING:
            return
        self._wanted[chat_id, message_id] = emoji
        self._arrived.set()

    def drop(self, chat_id: int, message_id: int | None) -> None:
        """Forget a reaction that was not put yet: its turn is being stopped."""
        if message_id is not None:
            self._wanted.pop((chat_id, message_id), None)

    async def serve(self) -> None:
        """React until cancelled."""
        while True:
            while not self._wanted:
                self._arrived = anyio.Event()
                await self._arrived.wait()
            (chat_id, message_id), emoji = next(iter(self._wanted.items()))
            del self._wanted[chat_id, message_id]
            if self._silent_until.get(chat_id, 0.0) <= time.monotonic():
                await self._react(chat_id, message_id, emoji)

    async def _react(self, chat_id: int, message_id: int, emoji: str) -> None:
        reaction = [{"type": "emoji", "emoji": emoji}] if emoji else []
        params = {"chat_id": chat_id, "message_id": message_id, "reaction": reaction}
        try:
            await self._telegram.call("setMessageReaction", params, timeout_s=10)
        except RetryAfterError as error:
            self._silent_until[chat_id] = time.monotonic() + error.seconds
        except CallError as error:
            log.debug("reaction.failed", chat=chat_id, error=str(error))
