"""A postman with all that he needs, against a scripted Bot API."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

from bot.budget import Budget
from bot.postman import Postman
from bot.presenter import Presenter
from orchestrator.domain.cancel_token import CancelTokens
from orchestrator.domain.errors import StoreError
from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.records import Letter, StoredLetter
from orchestrator.domain.states import LetterState, Priority
from storage.database import Database
from storage.outbox import Outbox
from storage.topics import migrate_chat
from tests.integration.bot_api_script import TOKEN, Impatient


class WatchedOutbox(Outbox):
    """An outbox that a test can wait for, and in which a stop can come between the mark and the call."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.on_begun: Callable[[], None] = lambda: None
        self.changed = anyio.Event()
        self.full = 0
        self._refused = anyio.Event()

    async def until_refused(self) -> None:
        """Wait until a letter could not be marked."""
        with anyio.fail_after(5):
            await self._refused.wait()

    async def begin(self, letter_id: int) -> bool:
        """Mark a letter, and let the stop come; the next `full` ones find no room on the disk."""
        if self.full:
            self.full -= 1
            self._refused.set()
            raise StoreError("no space left")
        begun = await super().begin(letter_id)
        self.on_begun()
        return begun

    async def give_up(self, letter_ids: Sequence[int], at: int) -> None:
        """Void letters, and tell; the next `full` times there is no room for it."""
        if self.full:
            self.full -= 1
            self._refused.set()
            raise StoreError("no space left")
        await super().give_up(letter_ids, at)
        self.changed.set()

    async def settle(
        self, letter_id: int, state: LetterState, at: int, *, message_id: int | None = None, error: str = ""
    ) -> None:
        """Record what became of a letter, and tell."""
        await super().settle(letter_id, state, at, message_id=message_id, error=error)
        self.changed.set()


class Generous(Budget):
    """A budget that knows nothing but silence that was asked for: for tests that are not about its limits."""

    def __init__(self) -> None:
        super().__init__(group_per_minute=20)
        self._frozen: dict[int, float] = {}

    def room(self, chat_id: int, now: float) -> int:
        """There is always room."""
        return 20

    def wait(self, chat_id: int, priority: Priority, now: float, *, of_live: bool = False) -> float:
        """How long a chat is still silent."""
        return max(0.0, self._frozen.get(chat_id, 0.0) - now)

    def freeze(self, chat_id: int, until: float) -> None:
        """A chat is silent until then."""
        self._frozen[chat_id] = until


@dataclass
class Office:
    """A postman with all that he needs, and what he told."""

    db: Database
    postman: Postman
    presenter: Presenter
    outbox: WatchedOutbox
    tokens: CancelTokens
    lost: list[tuple[TopicKey, str, str]] = field(default_factory=list)
    live: list[tuple[TurnId, int | None, bool]] = field(default_factory=list)
    migrated: list[tuple[int, int]] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)

    async def owes(self, *letters: Letter) -> list[StoredLetter]:
        """Letters are committed and handed over."""
        stored = list(await self.outbox.store(letters, 1))
        self.postman.put(stored)
        return stored

    async def states(self) -> list[str]:
        """What became of every letter."""
        return [row["state"] for row in await self.db.read("SELECT state FROM outbox ORDER BY id")]

    async def settles(self, *states: str, within_s: float = 10.0) -> None:
        """Wait until the letters are in these states."""
        with anyio.move_on_after(within_s):
            while True:
                self.outbox.changed = anyio.Event()
                if await self.states() == list(states):
                    return
                await self.outbox.changed.wait()
        assert await self.states() == list(states)


@asynccontextmanager
async def an_office(db: Database, api_url: str, *, budget: Budget | None = None) -> AsyncIterator[Office]:
    """A postman who is not serving yet."""
    presenter = Presenter(interval_s=0.1, now_s=time.monotonic, clock=lambda: 5_000, react=lambda *_: None)
    async with Impatient(token=TOKEN, api_url=api_url) as telegram:

        async def topic_lost(key: TopicKey, condition: str, description: str) -> None:
            office.lost.append((key, condition, description))

        async def set_live(turn_id: TurnId, message_id: int | None, is_open: bool) -> None:
            office.live.append((turn_id, message_id, is_open))

        async def migrated(old: int, new: int) -> None:
            office.migrated.append((old, new))
            async with db.transaction() as tx:
                await migrate_chat(tx, old, new)

        box, tokens = WatchedOutbox(db), CancelTokens()
        postman = Postman(
            telegram=telegram,
            outbox=box,
            budget=budget or Generous(),
            presenter=presenter,
            clock=lambda: 5_000,
            tokens=tokens,
            topic_lost=topic_lost,
            migrated=migrated,
            set_live=set_live,
            revoked=lambda: office.revoked.append("revoked"),
        )
        office = Office(db=db, postman=postman, presenter=presenter, outbox=box, tokens=tokens)
        yield office


@asynccontextmanager
async def serving(office: Office) -> AsyncIterator[None]:
    """The postman works."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(office.postman.serve)
        yield
        tasks.cancel_scope.cancel()
