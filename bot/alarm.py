"""The alarm: what admins must know when nothing can be stored, not even a message to them."""

import time
from collections.abc import Sequence

import structlog
from anyio.abc import TaskGroup

from bot.telegram import CallError, Telegram
from bot.words.speech import say

log = structlog.get_logger()

_AGAIN_S = 3600.0


class Alarm:
    """Writes to admins' private chats beside the outbox; once an hour at most, and only if that works."""

    def __init__(self, telegram: Telegram, admins: Sequence[int], tasks: TaskGroup) -> None:
        self._telegram = telegram
        self._admins = admins
        self._tasks = tasks
        self._rung_s: float | None = None

    def ring(self, text: str) -> None:
        """Tell the admins; does not wait."""
        now = time.monotonic()
        if self._rung_s is None or now - self._rung_s > _AGAIN_S:
            self._rung_s = now
            self._tasks.start_soon(self._tell, say("chat-alarm", trouble=text))

    async def _tell(self, text: str) -> None:
        for admin in self._admins:
            try:
                await self._telegram.call("sendMessage", {"chat_id": admin, "text": text}, timeout_s=10)
            except CallError as error:
                log.info("alarm.not_heard", admin=admin, error=str(error))
