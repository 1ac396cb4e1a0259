"""The postman: the only one who sends messages. One worker a chat, one budget for all.

Letters are in the outbox before they come here. Each is marked as begun before its call is made, so
that after a crash it is known which ones Telegram may have; the token of its turn is asked last,
right before the call. A chat that Telegram silenced, or that can't be reached, waits alone.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import anyio
import structlog
from anyio.abc import TaskGroup

from bot.budget import Budget
from bot.chat_queue import RANK, ChatQueue
from bot.letter_body import Body
from bot.presenter import LiveMessage, Presenter
from bot.telegram import (
    CallError,
    MigratedError,
    NotTakenError,
    RefusedError,
    RetryAfterError,
    Telegram,
    UnauthorizedError,
    UnknownOutcomeError,
)
from orchestrator.domain.cancel_token import CancelTokens, TurnStopped, bound, should_stop
from orchestrator.domain.errors import StoreError
from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.ports import Clock
from orchestrator.domain.records import StoredLetter
from orchestrator.domain.states import LetterState, Priority

log = structlog.get_logger()

_BACKOFF_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
_COMMIT_S = 0.2
"""When to look again at the live message of a turn whose stop is being committed."""

_STORE_RETRY_S = 1.0
_MINUTE_MS = 60_000

_TOPIC_CLOSED = ("TOPIC_CLOSED",)
_TOPIC_GONE = ("message thread not found", "TOPIC_DELETED", "TOPIC_ID_INVALID")
_BAD_MARKUP = ("can't parse entities", "entity", "entities", "ENTITY_", "wrong type of the web page", "button_")
_NO_REPLY = ("message to be replied not found", "message to reply not found", "replied message not found")
_UNCHANGED = ("message is not modified",)


class OutboxStore(Protocol):
    """What the postman needs of the outbox."""

    async def owed(self) -> Sequence[StoredLetter]: ...

    async def sent_since(self, since: int) -> Mapping[int, tuple[Sequence[int], bool]]: ...

    async def begin(self, letter_id: int) -> bool: ...

    async def settle(
        self, letter_id: int, state: LetterState, at: int, *, message_id: int | None = None, error: str = ""
    ) -> None: ...

    async def rewrite(self, letter_id: int, body: str) -> None: ...

    async def message_of(self, letter_id: int) -> int | None: ...


class Postman:
    """Sends letters and live messages. `serve` owns all of it.

    `topic_lost` is told of topics that are closed or gone, `migrated` of groups that became
    supergroups, `set_live` remembers a live message, `revoked` ends the bot. `now_s` is
    monotonic, `clock` is UTC epoch milliseconds.
    """

    def __init__(
        self,
        *,
        telegram: Telegram,
        outbox: OutboxStore,
        budget: Budget,
        presenter: Presenter,
        clock: Clock,
        tokens: CancelTokens,
        topic_lost: Callable[[TopicKey, str, str], Awaitable[None]],
        migrated: Callable[[int, int], Awaitable[None]],
        set_live: Callable[[TurnId, int | None, bool], Awaitable[None]],
        revoked: Callable[[], None],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._telegram = telegram
        self._outbox = outbox
        self._budget = budget
        self._presenter = presenter
        self._clock = clock
        self._now_s = now_s
        self._tokens = tokens
        self._topic_lost = topic_lost
        self._migrated = migrated
        self._set_live = set_live
        self._revoked = revoked
        self._chats: dict[int, ChatQueue] = {}
        self._tasks: TaskGroup | None = None
        self._settled = anyio.Event()
        presenter.wake = self._wake

    def put(self, letters: Sequence[StoredLetter]) -> None:
        """Letters were committed: send them when the budget allows."""
        for letter in letters:
            chat_id = letter.letter.topic.chat_id
            self._chats.setdefault(chat_id, ChatQueue()).letters.append(letter)
            self._wake(chat_id)

    async def drained(self) -> None:
        """Wait until nothing is owed that could be sent."""
        while any(chat.letters or chat.sending for chat in self._chats.values()):
            self._settled = anyio.Event()
            await self._settled.wait()

    async def load(self) -> None:
        """Take over what an earlier life of the bot still owed."""
        now_s, now_ms = self._now_s(), self._clock()
        for chat_id, (sent, edited) in (await self._outbox.sent_since(now_ms - _MINUTE_MS)).items():
            ended = [now_s - max(0, now_ms - at) / 1000 for at in sent]
            self._budget.remember(chat_id, ended, edited=edited, now=now_s)
        owed = await self._outbox.owed()
        for letter in owed:
            if letter.state is LetterState.SENDING:
                await self._settle(letter, LetterState.UNKNOWN, error="cut off by the end of the bot")
                letter = await self._mark_again(letter)
            elif letter.state is LetterState.UNKNOWN:
                letter = await self._mark_again(letter)
            self.put([letter])
        if owed:
            log.info("outbox.loaded", owed=len(owed))

    async def serve(self) -> None:
        """Send until cancelled."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            for chat_id in list(self._chats):
                self._wake(chat_id)
            await anyio.sleep_forever()

    def _wake(self, chat_id: int) -> None:
        chat = self._chats.setdefault(chat_id, ChatQueue())
        chat.woken.set()
        if not chat.working and self._tasks is not None:
            chat.working = True
            self._tasks.start_soon(self._work, chat_id, chat, name=f"postman of {chat_id}")

    async def _work(self, chat_id: int, chat: ChatQueue) -> None:
        """Send what is due in one chat; ends when there is nothing left."""
        try:
            while True:
                chat.woken = anyio.Event()
                now = self._now_s()
                letter = chat.first(now)
                due = self._presenter.next_due(chat_id)
                if letter is None and due is None and not chat.letters:
                    return
                message, delay = self._choose(chat_id, chat, letter, due, now)
                if delay > 0:
                    with anyio.move_on_after(delay):
                        await chat.woken.wait()
                elif message is not None:
                    await self._show(chat_id, chat, message)
                elif letter is not None:
                    chat.letters.remove(letter)
                    chat.retry_at.pop(letter.id, None)
                    chat.sending = True
                    await self._send_safely(chat_id, chat, letter)
                    chat.sending = False
                    self._settled.set()
        finally:
            chat.working = False

    def _choose(
        self,
        chat_id: int,
        chat: ChatQueue,
        letter: StoredLetter | None,
        due: tuple[float, LiveMessage] | None,
        now: float,
    ) -> tuple[LiveMessage | None, float]:
        """What goes next (a live message, or else the first letter), and how long it has to wait."""
        if due is not None:
            at, message = due
            priority = self._presenter.priority(message)
            # The last state of a stopped turn goes before the notice that it is stopped: after that
            # notice nothing of the turn may move any more.
            first = letter is None or (message.final is not None and message.urgent)
            if not first and letter is not None and at <= now:
                first = RANK[priority] < RANK[letter.letter.priority]
            if first:
                delay = max(at - now, self._budget.wait(chat_id, priority, now))
                retry = chat.next_retry(now)
                return message, delay if retry is None or letter is not None else min(delay, max(retry, 0.01))
        if letter is None:
            return None, chat.next_retry(now) or 1.0
        return None, self._budget.wait(chat_id, letter.letter.priority, now)

    async def _send_safely(self, chat_id: int, chat: ChatQueue, letter: StoredLetter) -> None:
        self._budget.begin()
        try:
            await self._send_if_owed(chat_id, chat, letter)
        except StoreError as error:
            # The disk is full or worse: without the mark nothing may be sent; try again later.
            log.error("outbox.store_refused", letter=letter.id, error=str(error))  # noqa: TRY400
            self._later(chat, letter, 5.0)
        finally:
            self._budget.end()

    async def _send_if_owed(self, chat_id: int, chat: ChatQueue, letter: StoredLetter) -> None:
        body = Body.from_json(letter.letter.body)
        if letter.letter.edits_id is not None:
            message_id = await self._outbox.message_of(letter.letter.edits_id)
            body = body if message_id is None else body.as_edit(message_id)
        if not await self._outbox.begin(letter.id) and letter.id not in chat.begun:
            return  # void by now
        chat.begun.add(letter.id)
        await self._send_begun(chat_id, chat, letter, body)
        chat.begun.discard(letter.id)

    async def _send_begun(self, chat_id: int, chat: ChatQueue, letter: StoredLetter, body: Body) -> None:
        token = self._tokens.find(letter.letter.turn_id) if letter.letter.fenced else None
        try:
            with bound(token):
                result = await self._call(chat_id, body)
        except TurnStopped:
            await self._settle(letter, LetterState.VOID)
        except CallError as error:
            await self._failed(chat_id, chat, letter, body, error)
        else:
            chat.failures = 0
            message_id = result.get("message_id") if isinstance(result, dict) else None
            await self._settle(letter, LetterState.SENT, message_id=message_id)
            # What says that a prompt waits has a button to cancel it; that message becomes the live one.
            waits = letter.letter.fenced and letter.letter.priority is Priority.NOTICE and "reply_markup" in body.params
            if waits and letter.letter.turn_id is not None and message_id is not None:
                self._presenter.adopt(letter.letter.turn_id, message_id)

    async def _call(self, chat_id: int, body: Body) -> object:
        should_stop()
        if body.fleeting and "message_id" not in body.params:
            raise NotTakenError("what it was to edit was never sent")
        try:
            if body.document is None:
                return await self._telegram.call(body.method, body.params)
            name, content = body.document
            upload = ("document", name, content.encode(errors="replace"))
            return await self._telegram.call(body.method, body.params, upload=upload, timeout_s=120)
        finally:
            self._budget.spend(chat_id, self._now_s())

    async def _failed(self, chat_id: int, chat: ChatQueue, letter: StoredLetter, body: Body, error: CallError) -> None:
        log.info("letter.failed", letter=letter.id, chat=chat_id, error=str(error))
        if isinstance(error, RetryAfterError):
            self._budget.freeze(chat_id, self._now_s() + error.seconds)
        match error:
            case NotTakenError() | UnknownOutcomeError() | RefusedError() | RetryAfterError() if body.fleeting:
                await self._settle(letter, LetterState.FAILED, error=str(error))
            case RetryAfterError():
                await self._settle(letter, LetterState.STORED, error=str(error))
                chat.letters.append(letter)
            case NotTakenError():
                await self._settle(letter, LetterState.STORED, error=str(error))
                self._later(chat, letter, self._backoff(chat))
            case UnknownOutcomeError():
                await self._settle(letter, LetterState.UNKNOWN, error=str(error))
                again = letter if body.is_edit else await self._mark_again(letter)
                self._later(chat, again, self._backoff(chat))
            case MigratedError():
                await self._settle(letter, LetterState.STORED, error=str(error))
                await self._migrated(chat_id, error.chat_id)
                await self._move(letter, error.chat_id)
            case RefusedError():
                await self._refused(chat, letter, body, error)
            case UnauthorizedError():
                await self._settle(letter, LetterState.STORED, error=str(error))
                self._revoked()
                self._later(chat, letter, 60.0)
            case _:
                await self._settle(letter, LetterState.STORED, error=str(error))
                self._later(chat, letter, self._backoff(chat))

    async def _refused(self, chat: ChatQueue, letter: StoredLetter, body: Body, error: RefusedError) -> None:
        """Telegram says no: make the letter acceptable, hold it for its topic, or give it up."""
        plain, unreplied, smaller = body.plain(), body.without_reply(), body.smaller()
        if error.code == 413 and smaller != body:
            await self._rewrite(chat, letter, smaller)
        elif error.says(*_UNCHANGED):
            await self._settle(letter, LetterState.SENT)
        elif error.says(*_TOPIC_CLOSED, *_TOPIC_GONE) or error.code == 403:
            await self._settle(letter, LetterState.HELD, error=str(error))
            condition = "closed" if error.says(*_TOPIC_CLOSED) else "gone"
            await self._topic_lost(letter.letter.topic, condition, error.description)
        elif error.says(*_NO_REPLY) and unreplied != body:
            await self._rewrite(chat, letter, unreplied)
        elif error.says(*_BAD_MARKUP) and plain != body:
            await self._rewrite(chat, letter, plain)
        elif letter.letter.edits_id is not None and body.is_edit:
            # The message that it was to edit is gone: it becomes one of its own.
            await self._settle(letter, LetterState.STORED, error=str(error))
            chat.letters.append(replace(letter, letter=replace(letter.letter, edits_id=None)))
        elif plain.without_reply() != body:
            await self._rewrite(chat, letter, plain.without_reply())
        else:
            log.warning("letter.refused", letter=letter.id, error=str(error))
            await self._settle(letter, LetterState.FAILED, error=str(error))

    async def _rewrite(self, chat: ChatQueue, letter: StoredLetter, body: Body) -> None:
        text = body.to_json()
        await self._outbox.rewrite(letter.id, text)
        await self._settle(letter, LetterState.STORED)
        chat.letters.append(replace(letter, letter=replace(letter.letter, body=text)))

    async def _mark_again(self, letter: StoredLetter) -> StoredLetter:
        body = Body.from_json(letter.letter.body)
        if body.is_edit or letter.letter.priority is not Priority.ANSWER:
            return letter
        text = body.again().to_json()
        await self._outbox.rewrite(letter.id, text)
        return replace(letter, letter=replace(letter.letter, body=text))

    async def _move(self, letter: StoredLetter, chat_id: int) -> None:
        body = Body.from_json(letter.letter.body)
        moved = replace(body, params={**body.params, "chat_id": chat_id}).without_reply()
        await self._outbox.rewrite(letter.id, moved.to_json())
        topic = TopicKey(chat_id, letter.letter.topic.thread_id)
        self.put([replace(letter, letter=replace(letter.letter, topic=topic, body=moved.to_json()))])

    def _backoff(self, chat: ChatQueue) -> float:
        chat.failures += 1
        return _BACKOFF_S[min(chat.failures, len(_BACKOFF_S)) - 1]

    def _later(self, chat: ChatQueue, letter: StoredLetter, seconds: float) -> None:
        chat.letters.append(replace(letter, attempts=letter.attempts + 1))
        chat.retry_at[letter.id] = self._now_s() + seconds

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

    async def _show(self, chat_id: int, chat: ChatQueue, message: LiveMessage) -> None:
        """Send or edit a live message."""
        turn_id = message.turn_id
        body = self._presenter.compose(message)
        if body is None:
            return
        message.sending = True
        self._budget.begin()
        try:
            # Its last state says that it is stopped, and is all that may still be shown of it.
            with bound(None if message.closing else self._tokens.find(turn_id)):
                result = await self._call(chat_id, body)
        except TurnStopped:
            self._presenter.failed(message, _COMMIT_S)  # the commit is under way; the last state comes next
        except RetryAfterError as error:
            self._budget.freeze(chat_id, self._now_s() + error.seconds)
            self._presenter.failed(message, error.seconds)
        except RefusedError as error:
            if error.says(*_UNCHANGED) or message.closing:  # it was the last one in any case
                await self._shown(message, None)
            else:
                log.info("live.refused", turn=turn_id, error=str(error))
                self._presenter.failed(message, None)
        except CallError as error:
            log.info("live.failed", turn=turn_id, error=str(error))
            # A second live message would be worse than none; and no message moves with its chat.
            lost = (isinstance(error, UnknownOutcomeError) and not body.is_edit) or isinstance(error, MigratedError)
            self._presenter.failed(message, None if lost else self._backoff(chat))
        else:
            chat.failures = 0
            sent = result.get("message_id") if isinstance(result, dict) and not body.is_edit else None
            await self._shown(message, sent)
        finally:
            self._budget.end()

    async def _shown(self, message: LiveMessage, sent: int | None) -> None:
        turn_id, first = message.turn_id, sent is not None
        last = self._presenter.sent(message, sent)
        if first or last:
            try:
                await self._set_live(turn_id, sent, not last)
            except StoreError as error:
                log.error("live.store_refused", turn=turn_id, error=str(error))  # noqa: TRY400
