"""Deadlines as they are stored: whole, one a turn, and no longer than what they refer to."""

from orchestrator.domain.deadline import Deadline
from storage import deadlines
from storage.database import Database
from storage.deadlines import Deadlines
from storage.outbox import Outbox
from tests.builders import a_letter, stored_turn

FULL = Deadline(
    total_at=10,
    silence_at=20,
    extensions=3,
    warned=2,
    warned_end=10,
    waiting_since=5,
    letter_id=1,
    letter_open=True,
)


async def test_a_deadline_comes_back_as_it_was_stored_last(db: Database) -> None:
    """Every field; but not what only one life of the bot knows."""
    turn = await stored_turn(db)
    await Outbox(db).store([a_letter()], 1)
    async with db.transaction() as tx:
        await deadlines.put(tx, turn.id, Deadline(total_at=1, silence_at=2, heard_from=3))
    assert await Deadlines(db).all() == {turn.id: Deadline(total_at=1, silence_at=2)}
    async with db.transaction() as tx:
        await deadlines.put(tx, turn.id, FULL)
    assert await Deadlines(db).all() == {turn.id: FULL}
    async with db.transaction() as tx:
        await deadlines.remove(tx, turn.id)
    assert await Deadlines(db).all() == {}


async def test_a_deadline_holds_up_nothing_that_is_forgotten(db: Database) -> None:
    """Neither its message nor its turn."""
    turn = await stored_turn(db)
    await Outbox(db).store([a_letter()], 1)
    async with db.transaction() as tx:
        await deadlines.put(tx, turn.id, FULL)
        await tx.execute("DELETE FROM outbox", {})
    [left] = (await Deadlines(db).all()).values()
    assert left.letter_id is None
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM turns", {})
    assert await Deadlines(db).all() == {}
