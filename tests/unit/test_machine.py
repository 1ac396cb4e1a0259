"""The table of transitions is total, agrees with SQL, and keeps what it promises on every walk."""

import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import ImpossibleEvent
from orchestrator.domain.machine import TRANSITIONS, TurnEvent, gone_event, next_state
from orchestrator.domain.states import (
    ACTIVE_STATES,
    TERMINAL_STATES,
    InboxState,
    LetterState,
    Mode,
    Priority,
    RunState,
    StopCause,
    TurnKind,
    TurnState,
)
from storage.migrations import scripts

SCHEMA = "\n".join(sql for _, _, sql in scripts())


def words(text: str) -> set[str]:
    """The quoted words of a piece of SQL."""
    return set(re.findall(r"'(\w*)'", text))


def checked(table: str, column: str) -> set[str]:
    """The words that the schema allows in a column."""
    found = re.search(rf"CREATE TABLE {table} \(.*?CHECK \({column} IN\s*\((.*?)\)\)", SCHEMA, re.DOTALL)
    assert found, f"{table}.{column} has no CHECK"
    return words(found[1])


def walked(start: TurnState, events: Iterable[TurnEvent]) -> list[TurnState]:
    """The states on a walk; what the table refuses changes nothing."""
    states = [start]
    for event in events:
        if event in TRANSITIONS[states[-1]]:
            states.append(next_state(states[-1], event))
    return states


@pytest.mark.parametrize("state", TurnState)
@pytest.mark.parametrize("event", TurnEvent)
def test_every_event_in_every_state_has_a_target_or_is_refused_by_name(state: TurnState, event: TurnEvent) -> None:
    """Nothing is ignored: an event leads on, or the error names the turn, the state and the event."""
    if event in TRANSITIONS[state]:
        assert next_state(state, event) is TRANSITIONS[state][event]
        return
    with pytest.raises(ImpossibleEvent, match=rf"^cannot take {event} in state {state} \(turn 9\)$") as caught:
        next_state(state, event, "turn 9")
    assert (caught.value.subject, caught.value.state, caught.value.event) == ("turn 9", state, event)


def test_the_table_has_a_row_for_every_state() -> None:
    """No state is missing, and none is there that is no state."""
    assert set(TRANSITIONS) == set(TurnState)


def test_exactly_the_terminal_states_lead_nowhere() -> None:
    """Terminal states never change; every other state can."""
    assert {state for state, row in TRANSITIONS.items() if not row} == TERMINAL_STATES


@pytest.mark.parametrize("state", sorted(set(TurnState) - TERMINAL_STATES - {TurnState.STOPPING}))
def test_a_stop_is_accepted_in_every_state_that_is_not_over(state: TurnState) -> None:
    """What waits is stopped at once, what has a run is stopping first."""
    expected = TurnState.STOPPED if state is TurnState.QUEUED else TurnState.STOPPING
    assert next_state(state, TurnEvent.STOP) is expected


def test_from_stopping_only_the_end_of_the_processes_leads_on() -> None:
    """Whatever a stopped agent still says, its turn is never answered."""
    assert set(TRANSITIONS[TurnState.STOPPING]) == {TurnEvent.GONE, TurnEvent.GONE_LATE, TurnEvent.GONE_DOWN}
    assert TurnState.DONE not in TRANSITIONS[TurnState.STOPPING].values()


@pytest.mark.parametrize(
    ("cause", "state"),
    [
        (None, TurnState.STOPPED),
        (StopCause.PERSON, TurnState.STOPPED),
        (StopCause.TAKEOVER, TurnState.STOPPED),
        (StopCause.DEADLINE, TurnState.TIMED_OUT),
        (StopCause.SHUTDOWN, TurnState.LOST),
    ],
)
def test_the_cause_of_a_stop_decides_how_it_ends(cause: StopCause | None, state: TurnState) -> None:
    """A deadline is no stop of a person, and a turn that the shutdown took can be resumed."""
    assert next_state(TurnState.STOPPING, gone_event(cause)) is state


def test_every_state_can_be_reached_and_can_end() -> None:
    """There is no state that no turn can be in, and none that a turn could not leave."""
    reached = {TurnState.QUEUED}
    while more := {target for state in reached for target in TRANSITIONS[state].values()} - reached:
        reached |= more
    assert reached == set(TurnState)
    for state in set(TurnState) - TERMINAL_STATES:
        assert TERMINAL_STATES & set(TRANSITIONS[state].values()), state


@given(st.lists(st.sampled_from(TurnEvent), max_size=40))
def test_any_walk_keeps_what_the_table_promises(events: list[TurnEvent]) -> None:
    """A stop is final, an end is final, and nothing is answered without having been given to an agent's run."""
    states = walked(TurnState.QUEUED, events)
    for before, after in pairwise(states):
        assert before not in TERMINAL_STATES
        if before is TurnState.STOPPING:
            assert after in {TurnState.STOPPED, TurnState.TIMED_OUT, TurnState.LOST}
        if after in {TurnState.RUNNING, TurnState.WAITING, TurnState.STOPPING, TurnState.DONE}:
            assert before in ACTIVE_STATES
    assert sum(state in TERMINAL_STATES for state in states) <= 1


@pytest.mark.parametrize(
    ("table", "column", "enum"),
    [
        ("turns", "state", TurnState),
        ("turns", "kind", TurnKind),
        ("runs", "state", RunState),
        ("inbox", "state", InboxState),
        ("outbox", "state", LetterState),
        ("outbox", "priority", Priority),
        ("sessions", "mode", Mode),
        ("sessions", "kind", TurnKind),
    ],
)
def test_the_same_words_stand_in_sql(table: str, column: str, enum: type[StrEnum]) -> None:
    """A state that one side knows, the other knows as well."""
    assert checked(table, column) == {str(value) for value in enum}


@pytest.mark.parametrize(("table", "column", "enum"), [("turns", "cause", StopCause), ("topics", "mode", Mode)])
def test_optional_words_stand_in_sql_with_the_empty_one(table: str, column: str, enum: type[StrEnum]) -> None:
    """Where there may be none, SQL has the empty word for it."""
    assert checked(table, column) == {"", *enum}


def test_sql_means_the_same_by_active_and_by_ended() -> None:
    """The index that lets a session work on one turn, and the check of `ended_at`, have the domain's sets."""
    active = re.search(r"turns_one_active_per_session ON turns.*?IN \((.*?)\)", SCHEMA, re.DOTALL)
    ended = re.search(r"CHECK \(\(state IN \((.*?)\)\) = \(ended_at", SCHEMA, re.DOTALL)
    assert active
    assert words(active[1]) == {str(state) for state in ACTIVE_STATES}
    assert ended
    assert words(ended[1]) == {str(state) for state in TERMINAL_STATES}
