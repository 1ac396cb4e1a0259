"""What a topic does next: the pure decisions of a lane.

A topic works on one foreground turn at a time; further prompts wait in order. A stop ends the current
turn and lets what waited rest: it is held until a person runs or drops it, while prompts that come
after the stop are new and go first. Tasks run beside all this.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from orchestrator.domain.ids import TurnId


class WhenBusy(StrEnum):
    """What happens to a prompt that comes while a turn runs."""

    QUEUE = "queue"  # it waits, visibly
    STEER = "steer"  # it goes into the running turn where the agent can, else it waits
    INTERRUPT = "interrupt"  # the running turn is stopped for it


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneState:
    """The turns of one topic that are not over."""

    current: TurnId | None = None
    queue: tuple[TurnId, ...] = ()
    held: tuple[TurnId, ...] = ()
    tasks: tuple[TurnId, ...] = ()

    @property
    def active(self) -> tuple[TurnId, ...]:
        """Turns that have, or are getting, a run."""
        return (() if self.current is None else (self.current,)) + self.tasks


def admit(state: LaneState, turn_id: TurnId) -> LaneState:
    """A new prompt waits at the end of the queue."""
    return replace(state, queue=(*state.queue, turn_id))


def admit_first(state: LaneState, turn_id: TurnId) -> LaneState:
    """A prompt goes before all that wait."""
    return replace(state, queue=(turn_id, *state.queue))


def succeed(state: LaneState, turn_id: TurnId) -> LaneState:
    """The turn that takes up a lost one has its place: what waits goes on waiting."""
    return admit_first(state, turn_id) if state.current is not None else replace(state, current=turn_id)


def admit_held(state: LaneState, turn_id: TurnId) -> LaneState:
    """A prompt from before a stop rests with the others."""
    return replace(state, held=(*state.held, turn_id))


def admit_task(state: LaneState, turn_id: TurnId) -> LaneState:
    """A new task works beside the conversation."""
    return replace(state, tasks=(*state.tasks, turn_id))


def next_up(state: LaneState) -> tuple[LaneState, TurnId | None]:
    """The turn that may start now, if any; it becomes the current one."""
    if state.current is not None or not state.queue:
        return state, None
    first, *rest = state.queue
    return replace(state, current=first, queue=tuple(rest)), first


def over(state: LaneState, turn_id: TurnId) -> LaneState:
    """A turn reached a terminal state. One that is not known here changes nothing."""
    return replace(
        state,
        current=None if state.current == turn_id else state.current,
        queue=_without(state.queue, turn_id),
        held=_without(state.held, turn_id),
        tasks=_without(state.tasks, turn_id),
    )


def returned(state: LaneState, turn_id: TurnId) -> LaneState:
    """The current turn never reached an agent: it is the next one again."""
    if state.current != turn_id:
        return state
    return replace(state, current=None, queue=(turn_id, *state.queue))


def rest(state: LaneState) -> LaneState:
    """Hold everything that waits."""
    return replace(state, queue=(), held=state.held + state.queue)


def release(state: LaneState) -> LaneState:
    """Run what was held, before what came later."""
    return replace(state, queue=state.held + state.queue, held=())


def raised(state: LaneState, turn_id: TurnId) -> LaneState:
    """A waiting prompt goes before the one that was before it; the first stays where it is."""
    if turn_id not in state.queue[1:]:
        return state
    at = state.queue.index(turn_id)
    before, after = state.queue[: at - 1], state.queue[at + 1 :]
    return replace(state, queue=(*before, turn_id, state.queue[at - 1], *after))


def promoted(state: LaneState, turn_id: TurnId) -> LaneState:
    """A prompt that waits, or rests, is the next one. One that does neither changes nothing."""
    if turn_id not in (*state.queue, *state.held):
        return state
    queue, held = _without(state.queue, turn_id), _without(state.held, turn_id)
    return replace(state, queue=(turn_id, *queue), held=held)


def positions(turns: Sequence[TurnId], known: Mapping[TurnId, int]) -> Mapping[TurnId, int]:
    """Which positions turns need so that sorting by position gives their order: the ones that they have, dealt anew."""
    dealt = dict(zip(turns, sorted(known[each] for each in turns), strict=True))
    return {each: position for each, position in dealt.items() if known[each] != position}


def let_go(state: LaneState, turns: Sequence[TurnId]) -> LaneState:
    """Run some of what was held, before what came later."""
    held = tuple(each for each in state.held if each not in turns)
    return replace(state, queue=(*turns, *state.queue), held=held)


def _without(turns: tuple[TurnId, ...], turn_id: TurnId) -> tuple[TurnId, ...]:
    return tuple(each for each in turns if each != turn_id)


def seize(state: LaneState, turn_id: TurnId) -> LaneState:
    """A turn that is under way already is the conversation's, which has to be free."""
    if state.current is not None:
        raise ValueError(f"turn {state.current} is under way")
    return replace(state, current=turn_id)
