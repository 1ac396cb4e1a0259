"""Intake: from Telegram into the inbox, and from the inbox to the dispatcher.

Two tasks. The poller asks for updates, commits them raw, and only then lets the next call's offset
acknowledge them. The sorter takes what is not handled from the inbox, oldest first, whether it has
just come or waited since an earlier life of the bot. Neither waits for anything that a turn does.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import anyio
import structlog

from bot.telegram import (
    CallError,
    ConflictError,
    RefusedError,
    RetryAfterError,
    Telegram,
    UnauthorizedError,
)
from bot.urgency import is_urgent, stops_first
from orchestrator.domain.errors import StoreError
from orchestrator.domain.ports import Clock
from orchestrator.domain.records import StoredUpdate

log = structlog.get_logger()

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation")
"""The kinds of update that the bot has a use for (Bot API, `getUpdates.allowed_updates`)."""

POLL_S = 50
"""How long Telegram may hold a poll open; it caps this at 50 s."""

_ANSWER_SLACK_S = 20.0
_BATCH = 100
_SORTED_AT_ONCE = 200
_BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_CONFLICT_S = 5.0
_STORE_RETRY_S = 5.0
_REVOKED_AFTER = 3
_LATE_S = 30.0
"""What a poller may be late before it counts as dead: a busy machine, a slow disk."""


class InboxStore(Protocol):
    """What the intake needs of the inbox."""

    async def add(self, updates: Sequence[tuple[int, str]], at: int, *, urgent: bool = False) -> int: ...

    async def unhandled(self, limit: int) -> Sequence[StoredUpdate]: ...

    async def count_failure(self, update_id: int, error: str, at: int, *, final: bool = False) -> bool: ...


class TokenRefusedError(CallError):
    """Telegram does not know the token (any more)."""


class Intake:
    """The poller and the sorter. `handle` gets each stored update once at a time.

    `handle` returns once the update is handed on; whoever stores its effect marks it as done.
    `expect` is told what is handled next, in its order. `trouble` is told when nothing can be stored: then nothing
    is acknowledged either.
    """

    def __init__(
        self,
        *,
        telegram: Telegram,
        inbox: InboxStore,
        clock: Clock,
        handle: Callable[[StoredUpdate], Awaitable[None]],
        set_aside: Callable[[StoredUpdate, str], Awaitable[None]],
        expect: Callable[[Sequence[StoredUpdate]], None] = lambda _: None,
        trouble: Callable[[str], None] = lambda _: None,
        conflict_s: float = _CONFLICT_S,
        store_retry_s: float = _STORE_RETRY_S,
        now_s: Callable[[], float] = anyio.current_time,
    ) -> None:
        self._telegram = telegram
        self._inbox = inbox
        self._clock = clock
        self._handle = handle
        self._set_aside = set_aside
        self._expect_batch = expect
        self._trouble = trouble
        self._conflict_s = conflict_s
        self._store_retry_s = store_retry_s
        self._arrived = anyio.Event()
        self._arrived.set()
        self._handed: set[int] = set()
        self._failures: list[tuple[int, Exception]] = []
        self.last_success_ms: int | None = None
        self._now_s = now_s
        self._due_s: float | None = None

    async def poll(self) -> None:
        """Poll until cancelled. Raises TokenRefusedError if Telegram refuses the token for good."""
        offset: int | None = None
        failures = refusals = 0
        while True:
            try:
                offset = await self._poll_once(offset)
                failures = refusals = 0
            except UnauthorizedError as error:
                refusals += 1
                if refusals >= _REVOKED_AFTER:
                    raise TokenRefusedError(str(error)) from None
                await self._pause(0.5)
            except ConflictError as error:
                log.warning("intake.conflict", error=str(error), hint="another program polls with this token")
                await self._remove_webhook(error)
                await self._pause(self._conflict_s)
            except RetryAfterError as error:
                log.info("intake.slowed", seconds=error.seconds)
                await self._pause(error.seconds)
            except (CallError, StoreError) as error:
                failures += 1
                delay = _BACKOFF_S[min(failures, len(_BACKOFF_S)) - 1]
                log.warning("intake.failed", error=str(error), failures=failures, retry_in_s=delay)
                if isinstance(error, StoreError):
                    self._trouble(str(error))
                await self._pause(delay)

    async def _poll_once(self, offset: int | None) -> int | None:
        params: dict[str, Any] = {"timeout": POLL_S, "limit": _BATCH, "allowed_updates": list(ALLOWED_UPDATES)}
        if offset is not None:
            params["offset"] = offset
        self._expect(POLL_S + _ANSWER_SLACK_S)
        updates = await self._telegram.call("getUpdates", params, timeout_s=POLL_S + _ANSWER_SLACK_S)
        self.last_success_ms = self._clock()
        found = [each for each in updates or [] if isinstance(each, dict) and isinstance(each.get("update_id"), int)]
        if not found:
            return offset
        await self.store(found)
        return int(found[-1]["update_id"]) + 1

    def _expect(self, seconds: float) -> None:
        self._due_s = self._now_s() + seconds

    async def _pause(self, seconds: float) -> None:
        self._expect(seconds)
        await anyio.sleep(seconds)

    @property
    def polls(self) -> bool:
        """Whether the poller does its work: it asks, waits for an answer, or pauses, none longer than it may.

        Whether Telegram answers is no part of it: no restart of ours mends a network.
        """
        return self._due_s is None or self._now_s() < self._due_s + _LATE_S

    async def store(self, updates: Sequence[dict[str, Any]]) -> None:
        """Commit updates and let them be sorted. Raises StoreError; then none of them is stored."""
        # Escaped: half a surrogate pair would be no UTF-8, and the store would never take the batch.
        pairs = [(each["update_id"], json.dumps(each)) for each in updates]
        await self._inbox.add(pairs, self._clock(), urgent=any(is_urgent(each) for each in updates))
        self._arrived.set()

    async def _remove_webhook(self, error: ConflictError) -> None:
        if "webhook" not in str(error).lower():
            return
        try:
            # Keeps what waits there: `drop_pending_updates` is false unless asked for.
            await self._telegram.call("deleteWebhook")
            log.info("intake.webhook_removed")
        except CallError as failure:
            log.warning("intake.webhook_stays", error=str(failure))

    def failed(self, update_id: int | None, error: Exception) -> None:
        """The effect of an update could not be stored, after it was handed on."""
        if update_id is not None:
            self._failures.append((update_id, error))
            self._arrived.set()

    async def sort(self) -> None:
        """Hand on what is not handled, oldest first, until cancelled."""
        while True:
            await self._arrived.wait()
            self._arrived = anyio.Event()
            try:
                await self._count_failures()
                while await self._sort_batch():
                    pass
            except StoreError as error:
                log.error("intake.store_refused", error=str(error))  # noqa: TRY400
                self._trouble(str(error))
                await anyio.sleep(self._store_retry_s)
                self._arrived.set()

    async def _sort_batch(self) -> bool:
        waiting = await self._inbox.unhandled(_SORTED_AT_ONCE + len(self._handed))
        self._handed &= {each.update_id for each in waiting}
        fresh = [each for each in waiting if each.update_id not in self._handed]
        ordered = stops_first(fresh)
        self._expect_batch(ordered)
        for update in ordered:
            self._handed.add(update.update_id)
            try:
                await self._handle(update)
            except RefusedError as error:
                log.info("update.reply_refused", update=update.update_id, error=str(error))
            except Exception as error:
                # Whatever a handler does, the next update gets its turn.
                log.exception("update.failed", update=update.update_id)
                await self._count(update.update_id, error)
        return bool(fresh)

    async def _count_failures(self) -> None:
        refused: StoreError | None = None
        while self._failures:
            update_id, error = self._failures[0]
            if isinstance(error, StoreError):
                # Not the update's fault: it stays, and is tried again.
                self._handed.discard(update_id)
                refused = error
            else:
                await self._count(update_id, error)
            self._failures.pop(0)
        if refused is not None:
            raise refused

    async def _count(self, update_id: int, error: Exception) -> None:
        self._handed.discard(update_id)
        if isinstance(error, StoreError):
            raise error  # not the update's fault: it stays, and is tried again
        limit = _SORTED_AT_ONCE + len(self._handed) + len(self._failures)
        waiting = {each.update_id: each for each in await self._inbox.unhandled(limit)}
        text = f"{type(error).__name__}: {error}"
        if await self._inbox.count_failure(update_id, text, self._clock()):
            log.error("update.set_aside", update=update_id, error=text)
            if update_id in waiting:
                await self._set_aside(waiting[update_id], text)
        else:
            self._arrived.set()
