"""The life of a turn: states, events, and the table that joins them.

    queued ─▶ starting ─▶ running ⇄ waiting
      │           │           │        │
      │           └─────┬─────┴────────┘
      │                 ▼
      │   stop ──▶ stopping ──▶ stopped | timed_out
      ▼
    stopped          … or done | failed | lost, straight from where it was

A stop is accepted in every state that is not terminal; once `stopping`, only the end of the process
tree leads on, so that whatever the agent still says cannot turn a stopped turn into an answered one.
The table is total: an event that is not listed for a state is a bug and raises `ImpossibleEvent`.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from orchestrator.domain.errors import ImpossibleEvent
from orchestrator.domain.states import TERMINAL_STATES, StopCause, TurnState


class TurnEvent(StrEnum):
    """What can happen to a turn."""

    DISPATCHED = "dispatched"  # its turn has come: it gets a run
    RETURNED = "returned"  # no agent worked on it, for certain: its run is gone, or could not take its prompt
    GIVEN = "given"  # the agent has the prompt
    ASKED = "asked"  # the agent waits for a person
    ANSWERED = "answered"  # the person answered
    FINISHED = "finished"  # the agent ended the turn well
    FAILED = "failed"  # the agent ended it badly, died, or could not be started
    STOP = "stop"  # somebody or something ends it
    GONE = "gone"  # after a stop: its processes are gone
    GONE_LATE = "gone_late"  # the same where a deadline was the cause
    GONE_DOWN = "gone_down"  # the same where the bot's own shutdown was the cause
    VANISHED = "vanished"  # its run disappeared without an end, or ended without having gone on


_S = TurnState
_E = TurnEvent

_WORKING: Mapping[TurnEvent, TurnState] = {
    _E.FINISHED: _S.DONE,
    _E.FAILED: _S.FAILED,
    _E.STOP: _S.STOPPING,
    _E.VANISHED: _S.LOST,
}

TRANSITIONS: Mapping[TurnState, Mapping[TurnEvent, TurnState]] = MappingProxyType(
    {
        _S.QUEUED: {_E.DISPATCHED: _S.STARTING, _E.STOP: _S.STOPPED, _E.FAILED: _S.FAILED},
        _S.STARTING: {**_WORKING, _E.GIVEN: _S.RUNNING, _E.RETURNED: _S.QUEUED},
        _S.RUNNING: {**_WORKING, _E.ASKED: _S.WAITING, _E.RETURNED: _S.QUEUED},
        _S.WAITING: {**_WORKING, _E.ANSWERED: _S.RUNNING},
        _S.STOPPING: {
            _E.GONE: _S.STOPPED,
            _E.GONE_LATE: _S.TIMED_OUT,
            _E.GONE_DOWN: _S.LOST,
        },
        **{state: {} for state in TERMINAL_STATES},
    }
)


def next_state(state: TurnState, event: TurnEvent, subject: str = "turn") -> TurnState:
    """The state that `event` leads to. Raises ImpossibleEvent where the table has no place for it."""
    target = TRANSITIONS[state].get(event)
    if target is None:
        raise ImpossibleEvent(subject, state, event)
    return target


def gone_event(cause: StopCause | None) -> TurnEvent:
    """The event that ends a stopping turn, by why it was stopped."""
    match cause:
        case StopCause.DEADLINE:
            return TurnEvent.GONE_LATE
        case StopCause.SHUTDOWN:
            return TurnEvent.GONE_DOWN
        case StopCause.PERSON | StopCause.TAKEOVER | None:
            return TurnEvent.GONE
