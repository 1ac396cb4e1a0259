"""Prompts that wait: their order, and which of them rest."""

from collections.abc import Mapping

from orchestrator.domain.ids import TurnId
from storage.database import Transaction

_PLACE = "UPDATE turns SET position = :position WHERE id = :id AND state = 'queued'"
_WAKE = "UPDATE turns SET held = 0 WHERE id = :id AND state = 'queued'"
_UNLIST = "UPDATE turns SET unlisted = 1 WHERE id = :id"


async def place(tx: Transaction, positions: Mapping[TurnId, int]) -> None:
    """Where turns stand among those of their topic that wait."""
    for turn_id, position in positions.items():
        await tx.execute(_PLACE, {"id": turn_id, "position": position})


async def wake(tx: Transaction, turn_id: TurnId) -> None:
    """One prompt rests no longer."""
    await tx.execute(_WAKE, {"id": turn_id})


async def unlist(tx: Transaction, turn_id: TurnId) -> None:
    """A task is not listed any more."""
    await tx.execute(_UNLIST, {"id": turn_id})
