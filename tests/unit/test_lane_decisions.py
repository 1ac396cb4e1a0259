"""What a topic does next: one turn at a time, in order, and what rests stays until somebody says so."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.ids import TurnId
from orchestrator.domain.lane import LaneState, admit, admit_task, next_up, over, release, rest, returned

A, B, C, D = (TurnId(number) for number in range(1, 5))


def test_the_first_prompt_starts_and_the_next_ones_wait_in_order() -> None:
    """One turn at a time; the others in the order in which they came."""
    state = admit(admit(admit(LaneState(), A), B), C)
    state, first = next_up(state)
    assert (first, state.current, state.queue) == (A, A, (B, C))
    assert next_up(state) == (state, None)
    state, second = next_up(over(state, A))
    assert (second, state.queue) == (B, (C,))


def test_nothing_is_next_in_an_empty_lane() -> None:
    """An idle topic stays idle."""
    assert next_up(LaneState()) == (LaneState(), None)


def test_a_stop_lets_what_waits_rest_and_new_prompts_go_first() -> None:
    """Held prompts start only when a person says so; what comes after the stop is new."""
    state, _ = next_up(admit(admit(LaneState(), A), B))
    state = over(rest(state), A)
    assert next_up(state) == (state, None)
    state, current = next_up(admit(state, C))
    assert (current, state.held) == (C, (B,))


def test_released_prompts_go_before_what_came_later() -> None:
    """Running what was held restores the order in which people wrote."""
    state = admit(rest(admit(admit(LaneState(), A), B)), C)
    assert release(state) == LaneState(queue=(A, B, C))


def test_two_stops_hold_both_queues_in_order() -> None:
    """What rested before stays before what is put to rest now."""
    assert rest(admit(rest(admit(LaneState(), A)), B)).held == (A, B)


def test_a_turn_that_never_reached_an_agent_is_the_next_one_again() -> None:
    """It keeps its place before those that came after it."""
    state, _ = next_up(admit(admit(LaneState(), A), B))
    state = returned(state, A)
    assert state == LaneState(queue=(A, B))
    assert returned(state, B) == state


def test_tasks_run_beside_the_conversation() -> None:
    """A task neither waits for the current turn nor holds it up."""
    state, current = next_up(admit(admit_task(LaneState(), A), B))
    assert (current, state.tasks, state.active) == (B, (A,), (B, A))
    assert over(state, A) == LaneState(current=B)


def test_the_end_of_an_unknown_turn_changes_nothing() -> None:
    """A late effect never hits a successor."""
    state, _ = next_up(admit(LaneState(), A))
    assert over(state, D) == state


@dataclass
class Model:
    """The slow, obvious lane: a list for each place."""

    current: list[int] = field(default_factory=list)
    queue: list[int] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    tasks: list[int] = field(default_factory=list)


STEPS = st.sampled_from(["admit", "task", "next", "over", "return", "rest", "release"])


@given(st.lists(st.tuples(STEPS, st.integers(0, 9))))
def test_any_sequence_agrees_with_plain_lists(steps: list[tuple[str, int]]) -> None:
    """No turn is lost, doubled or overtaken, whatever happens in which order."""
    state, model, made = LaneState(), Model(), 0
    for step, pick in steps:
        known = [*model.current, *model.queue, *model.held, *model.tasks]
        turn_id = TurnId(known[pick % len(known)] if known else 99)
        match step:
            case "admit" | "task":
                made += 1
                state = (admit if step == "admit" else admit_task)(state, TurnId(made))
                (model.queue if step == "admit" else model.tasks).append(made)
            case "next":
                state, _ = next_up(state)
                if not model.current and model.queue:
                    model.current.append(model.queue.pop(0))
            case "over":
                state = over(state, turn_id)
                for place in (model.current, model.queue, model.held, model.tasks):
                    place[:] = [each for each in place if each != turn_id]
            case "return":
                state = returned(state, turn_id)
                if turn_id in model.current:
                    model.queue.insert(0, model.current.pop())
            case "rest":
                state = rest(state)
                model.held, model.queue = model.held + model.queue, []
            case _:
                state = release(state)
                model.held, model.queue = [], model.held + model.queue
        assert state == LaneState(
            current=TurnId(model.current[0]) if model.current else None,
            queue=tuple(map(TurnId, model.queue)),
            held=tuple(map(TurnId, model.held)),
            tasks=tuple(map(TurnId, model.tasks)),
        )
