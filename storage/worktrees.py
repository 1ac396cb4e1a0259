"""Checkouts that were made for topics."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from orchestrator.domain.ids import TopicKey
from orchestrator.domain.worktrees import Worktree, WorktreeState
from storage.database import Database, Transaction
from storage.topics import thread_column, topic_key

_ADD = """
    INSERT INTO worktrees (chat_id, thread_id, state, repository, source, path, directory, branch, made_branch, base,
        base_branch, project, came_from, made_at)
    VALUES (:chat_id, :thread_id, :state, :repository, :source, :path, :directory, :branch, :made_branch, :base,
        :base_branch, :project, :came_from, :made_at)
"""
_MARK = """
    UPDATE worktrees SET state = :state, gone_at = CASE WHEN :state = 'gone' THEN :at ELSE NULL END
    WHERE id = :id AND state <> 'gone'
"""
_SET_DIRECTORY = "UPDATE worktrees SET directory = :directory WHERE id = :id"
_GET = "SELECT * FROM worktrees WHERE id = :id"
_KNOWN = "SELECT * FROM worktrees WHERE state <> 'gone' ORDER BY id"
_OF_TOPIC = """
    SELECT * FROM worktrees WHERE chat_id = :chat_id AND thread_id = :thread_id AND state <> 'gone' ORDER BY id
"""
_AT_WORK = """
    SELECT turns.id AS turn_id FROM turns JOIN sessions ON sessions.id = turns.session_id
    WHERE turns.state IN ('starting', 'running', 'waiting', 'stopping')
        AND (sessions.directory = :path OR substr(sessions.directory, 1, length(:path) + 1) = :path || '/')
    UNION ALL
    SELECT id FROM runs WHERE state = 'lingering'
        AND (directory = :path OR substr(directory, 1, length(:path) + 1) = :path || '/')
    LIMIT 1
"""


async def add(tx: Transaction, tree: Worktree) -> Worktree:
    """Store one that is about to be made; it comes back with its number."""
    number = await tx.insert(
        _ADD,
        {
            "chat_id": tree.topic.chat_id,
            "thread_id": thread_column(tree.topic),
            "state": tree.state,
            "repository": tree.repository,
            "source": tree.source,
            "path": tree.path,
            "directory": tree.directory,
            "branch": tree.branch,
            "made_branch": int(tree.made_branch),
            "base": tree.base,
            "base_branch": tree.base_branch,
            "project": tree.project,
            "came_from": tree.came_from,
            "made_at": tree.made_at,
        },
    )
    return replace(tree, id=number)


async def mark(tx: Transaction, number: int, state: WorktreeState, at: int) -> bool:
    """Say what became of one. False if it was gone before."""
    return await tx.execute(_MARK, {"id": number, "state": state, "at": at}) == 1


async def set_directory(tx: Transaction, number: int, directory: str) -> None:
    """Say where in one its topic works."""
    await tx.execute(_SET_DIRECTORY, {"id": number, "directory": directory})


class Worktrees:
    """Worktrees as they are read."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, number: int) -> Worktree | None:
        """One, gone or not."""
        row = await self._db.read_one(_GET, {"id": number})
        return None if row is None else _from_row(row)

    async def known(self) -> Sequence[Worktree]:
        """All that are not gone."""
        return [_from_row(row) for row in await self._db.read(_KNOWN)]

    async def of_topic(self, key: TopicKey) -> Sequence[Worktree]:
        """Those of a topic that are not gone."""
        rows = await self._db.read(_OF_TOPIC, {"chat_id": key.chat_id, "thread_id": thread_column(key)})
        return [_from_row(row) for row in rows]

    async def is_worked_in(self, path: str) -> bool:
        """Whether a turn is at work below a path, or something that one left running."""
        return await self._db.read_one(_AT_WORK, {"path": path}) is not None


def _from_row(row: sqlite3.Row) -> Worktree:
    return Worktree(
        id=row["id"],
        topic=topic_key(row["chat_id"], row["thread_id"]),
        state=WorktreeState(row["state"]),
        repository=row["repository"],
        source=row["source"],
        path=row["path"],
        directory=row["directory"],
        branch=row["branch"],
        made_branch=bool(row["made_branch"]),
        base=row["base"],
        base_branch=row["base_branch"],
        project=row["project"],
        came_from=row["came_from"],
        made_at=row["made_at"],
    )
