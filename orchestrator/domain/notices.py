"""What people are told. The orchestrator says what; the bot says it in words."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from orchestrator.domain.agent_events import Usage
from orchestrator.domain.deadline import Limit
from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.records import Session, Turn
from orchestrator.domain.requests import Request
from orchestrator.domain.run_events import ProcessNote


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A turn that ended by itself: its answer, or its error with what had been said before."""

    turn: Turn
    agent: str
    took_s: float
    tools: int = 0
    usage: Usage = field(default_factory=Usage)
    strays: tuple[ProcessNote, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StopBegun:
    """A stop takes a moment. Comes only if it is not over almost at once."""

    topic: TopicKey
    reply_to: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopDone:
    """What a stop ended, verified; and what goes on. `edits` is the letter of its `StopBegun`.

    `turns` are those that had a run; `dropped` those that only waited and will not run; `held`
    those that wait for a person's word. `left_running` counts runs without a turn of which only strays
    were left. Where a deadline was the cause, `late` is its turn and `partial` what that had written.
    """

    topic: TopicKey
    reply_to: int | None
    turns: tuple[TurnId, ...]
    tasks: tuple[TurnId, ...] = ()
    agents: tuple[str, ...] = ()
    left_running: int = 0
    dropped: int = 0
    held: int = 0
    tasks_left: tuple[Turn, ...] = ()
    took_s: float = 0.0
    ended_tools: int = 0
    survivors: tuple[ProcessNote, ...] = ()
    deadline: Limit | None = None
    late: TurnId | None = None
    partial: str = ""
    edits: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopFoundNothing:
    """There was nothing to stop here. `finished` says that a turn ended just before, and `answer_owed`
    that its answer is not delivered yet."""

    topic: TopicKey
    reply_to: int | None
    held: int = 0
    tasks_left: tuple[Turn, ...] = ()
    finished: bool = False
    answer_owed: bool = False


class WaitReason(StrEnum):
    """Why a prompt waits."""

    BUSY = "busy"  # its topic works on another
    PLACES = "places"  # all places for agents are taken
    HELD = "held"  # its topic's queue rests after a stop
    UNHEARD = "unheard"  # it was to be said into the running turn, whose agent does not listen
    RESUMES = "resumes"  # it takes up a lost turn, and as many as allowed do that already


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A prompt waits. `ahead` is how many go first."""

    turn: Turn
    ahead: int
    reason: WaitReason


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened:
    """A fresh session is the topic's current one."""

    topic: TopicKey
    reply_to: int | None
    session: Session
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A setting of the topic, as it is now."""

    topic: TopicKey
    reply_to: int | None
    setting: str
    value: str
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What was asked for can't be done; `text` says why and what to do."""

    topic: TopicKey
    reply_to: int | None
    text: str


class Restart(StrEnum):
    """Why the bot was away."""

    RESTARTED = "restarted"
    REBOOTED = "rebooted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What a restart of the bot meant for a topic.

    What names a turn that runs is its own letter, void once that turn is stopped. `version` is that of the
    bot if it was another one before. `resumed` are turns that take up lost ones by themselves.
    """

    topic: TopicKey
    restart: Restart
    version: str = ""
    still_running: tuple[Turn, ...] = ()
    resumed: tuple[Turn, ...] = ()
    interrupted: tuple[Turn, ...] = ()
    queued: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """A turn was lost, or could not be resumed; a person decides what becomes of it. `why` is a sentence."""

    turn: Turn
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """A lost turn is taken up again, by `turn`."""

    turn: Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldChanged:
    """What was held now runs, or was dropped."""

    topic: TopicKey
    reply_to: int | None
    count: int
    dropped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineNear:
    """A turn's time is nearly up. `edits` is the letter of an earlier word about it, if that is still there.

    It took, or was silent for, `since_s`. One that is `at_work` gets more time by itself when the time is up.
    """

    turn: Turn
    limit: Limit
    left_s: float
    since_s: float
    extend_by_s: float
    extensions: int
    max_extensions: int
    at_work: bool
    edits: int | None


class PutOff(StrEnum):
    """Why an end is not near any more."""

    WORK = "work"  # it is at work, and got more time by itself
    PERSON = "person"  # somebody gave it more time
    SIGN = "sign"  # it gave a sign of life again


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePutOff:
    """What was told of a turn's end is put off. `by` is who did it, if somebody did."""

    turn: Turn
    why: PutOff
    extend_by_s: float
    extensions: int
    max_extensions: int
    edits: int | None
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineOver:
    """What was told of a turn's end needs nobody any more: it ended, of its deadline if it is `late`."""

    turn: Turn
    late: bool
    edits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An agent asks for something. `edits` is the letter that asks it already, where its questions go on."""

    turn: Turn
    agent: str
    request: Request
    edits: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDecided:
    """Somebody decided about a request, or nobody did in time."""

    turn: Turn
    agent: str
    request: Request
    edits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOver:
    """A request needs nobody any more: its turn ended, or the agent took it back. `why` is half a sentence."""

    turn: Turn
    request: Request
    why: str
    edits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidBeside:
    """What an agent said by itself while it works on a turn's prompt."""

    turn: Turn
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTaskStopped:
    """An agent was told to end one of its background tasks."""

    topic: TopicKey
    reply_to: int | None
    title: str


Notice: TypeAlias = (
    Outcome
    | StopBegun
    | StopDone
    | StopFoundNothing
    | Queued
    | SessionOpened
    | Chosen
    | Refused
    | Recovered
    | Interrupted
    | Resumed
    | HeldChanged
    | DeadlineNear
    | DeadlinePutOff
    | DeadlineOver
    | Asked
    | RequestDecided
    | RequestOver
    | SaidBeside
    | AgentTaskStopped
)
