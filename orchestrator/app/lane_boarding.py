"""How a lane's turns get to work: a place, then a run. Starting one is done beside the lane, which goes on."""

from dataclasses import replace
from functools import partial

import anyio
import structlog

from orchestrator.app import turn_deadline
from orchestrator.app.attended_run import AttendedRun
from orchestrator.app.boarding import bound_s, make_order, open_codec
from orchestrator.app.change import Change
from orchestrator.app.directories import check_place
from orchestrator.app.lane import OVERDUE_S, Lane
from orchestrator.app.lane_deadlines import watch
from orchestrator.app.lane_messages import LaunchFailed, PlaceGranted, ResumeDue, StopOverdue
from orchestrator.app.lane_voice import heard
from orchestrator.app.milestones import TurnFinished
from orchestrator.domain.agent_events import Finished
from orchestrator.domain.cancel_token import TurnStopped, bound, should_stop
from orchestrator.domain.errors import TopicdError, as_stored
from orchestrator.domain.ids import RunId, TurnId
from orchestrator.domain.lane import next_up
from orchestrator.domain.machine import TurnEvent
from orchestrator.domain.notices import Queued, Recovered, Resumed, WaitReason
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.progress import Progress
from orchestrator.domain.records import RunRow, Session, Turn
from orchestrator.domain.resume_policy import request
from orchestrator.domain.states import ACTIVE_STATES, RunState, TakenUp, TurnState
from orchestrator.domain.words import words
from storage import outbox, runs, topics, turns

log = structlog.get_logger()


async def advance(lane: Lane, change: Change) -> None:
    """Start the next prompt that waits, if the topic is free and the bot stays."""
    if lane.closing or lane.at_rest:
        return
    state, turn_id = next_up(change.state)
    if turn_id is None or _session_is_at_work(change, change.turns[turn_id]):
        return
    change.state = state
    await dispatch(lane, change, change.turns[turn_id])


def _session_is_at_work(change: Change, turn: Turn) -> bool:
    """Whether a task works in the session that a prompt is for: that has to be over first."""
    return any(
        change.turns[each].session_id == turn.session_id and change.turns[each].state in ACTIVE_STATES
        for each in change.state.tasks
    )


async def dispatch(lane: Lane, change: Change, turn: Turn) -> None:
    """A turn's time has come: give it a place and a run."""
    turn = await change.move(turn, TurnEvent.DISPATCHED)
    session = await lane.session_of(change, turn)
    lane.token(turn)
    live = LiveTurn(
        turn=turn,
        agent=session.agent,
        progress=Progress(last_sign_ms=change.at),
        directory=session.directory,
        verbosity=lane.kit.policy.verbosity_in(await topics.ensure(change.tx, lane.key)),
    )
    lane.live[turn.id] = live
    if turn.taken_up is TakenUp.ITSELF and not lane.kit.resumes.enter(
        turn.id, change.at, partial(_ask_again, lane, turn.id)
    ):
        live.waits_for_place = True
        lane.at_gate.add(turn.id)
        if ahead := lane.kit.resumes.ahead(turn.id):
            await change.say(Queued(turn=turn, ahead=ahead, reason=WaitReason.RESUMES))
        return
    await find_place(lane, change, turn, session)


def _ask_again(lane: Lane, turn_id: TurnId, wait_s: float) -> None:
    lane.later(wait_s, ResumeDue(turn_id=turn_id))


async def resume_due(lane: Lane, message: ResumeDue) -> None:
    """A turn that takes up a lost one may be let through by now."""
    turn = lane.turns.get(message.turn_id)
    if turn is None or turn.id not in lane.at_gate or turn.state is not TurnState.STARTING:
        return
    if lane.closing or not lane.kit.resumes.enter(turn.id, lane.kit.clock(), partial(_ask_again, lane, turn.id)):
        return
    async with lane.change() as change:
        change.then(partial(lane.at_gate.discard, turn.id))
        await find_place(lane, change, turn, await lane.session_of(change, turn))


async def find_place(lane: Lane, change: Change, turn: Turn, session: Session) -> None:
    """Give a turn a place and a run, or let it wait for a place."""
    live = lane.live[turn.id]
    if lane.kit.places.take(turn.id, lambda: lane.post(PlaceGranted(turn_id=turn.id))):
        await board(lane, change, turn, session)
    else:
        live.waits_for_place = True
        ahead = lane.kit.places.ahead(turn.id)
        await change.say(Queued(turn=turn, ahead=ahead, reason=WaitReason.PLACES))


async def board(lane: Lane, change: Change, turn: Turn, session: Session) -> None:
    """Give a turn that has a place its run: a warm one that fits, or a new one."""
    run = lane.runs.get(session.id)
    if run is not None and run.usable and _suits(run, session):
        turn = await _set_run(lane, change, turn, run.run_id)
        change.then(lambda: _give_warm(lane, run, turn))
        return
    if run is not None and not run.program_ended:
        # Two processes must never work on one CLI session: the old one has to be gone first.
        lane.boarding[session.id] = turn.id
        change.then(run.retire)
        # One that does not go by itself is ended: a prompt waits for that.
        policy = lane.kit.policy
        change.then(partial(lane.later, policy.polite_s + policy.grace_s + OVERDUE_S, StopOverdue(run=run)))
        return
    if run is not None:
        await runs.linger(change.tx, run.run_id)
    run_id = lane.kit.new_run_id()
    await runs.add(
        change.tx,
        RunRow(
            id=run_id,
            session_id=session.id,
            state=RunState.LIVE,
            agent=session.agent,
            directory=session.directory,
            created_at=change.at,
        ),
    )
    turn = await _set_run(lane, change, turn, run_id)
    change.then(lane.kit.warm.relieve)
    change.then(lambda: _start(lane, run_id, turn, session))


def _suits(run: AttendedRun, session: Session) -> bool:
    """Whether a program is what the session wants: what was taken back of it must not be allowed any more."""
    allowed = {rule.rule for rule in session.rules}
    return (run.model, run.mode) == (session.model, session.mode) and allowed.issuperset(run.rules)


async def _set_run(lane: Lane, change: Change, turn: Turn, run_id: RunId) -> Turn:
    await turns.set_run(change.tx, turn.id, run_id)
    turn = replace(turn, run_id=run_id)
    # What said that it waits is not true any more: unsent it is void, sent it becomes the live message.
    await outbox.void(change.tx, turn.id, change.at)
    notice = None if turn.afresh else await outbox.notice_of(change.tx, turn.id)
    if notice is not None:
        await turns.take_over_message(change.tx, turn.id, notice)
        turn = replace(turn, live_message_id=notice, live_open=True)
    change.turns[turn.id] = turn
    await turn_deadline.begin(change, turn)
    if turn.taken_up is not None:
        # Only now: what was said before it has a run became its live message just here.
        await _say_resumed(lane, change, turn)
    return turn


async def _say_resumed(lane: Lane, change: Change, turn: Turn) -> None:
    if turn.id not in lane.since_restart:
        await change.say(Resumed(turn=turn))
        return
    await change.say(Recovered(topic=lane.key, restart=lane.restart, version=lane.version, resumed=(turn,)))
    change.then(partial(lane.since_restart.discard, turn.id))


def _show(lane: Lane, turn: Turn) -> LiveTurn:
    live = lane.live.setdefault(turn.id, LiveTurn(turn=turn, agent=""))
    live.turn = turn
    live.waits_for_place = False
    live.progress.last_sign_ms = lane.kit.clock()
    lane.kit.views.opened(live)
    watch(lane, turn.id)
    return live


def _give_warm(lane: Lane, run: AttendedRun, turn: Turn) -> None:
    live = run.live = _show(lane, turn)
    lane.kit.warm.drop(run.run_id)

    async def give() -> None:
        with bound(lane.token(turn)):
            try:
                if lane.kit.catalogue.projects:
                    await check_place(lane.kit, run.directory)
                live.turn = await _fetch(lane, turn, live)
            except TopicdError as error:
                lane.post(TurnFinished(run=run, turn_id=turn.id, result=Finished(ok=False, error=as_stored(error))))
                return
            should_stop()
            await run.give(turn.id, run.expect(live))
            await run.run.bound(bound_s(lane.kit))

    lane.spawn(give, f"prompt of turn {turn.id}")


def _start(lane: Lane, run_id: RunId, turn: Turn, session: Session) -> None:
    live = _show(lane, turn)
    lane.launching.add(turn.id)
    lane.spawn(partial(_launch, lane, run_id, turn, session, live), f"launch of run {run_id}")


async def _launch(lane: Lane, run_id: RunId, turn: Turn, session: Session, live: LiveTurn) -> None:
    stopped = False
    try:
        with bound(lane.token(turn)):
            await _order(lane, run_id, turn, session, live)
    except TurnStopped:
        stopped, reason = True, words("answer-error-stopped-first").stored()
    except (TopicdError, OSError) as error:
        reason = as_stored(error)
    except Exception as error:
        # The turn has to end, whatever it was.
        log.exception("run.launch_failed", run=run_id)
        reason = words("answer-error-not-started", error=type(error).__name__).stored()
    else:
        return
    finally:
        lane.launching.discard(turn.id)
    lane.post(LaunchFailed(turn_id=turn.id, run_id=run_id, reason=reason, stopped=stopped), urgent=True)


async def _fetch(lane: Lane, turn: Turn, live: LiveTurn) -> Turn:
    """Have the files of a turn before its agent does; a stop ends that. The turn, with what was spoken in words."""
    if turn.files:
        with anyio.CancelScope() as scope, lane.token(turn).on_stop(scope.cancel):
            fetched = await lane.kit.fetch(turn)
            live.attachments = fetched.attachments
            if fetched.words:
                return await heard(lane, turn, fetched.words)
    return turn


async def _order(lane: Lane, run_id: RunId, turn: Turn, session: Session, live: LiveTurn) -> None:
    token = lane.token(turn)
    should_stop()
    with anyio.CancelScope() as scope, token.on_stop(scope.cancel):
        await check_place(lane.kit, session.directory)
    should_stop()
    turn = live.turn = await _fetch(lane, turn, live)
    should_stop()
    prompt = request(turn)
    codec = open_codec(lane.kit, session, prompt)
    at_once = codec.ready
    first = codec.begin_turn(prompt, live.attachments) if at_once else None
    order = make_order(lane.kit, run_id, session, turn, codec, first)
    run = await lane.kit.runner.start(order)
    attended = lane.attended(run, codec, session, live)
    if at_once:
        attended.begun = {turn.id}
    else:
        attended.waits_for_greeting = True
    lane.attend(attended)
    if token.stopped:
        # The stop came while the order was handed over; it could not know of this run.
        attended.leaving = True
        lane.end_run(attended)
