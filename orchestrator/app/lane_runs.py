"""What a lane makes of its runs' milestones."""

from functools import partial

import structlog

from orchestrator.app import resumption
from orchestrator.app.attended_run import AttendedRun
from orchestrator.app.boarding import bound_s
from orchestrator.app.change import Change
from orchestrator.app.lane import Lane
from orchestrator.app.lane_boarding import advance, board, dispatch
from orchestrator.app.lane_messages import LaunchFailed, PlaceGranted, Retire, SilentOutput
from orchestrator.app.lane_unheard import not_heard
from orchestrator.app.milestones import OutputEnded, ProgramEnded, PromptTaken, RunOver, SessionNamed, TurnFinished
from orchestrator.app.stop_notice import tell_or_owe
from orchestrator.domain import resume_policy
from orchestrator.domain.agent_events import Finished
from orchestrator.domain.lane import returned
from orchestrator.domain.machine import TurnEvent, gone_event
from orchestrator.domain.notices import Interrupted, Outcome
from orchestrator.domain.records import Turn
from orchestrator.domain.run_events import ProcessNote, RunGone, RunRefused, SupervisorLost
from orchestrator.domain.states import RunState, TurnState
from orchestrator.domain.words import Words, said, words
from storage import models, runs, sessions, turns

log = structlog.get_logger()

_EOF_GRACE_S = 5.0
"""How long a program may live on after it closed its stdout before it counts as through."""

_SHUT_DOWN = words("recovery-why-shut-down")
_MOST_STARTS = 5
_NEVER_BEGAN = words("answer-error-never-began").stored()
_RESUMED = words("answer-remark-resumed")
_AFRESH = words("answer-remark-afresh")


async def place_granted(lane: Lane, message: PlaceGranted) -> None:
    """A turn that waited for a place goes on board."""
    turn = lane.turns.get(message.turn_id)
    if turn is None or turn.state is not TurnState.STARTING:
        lane.kit.places.leave(message.turn_id)
        return
    async with lane.change() as change:
        await board(lane, change, turn, await lane.session_of(change, turn))


async def launch_failed(lane: Lane, message: LaunchFailed) -> None:
    """The run could not be started."""
    async with lane.change() as change:
        await runs.end(change.tx, message.run_id, RunState.ENDED, change.at)
        turn = change.turns.get(message.turn_id)
        if turn is None:
            return
        if message.stopped and turn.state is not TurnState.STOPPING:
            await _return(lane, change, turn, "its stop could not be stored")
        else:
            await _end_badly(lane, change, turn, message.reason)
        await advance(lane, change)


async def prompt_taken(lane: Lane, message: PromptTaken) -> None:
    """The agent has the prompt."""
    turn = lane.turns.get(message.turn_id)
    if turn is not None and turn.state is TurnState.STARTING and turn.run_id == message.run.run_id:
        async with lane.change() as change:
            await change.move(turn, TurnEvent.GIVEN)
            await sessions.use(change.tx, turn.session_id, change.at)


async def session_named(lane: Lane, message: SessionNamed) -> None:
    """The CLI knows the session from now on."""
    if message.run.disowned:
        return
    async with lane.change() as change:
        await sessions.begun(change.tx, message.run.session_id, message.cli_session_id)
        if message.models and (session := await sessions.get(change.tx, message.run.session_id)) is not None:
            await models.offer(change.tx, session.agent, [(each.name, each.about) for each in message.models])


async def turn_finished(lane: Lane, message: TurnFinished) -> None:
    """The agent ended the turn by itself; or it is through with its interrupt."""
    turn = lane.turns.get(message.turn_id)
    if turn is None or turn.run_id != message.run.run_id:
        return
    if turn.state is TurnState.STOPPING:
        lane.spawn(message.run.run.through, f"end of the polite phase of turn {turn.id}")
        return
    async with lane.change() as change:
        await _end_turn(lane, change, turn, message)
        message.run.live = None
        await advance(lane, change)
    lane.last_end_ms = lane.kit.clock()
    if message.run.usable and message.run.live is None:
        idle_s = lane.kit.policy.idle_s + bound_s(lane.kit)
        lane.spawn(partial(message.run.run.bound, idle_s), f"bound of run {message.run.run_id}")
        message.run.idle_since_ms = lane.kit.clock()
        lane.kit.warm.keep(message.run)
        lane.later(lane.kit.policy.idle_s, Retire(run=message.run))
    elif message.run.live is None and not message.run.program_ended:
        lane.spawn(message.run.run.finish, f"finish of run {message.run.run_id}")


async def _end_turn(lane: Lane, change: Change, turn: Turn, message: TurnFinished) -> None:
    result, live = message.result, lane.live.get(turn.id)
    tools = 0 if live is None else live.progress.tool_count
    seen_live = live is not None and not live.progress.read_again
    if not turn.afresh and resume_policy.was_refused(result, tools=tools):
        await resumption.set_aside(lane, change, turn, message.run)
        await turns.begins_afresh(change.tx, turn.id)
        await _return(lane, change, turn, "its agent does not know the session any more")
        return
    if await resumption.came_to_nothing(change, turn, result, tools=tools, seen_live=seen_live):
        await resumption.end_in_nothing(lane, change, turn, message)
        return
    if result.session_unusable:
        await resumption.set_aside(lane, change, turn, message.run)
    await turns.set_answer(change.tx, turn.id, answer=result.answer, error=result.error)
    ended = await change.move(turn, TurnEvent.FINISHED if result.ok else TurnEvent.FAILED, why=result.error)
    await _tell_outcome(lane, change, ended, result, message.strays)


async def _tell_outcome(
    lane: Lane, change: Change, turn: Turn, result: Finished, strays: tuple[ProcessNote, ...] = ()
) -> None:
    live = lane.live.pop(turn.id, None)
    tools = 0 if live is None else live.progress.tool_count
    change.then(lambda: lane.kit.views.closed(turn))
    if turn.taken_up is not None and resume_policy.did_nothing(result, tools=tools):
        await change.say(Interrupted(turn=turn, why=words("recovery-why-not-resumed", error=said(result.error))))
        return
    stored = await turns.get(change.tx, turn.id)
    denied = () if live is None else live.progress.denied[:5]
    remarks = tuple(words("answer-remark-denied", title=title) for title in denied)
    await change.say(
        Outcome(
            turn=stored or turn,
            agent="" if live is None else live.agent,
            took_s=((turn.ended_at or change.at) - (turn.started_at or change.at)) / 1000,
            tools=tools,
            usage=result.usage,
            strays=strays,
            remarks=(*_how_it_began(turn), *remarks),
        )
    )


def _how_it_began(turn: Turn) -> tuple[Words, ...]:
    """What to know of a turn that did not begin like others; a notice may have come too late for it."""
    by_itself = turn.by_agent and turn.message_id is None
    return (
        *((words("answer-remark-by-itself", prompt=turn.prompt),) if by_itself else ()),
        *((_RESUMED,) if turn.taken_up is not None else ()),
        *((_AFRESH,) if turn.afresh else ()),
    )


async def _end_badly(lane: Lane, change: Change, turn: Turn, error: str) -> None:
    """A turn without a run ends: with its error, or as stopped if that was being done."""
    if turn.state is TurnState.STOPPING:
        await turn_gone(lane, change, turn, RunGone())
        return
    await turns.set_answer(change.tx, turn.id, answer="", error=error)
    ended = await change.move(turn, TurnEvent.FAILED, why=error)
    await _tell_outcome(lane, change, ended, Finished(ok=False, error=error))


async def turn_gone(lane: Lane, change: Change, turn: Turn, end: RunGone) -> None:
    """A turn that was being stopped has no process left; tell people if it was the last of its stop."""
    ended = await change.move(turn, gone_event(turn.cause))
    lane.live.pop(turn.id, None)
    if ended.state is TurnState.LOST:
        await change.say(Interrupted(turn=ended, why=_SHUT_DOWN))
    ticket = lane.tickets.pop(turn.id, None)
    if ticket is None:
        return
    ticket.gone(turn.id, end.survivors, end.ended_tools)
    await tell_or_owe(change, ticket, turn.id)


async def program_ended(lane: Lane, message: ProgramEnded) -> None:
    """A program is gone, and takes in nothing more; what it left running is watched on."""
    lane.kit.warm.drop(message.run.run_id)
    async with lane.change() as change:
        await runs.linger(change.tx, message.run.run_id)
        if not any(turn.run_id == message.run.run_id for turn in change.turns.values()):
            await not_heard(lane, change, message.run)
        await advance(lane, change)


async def output_ended(lane: Lane, message: OutputEnded) -> None:
    """No more can be read from a program that lives."""
    live = message.run.live
    if live is None:
        return
    if not message.reason:
        lane.later(_EOF_GRACE_S, SilentOutput(run=message.run, turn_id=live.turn.id))
        return
    turn = lane.turns.get(live.turn.id)
    if turn is not None and turn.state is not TurnState.STOPPING:
        message.run.leaving = True
        async with lane.change() as change:
            await _end_badly(lane, change, turn, message.reason)
        lane.end_run(message.run, polite=False)


async def silent_output(lane: Lane, message: SilentOutput) -> None:
    """A program closed its stdout a while ago and lives: what it said is all, and it is ended."""
    live = message.run.live
    if live is not None and live.turn.id == message.turn_id and not message.run.program_ended:
        message.run.leaving = True
        await message.run.say_through()
        lane.end_run(message.run, polite=False)


async def retire(lane: Lane, message: Retire) -> None:
    """Let an idle run go, unless it got work in the meantime."""
    run = message.run
    if run.live is not None or run.program_ended or lane.runs.get(run.session_id) is not run:
        run.leaving = run.leaving and run.live is None
        return
    idle_s = (lane.kit.clock() - run.idle_since_ms) / 1000
    if not run.leaving and idle_s < lane.kit.policy.idle_s - 1:
        return  # it worked in the meantime, and has a later message like this one
    if not run.leaving and run.background and idle_s < lane.kit.policy.strays_ttl_s:
        lane.later(lane.kit.policy.idle_s, Retire(run=run))  # a task of the agent's own goes on in it
        return
    run.leaving = True
    lane.kit.warm.drop(run.run_id)
    lane.spawn(run.run.finish, f"finish of run {run.run_id}")


async def run_over(lane: Lane, message: RunOver) -> None:
    """Nothing more comes of a run: end what it served, and let what waited for its end go on."""
    run, end = message.run, message.end
    lane.kit.warm.drop(run.run_id)
    state = RunState.ENDED if isinstance(end, RunGone | RunRefused) else RunState.LOST
    async with lane.change() as change:
        await runs.end(change.tx, run.run_id, state, change.at)
        for turn in [each for each in change.turns.values() if each.run_id == run.run_id]:
            await _end_with_run(lane, change, turn, message)
        await not_heard(lane, change, run)
        await _leave_ticket(lane, change, run, end)
        waiting = lane.boarding.pop(run.session_id, None) if lane.runs.get(run.session_id) is run else None
        _unlist(lane, run)
        if waiting is not None and waiting in change.turns:
            await board(lane, change, change.turns[waiting], await lane.session_of(change, change.turns[waiting]))
        await advance(lane, change)


async def _end_with_run(lane: Lane, change: Change, turn: Turn, message: RunOver) -> None:
    end = message.end
    if turn.state is TurnState.STOPPING:
        await turn_gone(lane, change, turn, _gone(end))
    elif isinstance(end, RunRefused):
        await _end_badly(lane, change, turn, end.reason)
    elif turn.state is TurnState.STARTING and turn.id not in message.run.taken:
        if await turns.times_returned(change.tx, turn.id) < _MOST_STARTS:
            await _return(lane, change, turn, "its run ended before it had the prompt")
        else:
            await _end_badly(lane, change, turn, _NEVER_BEGAN)
    elif isinstance(end, RunGone) and not end.taken_down:
        await _end_badly(lane, change, turn, words("answer-error-no-answer").stored())
    else:
        seen_ms = message.run.last_sign_ms
        going_down = isinstance(end, RunGone) and not lane.recovering
        await resumption.lose(lane, change, turn, last_sign_ms=seen_ms or change.at, going_down=going_down)


async def _return(lane: Lane, change: Change, turn: Turn, why: str) -> None:
    """No agent had the prompt: the turn's time comes again."""
    await change.move(turn, TurnEvent.RETURNED, why=why)
    await turns.set_run(change.tx, turn.id, None)
    change.state = returned(change.state, turn.id)
    lane.live.pop(turn.id, None)
    if turn.id in change.state.tasks:
        await dispatch(lane, change, change.turns[turn.id])


def _gone(end: RunGone | RunRefused | SupervisorLost) -> RunGone:
    """What is known of a run's end, as of one that was seen."""
    match end:
        case RunGone():
            return end
        case SupervisorLost():
            return RunGone(survivors=end.survivors)
        case RunRefused():
            return RunGone()


async def _leave_ticket(
    lane: Lane, change: Change, run: AttendedRun, end: RunGone | RunRefused | SupervisorLost
) -> None:
    ticket = lane.tickets.pop(run.run_id, None)
    if ticket is None:
        return
    gone = _gone(end)
    ticket.gone(run.run_id, gone.survivors, gone.ended_tools)
    await tell_or_owe(change, ticket)


def _unlist(lane: Lane, run: AttendedRun) -> None:
    lane.lingering.pop(run.run_id, None)
    if lane.runs.get(run.session_id) is run:
        del lane.runs[run.session_id]
