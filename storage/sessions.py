"""Sessions: conversations with agents."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, replace

from orchestrator.domain.ids import SessionId, TopicKey
from orchestrator.domain.records import Session, SessionRule
from orchestrator.domain.states import Mode, TurnKind
from storage.database import Database, Transaction
from storage.topics import thread_column, topic_key

_ADD = """
    INSERT INTO sessions (chat_id, thread_id, kind, name, agent, directory, model, mode, cli_session_id, begun,
        fork, created_at, used_at)
    VALUES (:chat_id, :thread_id, :kind, :name, :agent, :directory, :model, :mode, :cli_session_id, :begun,
        :fork, :created_at, :used_at)
"""
_GET = "SELECT * FROM sessions WHERE id = :id AND deleted_at IS NULL"
_OF_TOPIC = """
    SELECT * FROM sessions WHERE chat_id = :chat_id AND thread_id = :thread_id AND kind = 'foreground'
        AND deleted_at IS NULL ORDER BY used_at DESC, id DESC LIMIT :limit
"""
_OF_CHAT = """
    SELECT * FROM sessions WHERE chat_id = :chat_id AND kind = 'foreground' AND deleted_at IS NULL
    ORDER BY used_at DESC, id DESC LIMIT :limit
"""
_WITH_CLI_ID = """
    SELECT * FROM sessions WHERE cli_session_id = :cli_session_id AND agent = :agent AND deleted_at IS NULL ORDER BY id
"""
_BEGUN = "UPDATE sessions SET begun = 1, fork = 0, cli_session_id = :cli_session_id WHERE id = :id"
_FORGET = "UPDATE sessions SET begun = 0, fork = 0, cli_session_id = :cli_session_id WHERE id = :id"
_USE = "UPDATE sessions SET used_at = :at WHERE id = :id"
_SET_RULES = "UPDATE sessions SET rules = :rules WHERE id = :id"
_GET_ANY = "SELECT * FROM sessions WHERE id = :id"
_NAMED = """
    SELECT * FROM sessions WHERE chat_id = :chat_id AND thread_id = :thread_id AND name <> '' AND deleted_at IS NULL
"""
_NAME = "UPDATE sessions SET name = :name WHERE id = :id"
_DELETE = "UPDATE sessions SET deleted_at = :at WHERE id = :id AND deleted_at IS NULL"
_CONVERSE = "UPDATE sessions SET kind = 'foreground' WHERE id = :id"
_SET = "UPDATE sessions SET model = :model, mode = :mode WHERE id = :id"


async def add(tx: Transaction, session: Session) -> Session:
    """Store a new session; it comes back with its id."""
    number = await tx.insert(
        _ADD,
        {
            "chat_id": session.topic.chat_id,
            "thread_id": thread_column(session.topic),
            "kind": session.kind,
            "name": session.name,
            "agent": session.agent,
            "directory": session.directory,
            "model": session.model,
            "mode": session.mode,
            "cli_session_id": session.cli_session_id,
            "begun": int(session.begun),
            "fork": int(session.fork),
            "created_at": session.created_at,
            "used_at": session.used_at,
        },
    )
    return replace(session, id=SessionId(number))


async def get(tx: Transaction, session_id: SessionId) -> Session | None:
    """A session, unless it was deleted."""
    row = await tx.row(_GET, {"id": session_id})
    return None if row is None else _from_row(row)


async def with_cli_id(tx: Transaction, agent: str, cli_session_id: str) -> Sequence[Session]:
    """The sessions that an agent knows by an id, oldest first."""
    rows = await tx.rows(_WITH_CLI_ID, {"agent": agent, "cli_session_id": cli_session_id})
    return [_from_row(row) for row in rows]


async def begun(tx: Transaction, session_id: SessionId, cli_session_id: str) -> None:
    """The CLI knows the session now, under this id."""
    await tx.execute(_BEGUN, {"id": session_id, "cli_session_id": cli_session_id})


async def forget(tx: Transaction, session_id: SessionId, new_cli_session_id: str) -> None:
    """The CLI does not know the session any more: it starts afresh under a new id."""
    await tx.execute(_FORGET, {"id": session_id, "cli_session_id": new_cli_session_id})


async def use(tx: Transaction, session_id: SessionId, at: int) -> None:
    """The session was worked with."""
    await tx.execute(_USE, {"id": session_id, "at": at})


async def adjust(tx: Transaction, session_id: SessionId, *, model: str, mode: Mode) -> None:
    """Another model or mode from the next turn on."""
    await tx.execute(_SET, {"id": session_id, "model": model, "mode": mode})


async def set_rules(tx: Transaction, session_id: SessionId, rules: Sequence[SessionRule]) -> None:
    """What is allowed for the rest of the session from now on."""
    text = json.dumps([asdict(rule) for rule in rules], ensure_ascii=False)
    await tx.execute(_SET_RULES, {"id": session_id, "rules": text})


async def with_name(tx: Transaction, key: TopicKey, name: str) -> Session | None:
    """A topic's session by its name, whatever its case."""
    rows = await tx.rows(_NAMED, {"chat_id": key.chat_id, "thread_id": thread_column(key)})
    return next((_from_row(row) for row in rows if row["name"].casefold() == name.casefold()), None)


async def set_name(tx: Transaction, session_id: SessionId, name: str) -> None:
    """Call a session something."""
    await tx.execute(_NAME, {"id": session_id, "name": name})


async def delete(tx: Transaction, session_id: SessionId, at: int) -> None:
    """Forget a session; its row stays until its turns are forgotten too."""
    await tx.execute(_DELETE, {"id": session_id, "at": at})


async def converse(tx: Transaction, session_id: SessionId) -> None:
    """A task's session becomes one of its topic's conversation."""
    await tx.execute(_CONVERSE, {"id": session_id})


class Sessions:
    """Sessions as lists."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, session_id: SessionId) -> Session | None:
        """A session, unless it was deleted."""
        row = await self._db.read_one(_GET, {"id": session_id})
        return None if row is None else _from_row(row)

    async def even_deleted(self, session_id: SessionId) -> Session | None:
        """A session, deleted or not: what is left of it may have to be ended."""
        row = await self._db.read_one(_GET_ANY, {"id": session_id})
        return None if row is None else _from_row(row)

    async def with_name(self, key: TopicKey, name: str) -> Session | None:
        """A topic's session by its name, whatever its case."""
        rows = await self._db.read(_NAMED, {"chat_id": key.chat_id, "thread_id": thread_column(key)})
        return next((_from_row(row) for row in rows if row["name"].casefold() == name.casefold()), None)

    async def of_topic(self, key: TopicKey, limit: int = 50) -> Sequence[Session]:
        """A topic's sessions, the last used first."""
        rows = await self._db.read(_OF_TOPIC, {"chat_id": key.chat_id, "thread_id": thread_column(key), "limit": limit})
        return [_from_row(row) for row in rows]

    async def of_chat(self, chat_id: int, limit: int = 50) -> Sequence[Session]:
        """A chat's sessions, the last used first."""
        return [_from_row(row) for row in await self._db.read(_OF_CHAT, {"chat_id": chat_id, "limit": limit})]


def _from_row(row: sqlite3.Row) -> Session:
    return Session(
        id=SessionId(row["id"]),
        topic=topic_key(row["chat_id"], row["thread_id"]),
        kind=TurnKind(row["kind"]),
        name=row["name"],
        agent=row["agent"],
        directory=row["directory"],
        model=row["model"],
        mode=Mode(row["mode"]),
        cli_session_id=row["cli_session_id"],
        begun=bool(row["begun"]),
        created_at=row["created_at"],
        used_at=row["used_at"],
        rules=tuple(SessionRule(**rule) for rule in json.loads(row["rules"])),
        fork=bool(row["fork"]),
    )
