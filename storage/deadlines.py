"""The deadlines of turns at work."""

import sqlite3
from collections.abc import Mapping

from orchestrator.domain.deadline import Deadline
from orchestrator.domain.ids import TurnId
from storage.database import Database, Transaction

_PUT = """
    INSERT INTO deadlines (turn_id, total_at, silence_at, extensions, warned, warned_end, waiting_since, letter_id,
        letter_open)
    VALUES (:turn_id, :total_at, :silence_at, :extensions, :warned, :warned_end, :waiting_since, :letter_id,
        :letter_open)
    ON CONFLICT (turn_id) DO UPDATE SET total_at = :total_at, silence_at = :silence_at, extensions = :extensions,
        warned = :warned, warned_end = :warned_end, waiting_since = :waiting_since, letter_id = :letter_id,
        letter_open = :letter_open
"""
_REMOVE = "DELETE FROM deadlines WHERE turn_id = :turn_id"
_ALL = "SELECT * FROM deadlines"


async def put(tx: Transaction, turn_id: TurnId, deadline: Deadline) -> None:
    """Store a turn's deadline as it is now."""
    await tx.execute(
        _PUT,
        {
            "turn_id": turn_id,
            "total_at": deadline.total_at,
            "silence_at": deadline.silence_at,
            "extensions": deadline.extensions,
            "warned": deadline.warned,
            "warned_end": deadline.warned_end,
            "waiting_since": deadline.waiting_since,
            "letter_id": deadline.letter_id,
            "letter_open": int(deadline.letter_open),
        },
    )


async def remove(tx: Transaction, turn_id: TurnId) -> None:
    """The turn is over, or being stopped."""
    await tx.execute(_REMOVE, {"turn_id": turn_id})


class Deadlines:
    """Deadlines as they are read."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def all(self) -> Mapping[TurnId, Deadline]:
        """Every deadline that is stored."""
        return {TurnId(row["turn_id"]): _from_row(row) for row in await self._db.read(_ALL)}


def _from_row(row: sqlite3.Row) -> Deadline:
    return Deadline(
        total_at=row["total_at"],
        silence_at=row["silence_at"],
        extensions=row["extensions"],
        warned=row["warned"],
        warned_end=row["warned_end"],
        waiting_since=row["waiting_since"],
        letter_id=row["letter_id"],
        letter_open=bool(row["letter_open"]),
    )
