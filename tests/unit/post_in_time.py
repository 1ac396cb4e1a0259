"""The real postman on a clock that a test moves, before a Telegram that is nothing but the flood model."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio

from bot.budget import Budget
from bot.letter_body import send_text
from bot.postman import Postman
from bot.presenter import Presenter
from bot.render import builder as b
from bot.sandbox.flood import Flood, FloodPolicy
from bot.sandbox.model import Chat, ChatKind
from bot.telegram import Params, RetryAfterError, Telegram
from orchestrator.domain.agent_events import TextSaid
from orchestrator.domain.cancel_token import CancelTokens
from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.records import Letter, SentSince, StoredLetter
from orchestrator.domain.states import LetterState, Priority
from tests.builders import a_turn
from tests.machine.virtual_loop import VirtualLoop

EXACT = FloodPolicy(slack_s=0.0)


class Ledger:
    """An outbox in memory: what became of each letter, and when."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self.settled: dict[int, tuple[LetterState, float]] = {}
        self.message_ids: dict[int, int] = {}

    async def owed(self) -> Sequence[StoredLetter]:
        """Nothing of an earlier life."""
        return []

    async def sent_since(self, since: int) -> Mapping[int, SentSince]:
        """The same."""
        return {}

    async def stops_told(self, after: int) -> Mapping[int, int]:
        """The same."""
        return {}

    async def begin(self, letter_id: int) -> bool:
        """Nothing is void."""
        return True

    async def settle(
        self, letter_id: int, state: LetterState, at: int, *, message_id: int | None = None, error: str = ""
    ) -> None:
        """Note it."""
        self.settled[letter_id] = (state, self._now_s())
        if message_id is not None:
            self.message_ids[letter_id] = message_id

    async def rewrite(self, letter_id: int, body: str) -> None:
        """Nothing is refused here."""

    async def become(self, letter_id: int, bodies: Sequence[str], fact: str) -> Sequence[StoredLetter]:
        """The same."""
        return ()

    async def give_up(self, letter_ids: Sequence[int], at: int) -> None:
        """Note it."""
        self.settled |= {each: (LetterState.VOID, self._now_s()) for each in letter_ids}

    async def message_of(self, letter_id: int) -> int | None:
        """What a letter became."""
        return self.message_ids.get(letter_id)

    async def silence(self, chat_id: int, until: int, now: int) -> None:
        """There is no later life."""

    async def silences(self, now: int) -> Mapping[int, int]:
        """The same."""
        return {}


async def _pass(seconds: float) -> None:
    """Let virtual time go by."""
    with anyio.move_on_after(seconds):
        await anyio.Event().wait()


class FloodedTelegram(Telegram):
    """Counts each call somewhere within its latency, as the flood model does, and keeps what passed.

    `stricter` chats refuse what comes within so many seconds of the call before, whatever is documented.
    """

    def __init__(self, now_s: Callable[[], float], latencies: Sequence[tuple[float, float]]) -> None:
        super().__init__(token="1:timed", api_url="http://nowhere.invalid")
        self._now_s = now_s
        self._latencies = itertools.cycle(latencies or [(0.0, 0.0)])
        self._ids = itertools.count(900)
        self._last: dict[int, float] = {}
        self.flood = Flood(EXACT, monotonic=now_s)
        self.stricter: dict[int, float] = {}
        self.seen: list[tuple[float, str, dict[str, Any]]] = []
        self.refused: list[tuple[float, int]] = []

    async def call(
        self,
        method: str,
        params: Params | None = None,
        *,
        timeout_s: float = 30.0,
        upload: tuple[str, str, bytes] | None = None,
    ) -> Any:
        """One call."""
        found = dict(params or {})
        chat_id = int(found["chat_id"])
        there, back = next(self._latencies)
        await _pass(there)
        kind = ChatKind.SUPERGROUP if chat_id < 0 else ChatKind.PRIVATE
        retry_after = self.flood.spend(Chat(id=chat_id, kind=kind, title="", members={}))
        least = self.stricter.get(chat_id, 0.0)
        if retry_after is None and self._now_s() - self._last.get(chat_id, 0.0) < least:
            retry_after = 5
        if retry_after is not None:
            self.refused.append((self._now_s(), chat_id))
            raise RetryAfterError(float(retry_after))
        self._last[chat_id] = self._now_s()
        self.seen.append((self._now_s(), method, found))
        await _pass(back)
        return {"message_id": next(self._ids), "date": 1}


@dataclass
class TimedPost:
    """A postman at work. `lives` are the turns that stream: each has news twice a second."""

    loop: VirtualLoop
    telegram: FloodedTelegram
    ledger: Ledger
    postman: Postman
    presenter: Presenter
    lives: list[LiveTurn] = field(default_factory=list)
    live_ids: dict[TurnId, int] = field(default_factory=dict)
    put_at: dict[int, float] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def stream(self, topic: TopicKey) -> LiveTurn:
        """A turn begins to work in a topic, and goes on."""
        number = next(self._numbers)
        live = LiveTurn(turn=a_turn(id=TurnId(number), topic=topic, started_at=1), agent="demo")
        self._do(lambda: self.presenter.opened(live))
        self.lives.append(live)
        return live

    def owe(self, topic: TopicKey, priority: Priority, count: int = 1) -> list[int]:
        """Letters are owed from now on: the parts of an answer, or one notice; their ids."""
        stored = []
        for nth in range(count):
            number = next(self._numbers)
            body = send_text(topic, b.message(f"{priority} {number}, part {nth}"))
            letter = Letter(topic=topic, priority=priority, body=body.to_json())
            stored.append(
                StoredLetter(id=number, letter=letter, state=LetterState.STORED, attempts=0, created_at=number)
            )
            self.put_at[number] = self.loop.time()
        self._do(lambda: self.postman.put(stored))
        return [each.id for each in stored]

    def run(self, seconds: float) -> None:
        """Let time go by."""
        for _ in range(int(seconds * 2)):
            for live in self.lives:
                news = f"at {self.loop.time():.1f} "
                live.progress.take(TextSaid(delta=news), int(self.loop.time() * 1000))
                self.loop.call_soon(self.presenter.changed, live.turn.id)
            self.loop.run_for(0.5)

    def _do(self, what: Callable[[], None]) -> None:
        """Now, on the loop."""
        self.loop.call_soon(what)
        self.loop.run_for(0)

    def delay_of(self, letters: Sequence[int]) -> float:
        """From the moment when an answer was owed until its last part was there; fails if one is not."""
        states = [self.ledger.settled[each] for each in letters]
        assert {state for state, _ in states} == {LetterState.SENT}
        return max(at for _, at in states) - self.put_at[letters[0]]

    def shown(self, live: LiveTurn) -> list[float]:
        """When a turn's live message was edited."""
        message_id = self.live_ids[live.turn.id]
        return [at for at, _, params in self.telegram.seen if params.get("message_id") == message_id]


@contextmanager
def timed_post(latencies: Sequence[tuple[float, float]] = ()) -> Iterator[TimedPost]:
    """A postman who serves."""
    loop = VirtualLoop()
    telegram, ledger = FloodedTelegram(loop.time, latencies), Ledger(loop.time)
    presenter = Presenter(interval_s=3.0, now_s=loop.time, clock=lambda: int(loop.time() * 1000), react=lambda *_: None)
    budget, live_ids = Budget(group_per_minute=20), dict[TurnId, int]()

    async def set_live(turn_id: TurnId, message_id: int | None, is_open: bool) -> None:
        if message_id is not None:
            live_ids[turn_id] = message_id

    postman = Postman(
        telegram=telegram,
        outbox=ledger,
        budget=budget,
        presenter=presenter,
        clock=lambda: int(loop.time() * 1000),
        now_s=loop.time,
        tokens=CancelTokens(),
        topic_lost=_unexpected,
        migrated=_unexpected,
        set_live=set_live,
        revoked=lambda: None,
    )
    serving = loop.create_task(postman.serve())
    loop.run_for(0)
    try:
        yield TimedPost(
            loop=loop, telegram=telegram, ledger=ledger, postman=postman, presenter=presenter, live_ids=live_ids
        )
    finally:
        serving.cancel()
        loop.run_for(0)
        loop.close()


async def _unexpected(*_: object) -> None:
    raise AssertionError("nothing of the kind happens here")
