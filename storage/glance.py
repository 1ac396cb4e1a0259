"""A look at the database by somebody who must not change it, whether or not a bot works on it.

Paths are absolute.
"""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiosqlite

from orchestrator.domain.errors import StoreError
from orchestrator.domain.ids import RunId, TopicKey
from storage import migrations
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlace:
    """Where a run belongs. The names are empty where Telegram has not told them."""

    agent: str
    topic: TopicKey
    chat_title: str
    topic_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a database is. `damage` is SQLite's own words, empty if there is none."""

    version: int
    newest_version: int
    damage: str


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
    async with _opened(path) as connection:
        [[found]] = await connection.execute_fetchall("PRAGMA quick_check(1)")
        [[version]] = await connection.execute_fetchall("PRAGMA user_version")
    newest, _, _ = migrations.scripts()[-1]
    return Condition(version=version, newest_version=newest, damage="" if found == "ok" else str(found))


@asynccontextmanager
async def _opened(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    try:
        async with aiosqlite.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=_BUSY_S) as connection:
            connection.row_factory = sqlite3.Row
            yield connection
    except sqlite3.Error as error:
        raise StoreError(f"The database {path} cannot be read ({error}).") from error
