"""Turns: one a message, one at work a session, and every transition guarded and written down."""

import sqlite3
from dataclasses import replace

import pytest

from orchestrator.domain.errors import ImpossibleEvent
from orchestrator.domain.ids import RunId, SessionId, TopicKey, TurnId, UserId
from orchestrator.domain.machine import TRANSITIONS, TurnEvent, next_state
from orchestrator.domain.records import NewTurn, RunRow, Session, Turn
from orchestrator.domain.states import (
    ACTIVE_STATES,
    TERMINAL_STATES,
    Mode,
    Owed,
    RunState,
    StopCause,
    TakenUp,
    TurnKind,
    TurnState,
)
from storage import facts, runs, sessions, turns
from storage.database import Database
from storage.runs import RunRows
from storage.sessions import Sessions
from storage.turns import Turns
from tests.builders import GROUP, TOPIC, stored_session, stored_turn

E = TurnEvent
_WAY_TO = {
    TurnState.QUEUED: (),
    TurnState.STARTING: (E.DISPATCHED,),
    TurnState.RUNNING: (E.DISPATCHED, E.GIVEN),
    TurnState.WAITING: (E.DISPATCHED, E.GIVEN, E.ASKED),
    TurnState.STOPPING: (E.DISPATCHED, E.STOP),
    TurnState.DONE: (E.DISPATCHED, E.GIVEN, E.FINISHED),
    TurnState.FAILED: (E.FAILED,),
    TurnState.STOPPED: (E.STOP,),
    TurnState.TIMED_OUT: (E.DISPATCHED, E.STOP, E.GONE_LATE),
    TurnState.LOST: (E.DISPATCHED, E.VANISHED),
}


async def moved(db: Database, turn: Turn, *events: TurnEvent, at: int = 2_000, run: str = "") -> Turn:
    """Take a turn along some events, with a run of its own."""
    run_id = RunId(run or f"run-{turn.id}")
    async with db.transaction() as tx:
        if await tx.row("SELECT 1 FROM runs WHERE id = :id", {"id": run_id}) is None:
            await runs.add(tx, a_run(run_id, turn.session_id))
            await runs.end(tx, run_id, RunState.ENDED, at)
        await turns.set_run(tx, turn.id, run_id)
        for event in events:
            found = await turns.move(tx, turn, event, at)
            assert found is not None
            turn = found
    return turn


def a_run(run_id: RunId, session_id: SessionId) -> RunRow:
    """A run in the store."""
    return RunRow(
        id=run_id, session_id=session_id, state=RunState.LIVE, agent="claude", directory="/srv/api", created_at=1
    )


async def test_a_turn_comes_back_as_it_was_stored(db: Database) -> None:
    """Every column has its field."""
    session = await stored_session(db, topic=TopicKey(GROUP))
    parent = await stored_turn(db, session=session)
    new = NewTurn(
        session_id=session.id,
        topic=TopicKey(GROUP),
        kind=TurnKind.TASK,
        prompt="fix\nit",
        message_id=5,
        reply_to=6,
        sender_id=UserId(7),
        sender_name="Ålice",
        parent_id=parent.id,
        resumes_id=parent.id,
        taken_up=TakenUp.ITSELF,
        attempts=2,
        afresh=True,
    )
    async with db.transaction() as tx:
        turn = await turns.add(tx, new, at=1_234)
        assert turn is not None
        assert await turns.get(tx, turn.id) == turn
        assert await turns.resumed(tx, parent.id)
        assert not await turns.resumed(tx, turn.id)
    assert await Turns(db).get(turn.id) == turn
    assert turn == Turn(
        id=turn.id,
        session_id=session.id,
        topic=TopicKey(GROUP, None),
        kind=TurnKind.TASK,
        parent_id=parent.id,
        state=TurnState.QUEUED,
        held=False,
        cause=None,
        prompt="fix\nit",
        message_id=5,
        reply_to=6,
        sender_id=UserId(7),
        sender_name="Ålice",
        run_id=None,
        resumes_id=parent.id,
        created_at=1_234,
        started_at=None,
        ended_at=None,
        answer="",
        error="",
        live_message_id=None,
        live_open=False,
        taken_up=TakenUp.ITSELF,
        attempts=2,
        afresh=True,
    )


async def test_a_message_has_one_turn(db: Database) -> None:
    """A second turn for it is not stored, in whatever topic; without a message there may be many."""
    session = await stored_session(db)
    await stored_turn(db, session=session, message_id=5)
    again = NewTurn(
        session_id=session.id, topic=TopicKey(GROUP), kind=TurnKind.FOREGROUND, prompt="again", message_id=5
    )
    async with db.transaction() as tx:
        assert await turns.add(tx, again, at=2) is None
        assert await turns.add(tx, replace(again, topic=TopicKey(GROUP - 1)), at=2) is not None
        assert await turns.add(tx, replace(again, message_id=None), at=2) is not None
        assert await turns.add(tx, replace(again, message_id=None), at=2) is not None


async def test_turn_ids_are_never_reused(db: Database) -> None:
    """A late effect on a deleted turn can't hit its successor."""
    first = await stored_turn(db)
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM turns")
    assert (await stored_turn(db)).id > first.id


@pytest.mark.parametrize("active", sorted(ACTIVE_STATES))
async def test_the_schema_lets_a_session_work_on_one_turn(db: Database, active: TurnState) -> None:
    """Whatever a bug may try, a second active turn of the session is refused; of another it is not."""
    session = await stored_session(db)
    await moved(db, await stored_turn(db, session=session), *_WAY_TO[active])
    second, elsewhere = await stored_turn(db, session=session), await stored_turn(db)
    with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE.*turns\.session_id"):
        await moved(db, second, E.DISPATCHED)
    stored = await Turns(db).get(second.id)
    assert stored is not None
    assert stored.state is TurnState.QUEUED
    assert (await moved(db, elsewhere, E.DISPATCHED)).state is TurnState.STARTING


@pytest.mark.parametrize("state", TurnState)
async def test_every_transition_of_the_table_is_one_that_the_store_takes(db: Database, state: TurnState) -> None:
    """The schema's checks agree with the machine: state, end and history of every step."""
    assert set(_WAY_TO) == set(TurnState)
    for event in TRANSITIONS[state]:
        turn = await moved(db, await stored_turn(db), *_WAY_TO[state])
        assert turn.state is state
        after = await moved(db, turn, event, at=3_000)
        assert after.state is next_state(state, event)
        assert (after.ended_at == 3_000) is (after.state in TERMINAL_STATES)
        assert await Turns(db).get(turn.id) == after
        assert (await Turns(db).history(turn.id))[-1] == (3_000, state, event, after.state, "")


async def test_a_move_from_a_state_that_is_not_so_any_more_does_nothing(db: Database) -> None:
    """Whoever comes second learns it, and leaves no trace."""
    queued = await stored_turn(db)
    await moved(db, queued, E.DISPATCHED)
    async with db.transaction() as tx:
        assert await turns.move(tx, queued, E.STOP, at=9) is None
    assert [row[2] for row in await Turns(db).history(queued.id)] == [E.DISPATCHED]
    stored = await Turns(db).get(queued.id)
    assert stored is not None
    assert stored.state is TurnState.STARTING


async def test_an_impossible_event_names_the_turn(db: Database) -> None:
    """A bug of ours never becomes a silent update."""
    turn = await stored_turn(db)
    with pytest.raises(ImpossibleEvent, match=rf"cannot take finished in state queued \(turn {turn.id}\)"):
        async with db.transaction() as tx:
            await turns.move(tx, turn, E.FINISHED, at=9)


async def test_history_stands_and_falls_with_the_transition(db: Database) -> None:
    """A rollback leaves neither the state nor its row."""
    turn = await stored_turn(db)
    with pytest.raises(ZeroDivisionError):
        async with db.transaction() as tx:
            assert await turns.move(tx, turn, E.STOP, at=9, why="x", cause=StopCause.PERSON)
            raise ZeroDivisionError
    assert await Turns(db).history(turn.id) == []
    assert await Turns(db).get(turn.id) == turn
    async with db.transaction() as tx:
        await turns.move(tx, turn, E.STOP, at=9, why="/stop", cause=StopCause.PERSON)
    assert await Turns(db).history(turn.id) == [(9, "queued", "stop", "stopped", "/stop")]


async def test_the_cause_of_a_stop_is_kept_to_its_end(db: Database) -> None:
    """After a restart it still decides how the turn ends."""
    turn = await moved(db, await stored_turn(db), E.DISPATCHED)
    async with db.transaction() as tx:
        stopping = await turns.move(tx, turn, E.STOP, at=3, cause=StopCause.DEADLINE)
        assert stopping is not None
        over = await turns.move(tx, stopping, E.GONE_LATE, at=4)
    assert over is not None
    assert (over.state, over.cause, over.started_at, over.ended_at) == (
        TurnState.TIMED_OUT,
        StopCause.DEADLINE,
        2_000,
        4,
    )


async def test_a_turn_can_not_run_without_a_run(db: Database) -> None:
    """Else nobody could find its process after a restart."""
    turn = await stored_turn(db)
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        async with db.transaction() as tx:
            starting = await turns.move(tx, turn, E.DISPATCHED, at=2)
            assert starting is not None
            await turns.move(tx, starting, E.GIVEN, at=2)


async def test_only_the_queue_of_one_topic_is_held(db: Database) -> None:
    """Not what runs, not tasks, not other topics; releasing it is the same backwards."""
    session = await stored_session(db)
    running = await moved(db, await stored_turn(db, session=session), E.DISPATCHED)
    waiting = [await stored_turn(db, session=session) for _ in range(2)]
    task = await stored_turn(db, session=session, kind=TurnKind.TASK)
    elsewhere = await stored_turn(db, topic=TopicKey(GROUP))
    async with db.transaction() as tx:
        assert await turns.hold(tx, TOPIC, held=True) == 2
        assert await turns.hold(tx, TOPIC, held=True) == 0
    held = {each.id for each in await Turns(db).unfinished() if each.held}
    assert held == {each.id for each in waiting}
    assert not held & {running.id, task.id, elsewhere.id}
    async with db.transaction() as tx:
        assert await turns.hold(tx, TOPIC, held=False) == 2


async def test_a_held_turn_cannot_start(db: Database) -> None:
    """Nothing that rests starts by itself, whatever the code above says."""
    turn = await stored_turn(db)
    async with db.transaction() as tx:
        await turns.hold(tx, TOPIC, held=True)
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        await moved(db, turn, E.DISPATCHED)


async def test_the_lists_that_recovery_and_people_ask_for(db: Database) -> None:
    """Unfinished ones oldest first, children, tasks, a run's turns, live messages left open."""
    reader = Turns(db)
    session = await stored_session(db)
    ended = await moved(db, await stored_turn(db, session=session), E.DISPATCHED, E.GIVEN, E.FINISHED, run="r1")
    running = await moved(db, await stored_turn(db, session=session), E.DISPATCHED, E.GIVEN, run="r1")
    child = await stored_turn(db, kind=TurnKind.TASK, parent_id=running.id)
    old_task = await moved(db, await stored_turn(db, kind=TurnKind.TASK, parent_id=running.id), E.STOP)
    other_chat = await stored_turn(db, topic=TopicKey(5))
    await reader.set_live(ended.id, 900, is_open=True)
    await reader.set_live(running.id, 901, is_open=True)
    assert [each.id for each in await reader.unfinished()] == [running.id, child.id, other_chat.id]
    assert [each.id for each in await reader.unfinished(5)] == [other_chat.id]
    assert [each.id for each in await reader.tasks(GROUP)] == [child.id, old_task.id]
    assert [each.id for each in await reader.of_run(RunId("r1"))] == [ended.id, running.id]
    assert [(each.id, each.live_message_id) for each in await reader.live_left_open()] == [(ended.id, 900)]
    last = await reader.last_of_session(session.id)
    assert last is not None
    assert last.id == running.id
    await reader.set_live(ended.id, None, is_open=False)
    assert await reader.live_left_open() == []
    closed = await reader.get(ended.id)
    assert closed is not None
    assert closed.live_message_id == 900
    assert await reader.get(TurnId(99)) is None


async def test_answers_of_turns_are_stored(db: Database) -> None:
    """What came of a turn, and the message that became its live message."""
    running = await moved(db, await stored_turn(db), E.DISPATCHED)
    async with db.transaction() as tx:
        await turns.set_answer(tx, running.id, answer="said", error="why")
        await turns.take_over_message(tx, running.id, 77)
    second = await Turns(db).get(running.id)
    assert second is not None
    assert (second.answer, second.error, second.live_message_id, second.live_open) == ("said", "why", 77, True)


async def test_a_session_comes_back_as_it_was_stored(db: Database) -> None:
    """And as it became: begun, forgotten by its CLI, adjusted, used."""
    session = await stored_session(db, name="api", cli_session_id="mine")
    assert await Sessions(db).get(session.id) == session
    async with db.transaction() as tx:
        await sessions.begun(tx, session.id, "theirs")
        await sessions.adjust(tx, session.id, model="opus", mode=Mode.ALL)
        await sessions.use(tx, session.id, 9_000)
        expected: Session = replace(
            session, begun=True, cli_session_id="theirs", model="opus", mode=Mode.ALL, used_at=9_000
        )
        assert await sessions.get(tx, session.id) == expected
        await sessions.forget(tx, session.id, "fresh")
    found = await Sessions(db).get(session.id)
    assert found is not None
    assert (found.begun, found.cli_session_id) == (False, "fresh")


async def test_what_a_lost_turn_needs_is_remembered_until_it_has_it(db: Database) -> None:
    """A verdict, then perhaps a notice; oldest first."""
    first, second = await stored_turn(db), await stored_turn(db)
    async with db.transaction() as tx:
        await turns.owe(tx, second.id, Owed.NOTICE)
        await turns.owe(tx, first.id, Owed.VERDICT)
    assert [(turn.id, owed) for turn, owed in await Turns(db).owed()] == [
        (first.id, Owed.VERDICT),
        (second.id, Owed.NOTICE),
    ]
    async with db.transaction() as tx:
        await turns.owe(tx, first.id, None)
    assert [turn.id for turn, _ in await Turns(db).owed()] == [second.id]


async def test_it_is_known_when_a_turn_was_given_last(db: Database) -> None:
    """And of one that runs again in a fresh session, that it does."""
    turn = await stored_turn(db)
    async with db.transaction() as tx:
        assert await turns.given_at(tx, turn.id) is None
    for at in (5, 7):
        await moved(db, turn, TurnEvent.DISPATCHED, TurnEvent.GIVEN, TurnEvent.RETURNED, at=at)
    async with db.transaction() as tx:
        await turns.begins_afresh(tx, turn.id)
        assert await turns.given_at(tx, turn.id) == 7
        assert await turns.times_returned(tx, turn.id) == 2
    stored = await Turns(db).get(turn.id)
    assert stored is not None
    assert (stored.afresh, stored.state) == (True, TurnState.QUEUED)


async def test_facts_are_kept_by_name(db: Database) -> None:
    """The newest holds; one that was never stored is empty."""
    async with db.transaction() as tx:
        assert await facts.get(tx, "version") == ""
        await facts.put(tx, "version", "1")
        await facts.put(tx, "version", "2")
        assert await facts.get(tx, "version") == "2"


async def test_sessions_are_listed_by_use_and_deleted_ones_are_not(db: Database) -> None:
    """A topic's own, or a chat's; those of tasks are no conversation to go back to."""
    old, new = await stored_session(db, used_at=1), await stored_session(db, used_at=2)
    elsewhere = await stored_session(db, topic=TopicKey(GROUP), used_at=3)
    await stored_session(db, kind=TurnKind.TASK, used_at=4)
    deleted = await stored_session(db, used_at=5)
    async with db.transaction() as tx:
        await tx.execute("UPDATE sessions SET deleted_at = 1 WHERE id = :id", {"id": deleted.id})
    assert [each.id for each in await Sessions(db).of_topic(TOPIC)] == [new.id, old.id]
    assert [each.id for each in await Sessions(db).of_chat(GROUP)] == [elsewhere.id, new.id, old.id]
    assert await Sessions(db).get(deleted.id) is None


async def test_a_session_has_one_live_run(db: Database) -> None:
    """Two processes must never work on one CLI session; one whose program ended may linger beside it."""
    session = await stored_session(db)
    first, second = a_run(RunId("one"), session.id), a_run(RunId("two"), session.id)
    async with db.transaction() as tx:
        await runs.add(tx, first)
    with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE.*runs\.session_id"):
        async with db.transaction() as tx:
            await runs.add(tx, second)
    async with db.transaction() as tx:
        await runs.linger(tx, first.id)
        await runs.add(tx, second)
    rows = RunRows(db)
    assert [(each.id, each.state) for each in await rows.live()] == [
        ("one", RunState.LINGERING),
        ("two", RunState.LIVE),
    ]
    async with db.transaction() as tx:
        await runs.end(tx, first.id, RunState.ENDED, at=5)
        await runs.end(tx, first.id, RunState.LOST, at=6)
        await runs.linger(tx, first.id)
    assert await rows.get(second.id) == second
    ended = await rows.get(first.id)
    assert ended is not None
    assert ended.state is RunState.ENDED
    assert await rows.get(RunId("none")) is None
