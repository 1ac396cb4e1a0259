"""Runs: which process tree serves which session."""

import sqlite3
from collections.abc import Sequence

from orchestrator.domain.ids import RunId, SessionId
from orchestrator.domain.records import RunRow
from orchestrator.domain.states import RunState
from storage.database import Database, Transaction

_ADD = """
    INSERT INTO runs (id, session_id, agent, directory, created_at)
    VALUES (:id, :session_id, :agent, :directory, :at)
"""
_END = "UPDATE runs SET state = :state, ended_at = :at WHERE id = :id AND state IN ('live', 'lingering')"
_LINGER = "UPDATE runs SET state = 'lingering' WHERE id = :id AND state = 'live'"
_LIVE = "SELECT * FROM runs WHERE state IN ('live', 'lingering') ORDER BY created_at, id"
_GET = "SELECT * FROM runs WHERE id = :id"


async def add(tx: Transaction, run: RunRow) -> None:
    """A run is about to be started."""
    await tx.execute(
        _ADD,
        {
            "id": run.id,
            "session_id": run.session_id,
            "agent": run.agent,
            "directory": run.directory,
            "at": run.created_at,
        },
    )


async def end(tx: Transaction, run_id: RunId, state: RunState, at: int) -> None:
    """A run is over."""
    await tx.execute(_END, {"id": run_id, "state": state, "at": at})


async def linger(tx: Transaction, run_id: RunId) -> None:
    """A run's program ended; what it left running may live on."""
    await tx.execute(_LINGER, {"id": run_id})


class RunRows:
    """Runs as they are read."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def live(self) -> Sequence[RunRow]:
        """Runs that are not known to be over."""
        return [_from_row(row) for row in await self._db.read(_LIVE)]

    async def get(self, run_id: RunId) -> RunRow | None:
        """One run."""
        row = await self._db.read_one(_GET, {"id": run_id})
        return None if row is None else _from_row(row)


def _from_row(row: sqlite3.Row) -> RunRow:
    return RunRow(
        id=RunId(row["id"]),
        session_id=SessionId(row["session_id"]),
        state=RunState(row["state"]),
        agent=row["agent"],
        directory=row["directory"],
        created_at=row["created_at"],
    )
