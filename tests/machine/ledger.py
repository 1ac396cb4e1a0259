"""What is committed, commit by commit, as another program would read it; and a database that can refuse."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.domain.errors import StoreError
from orchestrator.domain.ids import RunId, SessionId, TopicKey, TurnId
from orchestrator.domain.requests import RequestState
from orchestrator.domain.states import SteerState, StopCause, TurnKind, TurnState
from storage.database import Database, Transaction
from tests.machine.host import Pulse

_TURNS = """
    SELECT id, chat_id, thread_id, state, held, cause, kind, parent_id, resumes_id, session_id, run_id, prompt,
        message_id, reply_to
    FROM turns ORDER BY id
"""
_REQUESTS = "SELECT id, turn_id, run_id, name, state, decision, by_name, letter_id FROM requests ORDER BY id"
_STEERS = "SELECT id, turn_id, run_id, chat_id, message_id, state FROM steers ORDER BY id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A turn as it is committed."""

    id: TurnId
    topic: TopicKey
    state: TurnState
    held: bool
    cause: StopCause | None
    kind: TurnKind
    parent_id: TurnId | None
    session_id: SessionId
    run_id: RunId | None
    prompt: str
    message_id: int | None
    reply_to: int | None
    resumes_id: TurnId | None

    @property
    def foreground(self) -> bool:
        """Whether it is of its topic's conversation."""
        return self.kind is TurnKind.FOREGROUND


Turns = Mapping[TurnId, Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A request as it is committed; `decision` as JSON."""

    id: int
    turn_id: TurnId
    run_id: RunId
    name: str
    state: RequestState
    decision: str
    by_name: str
    letter_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SteerRow:
    """What was said into a turn, as it is committed."""

    id: int
    turn_id: TurnId
    run_id: RunId
    chat_id: int
    message_id: int | None
    state: SteerState


@dataclass(frozen=True, slots=True)
class Talked:
    """All that was asked and said, by ids."""

    requests: Mapping[int, RequestRow] = field(default_factory=dict)
    steers: Mapping[int, SteerRow] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Letter:
    """An owed call as it is stored."""

    id: int
    turn_id: TurnId | None
    priority: str
    body: str
    state: str
    edits_id: int | None
    chat_id: int
    message_id: int | None

    @property
    def is_answer(self) -> bool:
        """Whether it brings what came of its turn."""
        if "It could not be resumed" in self.body:
            return True
        return self.priority == "answer" and '"text": "▶ Resumed' not in self.body


@dataclass(eq=False)
class Ledger:
    """Reads the file with a connection of its own. `changed` is told of each commit: before, after, and the updates
    that were handled by it."""

    path: Path
    changed: Callable[[Turns, Turns, set[int]], None] = lambda *_: None
    talked: Callable[[Talked, Talked, Turns, Turns], None] = lambda *_: None
    turns: Turns = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    talk: Talked = field(default_factory=Talked)
    _connection: sqlite3.Connection | None = None

    def close(self) -> None:
        """No more reading."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def refresh(self) -> None:
        """Look at what is committed now."""
        turns = {TurnId(row["id"]): _from_row(row) for row in self._rows(_TURNS)}
        done = {int(row["update_id"]) for row in self._rows("SELECT update_id FROM inbox WHERE state <> 'new'")}
        requests = {row["id"]: _request(row) for row in self._rows(_REQUESTS)}
        talk = Talked(requests, {row["id"]: _steer(row) for row in self._rows(_STEERS)})
        before, known, said = self.turns, self.done, self.talk
        self.turns, self.done, self.talk = turns, done, talk
        if turns != before or done != known:
            self.changed(before, turns, done - known)
        if turns != before or talk != said:
            self.talked(said, talk, before, turns)

    def letters(self) -> list[Letter]:
        """All that is or was owed."""
        rows = self._rows(
            "SELECT id, turn_id, priority, body, state, edits_id, chat_id, message_id FROM outbox ORDER BY id"
        )
        return [Letter(*row) for row in rows]

    def set_aside(self) -> list[int]:
        """Updates whose handling failed for good."""
        return [row["update_id"] for row in self._rows("SELECT update_id FROM inbox WHERE state = 'failed'")]

    def unhandled(self) -> list[int]:
        """Updates whose effect is not stored."""
        return [row["update_id"] for row in self._rows("SELECT update_id FROM inbox WHERE state = 'new'")]

    def _rows(self, sql: str) -> list[sqlite3.Row]:
        if self._connection is None:
            self._connection = sqlite3.connect(self.path, isolation_level=None)
            self._connection.row_factory = sqlite3.Row
        return list(self._connection.execute(sql))


def _from_row(row: sqlite3.Row) -> Row:
    return Row(
        id=TurnId(row["id"]),
        topic=TopicKey(row["chat_id"], row["thread_id"] or None),
        state=TurnState(row["state"]),
        held=bool(row["held"]),
        cause=StopCause(row["cause"]) if row["cause"] else None,
        kind=TurnKind(row["kind"]),
        parent_id=row["parent_id"],
        session_id=SessionId(row["session_id"]),
        run_id=row["run_id"],
        prompt=row["prompt"],
        message_id=row["message_id"],
        reply_to=row["reply_to"],
        resumes_id=row["resumes_id"],
    )


def _request(row: sqlite3.Row) -> RequestRow:
    return RequestRow(
        id=row["id"],
        turn_id=TurnId(row["turn_id"]),
        run_id=RunId(row["run_id"]),
        name=row["name"],
        state=RequestState(row["state"]),
        decision=row["decision"],
        by_name=row["by_name"],
        letter_id=row["letter_id"],
    )


def _steer(row: sqlite3.Row) -> SteerRow:
    return SteerRow(
        id=row["id"],
        turn_id=TurnId(row["turn_id"]),
        run_id=RunId(row["run_id"]),
        chat_id=row["chat_id"],
        message_id=row["message_id"],
        state=SteerState(row["state"]),
    )


@dataclass
class Disk:
    """Whether the database takes anything."""

    full: bool = False


class WatchedDatabase(Database):
    """The database of one life of the bot: it refuses when the disk is full, and each commit is looked at."""

    def __init__(self, path: Path, *, ledger: Ledger, disk: Disk, pulse: Pulse) -> None:
        super().__init__(path)
        self._ledger = ledger
        self._disk = disk
        self._pulse = pulse

    @asynccontextmanager
    async def transaction(self, *, urgent: bool = False) -> AsyncIterator[Transaction]:
        """A transaction, unless the disk is full; nothing is committed by a process that is gone."""
        self._check()
        async with super().transaction(urgent=urgent) as tx:
            self._check()
            yield tx
            self._check()
        self._ledger.refresh()

    def _check(self) -> None:
        self._pulse.check()
        if self._disk.full:
            raise StoreError("The disk is full.")
