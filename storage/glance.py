"""A look at the database by somebody who must not change it, whether or not a bot works on it.

Paths are absolute.
"""

import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiosqlite

from orchestrator.domain.errors import StoreError
from orchestrator.domain.ids import RunId, TopicKey
from storage import migrations, trouble
from storage.topics import topic_key

_BUSY_S = 5.0
_PLACES = """
    SELECT runs.id, runs.agent, sessions.chat_id, sessions.thread_id, coalesce(chats.title, '') AS chat,
        coalesce(topics.name, '') AS topic
    FROM runs JOIN sessions ON sessions.id = runs.session_id
        LEFT JOIN chats ON chats.chat_id = sessions.chat_id
        LEFT JOIN topics ON topics.chat_id = sessions.chat_id AND topics.thread_id = sessions.thread_id
    WHERE runs.state IN ('live', 'lingering')
"""
_WAITING = """
    SELECT (SELECT count(*) FROM inbox WHERE state = 'new'),
        (SELECT count(*) FROM outbox WHERE state IN ('stored', 'sending', 'unknown')),
        (SELECT count(*) FROM outbox WHERE state = 'held')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlace:
    """Where a run belongs. The names are empty where Telegram has not told them."""

    agent: str
    topic: TopicKey
    chat_title: str
    topic_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a database is; `trouble` says what is wrong with it and what to do, empty if nothing is.

    What waits is 0 where the schema is not ours.
    """

    version: int
    newest_version: int
    trouble: str
    size_bytes: int
    wal_bytes: int
    updates_waiting: int = 0
    letters_owed: int = 0
    letters_held: int = 0


async def run_places(path: Path) -> Mapping[RunId, RunPlace]:
    """Where the runs belong that are not known to be over. Raises StoreError."""
    async with _opened(path) as connection:
        rows = await connection.execute_fetchall(_PLACES)
        return {
            RunId(row["id"]): RunPlace(
                agent=row["agent"],
                topic=topic_key(row["chat_id"], row["thread_id"]),
                chat_title=row["chat"],
                topic_name=row["topic"],
            )
            for row in rows
        }


async def condition(path: Path) -> Condition:
    """Read the whole file once. Raises StoreError if it cannot be read as a database."""
    newest, _, _ = migrations.scripts()[-1]
    waiting: Sequence[int] = (0, 0, 0)
    async with _opened(path) as connection:
        [[found]] = await connection.execute_fetchall("PRAGMA quick_check(1)")
        [[version]] = await connection.execute_fetchall("PRAGMA user_version")
        if found == "ok" and 0 < version <= newest:
            [waiting] = await connection.execute_fetchall(_WAITING)
    said = ""
    if found != "ok":
        said = trouble.damaged(path, str(found))
    elif version > newest:
        said = trouble.newer(path, version=version, known=newest)
    return Condition(
        version=version,
        newest_version=newest,
        trouble=said,
        size_bytes=_size(path),
        wal_bytes=_size(path.with_name(f"{path.name}-wal")),
        updates_waiting=waiting[0],
        letters_owed=waiting[1],
        letters_held=waiting[2],
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


@asynccontextmanager
async def _opened(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    try:
        async with aiosqlite.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=_BUSY_S) as connection:
            connection.row_factory = sqlite3.Row
            yield connection
    except sqlite3.Error as error:
        raise StoreError(trouble.unreadable(error, path)) from error
