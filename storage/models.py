"""Models that can be chosen: those that people chose, and those that agents told of."""

from collections.abc import Sequence

from storage.database import Database, Transaction

_USE = """
    INSERT INTO models (agent, model, used_at) VALUES (:agent, :model, :at)
    ON CONFLICT (agent, model) DO UPDATE SET used_at = :at
"""
_FORGET_OFFERS = "UPDATE models SET place = NULL WHERE agent = :agent"
_OFFER = """
    INSERT INTO models (agent, model, about, place) VALUES (:agent, :model, :about, :place)
    ON CONFLICT (agent, model) DO UPDATE SET about = :about, place = :place
"""
_PRUNE = """
    DELETE FROM models WHERE agent = :agent AND place IS NULL AND model NOT IN
        (SELECT model FROM models WHERE agent = :agent AND used_at IS NOT NULL ORDER BY used_at DESC LIMIT :kept)
"""
_KNOWN = """
    SELECT model, about FROM models WHERE agent = :agent
    ORDER BY used_at IS NULL, used_at DESC, place, model LIMIT :limit
"""
_KEPT = 20
_MOST = 100


async def use(tx: Transaction, agent: str, model: str, at: int) -> None:
    """Somebody chose a model of an agent by its name; only the last ones are remembered."""
    await tx.execute(_USE, {"agent": agent, "model": model, "at": at})
    await tx.execute(_PRUNE, {"agent": agent, "kept": _KEPT})


async def offer(tx: Transaction, agent: str, models: Sequence[tuple[str, str]]) -> None:
    """An agent told what models it has, with a few words about each: it has these and no others, from now on."""
    await tx.execute(_FORGET_OFFERS, {"agent": agent})
    for place, (model, about) in enumerate(models[:_MOST]):
        await tx.execute(_OFFER, {"agent": agent, "model": model, "about": about, "place": place})
    await tx.execute(_PRUNE, {"agent": agent, "kept": _KEPT})


class Models:
    """What menus read."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def known(self, agent: str) -> list[tuple[str, str]]:
        """The models of an agent, with a few words about each: the last chosen first, then in the agent's order."""
        return [(row["model"], row["about"]) for row in await self._db.read(_KNOWN, {"agent": agent, "limit": _MOST})]
