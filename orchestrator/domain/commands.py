"""What people ask of a topic. Imperative; each carries the update that it came with, if any."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from orchestrator.domain.ids import RequestId, SessionId, TurnId, UserId
from orchestrator.domain.records import FileRef
from orchestrator.domain.requests import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a command came from. `update_id` is done once the command's effect is stored."""

    update_id: int | None = None
    message_id: int | None = None
    user_id: UserId | None = None
    user_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Ask the topic's session, perhaps about files."""

    origin: Origin
    text: str
    files: tuple[FileRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Start a task beside the conversation. An agent's turn that starts one is its `parent_id`."""

    origin: Origin
    text: str
    parent_id: TurnId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Run the topic's last prompt again."""

    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """Begin a fresh session, perhaps with another agent, perhaps with a first prompt."""

    origin: Origin
    agent: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchSession:
    """Make a kept session the current one."""

    origin: Origin
    session_id: SessionId


class Setting(StrEnum):
    """What can be chosen for a topic."""

    AGENT = "agent"
    MODEL = "model"
    MODE = "mode"
    PROJECT = "project"
    DIRECTORY = "directory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose:
    """Set one thing for the topic. An empty value goes back to the default."""

    origin: Origin
    setting: Setting
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHeld:
    """Run what rests since a stop."""

    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class DropHeld:
    """Drop what rests since a stop."""

    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeTurn:
    """Take up an interrupted turn again."""

    origin: Origin
    turn_id: TurnId


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendTurn:
    """Give a turn more time."""

    origin: Origin
    turn_id: TurnId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinueTurn:
    """Go on with what a deadline ended."""

    origin: Origin
    turn_id: TurnId


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Go on with the last interrupted turn, or with a session by the agent's own id for it."""

    origin: Origin
    cli_session_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SteerTurn:
    """Say something into a running turn; without a `turn_id` into that of the conversation."""

    origin: Origin
    text: str
    turn_id: TurnId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAgentTask:
    """End one background task of a session's agent, by the agent's own name for it."""

    origin: Origin
    session_id: SessionId
    task_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide:
    """Do something about what an agent asks. `nonce` comes from a button, and is None where its message was
    replied to. `is_admin` says that the person may decide for others."""

    origin: Origin
    request_id: RequestId
    nonce: str | None
    act: Act
    is_admin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeRule:
    """Take back what was allowed for the rest of a session; `number` counts its rules from 1, `at` is when it was."""

    origin: Origin
    session_id: SessionId
    number: int
    at: int


LaneCommand: TypeAlias = (
    Prompt
    | Retry
    | Background
    | OpenSession
    | SwitchSession
    | Choose
    | RunHeld
    | DropHeld
    | ResumeTurn
    | ExtendTurn
    | ContinueTurn
    | Resume
    | SteerTurn
    | StopAgentTask
    | Decide
    | RevokeRule
)
