"""The outbox: what is owed is stored first, begun once, and void when its turn is stopped."""

from dataclasses import replace

import pytest

from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.machine import TurnEvent
from orchestrator.domain.records import Letter, StoredLetter, Turn
from orchestrator.domain.states import LetterState, Priority
from storage import outbox, turns
from storage.database import Database
from storage.outbox import Outbox
from storage.turns import Turns
from tests.builders import GROUP, TOPIC, a_letter, stored_turn

STATES = "SELECT id, state, attempts, message_id, settled_at, error FROM outbox ORDER BY id"


async def owed(db: Database, *letters: Letter, at: int = 1) -> list[StoredLetter]:
    """Letters in the outbox."""
    return list(await Outbox(db).store(letters, at))


async def states(db: Database) -> list[str]:
    """What became of every letter."""
    return [row["state"] for row in await db.read(STATES)]


async def settled(db: Database, letter: StoredLetter, state: LetterState, message_id: int | None = None) -> None:
    """Begin a letter and say what became of it."""
    assert await Outbox(db).begin(letter.id)
    await Outbox(db).settle(letter.id, state, 50, message_id=message_id)


async def stopped(db: Database, turn: Turn) -> None:
    """Stop a turn that waits, as a lane does: the state, and what is unsent of it."""
    async with db.transaction() as tx:
        assert await turns.move(tx, turn, TurnEvent.STOP, at=9)
        await outbox.void(tx, turn.id, 9)


async def test_what_is_owed_comes_back_as_it_was_stored(db: Database) -> None:
    """Oldest first, every field."""
    turn = await stored_turn(db)
    first = a_letter("one", topic=TopicKey(GROUP), priority=Priority.URGENT)
    [stored] = await owed(db, first, at=7)
    second = a_letter("two", turn_id=turn.id, fenced=True, edits_id=stored.id)
    await owed(db, second, at=8)
    assert [(each.letter, each.created_at) for each in await Outbox(db).owed()] == [(first, 7), (second, 8)]


async def test_a_letter_is_owed_only_if_its_change_is_stored(db: Database) -> None:
    """A rollback owes nothing."""
    with pytest.raises(ZeroDivisionError):
        async with db.transaction() as tx:
            await outbox.add(tx, a_letter(), 1)
            raise ZeroDivisionError
    assert await Outbox(db).owed() == []


async def test_a_letter_is_begun_once(db: Database) -> None:
    """Two senders never make the same call; what is begun is known to be under way."""
    [letter] = await owed(db, a_letter())
    assert await Outbox(db).begin(letter.id)
    assert not await Outbox(db).begin(letter.id)
    [again] = await Outbox(db).owed()
    assert (again.state, again.attempts) == (LetterState.SENDING, 1)


@pytest.mark.parametrize(
    ("state", "still_owed"),
    [
        (LetterState.SENT, False),
        (LetterState.VOID, False),
        (LetterState.FAILED, False),
        (LetterState.HELD, False),
        (LetterState.STORED, True),
        (LetterState.UNKNOWN, True),
    ],
)
async def test_what_became_of_a_letter_is_recorded(db: Database, state: LetterState, *, still_owed: bool) -> None:
    """Final states have their time; the others can be begun again, but for held ones."""
    [letter] = await owed(db, a_letter())
    await settled(db, letter, state)
    [row] = await db.read(STATES)
    assert row["state"] == state
    assert (row["settled_at"] is not None) is (state in {LetterState.SENT, LetterState.VOID, LetterState.FAILED})
    assert bool(await Outbox(db).owed()) is still_owed
    assert await Outbox(db).begin(letter.id) is still_owed


async def test_only_a_begun_letter_can_be_settled(db: Database) -> None:
    """A late result never changes what is settled."""
    [letter] = await owed(db, a_letter())
    box = Outbox(db)
    await box.settle(letter.id, LetterState.SENT, 5, message_id=900)
    assert await states(db) == ["stored"]
    await settled(db, letter, LetterState.SENT, message_id=900)
    await box.settle(letter.id, LetterState.FAILED, 6, error="late")
    assert await states(db) == ["sent"]
    assert await box.message_of(letter.id) == 900
    assert await box.message_of(99) is None


async def test_a_letter_that_was_cut_off_is_found_as_such(db: Database) -> None:
    """The bot was killed between the mark and the result: nobody knows whether Telegram has it."""
    [letter, untouched] = await owed(db, a_letter("cut"), a_letter("next"))
    await Outbox(db).begin(letter.id)
    found = await Outbox(db).owed()
    assert [(each.id, each.state) for each in found] == [
        (letter.id, LetterState.SENDING),
        (untouched.id, LetterState.STORED),
    ]
    await Outbox(db).settle(letter.id, LetterState.UNKNOWN, 5, error="cut off")
    assert await Outbox(db).begin(letter.id)


async def test_a_stop_makes_only_the_unsent_fenced_letters_of_its_turn_void(db: Database) -> None:
    """Not its answer, not what is on its way or sent, not another turn's."""
    turn, other = await stored_turn(db), await stored_turn(db)
    fenced = a_letter(turn_id=turn.id, fenced=True)
    stored, unknown, held, sending, sent, _, _, _ = await owed(
        db, *[fenced] * 5, replace(fenced, fenced=False), replace(fenced, turn_id=other.id), a_letter()
    )
    await settled(db, unknown, LetterState.UNKNOWN)
    await settled(db, held, LetterState.HELD)
    await settled(db, sent, LetterState.SENT)
    assert await Outbox(db).begin(sending.id)
    await stopped(db, turn)
    assert await states(db) == ["void", "void", "void", "sending", "sent", "stored", "stored", "stored"]
    assert not await Outbox(db).begin(stored.id)


@pytest.mark.parametrize("state", [LetterState.STORED, LetterState.UNKNOWN, LetterState.HELD])
async def test_a_letter_whose_turn_was_stopped_while_it_was_sent_is_not_tried_again(
    db: Database, state: LetterState
) -> None:
    """Not even in a later life of the bot, where no fence in memory remembers the stop."""
    turn = await stored_turn(db)
    [letter, answer] = await owed(db, a_letter(turn_id=turn.id, fenced=True), a_letter(turn_id=turn.id))
    for each in (letter, answer):
        assert await Outbox(db).begin(each.id)
    await stopped(db, turn)
    for each in (letter, answer):
        await Outbox(db).settle(each.id, state, 50)
    assert await states(db) == ["void", state]
    assert not await Outbox(db).begin(letter.id)


async def test_a_letter_that_arrived_after_all_is_sent_whatever_its_turn(db: Database) -> None:
    """What Telegram has is not void."""
    turn = await stored_turn(db)
    [letter] = await owed(db, a_letter(turn_id=turn.id, fenced=True))
    assert await Outbox(db).begin(letter.id)
    await stopped(db, turn)
    await Outbox(db).settle(letter.id, LetterState.SENT, 50, message_id=900)
    assert await states(db) == ["sent"]


async def test_held_letters_are_owed_again_when_their_topic_is_back(db: Database) -> None:
    """In their order, and no other topic's."""
    letters = await owed(db, a_letter("one"), a_letter("two"), a_letter("General", topic=TopicKey(GROUP)))
    for letter in letters:
        await settled(db, letter, LetterState.HELD)
    box = Outbox(db)
    assert await box.owed() == []
    released = await box.release(TOPIC)
    assert [each.id for each in released] == [each.id for each in letters[:2]]
    assert {each.state for each in released} == {LetterState.STORED}
    assert await box.release(TOPIC) == []
    assert [each.letter.topic for each in await box.release(TopicKey(GROUP))] == [TopicKey(GROUP)]


async def test_a_call_can_be_rewritten(db: Database) -> None:
    """As where Telegram refused its markup: after a restart the acceptable one is tried."""
    [letter] = await owed(db, a_letter("**bad**"))
    await Outbox(db).rewrite(letter.id, a_letter("good").body)
    [found] = await Outbox(db).owed()
    assert found.letter.body == a_letter("good").body


async def test_a_message_leads_to_its_turn(db: Database) -> None:
    """By its prompt, by its live message, by anything that was said for it; in its own chat only."""
    turn = await stored_turn(db, message_id=500)
    [letter] = await owed(db, a_letter(turn_id=turn.id))
    await settled(db, letter, LetterState.SENT, message_id=700)
    await Turns(db).set_live(turn.id, 600, is_open=True)
    box = Outbox(db)
    assert [await box.turn_of(GROUP, message_id) for message_id in (500, 600, 700, 800)] == [turn.id] * 3 + [None]
    assert await box.turn_of(GROUP - 1, 500) is None


async def test_the_notice_that_a_prompt_waits_is_found(db: Database) -> None:
    """The newest one that was sent; it becomes the turn's live message."""
    turn = await stored_turn(db)
    fenced = a_letter(turn_id=turn.id, fenced=True)
    answer, old, new, unsent = await owed(db, a_letter(turn_id=turn.id), fenced, fenced, fenced)
    for letter, message_id in ((answer, 1), (old, 2), (new, 3)):
        await settled(db, letter, LetterState.SENT, message_id=message_id)
    async with db.transaction() as tx:
        assert await outbox.notice_of(tx, turn.id) == 3
        assert await outbox.notice_of(tx, TurnId(99)) is None
    assert unsent.state is LetterState.STORED
