"""The postman: the only one who sends messages. One worker a chat, one budget for all.

He decides what goes next in a chat, a letter or a live message, and when; `bot.courier` carries the one,
`bot.live_showing` shows the other. A chat that Telegram silenced, or that can't be reached, waits alone.
"""

import time
from collections.abc import Awaitable, Callable, Sequence

import anyio
import structlog
from anyio.abc import TaskGroup

from bot.budget import Budget
from bot.chat_queue import RANK, ChatQueue, is_stop_notice
from bot.courier import Courier, OutboxStore
from bot.letter_body import Body
from bot.live_showing import Showing
from bot.message_calls import MessageCalls
from bot.presenter import LiveMessage, Presenter
from bot.rich_latch import RichLatch
from bot.telegram import Telegram
from orchestrator.domain.cancel_token import CancelTokens
from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.ports import Clock
from orchestrator.domain.records import StoredLetter
from orchestrator.domain.states import LetterState, Priority

log = structlog.get_logger()

_MINUTE_MS = 60_000
_LOOK_AGAIN_S = 1.0
_IN_THE_WAY_S = 0.5


async def _nothing_else(_: int) -> None:
    """Nothing but messages is under way to any chat."""


class Postman:
    """Sends letters and live messages. `serve` owns all of it.

    `topic_lost` is told of topics that are closed or gone, `migrated` of groups that became
    supergroups, `set_live` remembers a live message, `revoked` ends the bot; `hush` waits until nothing is
    under way to a chat that a message has to come after. `now_s` is monotonic, `clock` is UTC epoch
    milliseconds.
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
        hush: Callable[[int], Awaitable[None]] = _nothing_else,
        now_s: Callable[[], float] = time.monotonic,
        latch: RichLatch | None = None,
    ) -> None:
        self._outbox = outbox
        self._budget = budget
        self._presenter = presenter
        self._clock = clock
        self._now_s = now_s
        calls = MessageCalls(telegram=telegram, budget=budget, silences=outbox, clock=clock, now_s=now_s, hush=hush)
        self._courier = Courier(
            calls=calls,
            outbox=outbox,
            clock=clock,
            now_s=now_s,
            tokens=tokens,
            put=self.put,
            adopt=presenter.adopt,
            topic_lost=topic_lost,
            migrated=migrated,
            revoked=revoked,
            latch=latch or RichLatch(),
        )
        self._showing = Showing(
            calls=calls,
            presenter=presenter,
            tokens=tokens,
            set_live=set_live,
            topic_lost=topic_lost,
            migrated=migrated,
        )
        self._chats: dict[int, ChatQueue] = {}
        self._tasks: TaskGroup | None = None
        self._settled = anyio.Event()
        presenter.wake = self._wake

    def put(self, letters: Sequence[StoredLetter]) -> None:
        """Letters were committed: send them when the budget allows."""
        for letter in letters:
            chat_id = letter.letter.topic.chat_id
            self._chats.setdefault(chat_id, ChatQueue()).add(letter)
            self._wake(chat_id)

    async def drained(self) -> None:
        """Wait until nothing is owed that could be sent."""
        while any(chat.letters or chat.sending for chat in self._chats.values()):
            self._settled = anyio.Event()
            await self._settled.wait()

    async def load(self) -> None:
        """Take over what an earlier life of the bot still owed, sent of late, and was told not to."""
        now_s, now_ms = self._now_s(), self._clock()
        for chat_id, sent in (await self._outbox.sent_since(now_ms - _MINUTE_MS)).items():
            ended = [now_s - max(0, now_ms - at) / 1000 for at in sent.ended]
            live_for = None if sent.live_from is None else max(0, now_ms - sent.live_from) / 1000
            self._budget.remember(chat_id, ended, live_for_s=live_for, live_steps=sent.live_steps, now=now_s)
        for chat_id, until in (await self._outbox.silences(now_ms)).items():
            self._budget.freeze(chat_id, now_s + (until - now_ms) / 1000)
        owed = await self._outbox.owed()
        fleeting = [each.id for each in owed if Body.from_json(each.letter.body).fleeting]
        told = await self._outbox.stops_told(min(fleeting)) if fleeting else {}
        for letter in owed:
            if letter.id in fleeting and letter.id < told.get(letter.letter.topic.chat_id, 0):
                self._chats.setdefault(letter.letter.topic.chat_id, ChatQueue()).dropped.append(letter)
                continue
            if letter.state is LetterState.SENDING:
                # Telegram may have had it just now.
                self._budget.spend(letter.letter.topic.chat_id, now_s)
                await self._courier.cut_off(letter)
            if letter.state in (LetterState.SENDING, LetterState.UNKNOWN):
                letter = await self._courier.mark_again(letter)
            self.put([letter])
        if owed:
            log.info("outbox.loaded", owed=len(owed))

    async def serve(self) -> None:
        """Send until cancelled."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            try:
                for chat_id in list(self._chats):
                    self._wake(chat_id)
                await anyio.sleep_forever()
            finally:
                self._tasks = None

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
                if letter is not None and due is not None and self._is_in_the_way(due, chat_id, letter, now):
                    self._presenter.give_up(due[1])
                    continue
                if await self._gave_up(chat_id, chat, letter, now):
                    continue
                if letter is None and due is None and not chat.letters and not chat.dropped:
                    return
                message, delay = self._choose(chat_id, chat, letter, due, now)
                if delay > 0 and chat.dropped:
                    delay = min(delay, chat.paused_until - now)
                if delay > 0:
                    with anyio.move_on_after(delay):
                        await chat.woken.wait()
                elif message is not None:
                    await self._showing.show(chat_id, chat, message)
                elif letter is not None:
                    chat.sending = True
                    await self._courier.carry(chat_id, chat, letter)
                    chat.sending = False
                    self._settled.set()
        finally:
            chat.working = False

    async def _gave_up(self, chat_id: int, chat: ChatQueue, letter: StoredLetter | None, now: float) -> bool:
        """Drop the letter if the notice of a stop would have to wait for more than the usual second because of it,
        and record what is dropped. Whether that changed anything."""
        late = (
            letter is not None
            and chat.is_fleeting(letter)
            and chat.notice_behind(letter)
            and self._budget.room(chat_id, now) < 2
        )
        if letter is not None and late:
            chat.drop(letter)
        if not chat.dropped or chat.paused_until > now:
            return late
        await self._courier.give_up(chat)
        self._settled.set()
        return True

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
            if letter is None or self._goes_before(message, at, letter, now):
                delay = max(at - now, self._budget.wait(chat_id, self._presenter.priority(message), now, of_live=True))
                retry = chat.next_retry(now)
                return message, delay if retry is None or letter is not None else min(delay, max(retry, 0.01))
        if letter is None:
            return None, chat.next_retry(now) or _LOOK_AGAIN_S
        delay = max(self._budget.wait(chat_id, letter.letter.priority, now), chat.paused_until - now)
        return None, delay

    def _goes_before(self, message: LiveMessage, at: float, letter: StoredLetter, now: float) -> bool:
        """Whether a live message goes before a letter.

        The last state of a stopped turn goes before the notice that it is stopped: after that notice
        nothing of the turn may move any more. Otherwise by priority; of the same, what somebody asked for
        does not wait behind the first messages of many turns that began at once.
        """
        if message.final is not None and message.urgent:
            return True
        return at <= now and RANK[self._presenter.priority(message)] < RANK[letter.letter.priority]

    def _is_in_the_way(self, due: tuple[float, LiveMessage], chat_id: int, letter: StoredLetter, now: float) -> bool:
        """Whether a last state that could not be shown, and would be tried again, holds up the notice of a stop."""
        at, message = due
        if message.final is None or not message.urgent or not is_stop_notice(letter):
            return False
        return at - now > self._budget.wait(chat_id, Priority.URGENT, now) + _IN_THE_WAY_S
