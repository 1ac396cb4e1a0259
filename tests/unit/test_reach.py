"""What a stop takes and what it leaves: the table, the choice that follows from it, and what people are told of it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.ids import SessionId, TurnId
from orchestrator.domain.lane import LaneState
from orchestrator.domain.reach import REACH, SCOPE, StopScope, Waiting, Way, taken
from orchestrator.domain.records import Turn
from orchestrator.domain.states import TurnState
from tests.builders import a_turn

PAGE = Path(__file__).parents[2] / "docs" / "stopping.md"
CURRENT, TASK, CHILD, GRANDCHILD, OTHER, QUEUED, HELD = map(TurnId, range(1, 8))
STATE = LaneState(current=CURRENT, queue=(QUEUED,), held=(HELD,), tasks=(TASK, CHILD, GRANDCHILD, OTHER))
PARENTS = {CHILD: CURRENT, GRANDCHILD: CHILD}


LINES = {
    CURRENT: {CURRENT},
    TASK: {TASK},
    CHILD: {CHILD, CURRENT},
    GRANDCHILD: {GRANDCHILD, CHILD, CURRENT},
    OTHER: {OTHER},
}


def turns(**states: TurnState) -> dict[TurnId, Turn]:
    """One of each kind; each has a session of its own, but what waits is for the conversation's."""
    found = {}
    for number in range(1, 8):
        turn_id = TurnId(number)
        session = CURRENT if turn_id in (QUEUED, HELD) else turn_id
        found[turn_id] = a_turn(id=turn_id, session_id=SessionId(session), parent_id=PARENTS.get(turn_id))
    for name, state in states.items():
        turn_id = TurnId(int(name.removeprefix("t")))
        found[turn_id] = a_turn(id=turn_id, state=state, parent_id=PARENTS.get(turn_id))
    return found


@pytest.mark.parametrize(
    ("scope", "named", "ended", "dropped"),
    [
        (StopScope.CURRENT, None, {CURRENT, CHILD, GRANDCHILD}, set()),
        (StopScope.TURN, TASK, {TASK}, set()),
        (StopScope.TURN, CHILD, {CHILD, GRANDCHILD}, set()),
        (StopScope.TURN, CURRENT, {CURRENT, CHILD, GRANDCHILD}, set()),
        (StopScope.TURN, QUEUED, set(), {QUEUED}),
        (StopScope.TURN, HELD, set(), {HELD}),
        (StopScope.TURN, TurnId(99), set(), set()),
        (StopScope.SESSION, TASK, {TASK}, set()),
        (StopScope.SESSION, CURRENT, {CURRENT, CHILD, GRANDCHILD}, set()),
        (StopScope.EVERYTHING, None, {CURRENT, TASK, CHILD, GRANDCHILD, OTHER}, {QUEUED, HELD}),
    ],
)
def test_each_scope_takes_what_the_table_says(
    scope: StopScope, named: TurnId | None, ended: set[TurnId], dropped: set[TurnId]
) -> None:
    """The named one with all that descends from it, and nothing beside it."""
    session = SessionId(named) if named is not None else None
    found = taken(scope, STATE, turns(), LINES, turn_id=named, session_id=session)
    assert (set(found.turns), set(found.dropped)) == (ended, dropped)


def test_what_is_being_stopped_is_not_stopped_again() -> None:
    """A second stop takes only what the first did not."""
    found = taken(StopScope.EVERYTHING, STATE, turns(t1=TurnState.STOPPING, t3=TurnState.STOPPING), LINES)
    assert set(found.turns) == {TASK, GRANDCHILD, OTHER}


def test_what_descends_through_a_turn_that_is_over_is_taken_too() -> None:
    """A task that was started by a task that has ended since."""
    state = LaneState(current=CURRENT, tasks=(GRANDCHILD,))
    known = {each: turns()[each] for each in (CURRENT, GRANDCHILD)}
    assert taken(StopScope.CURRENT, state, known, LINES).turns == (CURRENT, GRANDCHILD)


@given(
    scope=st.sampled_from(StopScope),
    named=st.integers(1, 8).map(TurnId),
    stopping=st.sets(st.integers(1, 5).map(TurnId)),
)
def test_nothing_is_taken_that_the_table_does_not_allow(scope: StopScope, named: TurnId, stopping: set[TurnId]) -> None:
    """Whatever is named and whatever is under way: only turns with a run are ended, only waiting ones dropped."""
    known = {
        key: a_turn(id=key, state=TurnState.STOPPING) if key in stopping else turn for key, turn in turns().items()
    }
    found = taken(scope, STATE, known, LINES, turn_id=named, session_id=SessionId(named))
    assert set(found.turns) <= set(STATE.active) - stopping
    assert set(found.dropped) <= {QUEUED, HELD}
    if REACH[scope].waiting is not Waiting.DROPPED:
        assert set(found.dropped) <= {named}
    if scope is StopScope.CURRENT:
        assert not set(found.turns) & {TASK, OTHER}


def rows() -> list[list[str]]:
    """The table of the page, without its markup."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [[cell.replace("`", "").replace("*", "") for cell in row] for row in cells if len(row) == 4][2:]


def test_the_page_tells_every_way_and_what_becomes_of_what_waits() -> None:
    """One row for each way, in order; the third column begins with the word of the table in code."""
    assert [row[0] for row in rows()] == [str(way) for way in Way]
    for row, way in zip(rows(), Way, strict=True):
        assert row[2].startswith(REACH[SCOPE[way]].waiting), row[0]


@pytest.mark.parametrize("way", Way)
def test_the_page_says_whether_tasks_stop_too(way: Way) -> None:
    """Only where the table says so does a stop take tasks that the turn did not start."""
    ends = next(row[1] for row in rows() if row[0] == way)
    takes_all = "all tasks" in ends or "every turn and task" in ends
    assert takes_all == REACH[SCOPE[way]].tasks
