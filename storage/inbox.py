"""The inbox: raw updates, stored before Telegram is told that they were received."""

from collections.abc import Iterable, Sequence

from orchestrator.domain.records import StoredUpdate
from storage.database import Database, Transaction, Value

MAX_ATTEMPTS = 3
"""How often an update whose handling failed is tried before it is set aside."""

_ADD = "INSERT OR IGNORE INTO inbox (update_id, received_at, raw) VALUES (:update_id, :at, :raw)"
_NEW = "SELECT update_id, raw, attempts, received_at FROM inbox WHERE state = 'new' ORDER BY update_id LIMIT :limit"
_MARK_DONE = "UPDATE inbox SET state = 'done', handled_at = :at WHERE update_id = :update_id AND state = 'new'"
_REFUSE = "UPDATE inbox SET state = 'done', raw = '', handled_at = :at WHERE update_id = :update_id AND state = 'new'"
_COUNT_FAILURE = """
    UPDATE inbox SET attempts = attempts + 1, error = :error,
        state = CASE WHEN attempts + 1 >= :most THEN 'failed' ELSE 'new' END,
        handled_at = CASE WHEN attempts + 1 >= :most THEN :at ELSE NULL END
    WHERE update_id = :update_id AND state = 'new' RETURNING state
"""
_IS_NEW = "SELECT 1 FROM inbox WHERE update_id = :update_id AND state = 'new'"


async def mark_done(tx: Transaction, update_id: int | None, at: int) -> bool:
    """Say, in the transaction that stores its effect, that an update was handled.

    False if that was said before: then the effect must not be stored again. Without an update
    (a command from inside) always true.
    """
    if update_id is None:
        return True
    return await tx.execute(_MARK_DONE, {"update_id": update_id, "at": at}) == 1


class Inbox:
    """The inbox as the intake uses it."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, updates: Iterable[tuple[int, str]], at: int, *, urgent: bool = False) -> int:
        """Commit (update id, raw JSON) pairs; how many were new. It is `urgent` where a stop is among them."""
        rows: list[dict[str, Value]] = [{"update_id": number, "raw": raw, "at": at} for number, raw in updates]
        async with self._db.transaction(urgent=urgent) as tx:
            return await tx.insert_many(_ADD, rows)

    async def unhandled(self, limit: int) -> Sequence[StoredUpdate]:
        """The oldest updates whose effect is not stored."""
        return [
            StoredUpdate(
                update_id=row["update_id"],
                raw=row["raw"],
                attempts=row["attempts"],
                received_at=row["received_at"],
            )
            for row in await self._db.read(_NEW, {"limit": limit})
        ]

    async def is_handled(self, update_id: int) -> bool:
        """Whether an update's effect is stored, or it was given up."""
        return await self._db.read_one(_IS_NEW, {"update_id": update_id}) is None

    async def done(self, update_id: int, at: int) -> None:
        """The update has no effect to store."""
        async with self._db.transaction() as tx:
            await mark_done(tx, update_id, at)

    async def refuse(self, update_id: int, at: int) -> None:
        """The update came from somebody who may not write: remember that it came, not what it said."""
        async with self._db.transaction() as tx:
            await tx.execute(_REFUSE, {"update_id": update_id, "at": at})

    async def count_failure(self, update_id: int, error: str, at: int, *, final: bool = False) -> bool:
        """Handling failed. True if the update is set aside now (`final`, or too many attempts)."""
        async with self._db.transaction() as tx:
            row = await tx.row(
                _COUNT_FAILURE,
                {
                    "update_id": update_id,
                    "error": error[:2000],
                    "at": at,
                    "most": 1 if final else MAX_ATTEMPTS,
                },
            )
        return row is not None and row["state"] == "failed"
