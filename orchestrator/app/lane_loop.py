"""The loop of a lane: one message, one change, the next."""

from dataclasses import replace
from typing import assert_never

import structlog

from orchestrator.app import (
    lane_agent_tasks,
    lane_commands,
    lane_continuation,
    lane_deadlines,
    lane_edits,
    lane_limits,
    lane_menus,
    lane_own_turns,
    lane_requests,
    lane_runs,
    lane_steering,
    lane_stops,
    resumption,
    topic_wishes,
)
from orchestrator.app.change import AlreadyHandled
from orchestrator.app.lane import Lane
from orchestrator.app.lane_boarding import advance, dispatch, resume_due
from orchestrator.app.lane_messages import (
    AnnounceStop,
    DeadlineDue,
    DiffRead,
    DirectoryLooked,
    FoundLost,
    LaneMessage,
    LaunchFailed,
    PlaceGranted,
    Proceed,
    RequestDue,
    ResumeDue,
    Retire,
    SilentOutput,
    StopOrder,
    StopOverdue,
    TellRecovered,
    WorktreeTended,
)
from orchestrator.app.milestones import (
    AgentBegan,
    AgentSaid,
    OutputEnded,
    ProgramEnded,
    PromptTaken,
    RequestMade,
    RequestWithdrawn,
    RunOver,
    SessionNamed,
    SteerHeard,
    TurnFinished,
)
from orchestrator.domain.commands import (
    Background,
    Choose,
    ContinueTurn,
    Decide,
    DeleteSession,
    DeleteTask,
    DropHeld,
    EditPrompt,
    ExtendTurn,
    LaneCommand,
    MoveUp,
    NameSession,
    OpenSession,
    OpenWorktree,
    Prompt,
    Resume,
    ResumeTurn,
    Retry,
    RevokeRule,
    RunAgain,
    RunHeld,
    RunNow,
    ShowDiff,
    SteerTurn,
    StopAgentTask,
    SwitchSession,
    TendWorktree,
)
from orchestrator.domain.errors import ImpossibleEvent, StoreError, TopicdError, in_words
from orchestrator.domain.lane import WhenBusy
from orchestrator.domain.notices import Recovered, Refused
from orchestrator.domain.reach import REACH
from orchestrator.domain.states import TurnState
from storage import turns

log = structlog.get_logger()

_RETRY_S = 1.0


async def serve(lane: Lane) -> None:
    """Handle messages for ever."""
    with structlog.contextvars.bound_contextvars(topic=str(lane.key)):
        while True:
            await _handle_safely(lane, await lane.next_message())


async def _handle_safely(lane: Lane, message: LaneMessage) -> None:
    try:
        await _handle_or_refuse(lane, message)
    except AlreadyHandled:
        log.debug("lane.already_handled", message=type(message).__name__)
    except StoreError as error:
        log.error("lane.store_refused", message=type(message).__name__, error=str(error))  # noqa: TRY400
        await _while_store_refuses(lane, message, error)
    except Exception as error:
        # The end of an actor: one bad message must not end the topic.
        log.exception("lane.message_failed", message=type(message).__name__)
        if isinstance(message, LaneCommand):
            _failed(lane, message, error)
        elif isinstance(message, StopOrder):
            lane.kit.update_failed(message.update_id, error)


async def _stops_first(lane: Lane) -> None:
    """A stop whose commit the disk refused comes before whatever its processes told since."""
    while lane.owed_stops:
        order = lane.owed_stops.pop(0)
        try:
            await lane_stops.stop(lane, order)
        except AlreadyHandled:
            log.debug("lane.already_handled", message="StopOrder")
        except StoreError:
            lane.owed_stops.insert(0, order)
            raise


async def _handle_or_refuse(lane: Lane, message: LaneMessage) -> None:
    await _stops_first(lane)
    try:
        await _handle(lane, message)
    except (AlreadyHandled, StoreError, ImpossibleEvent):
        raise
    except TopicdError as error:
        if not isinstance(message, LaneCommand):
            raise
        await _refuse(lane, message, error)


async def _refuse(lane: Lane, command: LaneCommand, error: TopicdError) -> None:
    """What was asked for can't be done: say so, and be done with it."""
    origin = command.origin
    async with lane.change(origin.update_id, more_ids=origin.more_ids) as change:
        await change.say(Refused(topic=lane.key, reply_to=origin.message_id, text=in_words(error)))


def _failed(lane: Lane, command: LaneCommand, error: Exception) -> None:
    for update_id in command.origin.update_ids:
        lane.kit.update_failed(update_id, error)


async def _while_store_refuses(lane: Lane, message: LaneMessage, error: StoreError) -> None:
    """The disk is full, or worse: stop what is to be stopped, keep the rest for later."""
    if isinstance(message, LaneCommand):
        _failed(lane, message, error)
        return
    if isinstance(message, StopOrder):
        for turn_id in lane_stops.what_it_takes(lane, message).turns:
            run = lane.run_of(turn_id)
            if run is not None:
                lane.end_run(run)
        lane.owed_stops.append(message)
        message = Proceed()
    lane.later(_RETRY_S, message)


async def _handle(lane: Lane, message: LaneMessage) -> None:
    if isinstance(message, LaneCommand):
        await _obey(lane, message)
        return
    match message:
        case StopOrder():
            await lane_stops.stop(lane, await _after_its_prompts(lane, message))
        case AnnounceStop():
            await lane_stops.announce(lane, message)
        case StopOverdue():
            await lane_stops.overdue(lane, message)
        case PlaceGranted():
            await lane_runs.place_granted(lane, message)
        case ResumeDue():
            await resume_due(lane, message)
        case FoundLost():
            await resumption.found_lost(lane, message)
        case LaunchFailed():
            await lane_runs.launch_failed(lane, message)
        case PromptTaken():
            await lane_runs.prompt_taken(lane, message)
        case SessionNamed():
            await lane_runs.session_named(lane, message)
        case TurnFinished():
            await lane_runs.turn_finished(lane, message)
        case _:
            await _handle_rest(lane, message)


async def _after_its_prompts(lane: Lane, order: StopOrder) -> StopOrder:
    """A stop overtakes prompts that were sent before it: they wait when it comes, and the first would be at work."""
    if order.asked_by is None or not REACH[order.scope].current:
        return order
    lane.at_rest = True
    try:
        for command in lane.prompts_before(order.asked_by):
            await _handle_safely(lane, command)
    finally:
        lane.at_rest = False
    if lane.state.current is None and lane.state.queue and order.turn_id is None:
        return replace(order, about_to_start=lane.state.queue[0])
    return order


async def _handle_rest(
    lane: Lane,
    message: DirectoryLooked
    | WorktreeTended
    | DiffRead
    | Retire
    | SilentOutput
    | DeadlineDue
    | RequestDue
    | RequestMade
    | RequestWithdrawn
    | SteerHeard
    | AgentBegan
    | AgentSaid
    | Proceed
    | TellRecovered
    | ProgramEnded
    | OutputEnded
    | RunOver,
) -> None:
    match message:
        case ProgramEnded():
            await lane_runs.program_ended(lane, message)
        case OutputEnded():
            await lane_runs.output_ended(lane, message)
        case RunOver():
            await lane_runs.run_over(lane, message)
        case DirectoryLooked() | WorktreeTended() | DiffRead():
            await lane_limits.heard(lane, message)
        case Retire():
            await lane_runs.retire(lane, message)
        case SilentOutput():
            await lane_runs.silent_output(lane, message)
        case DeadlineDue():
            await lane_deadlines.due(lane, message)
        case RequestDue() | RequestMade() | RequestWithdrawn() | SteerHeard() | AgentBegan() | AgentSaid():
            await _handle_talk(lane, message)
        case Proceed():
            await _proceed(lane)
        case TellRecovered():
            await _tell_recovered(lane, message)
        case _:
            assert_never(message)


async def _handle_talk(
    lane: Lane, message: RequestDue | RequestMade | RequestWithdrawn | SteerHeard | AgentBegan | AgentSaid
) -> None:
    match message:
        case RequestMade():
            await lane_requests.made(lane, message)
        case RequestWithdrawn():
            await lane_requests.withdrawn(lane, message)
        case RequestDue():
            await lane_requests.due(lane, message)
        case SteerHeard():
            await lane_steering.heard(lane, message)
        case AgentBegan():
            await lane_own_turns.began(lane, message)
        case AgentSaid():
            await lane_own_turns.said(lane, message)


async def _proceed(lane: Lane) -> None:
    async with lane.change() as change:
        for turn_id in change.state.tasks:
            if change.turns[turn_id].state is TurnState.QUEUED:
                await dispatch(lane, change, change.turns[turn_id])
        await advance(lane, change)


async def _obey(lane: Lane, command: LaneCommand) -> None:
    match command:
        case Prompt():
            await _prompt(lane, command)
        case EditPrompt():
            await lane_edits.edit(lane, command)
        case RunAgain():
            await lane_edits.run_again(lane, command)
        case Retry():
            await lane_commands.retry(lane, command)
        case Background():
            await lane_commands.background(lane, command)
        case OpenSession():
            await lane_commands.open_session(lane, command)
        case Choose() | SwitchSession() | OpenWorktree() | TendWorktree() | ShowDiff():
            await lane_limits.obey(lane, command)
        case RunHeld():
            await lane_commands.run_held(lane, command)
        case DropHeld():
            await lane_commands.drop_held(lane, command)
        case MoveUp() | RunNow() | NameSession() | DeleteSession() | DeleteTask():
            await lane_menus.obey(lane, command)
        case _:
            await _obey_about_turn(lane, command)


async def _prompt(lane: Lane, command: Prompt) -> None:
    if command.follows is not None and await lane_edits.belongs_to_another(lane, command):
        return
    busy = lane.state.current is not None
    if busy and not command.files and await topic_wishes.when_busy(lane) is WhenBusy.STEER:
        await lane_steering.steer(lane, SteerTurn(origin=command.origin, text=command.text))
    else:
        await lane_commands.prompt(lane, command)


async def _obey_about_turn(
    lane: Lane,
    command: Resume | ResumeTurn | ExtendTurn | ContinueTurn | SteerTurn | StopAgentTask | Decide | RevokeRule,
) -> None:
    match command:
        case Resume():
            await lane_limits.take_up(lane, command)
        case ResumeTurn():
            await lane_commands.resume_turn(lane, command)
        case ExtendTurn():
            await lane_deadlines.extend(lane, command)
        case ContinueTurn():
            await lane_continuation.continue_turn(lane, command)
        case SteerTurn():
            await lane_steering.steer(lane, command)
        case StopAgentTask():
            await lane_agent_tasks.stop(lane, command)
        case Decide():
            await lane_requests.decide(lane, command)
        case RevokeRule():
            await lane_requests.revoke(lane, command)
        case _:
            assert_never(command)


async def _tell_recovered(lane: Lane, message: TellRecovered) -> None:
    """Tell the topic once what the restart meant for it; nothing if all of it is settled by now."""
    lane.recovering = False
    await lane_steering.after_restart(lane)
    interrupted = tuple(lane.interrupted)
    running = tuple(lane.turns[each] for each in message.attached if each in lane.turns and not lane.is_stopping(each))
    queued = len([each for each in message.queued if each in lane.turns])
    if not (running or interrupted or queued or lane.state.held):
        return
    async with lane.change() as change:
        await change.say(
            Recovered(
                topic=lane.key,
                restart=lane.restart,
                version=lane.version,
                still_running=running,
                interrupted=interrupted,
                queued=queued,
                held=len(lane.state.held),
            )
        )
        for lost in interrupted:
            await turns.owe(change.tx, lost.id, None)
        change.then(lane.interrupted.clear)
