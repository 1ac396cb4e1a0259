"""The courier: carries one letter from its mark to what became of it.

A letter is marked as begun before its call is made, so that after a crash it is known which ones Telegram
may have; the token of its turn is asked last, right before the call. What fails goes back to its queue.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, assert_never

import anyio
import structlog

from bot.chat_queue import ChatQueue
from bot.letter_body import Body
from bot.letter_refusals import Remedy, treatment
from bot.message_calls import MessageCalls
from bot.rich_latch import RichLatch, learnt
from bot.telegram import (
    CallError,
    MigratedError,
    RefusedError,
    RetryAfterError,
    UnauthorizedError,
    UnknownOutcomeError,
)
from orchestrator.domain.cancel_token import CancelTokens, TurnStopped, bound
from orchestrator.domain.errors import StoreError
from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.ports import Clock
from orchestrator.domain.records import SentSince, StoredLetter
from orchestrator.domain.states import LetterState, Priority

log = structlog.get_logger()

_BACKOFF_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
_STORE_RETRY_S = 1.0
_STORE_PAUSE_S = 2.0
_REVOKED_S = 60.0


class OutboxStore(Protocol):
    """What is needed of the outbox."""

    async def owed(self) -> Sequence[StoredLetter]: ...

    async def sent_since(self, since: int) -> Mapping[int, SentSince]: ...

    async def begin(self, letter_id: int) -> bool: ...

    async def settle(
        self, letter_id: int, state: LetterState, at: int, *, message_id: int | None = None, error: str = ""
    ) -> None: ...

    async def rewrite(self, letter_id: int, body: str) -> None: ...

    async def give_up(self, letter_ids: Sequence[int], at: int) -> None: ...

    async def stops_told(self, after: int) -> Mapping[int, int]: ...

    async def message_of(self, letter_id: int) -> int | None: ...

    async def become(self, letter_id: int, bodies: Sequence[str], fact: str) -> Sequence[StoredLetter]: ...

    async def silence(self, chat_id: int, until: int, now: int) -> None: ...

    async def silences(self, now: int) -> Mapping[int, int]: ...


def backoff(chat: ChatQueue) -> float:
    """How long a chat waits whose last calls failed, with this one."""
    chat.failures += 1
    return _BACKOFF_S[min(chat.failures, len(_BACKOFF_S)) - 1]


class Courier:
    """Sends letters, one at a time in each chat.

    `put` takes a letter for another chat, `adopt` a message that may serve as its turn's live one; `latch` says
    where rich messages may be tried; `topic_lost` is told of topics that are closed or gone, `migrated` of groups
    that became supergroups, `revoked` of a refused token.
    """

    def __init__(
        self,
        *,
        calls: MessageCalls,
        outbox: OutboxStore,
        clock: Clock,
        now_s: Callable[[], float],
        tokens: CancelTokens,
        put: Callable[[Sequence[StoredLetter]], None],
        adopt: Callable[[TurnId, int], None],
        topic_lost: Callable[[TopicKey, str, str], Awaitable[None]],
        migrated: Callable[[int, int], Awaitable[None]],
        revoked: Callable[[], None],
        latch: RichLatch,
    ) -> None:
        self._latch = latch
        self._calls = calls
        self._outbox = outbox
        self._clock = clock
        self._now_s = now_s
        self._tokens = tokens
        self._put = put
        self._adopt = adopt
        self._topic_lost = topic_lost
        self._migrated = migrated
        self._revoked = revoked

    async def carry(self, chat_id: int, chat: ChatQueue, letter: StoredLetter) -> None:
        """Send a letter that was taken from its queue, and deal with what becomes of it."""
        fleeting = chat.is_fleeting(letter)
        chat.take(letter)
        with self._calls.place():
            try:
                await self._carry_if_owed(chat_id, chat, letter)
            except StoreError as error:
                # The disk is full or worse: without the mark nothing may be sent. Everything of the chat waits
                # together, so that what was owed first is also sent first.
                log.error("outbox.store_refused", letter=letter.id, error=str(error))  # noqa: TRY400
                chat.paused_until = self._now_s() + _STORE_PAUSE_S
                if fleeting and chat.notice_behind(letter):
                    chat.dropped.append(letter)
                else:
                    chat.add(replace(letter, attempts=letter.attempts + 1))

    async def give_up(self, chat: ChatQueue) -> None:
        """Record that what was dropped is not sent any more; if that can't be stored now, a little later."""
        dropped, chat.dropped = chat.dropped, []
        try:
            await self._outbox.give_up([each.id for each in dropped], self._clock())
        except StoreError as error:
            log.error("outbox.store_refused", letters=len(dropped), error=str(error))  # noqa: TRY400
            chat.dropped = [*dropped, *chat.dropped]
            chat.paused_until = self._now_s() + _STORE_PAUSE_S

    async def _carry_if_owed(self, chat_id: int, chat: ChatQueue, letter: StoredLetter) -> None:
        body = Body.from_json(letter.letter.body)
        if body.instead and not self._latch.allows(chat_id):
            await self._become_classic(chat, letter, body, "")
            return
        if letter.letter.edits_id is not None:
            message_id = await self._outbox.message_of(letter.letter.edits_id)
            body = body if message_id is None else body.as_edit(message_id)
        if not await self._outbox.begin(letter.id) and letter.id not in chat.begun:
            return  # void by now
        if body.fleeting and not body.is_edit:
            await self._settle(letter, LetterState.FAILED, error="what it was to edit was never sent")
            return
        chat.begun.add(letter.id)
        await self._carry_begun(chat_id, chat, letter, body)
        chat.begun.discard(letter.id)

    async def _carry_begun(self, chat_id: int, chat: ChatQueue, letter: StoredLetter, body: Body) -> None:
        token = self._tokens.find(letter.letter.turn_id) if letter.letter.fenced else None
        try:
            with bound(token):
                result = await self._calls.make(chat_id, body, letter.letter.priority)
        except TurnStopped:
            await self._settle(letter, LetterState.VOID)
        except CallError as error:
            log.info("letter.failed", letter=letter.id, chat=chat_id, error=str(error))
            if body.fleeting and not isinstance(error, MigratedError | UnauthorizedError):
                chat.made(letter)
                await self._settle(letter, LetterState.FAILED, error=str(error))
            else:
                await self._failed(chat_id, chat, letter, body, error)
        else:
            chat.failures = 0
            if body.fleeting:
                chat.made(letter)
            message_id = result.get("message_id") if isinstance(result, dict) else None
            await self._settle(letter, LetterState.SENT, message_id=message_id)
            # What says that a prompt waits has a button to cancel it; that message becomes the live one.
            waits = letter.letter.fenced and letter.letter.priority is Priority.NOTICE and "reply_markup" in body.params
            if waits and letter.letter.turn_id is not None and message_id is not None:
                self._adopt(letter.letter.turn_id, message_id)

    async def _failed(self, chat_id: int, chat: ChatQueue, letter: StoredLetter, body: Body, error: CallError) -> None:
        match error:
            case RefusedError():
                await self._refused(chat, letter, body, error)
                return
            case UnknownOutcomeError():
                await self._settle(letter, LetterState.UNKNOWN, error=str(error))
                again = letter if body.is_edit else await self.mark_again(letter)
                self._later(chat, again, backoff(chat))
                return
            case _:
                await self._settle(letter, LetterState.STORED, error=str(error))
        match error:
            case RetryAfterError():
                chat.add(letter)  # the budget knows until when
            case MigratedError():
                await self._migrated(chat_id, error.chat_id)
                await self._move(letter, error.chat_id)
            case UnauthorizedError():
                self._revoked()
                self._later(chat, letter, _REVOKED_S)
            case _:
                self._later(chat, letter, backoff(chat))

    async def _refused(self, chat: ChatQueue, letter: StoredLetter, body: Body, error: RefusedError) -> None:
        found = treatment(body, error, edits_a_letter=letter.letter.edits_id is not None)
        match found.remedy:
            case Remedy.NONE_NEEDED:
                await self._settle(letter, LetterState.SENT)
            case Remedy.OTHER_BODY:
                await self._rewrite(chat, letter, found.body or body)
            case Remedy.CLASSIC:
                fact = learnt(letter.letter.topic.chat_id, error)
                log.warning("rich.refused", letter=letter.id, error=str(error), remembered=fact)
                await self._become_classic(chat, letter, body, fact)
            case Remedy.HOLD:
                await self._settle(letter, LetterState.HELD, error=str(error))
                await self._topic_lost(letter.letter.topic, found.condition, error.description)
            case Remedy.NEW_MESSAGE:
                await self._settle(letter, LetterState.STORED, error=str(error))
                chat.add(replace(letter, letter=replace(letter.letter, edits_id=None)))
            case Remedy.GIVE_UP:
                log.warning("letter.refused", letter=letter.id, error=str(error))
                await self._settle(letter, LetterState.FAILED, error=str(error))
            case _:
                assert_never(found.remedy)

    async def _rewrite(self, chat: ChatQueue, letter: StoredLetter, body: Body) -> None:
        text = body.to_json()
        await self._outbox.rewrite(letter.id, text)
        await self._settle(letter, LetterState.STORED)
        chat.add(replace(letter, letter=replace(letter.letter, body=text)))

    async def _become_classic(self, chat: ChatQueue, letter: StoredLetter, body: Body, fact: str) -> None:
        """Send what a rich message has in reserve, each as a letter of its own at its place, and remember why."""
        bodies = [each.to_json() for each in body.classic()]
        if fact:
            self._latch.refused(fact)
        while True:
            try:
                letters = await self._outbox.become(letter.id, bodies, fact)
            except StoreError as refusal:
                log.error("outbox.store_refused", letter=letter.id, error=str(refusal))  # noqa: TRY400
                await anyio.sleep(_STORE_RETRY_S)
            else:
                break
        for each in letters:
            chat.add(each)

    async def mark_again(self, letter: StoredLetter) -> StoredLetter:
        """An answer that Telegram may have had says so when it is sent once more."""
        body = Body.from_json(letter.letter.body)
        if body.is_edit or letter.letter.priority is not Priority.ANSWER:
            return letter
        text = body.again().to_json()
        await self._outbox.rewrite(letter.id, text)
        return replace(letter, letter=replace(letter.letter, body=text))

    async def cut_off(self, letter: StoredLetter) -> None:
        """An earlier life of the bot began this letter and did not learn what became of it."""
        await self._settle(letter, LetterState.UNKNOWN, error="cut off by the end of the bot")

    async def _move(self, letter: StoredLetter, chat_id: int) -> None:
        body = Body.from_json(letter.letter.body)
        moved = replace(body, params={**body.params, "chat_id": chat_id}).without_reply()
        await self._outbox.rewrite(letter.id, moved.to_json())
        topic = TopicKey(chat_id, letter.letter.topic.thread_id)
        self._put([replace(letter, letter=replace(letter.letter, topic=topic, body=moved.to_json()))])

    def _later(self, chat: ChatQueue, letter: StoredLetter, seconds: float) -> None:
        chat.add(replace(letter, attempts=letter.attempts + 1), retry_at=self._now_s() + seconds)

    async def _settle(
        self, letter: StoredLetter, state: LetterState, *, message_id: int | None = None, error: str = ""
    ) -> None:
        """Record what became of a letter, whatever the disk says: until then nobody may try it again."""
        while True:
            try:
                await self._outbox.settle(letter.id, state, self._clock(), message_id=message_id, error=error)
            except StoreError as refusal:
                log.error("outbox.store_refused", letter=letter.id, error=str(refusal))  # noqa: TRY400
                await anyio.sleep(_STORE_RETRY_S)
            else:
                return
