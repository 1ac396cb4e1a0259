"""The order of what waits: moved by one, brought to the front, and stored so that sorting gives it back."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.ids import TurnId
from orchestrator.domain.lane import LaneState, positions, promoted, raised

A, B, C, D = (TurnId(number) for number in range(1, 5))
IDS = st.lists(st.integers(1, 30).map(TurnId), unique=True, max_size=8)


def test_one_moves_up_by_one() -> None:
    """The first stays where it is, and so does what does not wait."""
    state = LaneState(current=D, queue=(A, B, C))
    assert raised(state, C).queue == (A, C, B)
    assert raised(state, A) == state
    assert raised(state, D) == state


def test_one_is_the_next_whether_it_waits_or_rests() -> None:
    """What does neither changes nothing."""
    state = LaneState(queue=(A, B), held=(C, D))
    assert promoted(state, B) == LaneState(queue=(B, A), held=(C, D))
    assert promoted(state, D) == LaneState(queue=(D, A, B), held=(C,))
    assert promoted(state, TurnId(9)) == state


@given(IDS, st.integers(0, 8), st.integers(1, 30).map(TurnId))
def test_nothing_is_lost_or_doubled(ids: list[TurnId], cut: int, chosen: TurnId) -> None:
    """Whatever is moved; the others keep their order."""
    state = LaneState(queue=tuple(ids[:cut]), held=tuple(ids[cut:]))
    for moved in (raised(state, chosen), promoted(state, chosen)):
        assert sorted((*moved.queue, *moved.held)) == sorted(ids)
        for before, after in ((state.queue, moved.queue), (state.held, moved.held)):
            rest = [each for each in before if each != chosen]
            assert [each for each in after if each != chosen] == rest or chosen in before
    up = raised(state, chosen)
    assert promoted(promoted(state, chosen), chosen) == promoted(state, chosen)
    assert up.held == state.held


@given(st.permutations([TurnId(number) for number in range(1, 8)]))
def test_stored_positions_give_the_order_back(order: list[TurnId]) -> None:
    """The same positions are dealt anew: each is there once, and nothing is written that holds already."""
    known = {turn: int(turn) for turn in order}
    dealt = positions(order, known)
    after = {**known, **dealt}
    assert sorted(order, key=lambda turn: after[turn]) == order
    assert sorted(after.values()) == sorted(known.values())
    assert positions(order, after) == {}


@given(st.lists(st.tuples(st.sampled_from(["add", "front", "up"]), st.integers(0, 9)), max_size=30))
def test_any_sequence_of_moves_is_found_again(steps: list[tuple[str, int]]) -> None:
    """After each step, sorting by the stored positions gives the queue as it is in memory."""
    state, known, made = LaneState(), dict[TurnId, int](), 0
    for step, pick in steps:
        waiting = state.queue
        chosen = waiting[pick % len(waiting)] if waiting else TurnId(99)
        if step == "add" or not waiting:
            made += 1
            turn = TurnId(made)
            known[turn] = made
            state = LaneState(queue=(*state.queue, turn))
        else:
            state = promoted(state, chosen) if step == "front" else raised(state, chosen)
        known |= positions(state.queue, {each: known[each] for each in state.queue})
        assert tuple(sorted(state.queue, key=lambda each: known[each])) == state.queue
