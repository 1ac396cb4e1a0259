"""What people said into running turns."""

import sqlite3
from collections.abc import Sequence

from orchestrator.domain.ids import RunId, TurnId, UserId
from orchestrator.domain.records import NewSteer, Steer
from orchestrator.domain.states import SteerState
from storage.database import Database, Transaction

_ADD = """
    INSERT INTO steers (turn_id, run_id, chat_id, message_id, sender_id, sender_name, text, at)
    VALUES (:turn_id, :run_id, :chat_id, :message_id, :sender_id, :sender_name, :text, :at)
    ON CONFLICT (chat_id, message_id) DO NOTHING RETURNING *
"""
_MARK = "UPDATE steers SET state = :state WHERE id = :id AND state = 'given' RETURNING *"
_GIVEN_OF_TURN = "SELECT * FROM steers WHERE turn_id = :turn_id AND state = 'given' ORDER BY id"
_GIVEN_TO = "SELECT * FROM steers WHERE run_id = :run_id AND state = 'given' ORDER BY id"
_WAS_SAID = "SELECT 1 FROM steers WHERE chat_id = :chat_id AND message_id = :message_id AND state <> 'prompt'"
_VOID = "UPDATE steers SET state = 'void' WHERE turn_id = :turn_id AND state = 'given'"
_OF_RUN = "SELECT * FROM steers WHERE run_id = :run_id ORDER BY id"


async def add(tx: Transaction, steer: NewSteer, at: int) -> Steer | None:
    """Store what is to be said. None if that message was said before."""
    row = await tx.row(
        _ADD,
        {
            "turn_id": steer.turn_id,
            "run_id": steer.run_id,
            "chat_id": steer.chat_id,
            "message_id": steer.message_id,
            "sender_id": steer.sender_id,
            "sender_name": steer.sender_name,
            "text": steer.text,
            "at": at,
        },
    )
    return None if row is None else _from_row(row)


async def mark(tx: Transaction, steer_id: int, state: SteerState) -> Steer | None:
    """Say what became of it; None if that was said before."""
    row = await tx.row(_MARK, {"id": steer_id, "state": state})
    return None if row is None else _from_row(row)


async def was_said(tx: Transaction, chat_id: int, message_id: int | None) -> bool:
    """Whether a message was said into a turn, and did not become a prompt."""
    return await tx.row(_WAS_SAID, {"chat_id": chat_id, "message_id": message_id}) is not None


async def given_of(tx: Transaction, turn_id: TurnId) -> Sequence[Steer]:
    """What of a turn the agent did not take in, as far as is known, oldest first."""
    return [_from_row(row) for row in await tx.rows(_GIVEN_OF_TURN, {"turn_id": turn_id})]


async def given_to(tx: Transaction, run_id: RunId) -> Sequence[Steer]:
    """What of all that was said to a run its agent did not take in, as far as is known, oldest first."""
    return [_from_row(row) for row in await tx.rows(_GIVEN_TO, {"run_id": run_id})]


async def void(tx: Transaction, turn_id: TurnId) -> None:
    """Nothing of it is to be said any more."""
    await tx.execute(_VOID, {"turn_id": turn_id})


class Steers:
    """What was said, as it is read."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of_run(self, run_id: RunId) -> Sequence[Steer]:
        """All that was said to a run, oldest first."""
        return [_from_row(row) for row in await self._db.read(_OF_RUN, {"run_id": run_id})]


def _from_row(row: sqlite3.Row) -> Steer:
    return Steer(
        id=row["id"],
        turn_id=TurnId(row["turn_id"]),
        run_id=RunId(row["run_id"]),
        chat_id=row["chat_id"],
        message_id=row["message_id"],
        sender_id=None if row["sender_id"] is None else UserId(row["sender_id"]),
        sender_name=row["sender_name"],
        text=row["text"],
        state=SteerState(row["state"]),
    )
