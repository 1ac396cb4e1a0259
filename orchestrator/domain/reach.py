"""What a stop reaches: one table, and the pure choice that follows from it.

`docs/stopping.md` tells people the same, and its tests read this table.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from orchestrator.domain.ids import SessionId, TurnId
from orchestrator.domain.lane import LaneState
from orchestrator.domain.records import Turn
from orchestrator.domain.states import TurnState


class StopScope(StrEnum):
    """How much of a topic a stop takes."""

    CURRENT = "current"  # the conversation's turn
    TURN = "turn"  # the one turn that is named
    SESSION = "session"  # the one session that is named
    EVERYTHING = "everything"  # turn, queue, tasks, sessions


class Waiting(StrEnum):
    """What becomes of prompts that wait."""

    RESTS = "rests"  # they wait for a person's word
    DROPPED = "dropped"  # they will not run
    GOES_ON = "goes on"  # they run when their time comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What one scope takes. Tasks that a stopped turn started stop with it in every scope."""

    current: bool
    tasks: bool
    waiting: Waiting
    left_running: bool


REACH: Mapping[StopScope, Reach] = MappingProxyType(
    {
        StopScope.CURRENT: Reach(current=True, tasks=False, waiting=Waiting.RESTS, left_running=True),
        StopScope.TURN: Reach(current=False, tasks=False, waiting=Waiting.GOES_ON, left_running=False),
        StopScope.SESSION: Reach(current=False, tasks=False, waiting=Waiting.RESTS, left_running=True),
        StopScope.EVERYTHING: Reach(current=True, tasks=True, waiting=Waiting.DROPPED, left_running=True),
    }
)
"""`TURN` takes the named one, whatever it is; `SESSION` what the named one runs and left running. The queue rests
only where the conversation's turn is taken, or was asked for by a person."""


class Way(StrEnum):
    """How a stop is asked for."""

    IN_TOPIC = "/stop in a topic or in General"
    IN_CHAT = "/stop in a chat without topics"
    REPLY_TO_TASK = "/stop as a reply to a task's message"
    REPLY_TO_WAITING = "/stop as a reply to a waiting prompt"
    STOP_ALL = "/stop_all, by an admin"
    LIVE_BUTTON = "the Stop button of the conversation's live message"
    TASK_BUTTON = "the Stop button of a task, /tasks stop ID"
    SESSION_BUTTON = "the Stop button of a session, /sessions stop N"
    CANCEL_BUTTON = "the Cancel button of a waiting prompt"
    NEW = "/new, while a turn runs"
    RETRY = "/retry, while a turn runs"
    RUN_NOW = "Run now in /queue, while a turn runs"
    INTERRUPT = 'a prompt, with when_busy = "interrupt"'
    DEADLINE = "a deadline"
    CLOSED_TOPIC = "the Stop button about a topic that was closed or is gone"


SCOPE: Mapping[Way, StopScope] = MappingProxyType(
    {
        Way.IN_TOPIC: StopScope.CURRENT,
        Way.IN_CHAT: StopScope.EVERYTHING,
        Way.REPLY_TO_TASK: StopScope.TURN,
        Way.REPLY_TO_WAITING: StopScope.TURN,
        Way.STOP_ALL: StopScope.EVERYTHING,
        Way.LIVE_BUTTON: StopScope.CURRENT,
        Way.TASK_BUTTON: StopScope.TURN,
        Way.SESSION_BUTTON: StopScope.SESSION,
        Way.CANCEL_BUTTON: StopScope.TURN,
        Way.NEW: StopScope.CURRENT,
        Way.RETRY: StopScope.TURN,
        Way.RUN_NOW: StopScope.TURN,
        Way.INTERRUPT: StopScope.TURN,
        Way.DEADLINE: StopScope.TURN,
        Way.CLOSED_TOPIC: StopScope.EVERYTHING,
    }
)
"""What each way takes. `/stop_all` goes to every topic of the chat, all others to one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a stop takes of a lane: turns that have a run or are getting one, and waiting prompts to drop."""

    turns: tuple[TurnId, ...]
    dropped: tuple[TurnId, ...]


def taken(
    scope: StopScope,
    state: LaneState,
    turns: Mapping[TurnId, Turn],
    lines: Mapping[TurnId, Collection[TurnId]],
    *,
    turn_id: TurnId | None = None,
    session_id: SessionId | None = None,
) -> Taken:
    """What a stop takes now; turns that are being stopped already are not taken again.

    A turn that is named is taken or none is: its successor is not what was meant. `lines` names all that a
    turn descends from, through turns that are over too.
    """
    reach = REACH[scope]
    active = [each for each in state.active if turns[each].state is not TurnState.STOPPING]
    waiting = (*state.queue, *state.held)
    chosen: set[TurnId] = set()
    if reach.current and state.current is not None and turn_id in (None, state.current):
        chosen.add(state.current)
    if reach.tasks:
        chosen |= set(state.tasks)
    if scope is StopScope.TURN and turn_id is not None:
        chosen.add(turn_id)
    if scope is StopScope.SESSION:
        chosen |= {each for each in active if turns[each].session_id == session_id}
    chosen |= {each for each in active if chosen & set(lines[each])}
    dropped = waiting if reach.waiting is Waiting.DROPPED else tuple(each for each in waiting if each in chosen)
    return Taken(turns=tuple(each for each in active if each in chosen), dropped=dropped)
