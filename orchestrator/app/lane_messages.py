"""What a lane is told."""

from dataclasses import dataclass
from typing import TypeAlias

import anyio

from orchestrator.app.attended_run import AttendedRun
from orchestrator.app.milestones import Milestone
from orchestrator.app.stop_ticket import StopTicket
from orchestrator.domain.commands import (
    Choose,
    LaneCommand,
    OpenWorktree,
    Resume,
    ShowDiff,
    SwitchSession,
    TendWorktree,
)
from orchestrator.domain.ids import RequestId, RunId, SessionId, TurnId
from orchestrator.domain.reach import StopScope
from orchestrator.domain.records import Turn
from orchestrator.domain.states import StopCause
from orchestrator.domain.words import Words
from orchestrator.domain.worktrees import Diff, Tended, Worktree


@dataclass(frozen=True, slots=True, kw_only=True)
class StopOrder:
    """Stop something of this lane. `update_id` is done with it; `asked_by` is what asked for it.

    They differ where one update stops several lanes. `about_to_start` is the prompt that was sent before
    the stop and would be at work by now.
    """

    scope: StopScope
    ticket: StopTicket
    cause: StopCause = StopCause.PERSON
    turn_id: TurnId | None = None
    session_id: SessionId | None = None
    update_id: int | None = None
    asked_by: int | None = None
    whole_chat: bool = False
    about_to_start: TurnId | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceStop:
    """A stop is taking a moment: say so."""

    ticket: StopTicket


@dataclass(frozen=True, slots=True, kw_only=True)
class StopOverdue:
    """By now a stopped run had to be gone, whatever it is made of."""

    run: AttendedRun


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceGranted:
    """A turn that waited for a place has one."""

    turn_id: TurnId


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeDue:
    """A turn that waits to take up a lost one may ask again."""

    turn_id: TurnId


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLost:
    """Lost turns about which nothing was decided yet."""

    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchFailed:
    """A run could not be started, or was stopped before it was; it has no process."""

    turn_id: TurnId
    run_id: RunId
    reason: str
    stopped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryLooked:
    """A directory that a command leads to was looked at; `fault` says why it can't be used, if so."""

    command: Choose | SwitchSession | Resume
    fault: Words | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorktreeTended:
    """What git was asked to do for a command is done."""

    command: OpenWorktree | TendWorktree
    tended: Tended


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRead:
    """What changed was read; `fault` says why it could not be, if so."""

    command: ShowDiff
    diff: Diff | None
    worktree: Worktree | None = None
    fault: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retire:
    """An idle run is to go."""

    run: AttendedRun


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentOutput:
    """A program that closed its stdout still lives a while later."""

    run: AttendedRun
    turn_id: TurnId


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineDue:
    """A turn's deadline asks for something. `handled` is set once that is done."""

    turn_id: TurnId
    handled: anyio.Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDue:
    """By now somebody had to decide about a request."""

    request_id: RequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class Proceed:
    """Start what waits, after a restart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellRecovered:
    """Tell the topic what a restart of the bot meant for it."""

    attached: tuple[TurnId, ...]
    queued: tuple[TurnId, ...]


LaneMessage: TypeAlias = (
    LaneCommand
    | StopOrder
    | AnnounceStop
    | StopOverdue
    | PlaceGranted
    | ResumeDue
    | FoundLost
    | LaunchFailed
    | DirectoryLooked
    | WorktreeTended
    | DiffRead
    | Retire
    | SilentOutput
    | DeadlineDue
    | RequestDue
    | Proceed
    | TellRecovered
    | Milestone
)
