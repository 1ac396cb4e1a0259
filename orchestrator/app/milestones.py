"""What a lane hears of its runs."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from orchestrator.domain.agent_events import ApprovalWanted, Finished, ModelOffer
from orchestrator.domain.ids import TurnId
from orchestrator.domain.progress import Progress
from orchestrator.domain.run_events import ProcessNote, RunGone, RunRefused, SupervisorLost

if TYPE_CHECKING:
    from orchestrator.app.attended_run import AttendedRun


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTaken:
    """The agent has the turn's prompt."""

    run: "AttendedRun"
    turn_id: TurnId


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionNamed:
    """The CLI named its session, and perhaps the models that it has."""

    run: "AttendedRun"
    cli_session_id: str
    models: tuple[ModelOffer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMade:
    """The agent asks for something and waits; also told again when its output is read again."""

    run: "AttendedRun"
    turn_id: TurnId
    asked: ApprovalWanted


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestWithdrawn:
    """The agent does not wait for an answer any more: it took the request back, or has the answer."""

    run: "AttendedRun"
    turn_id: TurnId
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SteerHeard:
    """What was said into the turn was taken in, or never will be."""

    run: "AttendedRun"
    steer_id: int
    taken: bool


@dataclass(slots=True, kw_only=True, eq=False)
class Beside:
    """A turn of the agent's own as it is read, until it is stored: what is known of it, and its end.

    With `passed_on` it will not be: its session works on a prompt.
    """

    progress: Progress
    passed_on: bool = False
    asked: list[ApprovalWanted] = field(default_factory=list)
    result: Finished | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentBegan:
    """An agent that was given nothing to do began a turn by itself."""

    run: "AttendedRun"
    beside: Beside
    reason: str
    steer_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSaid:
    """An agent ended a turn of its own that was not stored, beside the one that it works on, if there is one."""

    run: "AttendedRun"
    turn_id: TurnId | None
    result: Finished


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFinished:
    """The agent said that the turn is over."""

    run: "AttendedRun"
    turn_id: TurnId
    result: Finished
    strays: tuple[ProcessNote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramEnded:
    """The program is gone; strays may live on."""

    run: "AttendedRun"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputEnded:
    """The program closed its stdout, or its output can't be kept, and lives."""

    run: "AttendedRun"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOver:
    """Nothing more will come of this run."""

    run: "AttendedRun"
    end: RunRefused | RunGone | SupervisorLost


Milestone: TypeAlias = (
    PromptTaken
    | SessionNamed
    | RequestMade
    | RequestWithdrawn
    | SteerHeard
    | AgentBegan
    | AgentSaid
    | TurnFinished
    | ProgramEnded
    | OutputEnded
    | RunOver
)
