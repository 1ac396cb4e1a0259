"""Turns and their history."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict

from orchestrator.domain.ids import RunId, SessionId, TopicKey, TurnId, UserId
from orchestrator.domain.machine import TurnEvent, next_state
from orchestrator.domain.records import FileRef, NewTurn, Turn
from orchestrator.domain.states import TERMINAL_STATES, Owed, StopCause, TakenUp, TurnKind, TurnState
from storage.database import Database, Transaction, Value
from storage.topics import thread_column, topic_key

_UNFINISHED = "('queued', 'starting', 'running', 'waiting', 'stopping')"
_ADD = """
    INSERT INTO turns (session_id, chat_id, thread_id, kind, parent_id, prompt, message_id, reply_to, sender_id,
        sender_name, resumes_id, taken_up, attempts, afresh, by_agent, files, created_at, several)
    VALUES (:session_id, :chat_id, :thread_id, :kind, :parent_id, :prompt, :message_id, :reply_to, :sender_id,
        :sender_name, :resumes_id, :taken_up, :attempts, :afresh, :by_agent, :files, :at,
        EXISTS (SELECT 1 FROM turns other WHERE other.chat_id = :chat_id AND other.thread_id = :thread_id
            AND other.sender_id IS NOT NULL AND other.sender_id IS NOT :sender_id))
    ON CONFLICT (chat_id, message_id) DO NOTHING RETURNING *
"""
_GET = "SELECT * FROM turns WHERE id = :id"
_MOVE = """
    UPDATE turns SET state = :to, cause = coalesce(:cause, cause),
        started_at = CASE WHEN :to = 'starting' THEN :at ELSE started_at END,
        ended_at = CASE WHEN :ended THEN :at ELSE NULL END
    WHERE id = :id AND state = :from RETURNING *
"""
_HISTORY = """
    INSERT INTO turn_history (turn_id, at, from_state, event, to_state, why)
    VALUES (:id, :at, :from, :event, :to, :why)
"""
_SET_RUN = "UPDATE turns SET run_id = :run_id WHERE id = :id"
_SET_ANSWER = "UPDATE turns SET answer = :answer, error = :error WHERE id = :id"
_HOLD = """
    UPDATE turns SET held = :held
    WHERE chat_id = :chat_id AND thread_id = :thread_id AND state = 'queued' AND kind = 'foreground' AND held <> :held
"""
_HOLD_ONE = "UPDATE turns SET held = 1 WHERE id = :id AND state = 'queued'"
_SET_LIVE = """
    UPDATE turns SET live_message_id = coalesce(:message_id, live_message_id), live_open = :open WHERE id = :id
"""
_UNFINISHED_ALL = f"SELECT * FROM turns WHERE state IN {_UNFINISHED} ORDER BY id"
_UNFINISHED_OF_CHAT = f"SELECT * FROM turns WHERE chat_id = :chat_id AND state IN {_UNFINISHED} ORDER BY id"
_LIVE_LEFT_OPEN = f"SELECT * FROM turns WHERE live_open = 1 AND state NOT IN {_UNFINISHED} ORDER BY id"
_OF_RUN = "SELECT * FROM turns WHERE run_id = :run_id ORDER BY id"
_TASKS = """
    SELECT * FROM turns WHERE chat_id = :chat_id AND kind = 'task' AND unlisted = 0
    ORDER BY ended_at IS NOT NULL, id DESC LIMIT :limit
"""
_LAST_OF_SESSION = "SELECT * FROM turns WHERE session_id = :session_id ORDER BY id DESC LIMIT 1"
_LAST_PROMPT = """
    SELECT * FROM turns WHERE chat_id = :chat_id AND thread_id = :thread_id AND kind = 'foreground'
    AND resumes_id IS NULL AND by_agent = 0 AND state <> 'queued' ORDER BY id DESC LIMIT 1
"""
_LAST_LOST = """
    SELECT * FROM turns WHERE chat_id = :chat_id AND thread_id = :thread_id AND state = 'lost'
        AND NOT EXISTS (SELECT 1 FROM turns again WHERE again.resumes_id = turns.id) ORDER BY id DESC LIMIT 1
"""
_OF_MESSAGE = "SELECT 1 FROM turns WHERE chat_id = :chat_id AND message_id = :message_id"
_BEGINS_AFRESH = "UPDATE turns SET afresh = 1 WHERE id = :id"
_OWE = "UPDATE turns SET owed = :owed WHERE id = :id"
_OWED = "SELECT * FROM turns WHERE owed <> '' ORDER BY id"
_RETURNED = "SELECT count(*) AS times FROM turn_history WHERE turn_id = :id AND event = 'returned'"
_GIVEN_AT = "SELECT max(at) AS at FROM turn_history WHERE turn_id = :id AND event = 'given'"
_RESUMED = "SELECT 1 FROM turns WHERE resumes_id = :id"
_HISTORY_OF = "SELECT at, from_state, event, to_state, why FROM turn_history WHERE turn_id = :id ORDER BY rowid"


async def add(tx: Transaction, turn: NewTurn, at: int) -> Turn | None:
    """Store a queued turn. None if its message has a turn already (`UNIQUE (chat_id, message_id)`)."""
    row = await tx.row(
        _ADD,
        {
            "session_id": turn.session_id,
            "chat_id": turn.topic.chat_id,
            "thread_id": thread_column(turn.topic),
            "kind": turn.kind,
            "parent_id": turn.parent_id,
            "prompt": turn.prompt,
            "message_id": turn.message_id,
            "reply_to": turn.reply_to,
            "sender_id": turn.sender_id,
            "sender_name": turn.sender_name,
            "resumes_id": turn.resumes_id,
            "taken_up": turn.taken_up or "",
            "attempts": turn.attempts,
            "afresh": int(turn.afresh),
            "by_agent": int(turn.by_agent),
            "files": json.dumps([asdict(file) for file in turn.files], ensure_ascii=False),
            "at": at,
        },
    )
    return None if row is None else _from_row(row)


async def get(tx: Transaction, turn_id: TurnId) -> Turn | None:
    """One turn."""
    row = await tx.row(_GET, {"id": turn_id})
    return None if row is None else _from_row(row)


async def move(
    tx: Transaction, turn: Turn, event: TurnEvent, at: int, *, why: str = "", cause: StopCause | None = None
) -> Turn | None:
    """Take a turn along one transition, with its history row; the turn as it is now.

    None if the stored state is not `turn.state` any more: somebody else moved it, nothing was done.
    Raises ImpossibleEvent where the table has no such transition.
    """
    target = next_state(turn.state, event, f"turn {turn.id}")
    params: dict[str, Value] = {
        "id": turn.id,
        "at": at,
        "from": turn.state,
        "to": target,
        "event": event,
        "why": why,
    }
    row = await tx.row(_MOVE, {**params, "cause": cause, "ended": target in TERMINAL_STATES})
    if row is None:
        return None
    await tx.execute(_HISTORY, params)
    return _from_row(row)


async def set_run(tx: Transaction, turn_id: TurnId, run_id: RunId | None) -> None:
    """Say which run serves a turn."""
    await tx.execute(_SET_RUN, {"id": turn_id, "run_id": run_id})


async def take_over_message(tx: Transaction, turn_id: TurnId, message_id: int) -> None:
    """A message that was sent for a turn becomes its live message."""
    await tx.execute(_SET_LIVE, {"id": turn_id, "message_id": message_id, "open": 1})


async def set_answer(tx: Transaction, turn_id: TurnId, *, answer: str, error: str) -> None:
    """Store what came of a turn."""
    await tx.execute(_SET_ANSWER, {"id": turn_id, "answer": answer, "error": error})


async def hold(tx: Transaction, key: TopicKey, *, held: bool) -> int:
    """Let a topic's queue rest, or no longer; how many turns that concerned."""
    return await tx.execute(_HOLD, {"chat_id": key.chat_id, "thread_id": thread_column(key), "held": int(held)})


async def hold_one(tx: Transaction, turn_id: TurnId) -> None:
    """Let one waiting turn rest."""
    await tx.execute(_HOLD_ONE, {"id": turn_id})


async def last_prompt(tx: Transaction, key: TopicKey) -> Turn | None:
    """The last turn of a topic's conversation that a person asked for and that began."""
    row = await tx.row(_LAST_PROMPT, {"chat_id": key.chat_id, "thread_id": thread_column(key)})
    return None if row is None else _from_row(row)


async def of_message(tx: Transaction, chat_id: int, message_id: int | None) -> bool:
    """Whether a message is a turn's prompt."""
    return await tx.row(_OF_MESSAGE, {"chat_id": chat_id, "message_id": message_id}) is not None


async def last_of(tx: Transaction, session_id: SessionId) -> Turn | None:
    """The newest turn of a session."""
    row = await tx.row(_LAST_OF_SESSION, {"session_id": session_id})
    return None if row is None else _from_row(row)


async def resumed(tx: Transaction, turn_id: TurnId) -> bool:
    """Whether a turn was taken up again by another."""
    return await tx.row(_RESUMED, {"id": turn_id}) is not None


async def begins_afresh(tx: Transaction, turn_id: TurnId) -> None:
    """A turn's agent does not go on with its old session."""
    await tx.execute(_BEGINS_AFRESH, {"id": turn_id})


async def owe(tx: Transaction, turn_id: TurnId, what: Owed | None) -> None:
    """Remember what a lost turn still needs, or that it needs nothing any more."""
    await tx.execute(_OWE, {"id": turn_id, "owed": what or ""})


async def times_returned(tx: Transaction, turn_id: TurnId) -> int:
    """How often a turn came back from a run that never got its prompt."""
    row = await tx.row(_RETURNED, {"id": turn_id})
    return 0 if row is None else int(row["times"])


async def given_at(tx: Transaction, turn_id: TurnId) -> int | None:
    """When an agent got the turn's prompt last."""
    row = await tx.row(_GIVEN_AT, {"id": turn_id})
    return None if row is None else row["at"]


class Turns:
    """Turns as they are read."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, turn_id: TurnId) -> Turn | None:
        """One turn."""
        row = await self._db.read_one(_GET, {"id": turn_id})
        return None if row is None else _from_row(row)

    async def unfinished(self, chat_id: int | None = None) -> Sequence[Turn]:
        """Turns that are not in a terminal state, of one chat or of all, oldest first."""
        if chat_id is None:
            return [_from_row(row) for row in await self._db.read(_UNFINISHED_ALL)]
        return [_from_row(row) for row in await self._db.read(_UNFINISHED_OF_CHAT, {"chat_id": chat_id})]

    async def owed(self) -> Sequence[tuple[Turn, Owed]]:
        """Lost turns that still need something, with what, oldest first."""
        return [(_from_row(row), Owed(row["owed"])) for row in await self._db.read(_OWED)]

    async def live_left_open(self) -> Sequence[Turn]:
        """Ended turns whose live message still looks as if they worked."""
        return [_from_row(row) for row in await self._db.read(_LIVE_LEFT_OPEN)]

    async def of_run(self, run_id: RunId) -> Sequence[Turn]:
        """The turns that a run served, in order."""
        return [_from_row(row) for row in await self._db.read(_OF_RUN, {"run_id": run_id})]

    async def tasks(self, chat_id: int, limit: int = 60) -> Sequence[Turn]:
        """A chat's tasks, the unfinished first, then the newest."""
        return [_from_row(row) for row in await self._db.read(_TASKS, {"chat_id": chat_id, "limit": limit})]

    async def last_of_session(self, session_id: SessionId) -> Turn | None:
        """The newest turn of a session."""
        row = await self._db.read_one(_LAST_OF_SESSION, {"session_id": session_id})
        return None if row is None else _from_row(row)

    async def last_lost(self, key: TopicKey) -> Turn | None:
        """The newest turn of a topic that was lost and not taken up again."""
        row = await self._db.read_one(_LAST_LOST, {"chat_id": key.chat_id, "thread_id": thread_column(key)})
        return None if row is None else _from_row(row)

    async def history(self, turn_id: TurnId) -> Sequence[tuple[int, str, str, str, str]]:
        """(time, from, event, to, why) of each transition, in order."""
        return [
            (row["at"], row["from_state"], row["event"], row["to_state"], row["why"])
            for row in await self._db.read(_HISTORY_OF, {"id": turn_id})
        ]

    async def set_live(self, turn_id: TurnId, message_id: int | None, *, is_open: bool) -> None:
        """Remember a turn's live message, and whether it still looks as if the turn worked."""
        async with self._db.transaction() as tx:
            await tx.execute(_SET_LIVE, {"id": turn_id, "message_id": message_id, "open": int(is_open)})


def _from_row(row: sqlite3.Row) -> Turn:
    return Turn(
        id=TurnId(row["id"]),
        session_id=SessionId(row["session_id"]),
        topic=topic_key(row["chat_id"], row["thread_id"]),
        kind=TurnKind(row["kind"]),
        parent_id=None if row["parent_id"] is None else TurnId(row["parent_id"]),
        state=TurnState(row["state"]),
        held=bool(row["held"]),
        cause=StopCause(row["cause"]) if row["cause"] else None,
        prompt=row["prompt"],
        message_id=row["message_id"],
        reply_to=row["reply_to"],
        sender_id=None if row["sender_id"] is None else UserId(row["sender_id"]),
        sender_name=row["sender_name"],
        run_id=None if row["run_id"] is None else RunId(row["run_id"]),
        resumes_id=None if row["resumes_id"] is None else TurnId(row["resumes_id"]),
        created_at=row["created_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        answer=row["answer"],
        error=row["error"],
        live_message_id=row["live_message_id"],
        live_open=bool(row["live_open"]),
        taken_up=TakenUp(row["taken_up"]) if row["taken_up"] else None,
        attempts=row["attempts"],
        afresh=bool(row["afresh"]),
        by_agent=bool(row["by_agent"]),
        files=tuple(FileRef(**file) for file in json.loads(row["files"])),
        several=bool(row["several"]),
        position=row["position"],
        unlisted=bool(row["unlisted"]),
    )
