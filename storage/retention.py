"""What the database forgets once it is old: a little at a time, so that nobody who writes waits for it.

Kept whatever its age: what is not over or not delivered, the turns of runs that live, and every session
that can still be continued.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import anyio

from orchestrator.domain.ids import RunId
from storage.database import Database, Params

BATCH = 200
"""Rows of one transaction."""

_PAUSE_S = 0.02
_FREE_PAGES_MIN = 1024
_FREE_SHARE = 4
_PAGES_AT_ONCE = 256

_UPDATES = """
    DELETE FROM inbox WHERE update_id IN
        (SELECT update_id FROM inbox WHERE state <> 'new' AND handled_at < :before LIMIT :batch)
"""
_MENU_REPLIES = """
    DELETE FROM menu_replies WHERE rowid IN (SELECT rowid FROM menu_replies WHERE at < :before LIMIT :batch)
"""
_LETTERS = """
    DELETE FROM outbox WHERE id IN (
        SELECT id FROM outbox letter
        WHERE settled_at < :before AND state IN ('sent', 'void', 'failed')
            AND NOT EXISTS (SELECT 1 FROM outbox WHERE edits_id = letter.id)
        LIMIT :batch)
"""
_HELD_LETTERS = """
    DELETE FROM outbox WHERE id IN (
        SELECT id FROM outbox letter WHERE state = 'held' AND created_at < :before
            AND NOT EXISTS (SELECT 1 FROM outbox WHERE edits_id = letter.id)
        LIMIT :batch)
"""
_OLD_TURNS = """
    SELECT id FROM turns turn WHERE ended_at < :before AND live_open = 0
        AND NOT EXISTS (SELECT 1 FROM outbox WHERE turn_id = turn.id AND state NOT IN ('sent', 'void', 'failed'))
        AND NOT EXISTS (SELECT 1 FROM runs WHERE id = turn.run_id AND state IN ('live', 'lingering'))
        AND NOT EXISTS (SELECT 1 FROM turns WHERE parent_id = turn.id AND ended_at IS NULL)
        AND NOT EXISTS (SELECT 1 FROM turns WHERE resumes_id = turn.id AND ended_at IS NULL)
    LIMIT :batch
"""
_AMONG = "(SELECT value FROM json_each(:ids))"
_DROP_TURNS = (
    f"UPDATE turns SET parent_id = NULL WHERE parent_id IN {_AMONG}",
    f"UPDATE turns SET resumes_id = NULL WHERE resumes_id IN {_AMONG}",
    f"UPDATE outbox SET turn_id = NULL WHERE turn_id IN {_AMONG}",
    f"DELETE FROM turns WHERE id IN {_AMONG}",
)
_RUNS = """
    DELETE FROM runs WHERE id IN (
        SELECT id FROM runs run WHERE state IN ('ended', 'lost') AND ended_at < :before
            AND NOT EXISTS (SELECT 1 FROM turns WHERE run_id = run.id)
        LIMIT :batch)
"""
_SESSIONS = """
    DELETE FROM sessions WHERE id IN (
        SELECT id FROM sessions session
        WHERE used_at < :before AND (begun = 0 OR kind = 'task' OR deleted_at IS NOT NULL)
            AND NOT EXISTS (SELECT 1 FROM turns WHERE session_id = session.id)
            AND NOT EXISTS (SELECT 1 FROM runs WHERE session_id = session.id)
            AND NOT EXISTS (SELECT 1 FROM topics WHERE current_session_id = session.id)
        LIMIT :batch)
"""
_PLACES = "DELETE FROM places WHERE id IN (SELECT id FROM places WHERE shown_at < :before LIMIT :batch)"
_WORKTREES = """
    DELETE FROM worktrees WHERE id IN
        (SELECT id FROM worktrees WHERE state = 'gone' AND gone_at < :before LIMIT :batch)
"""
_ENDED_RUNS = "SELECT id FROM runs WHERE state IN ('ended', 'lost') AND ended_at < :before"
_ALL_RUNS = "SELECT id FROM runs"
_PAGES = "SELECT page_count, freelist_count FROM pragma_page_count, pragma_freelist_count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How many rows are gone."""

    updates: int
    letters: int
    turns: int
    runs: int
    sessions: int
    places: int = 0

    @property
    def total(self) -> int:
        return self.updates + self.letters + self.turns + self.runs + self.sessions + self.places


async def forget(db: Database, *, updates_before: int, turns_before: int, runs_before: int) -> Forgotten:
    """Delete what is older than these times (UTC epoch milliseconds). Raises StoreError.

    `runs_before` is for runs whose directories are removed; those that a kept turn names stay.
    """
    turns = {"before": turns_before}
    await _delete(db, _MENU_REPLIES, {"before": updates_before})
    return Forgotten(
        updates=await _delete(db, _UPDATES, {"before": updates_before}),
        letters=await _delete(db, _LETTERS, turns) + await _delete(db, _HELD_LETTERS, turns),
        turns=await _delete_turns(db, turns_before),
        runs=await _delete(db, _RUNS, {"before": runs_before}),
        sessions=await _delete(db, _SESSIONS, turns),
        places=await _delete(db, _PLACES, turns) + await _delete(db, _WORKTREES, turns),
    )


async def give_back(db: Database) -> int:
    """Return free pages to the file system where many are free; how many that were. Raises StoreError.

    A quarter of what is left stays free: it will be needed again.
    """
    total, free = await _pages(db)
    surplus = (_FREE_SHARE * free - total) // (_FREE_SHARE - 1)
    if free < _FREE_PAGES_MIN or surplus <= 0:
        return 0
    for _ in range(-(-surplus // _PAGES_AT_ONCE)):
        await db.give_back(_PAGES_AT_ONCE)
        await anyio.sleep(_PAUSE_S)
    return free - (await _pages(db))[1]


async def ended_runs(db: Database, before: int) -> Sequence[RunId]:
    """The runs that were over before a time."""
    return [RunId(row["id"]) for row in await db.read(_ENDED_RUNS, {"before": before})]


async def known_runs(db: Database) -> frozenset[RunId]:
    """All runs that the database knows."""
    return frozenset(RunId(row["id"]) for row in await db.read(_ALL_RUNS))


async def _delete(db: Database, statement: str, params: Params) -> int:
    deleted = 0
    while True:
        async with db.transaction() as tx:
            count = await tx.execute(statement, {**params, "batch": BATCH})
        deleted += count
        if count < BATCH:
            return deleted
        await anyio.sleep(_PAUSE_S)


async def _delete_turns(db: Database, before: int) -> int:
    deleted = 0
    while True:
        async with db.transaction() as tx:
            ids = [row["id"] for row in await tx.rows(_OLD_TURNS, {"before": before, "batch": BATCH})]
            for statement in _DROP_TURNS if ids else ():
                await tx.execute(statement, {"ids": json.dumps(ids)})
        deleted += len(ids)
        if len(ids) < BATCH:
            return deleted
        await anyio.sleep(_PAUSE_S)


async def _pages(db: Database) -> tuple[int, int]:
    row = await db.read_one(_PAGES)
    return (0, 0) if row is None else (row["page_count"], row["freelist_count"])
