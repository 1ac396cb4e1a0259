"""Shows live messages: one call each time, and what becomes of it."""

from collections.abc import Awaitable, Callable

import structlog

from bot.chat_queue import ChatQueue
from bot.courier import backoff
from bot.letter_body import Body
from bot.letter_refusals import Remedy, is_unchanged, treatment
from bot.message_calls import MessageCalls
from bot.presenter import LiveMessage, Presenter
from bot.telegram import CallError, MigratedError, RefusedError, RetryAfterError, UnknownOutcomeError
from orchestrator.domain.cancel_token import CancelTokens, TurnStopped, bound
from orchestrator.domain.errors import StoreError
from orchestrator.domain.ids import TopicKey, TurnId

log = structlog.get_logger()

_DELETED = ("message to edit not found",)
_LOST_S = 60.0
"""When to try again where nothing can be written: the topic may be open again."""

_COMMIT_S = 0.2
"""When to look again at the live message of a turn whose stop is being committed."""


class Showing:
    """Makes the calls that the presenter composes. `set_live` remembers a live message; `topic_lost` and `migrated`
    are told what Telegram says of its place."""

    def __init__(
        self,
        *,
        calls: MessageCalls,
        presenter: Presenter,
        tokens: CancelTokens,
        set_live: Callable[[TurnId, int | None, bool], Awaitable[None]],
        topic_lost: Callable[[TopicKey, str, str], Awaitable[None]],
        migrated: Callable[[int, int], Awaitable[None]],
    ) -> None:
        self._calls = calls
        self._presenter = presenter
        self._tokens = tokens
        self._set_live = set_live
        self._topic_lost = topic_lost
        self._migrated = migrated

    async def show(self, chat_id: int, chat: ChatQueue, message: LiveMessage) -> None:
        """Send or edit a live message, if there is anything new to see of it."""
        priority = self._presenter.priority(message)
        body = self._presenter.compose(message)
        if body is None:
            return
        turn_id, message.sending = message.turn_id, True
        with self._calls.place():
            try:
                # Its last state says that it is stopped, and is all that may still be shown of it.
                with bound(None if message.closing else self._tokens.find(turn_id)):
                    result = await self._calls.make(chat_id, body, priority, of_live=True)
            except TurnStopped:
                self._presenter.failed(message, _COMMIT_S)  # the commit is under way; the last state comes next
            except CallError as error:
                await self._failed(chat, message, error, body)
            else:
                chat.failures = 0
                sent = result.get("message_id") if isinstance(result, dict) and not body.is_edit else None
                await self._shown(message, sent)

    async def _failed(self, chat: ChatQueue, message: LiveMessage, error: CallError, body: Body) -> None:
        match error:
            case RetryAfterError():
                self._presenter.failed(message, error.seconds)
            case RefusedError():
                await self._refused(message, error, body)
            case MigratedError():
                topic = message.live.turn.topic
                await self._migrated(topic.chat_id, error.chat_id)
                message.sending = False
                if message.live.turn.topic == topic:
                    self._presenter.failed(message, None)  # nobody moved it along
            case _:
                log.info("live.failed", turn=message.turn_id, error=str(error))
                # A second live message would be worse than none.
                lost = isinstance(error, UnknownOutcomeError) and not body.is_edit
                self._presenter.failed(message, None if lost else backoff(chat))

    async def _refused(self, message: LiveMessage, error: RefusedError, body: Body) -> None:
        if is_unchanged(error) or message.closing:  # it was the last one in any case
            await self._shown(message, None)
            return
        log.info("live.refused", turn=message.turn_id, error=str(error))
        found = treatment(body, error, edits_a_letter=False)
        if found.remedy is Remedy.HOLD:
            await self._topic_lost(message.live.turn.topic, found.condition, error.description)
            self._presenter.failed(message, _LOST_S)
        elif error.says(*_DELETED) and body.is_edit:
            self._presenter.deleted(message)
        else:
            self._presenter.failed(message, None)

    async def _shown(self, message: LiveMessage, sent: int | None) -> None:
        turn_id, first = message.turn_id, sent is not None
        last = self._presenter.sent(message, sent)
        if first or last:
            try:
                await self._set_live(turn_id, sent, not last)
            except StoreError as error:
                log.error("live.store_refused", turn=turn_id, error=str(error))  # noqa: TRY400
