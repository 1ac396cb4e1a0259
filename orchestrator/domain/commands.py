"""What people ask of a topic. Imperative; each carries the update that it came with, if any."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from orchestrator.domain.ids import RequestId, SessionId, TurnId, UserId
from orchestrator.domain.prompt_parts import PromptPart
from orchestrator.domain.records import FileRef
from orchestrator.domain.requests import Act
from orchestrator.domain.worktrees import Deed


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a command came from. `update_id`, and `more_ids` that belong to it, are done once the command's effect
    is stored. One that is `quiet` shows by itself what it did: it is told only what it could not do."""

    update_id: int | None = None
    more_ids: tuple[int, ...] = ()
    message_id: int | None = None
    user_id: UserId | None = None
    user_name: str = ""
    quiet: bool = False

    @property
    def update_ids(self) -> tuple[int, ...]:
        """All updates that are done with the command."""
        return (*([] if self.update_id is None else [self.update_id]), *self.more_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Ask the topic's session, perhaps about files. `parts` are the messages that `text` was made of, if it is not
    just what one message says. One `for_live` was meant for the turn at work, which takes no files. `follows` is a
    message that was sent as one with it, and became a prompt before."""

    origin: Origin
    text: str
    files: tuple[FileRef, ...] = ()
    parts: tuple[PromptPart, ...] = ()
    for_live: bool = False
    follows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPrompt:
    """A message that is a prompt, or part of one, says something else now."""

    origin: Origin
    part: PromptPart


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAgain:
    """Run a turn's prompt once more, as its messages say it now."""

    origin: Origin
    turn_id: TurnId


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
    VERBOSITY = "verbosity"
    WHEN_BUSY = "when_busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose:
    """Set one thing for the topic. An empty value goes back to the default."""

    origin: Origin
    setting: Setting
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWorktree:
    """Let the topic work in a checkout of its own, on a branch; both are made if they are not there."""

    origin: Origin
    branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TendWorktree:
    """Do something with a worktree of the topic. `mark` names what was said to be lost with it."""

    origin: Origin
    number: int
    deed: Deed
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDiff:
    """Show what changed where the topic works."""

    origin: Origin


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


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSession:
    """Give a session a name; without a `session_id` the current one."""

    origin: Origin
    name: str
    session_id: SessionId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteSession:
    """Stop what a session does and left running, drop what waits for it, and forget it."""

    origin: Origin
    session_id: SessionId


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTask:
    """Stop a task, and take it from the list together with the session of its own."""

    origin: Origin
    turn_id: TurnId


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveUp:
    """Let a waiting prompt run before the one that is before it now."""

    origin: Origin
    turn_id: TurnId


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNow:
    """Run a waiting prompt at once; what runs now is stopped for it."""

    origin: Origin
    turn_id: TurnId


LaneCommand: TypeAlias = (
    Prompt
    | EditPrompt
    | RunAgain
    | Retry
    | Background
    | OpenSession
    | SwitchSession
    | Choose
    | OpenWorktree
    | TendWorktree
    | ShowDiff
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
    | NameSession
    | DeleteSession
    | DeleteTask
    | MoveUp
    | RunNow
)
