"""What the store forgets, and what it keeps however old it is."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.domain.ids import RunId, SessionId, TurnId
from orchestrator.domain.machine import TurnEvent
from orchestrator.domain.records import RunRow, Turn
from orchestrator.domain.states import LetterState, RunState, TurnKind
from storage import retention, runs, sessions, topics, turns
from storage.database import DATABASE_NAME, Database
from storage.inbox import Inbox
from storage.outbox import Outbox
from storage.retention import Forgotten, forget
from storage.sessions import Sessions
from storage.turns import Turns
from tests.builders import TOPIC, a_letter, stored_session, stored_turn

OLD, NOW = 2_000, 1_000_000
LATER = NOW - 1


async def forgotten(db: Database, before: int = NOW) -> Forgotten:
    """Forget all that is older than a time."""
    return await forget(db, updates_before=before, turns_before=before, runs_before=before)


async def ended(db: Database, turn: Turn, *, at: int = OLD, run: str = "") -> Turn:
    """A turn that was answered, or by a run that it names."""
    async with db.transaction() as tx:
        if run:
            await runs.add(tx, a_run(run, turn.session_id))
            await turns.set_run(tx, turn.id, RunId(run))
        for event in (TurnEvent.DISPATCHED, TurnEvent.FINISHED):
            moved = await turns.move(tx, turn, event, at)
            assert moved is not None
            turn = moved
    return turn


def a_run(name: str, session_id: SessionId) -> RunRow:
    """A run that is about to start."""
    return RunRow(
        id=RunId(name), session_id=session_id, state=RunState.LIVE, agent="claude", directory="/srv/api", created_at=1
    )


async def over(db: Database, run: str, at: int = OLD) -> None:
    """A run has ended."""
    async with db.transaction() as tx:
        await runs.end(tx, RunId(run), RunState.ENDED, at)


async def sent(db: Database, *, turn_id: TurnId | None = None, state: LetterState = LetterState.SENT) -> int:
    """A letter that was settled long ago; its id."""
    [letter] = await Outbox(db).store([a_letter(turn_id=turn_id)], 1)
    assert await Outbox(db).begin(letter.id)
    await Outbox(db).settle(letter.id, state, OLD, message_id=700)
    return letter.id


async def test_an_old_turn_goes_with_its_history(db: Database) -> None:
    """A younger one stays; what the old one is named by forgets it."""
    session = await stored_session(db)
    old = await ended(db, await stored_turn(db, session=session))
    resumed = await ended(db, await stored_turn(db, session=session, resumes_id=old.id), at=LATER)
    child = await ended(db, await stored_turn(db, session=session, parent_id=old.id), at=LATER)
    found = await forgotten(db, LATER)
    assert found == Forgotten(updates=0, letters=0, turns=1, runs=0, sessions=0)
    assert await Turns(db).get(old.id) is None
    assert await Turns(db).history(old.id) == []
    for each in (resumed, child):
        left = await Turns(db).get(each.id)
        assert left is not None
        assert (left.resumes_id, left.parent_id) == (None, None)


async def test_the_id_of_a_forgotten_turn_is_never_used_again(db: Database) -> None:
    """A button of long ago must not mean another turn."""
    old = await ended(db, await stored_turn(db))
    await forgotten(db)
    assert (await stored_turn(db)).id > old.id


async def test_a_turn_that_is_still_needed_stays(db: Database) -> None:
    """One that is not over, not delivered, whose live message looks open, whose run lives, or that leads to work."""
    waiting = await stored_turn(db)
    undelivered = await ended(db, await stored_turn(db))
    await Outbox(db).store([a_letter(turn_id=undelivered.id)], 1)
    held = await ended(db, await stored_turn(db))
    await sent(db, turn_id=held.id, state=LetterState.HELD)
    shown = await ended(db, await stored_turn(db))
    await Turns(db).set_live(shown.id, 900, is_open=True)
    running = await ended(db, await stored_turn(db), run="lives")
    parent = await ended(db, await stored_turn(db))
    await stored_turn(db, parent_id=parent.id)
    again = await ended(db, await stored_turn(db))
    await stored_turn(db, resumes_id=again.id)
    found = await forget(db, updates_before=NOW, turns_before=OLD + 1, runs_before=NOW)
    assert found.turns == 1, "the held answer is as old as its turn, and goes with it"
    for turn in (waiting, undelivered, shown, running, parent, again):
        assert await Turns(db).get(turn.id) is not None
    assert await Turns(db).get(held.id) is None


async def test_letters_go_when_they_are_settled_and_old(db: Database) -> None:
    """Not what is owed, nor what a younger letter edits; what was held for a topic goes when it is old."""
    plain, edited = await sent(db), await sent(db)
    await sent(db, state=LetterState.FAILED)
    held = await sent(db, state=LetterState.HELD)
    [owed, edit] = await Outbox(db).store([a_letter(), a_letter(edits_id=edited)], 1)
    assert (await forgotten(db, OLD)).letters == 1
    assert (await forgotten(db)).letters == 2
    left = {row["id"] for row in await db.read("SELECT id FROM outbox")}
    assert left == {edited, owed.id, edit.id}
    assert not left & {plain, held}


async def test_updates_go_when_they_were_handled(db: Database) -> None:
    """However old it is, one that waits stays."""
    inbox = Inbox(db)
    await inbox.add([(number, "x") for number in range(1, 5)], at=1)
    await inbox.done(1, at=10)
    await inbox.done(2, at=20)
    await inbox.count_failure(3, "x", at=10, final=True)
    assert (await forgotten(db, 15)).updates == 2
    assert [each.update_id for each in await inbox.unhandled(10)] == [4]
    assert await inbox.add([(2, "again")], at=30) == 0


async def test_a_session_that_can_be_continued_stays_for_ever(db: Database) -> None:
    """The one that the CLI knows, and the one that a topic uses; others go once nothing names them."""
    known = await stored_session(db)
    current, unused, kept_by_turn = [await stored_session(db) for _ in range(3)]
    task = await stored_session(db, kind=TurnKind.TASK)
    turn = await ended(db, await stored_turn(db, session=kept_by_turn), at=LATER)
    async with db.transaction() as tx:
        await sessions.begun(tx, known.id, "cli-1")
        await sessions.begun(tx, task.id, "cli-2")
        topic = await topics.ensure(tx, TOPIC)
        await tx.execute("UPDATE topics SET current_session_id = :id", {"id": current.id})
    assert topic.current_session_id is None
    assert (await forgotten(db, LATER)).sessions == 2
    left = [
        session.id for session in (known, current, unused, kept_by_turn, task) if await Sessions(db).get(session.id)
    ]
    assert left == [known.id, current.id, kept_by_turn.id]
    found = await forgotten(db)
    assert (found.turns, found.sessions) == (1, 1)
    assert await Turns(db).get(turn.id) is None


async def test_a_run_goes_after_its_turns(db: Database) -> None:
    """Its row is kept as long as a turn names it, or it lives; then it goes, and its id is not known any more."""
    await ended(db, await stored_turn(db), run="old")
    await over(db, "old")
    await ended(db, await stored_turn(db), at=LATER, run="young-turn")
    await over(db, "young-turn")
    await ended(db, await stored_turn(db), run="lives")
    assert sorted(await retention.ended_runs(db, NOW)) == ["old", "young-turn"]
    assert await retention.ended_runs(db, OLD) == []
    found = await forgotten(db, LATER)
    assert (found.turns, found.runs) == (1, 1)
    assert await retention.known_runs(db) == {"young-turn", "lives"}


async def test_many_rows_go_in_short_transactions(db: Database) -> None:
    """No transaction deletes more than a batch, and somebody who writes meanwhile gets its turn soon."""
    session = await stored_session(db)
    many = retention.BATCH * 3 + 7
    async with db.transaction() as tx:
        await tx.insert_many(
            "INSERT INTO turns (session_id, chat_id, thread_id, kind, state, prompt, created_at, ended_at) "
            "VALUES (:session, 1, 1, 'foreground', 'done', :prompt, 1, 2000)",
            [{"session": session.id, "prompt": "x" * 100}] * many,
        )
        await tx.execute(
            "INSERT INTO outbox (chat_id, thread_id, turn_id, priority, body, state, created_at, settled_at) "
            "SELECT 1, 1, id, 'answer', 'x', 'sent', 1, 2000 FROM turns"
        )
    began = time.monotonic()
    found = await forgotten(db)
    took_s = time.monotonic() - began
    assert (found.turns, found.letters) == (many, many)
    assert took_s < 10
    assert await db.read("SELECT * FROM turns") == []


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("turns", "parent_id"),
        ("turns", "resumes_id"),
        ("turns", "run_id"),
        ("turns", "session_id"),
        ("outbox", "turn_id"),
        ("outbox", "edits_id"),
        ("runs", "session_id"),
        ("topics", "current_session_id"),
        ("turn_history", "turn_id"),
    ],
)
async def test_whoever_refers_to_a_row_is_found_by_an_index(db: Database, table: str, column: str) -> None:
    """Else each deleted row would cost a look at every row of another table."""
    [plan] = await db.read(f"EXPLAIN QUERY PLAN SELECT rowid FROM {table} WHERE {column} = 5")
    assert "USING" in plan["detail"], plan["detail"]
    assert "INDEX" in plan["detail"], plan["detail"]


async def test_free_pages_are_given_back_where_they_are_many(tmp_path: Path) -> None:
    """The file becomes small again, but for a quarter; what is in it is sound; nothing is done for little."""
    path = tmp_path / DATABASE_NAME
    async with Database(path) as db:
        await Inbox(db).add([(number, "x" * 3000) for number in range(5000)], at=1)
        assert await retention.give_back(db) == 0
        async with db.transaction() as tx:
            await tx.execute("DELETE FROM inbox WHERE update_id >= 100")
        assert await retention.give_back(db) > 4000
        assert await retention.give_back(db) == 0
    assert path.stat().st_size < 3_000_000
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ends=st.lists(st.sampled_from([None, OLD, LATER]), max_size=6), links=st.lists(st.integers(0, 5), max_size=6))
async def test_no_constraint_stands_in_the_way(
    tmp_path_factory: pytest.TempPathFactory, ends: list[int | None], links: list[int]
) -> None:
    """However turns name one another, the old ones that are over go and all others stay."""
    async with Database(tmp_path_factory.mktemp("db") / DATABASE_NAME) as db:
        made: list[Turn] = []
        for end, link in zip(ends, links + [0] * len(ends), strict=False):
            named = made[link % len(made)].id if made else None
            turn = await stored_turn(db, session=None, parent_id=named, resumes_id=named)
            made.append(turn if end is None else await ended(db, turn, at=end))
        await forgotten(db, LATER)
        left = {row["id"] for row in await db.read("SELECT id FROM turns")}
        assert {turn.id for turn in made if turn.ended_at != OLD} <= left
        for turn in made:
            named_by_work = any(other.ended_at is None and other.parent_id == turn.id for other in made)
            assert (turn.id in left) == (turn.ended_at != OLD or named_by_work)
