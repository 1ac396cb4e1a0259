"""The calls that show something in a chat, each paid for from the budget."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import anyio
import structlog

from bot.budget import Budget
from bot.letter_body import Body
from bot.telegram import RefusedError, RetryAfterError, Telegram
from orchestrator.domain.cancel_token import TurnStopped, should_stop
from orchestrator.domain.errors import StoreError
from orchestrator.domain.ports import Clock
from orchestrator.domain.states import Priority

log = structlog.get_logger()

_UPLOAD_S = 120.0
_GONE = 410


class SilenceStore(Protocol):
    """What outlives the bot of the silence that Telegram asked for."""

    async def silence(self, chat_id: int, until: int, now: int) -> None: ...


async def _content(path: str) -> bytes:
    """Raises RefusedError if the file is gone, as after the time for which it is kept."""
    try:
        return await anyio.Path(path).read_bytes()
    except OSError as error:
        raise RefusedError(_GONE, f"the file is gone: {error.strerror}") from None


class MessageCalls:
    """Makes them. `hush` waits until nothing is under way to a chat that a message has to come after."""

    def __init__(
        self,
        *,
        telegram: Telegram,
        budget: Budget,
        silences: SilenceStore,
        clock: Clock,
        now_s: Callable[[], float],
        hush: Callable[[int], Awaitable[None]],
    ) -> None:
        self._telegram = telegram
        self._budget = budget
        self._silences = silences
        self._clock = clock
        self._now_s = now_s
        self._hush = hush

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place in the budget of all chats is taken while this is open."""
        self._budget.begin()
        try:
            yield
        finally:
            self._budget.end()

    async def make(self, chat_id: int, body: Body, priority: Priority, *, of_live: bool = False) -> object:
        """Make one call; its result. Raises a CallError, or TurnStopped with nothing sent and nothing spent."""
        should_stop()
        await self._hush(chat_id)
        spent = True
        try:
            return await self._send(body)
        except TurnStopped:
            spent = False
            raise
        except RetryAfterError as error:
            await self._silenced(chat_id, error.seconds)
            raise
        finally:
            if spent:
                self._budget.spend(chat_id, self._now_s(), priority, of_live=of_live)

    async def _send(self, body: Body) -> object:
        if body.upload is not None:
            kind, name, path = body.upload
            return await self._telegram.call(
                body.method, body.params, upload=(kind, name, await _content(path)), timeout_s=_UPLOAD_S
            )
        if body.document is None:
            return await self._telegram.call(body.method, body.params)
        name, content = body.document
        upload = ("document", name, content.encode(errors="replace"))
        return await self._telegram.call(body.method, body.params, upload=upload, timeout_s=_UPLOAD_S)

    async def _silenced(self, chat_id: int, seconds: float) -> None:
        """Telegram asks for silence; a later life of the bot has to know of it too."""
        self._budget.refused(chat_id, seconds, self._now_s())
        log.warning("chat.silenced", chat=chat_id, seconds=seconds)
        now = self._clock()
        try:
            await self._silences.silence(chat_id, now + round(min(seconds, 1e9) * 1000), now)
        except StoreError as error:
            log.error("outbox.store_refused", chat=chat_id, error=str(error))  # noqa: TRY400
