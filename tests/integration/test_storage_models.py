"""The models that menus offer."""

from storage import models
from storage.database import Database
from storage.models import Models


async def known(db: Database, agent: str = "claude") -> list[str]:
    """Their names, in the order of a menu."""
    return [name for name, _ in await Models(db).known(agent)]


async def test_what_was_chosen_last_stands_before_what_is_offered(db: Database) -> None:
    """Each once, with the agent's words about it; another agent's are not among them."""
    async with db.transaction() as tx:
        await models.offer(tx, "claude", [("opus", "big"), ("haiku", "small")])
        await models.offer(tx, "gemini", [("pro", "")])
        await models.use(tx, "claude", "sonnet-4", 1)
        await models.use(tx, "claude", "haiku", 2)
    assert await Models(db).known("claude") == [("haiku", "small"), ("sonnet-4", ""), ("opus", "big")]


async def test_what_an_agent_does_not_offer_any_more_is_forgotten_unless_it_was_chosen(db: Database) -> None:
    """Models come and go."""
    async with db.transaction() as tx:
        await models.offer(tx, "claude", [("old", ""), ("kept", "")])
        await models.use(tx, "claude", "kept", 1)
        await models.offer(tx, "claude", [("new", "")])
    assert await known(db) == ["kept", "new"]


async def test_only_the_last_choices_are_remembered(db: Database) -> None:
    """However many names somebody tries."""
    async with db.transaction() as tx:
        for nth in range(50):
            await models.use(tx, "claude", f"m{nth}", nth)
    assert await known(db) == [f"m{nth}" for nth in range(49, 29, -1)]
