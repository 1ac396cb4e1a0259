"""What is remembered of the bot itself, by name."""

from storage.database import Transaction

_GET = "SELECT value FROM facts WHERE name = :name"
_SET = "INSERT INTO facts (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = :value"


async def get(tx: Transaction, name: str) -> str:
    """A fact; empty if it was never stored."""
    row = await tx.row(_GET, {"name": name})
    return "" if row is None else str(row["value"])


async def put(tx: Transaction, name: str, value: str) -> None:
    """Store a fact in place of the one before."""
    await tx.execute(_SET, {"name": name, "value": value})
