"""A letter that becomes several: all at its place, with what was learnt, in one change."""

from orchestrator.domain.states import LetterState
from storage.database import Database
from storage.outbox import Outbox
from tests.builders import a_letter


async def test_several_in_place_of_one(db: Database) -> None:
    """They stand before what was owed later, with its priority and topic; nothing of the first is lost."""
    box = Outbox(db)
    first, later = await box.store([a_letter("rich"), a_letter("later")], 1)
    assert await box.begin(first.id)
    made = await box.become(first.id, ["a", "b", "c"], "rich refused 5")
    assert [each.letter.body for each in made] == ["a", "b", "c"]
    assert [each.order for each in made] == sorted(each.order for each in made)
    assert max(each.order for each in made) < later.order
    owed = await box.owed()
    assert [each.letter.body for each in owed] == ["a", "b", "c", later.letter.body]
    assert {(each.letter.topic, each.letter.priority, each.state) for each in owed} == {
        (first.letter.topic, first.letter.priority, LetterState.STORED)
    }
    assert await box.facts("rich refused") == ["rich refused 5"]


async def test_what_is_void_by_now_becomes_nothing(db: Database) -> None:
    """What was learnt stays."""
    box = Outbox(db)
    [letter] = await box.store([a_letter("rich")], 1)
    await box.give_up([letter.id], 2)
    assert await box.become(letter.id, ["a", "b"], "rich refused") == ()
    assert await box.owed() == []
    assert await box.facts("rich") == ["rich refused"]
