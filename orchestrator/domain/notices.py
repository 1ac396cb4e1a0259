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
from orchestrator.domain.words import Words
from orchestrator.domain.worktrees import Diff, Tended, Worktree


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A turn that ended by itself: its answer, or its error with what had been said before."""

    turn: Turn
    agent: str
    took_s: float
    tools: int = 0
    usage: Usage = field(default_factory=Usage)
    strays: tuple[ProcessNote, ...] = ()
    remarks: tuple[str | Words, ...] = ()


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
    FILES = "files"  # it was to be said into the running turn, and has files, which can't be
    PLACES = "places"  # all places for agents are taken
    HELD = "held"  # its topic's queue rests after a stop
    WHERE = "where"  # nobody said yet where its topic works
    UNHEARD = "unheard"  # it was to be said into the running turn, whose agent does not listen
    RESUMES = "resumes"  # it takes up a lost turn, and as many as allowed do that already


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A prompt waits. `ahead` is how many go first; `edits` is the letter that said another number before."""

    turn: Turn
    ahead: int
    reason: WaitReason
    edits: int | None = None


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
    value: str | Words
    remarks: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOffered:
    """Nobody said where a topic works: projects and directories are offered. If it `asks`, its prompts wait for that.

    `directory` is where it works otherwise; `at` is when it was offered.
    """

    topic: TopicKey
    reply_to: int | None
    asks: bool
    directory: str
    projects: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorktreeTold:
    """What became of a deed with a topic's worktree. `remark` is what to know besides; `at` is when."""

    topic: TopicKey
    reply_to: int | None
    tended: Tended
    remark: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffTold:
    """What changed where a topic works; in its `worktree`, if it is in one. `at` is when it was looked."""

    topic: TopicKey
    reply_to: int | None
    diff: Diff
    worktree: Worktree | None
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What was asked for can't be done; `text` says why and what to do."""

    topic: TopicKey
    reply_to: int | None
    text: Words


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
    why: Words


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
    why: Words
    edits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidBeside:
    """What an agent said by itself while it works on a turn's prompt."""

    turn: Turn
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcribed:
    """What was spoken is a prompt now, in these words."""

    turn: Turn
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedLate:
    """A prompt was changed that began already: it can be run again as it is now. `at_work` says that it still runs."""

    turn: Turn
    message_id: int | None
    at_work: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTaskStopped:
    """An agent was told to end one of its background tasks."""

    topic: TopicKey
    reply_to: int | None
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something was done as it was asked for."""

    topic: TopicKey
    reply_to: int | None
    words: Words


Notice: TypeAlias = (
    Outcome
    | StopBegun
    | StopDone
    | StopFoundNothing
    | Queued
    | SessionOpened
    | Chosen
    | Refused
    | PlaceOffered
    | WorktreeTold
    | DiffTold
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
    | Transcribed
    | EditedLate
    | AgentTaskStopped
    | Told
)
