"""Upkeep: what is old is forgotten, the database is copied once a day, and free space is given back.

All of it in small steps beside the work, and none of it needed for the work: what fails is tried again
at the next round.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread
import structlog

from cli_runner.retention import remove_old, remove_runs, remove_unknown
from orchestrator.domain.errors import StoreError
from orchestrator.domain.ports import Clock
from storage import backup, retention
from storage.database import DATABASE_NAME, Database

log = structlog.get_logger()

FIRST_AFTER_S = 60.0
EVERY_S = 6 * 3600.0
_DAY_MS = 86_400_000
_UPDATES_KEPT_MS = 3 * _DAY_MS
_ROOM = 4
"""A daily copy is made only where so many times the size of the database is free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How long turns with all that was said for them, and the directories of runs, are kept; milliseconds."""

    turns_ms: int
    files_ms: int


async def serve(
    db: Database,
    state: Path,
    kept: Kept,
    clock: Clock,
    *,
    first_after_s: float = FIRST_AFTER_S,
    every_s: float = EVERY_S,
) -> None:
    """Do the upkeep of a state directory now and then, until cancelled. The start has better things to do."""
    await anyio.sleep(first_after_s)
    while True:
        try:
            await once(db, state, kept, clock())
        except (StoreError, OSError) as error:
            log.warning("upkeep.failed", error=str(error))
        await anyio.sleep(every_s)


async def once(db: Database, state: Path, kept: Kept, now: int) -> None:
    """One round. Raises StoreError, OSError."""
    runs = state / "runs"
    files_before = now - kept.files_ms
    removed = await remove_runs(runs, await retention.ended_runs(db, files_before))
    removed += await remove_unknown(runs, await retention.known_runs(db), before_ms=files_before)
    files = await remove_old(state / "files", before_ms=files_before)
    forgotten = await retention.forget(
        db, updates_before=now - _UPDATES_KEPT_MS, turns_before=now - kept.turns_ms, runs_before=files_before
    )
    pages = await retention.give_back(db)
    log.info(
        "upkeep.done", rows=forgotten.total, turns=forgotten.turns, run_directories=removed, files=files, pages=pages
    )
    await anyio.to_thread.run_sync(_copy, state / DATABASE_NAME, now, now - kept.turns_ms)


def _copy(database: Path, now: int, older_than: int) -> None:
    """A copy a day. What retention has forgotten must not live on in copies for ever."""
    last = backup.newest(database)
    if last is None or last.made_at <= now - _DAY_MS:
        free = shutil.disk_usage(database.parent).free
        size = sum(path.stat().st_size for path in database.parent.glob(f"{database.name}*"))
        if free < _ROOM * size:
            log.warning("backup.no_room", free_bytes=free, database_bytes=size)
        else:
            made = backup.make(database, now)
            log.info("backup.made", path=str(made.path))
    backup.prune(database, older_than=older_than)
