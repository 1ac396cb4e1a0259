"""Turns that an agent begins by itself: a background task of it ended, or it was told something too late.

They are turns like others, stored, shown and stopped as such. Only where its session works on a prompt
already, what the agent says beside that is just passed on.
"""

from dataclasses import replace
from functools import partial

from orchestrator.app import turn_deadline
from orchestrator.app.change import Change
from orchestrator.app.lane import Lane
from orchestrator.app.lane_deadlines import watch
from orchestrator.app.lane_unheard import as_prompt
from orchestrator.app.milestones import AgentBegan, AgentSaid
from orchestrator.domain.errors import TopicdError
from orchestrator.domain.lane import admit_task, seize
from orchestrator.domain.machine import TurnEvent
from orchestrator.domain.notices import SaidBeside
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.records import NewTurn, Session, Steer, Turn
from orchestrator.domain.states import ACTIVE_STATES, SteerState, TurnKind, TurnState
from storage import sessions, steers, stops, topics, turns

_STOPPED = (TurnState.STOPPING, TurnState.STOPPED, TurnState.TIMED_OUT)
_REASON = "the agent went on by itself"


async def began(lane: Lane, message: AgentBegan) -> None:
    """An agent that had nothing to do does something: that is a turn."""
    run = message.run
    async with lane.change() as change:
        session = await sessions.get(change.tx, run.session_id)
        said = None if message.steer_id is None else await steers.mark(change.tx, message.steer_id, SteerState.PROMPT)
        if session is None or not _may_begin(lane, change, message):
            change.then(partial(lane.spawn, partial(run.pass_on, message.beside), "what an agent does by itself"))
            return
        if said is not None and await _was_stopped(lane, change, said):
            # Nothing starts by itself after a stop: it rests with what waited, and its program is ended.
            await as_prompt(lane, change, said)
            change.then(partial(lane.end_run, run))
            return
        turn = await _stored(lane, change, session, message, said)
        live = LiveTurn(
            turn=turn,
            agent=session.agent,
            progress=message.beside.progress,
            directory=session.directory,
            verbosity=lane.kit.policy.verbosity_in(await topics.ensure(change.tx, lane.key)),
        )
        change.then(partial(_show, lane, message, live))


async def _was_stopped(lane: Lane, change: Change, said: Steer) -> bool:
    meant = await turns.get(change.tx, said.turn_id)
    began = 0 if meant is None else meant.started_at or meant.created_at
    return await stops.was_stopped_after(change.tx, lane.key, began - 1, task=False)


def _may_begin(lane: Lane, change: Change, message: AgentBegan) -> bool:
    run = message.run
    is_here = lane.runs.get(run.session_id) is run and run.live is None and not lane.closing
    is_here = is_here and run.run_id not in lane.tickets  # else it is being stopped
    busy = any(turn.session_id == run.session_id and turn.state in ACTIVE_STATES for turn in change.turns.values())
    return is_here and not busy


async def _stored(lane: Lane, change: Change, session: Session, message: AgentBegan, said: Steer | None) -> Turn:
    last = await turns.last_of(change.tx, session.id)
    kind = session.kind if change.state.current is None else TurnKind.TASK
    new = NewTurn(
        session_id=session.id,
        topic=lane.key,
        kind=kind,
        prompt=message.reason or _REASON if said is None else said.text,
        message_id=None if said is None else said.message_id,
        reply_to=said.message_id if said is not None else last.reply_to if last is not None else None,
        sender_id=said.sender_id if said is not None else last.sender_id if last is not None else None,
        sender_name=said.sender_name if said is not None else last.sender_name if last is not None else "",
        by_agent=True,
    )
    turn = await turns.add(change.tx, new, change.at)
    if turn is None:
        raise TopicdError(f"the message of steer {message.steer_id} has a turn already")
    change.turns[turn.id] = turn
    change.state = admit_task(change.state, turn.id) if kind is TurnKind.TASK else seize(change.state, turn.id)
    turn = await change.move(turn, TurnEvent.DISPATCHED, why=message.reason)
    await turns.set_run(change.tx, turn.id, message.run.run_id)
    turn = change.turns[turn.id] = replace(turn, run_id=message.run.run_id)
    turn = await change.move(turn, TurnEvent.GIVEN)
    await turn_deadline.begin(change, turn)
    return turn


def _show(lane: Lane, message: AgentBegan, live: LiveTurn) -> None:
    lane.token(live.turn)
    lane.kit.places.take_anyway(live.turn.id)
    lane.kit.warm.drop(message.run.run_id)
    lane.live[live.turn.id] = live
    lane.kit.views.opened(live)
    watch(lane, live.turn.id)
    message.run.own_turn(live, message.beside)


async def said(lane: Lane, message: AgentSaid) -> None:
    """What an agent said in a turn of its own while it worked on a prompt."""
    text = message.result.answer or message.result.error
    if message.run.run_id in lane.tickets or not text.strip():
        return
    async with lane.change() as change:
        turn = None if message.turn_id is None else change.turns.get(message.turn_id)
        turn = turn or await turns.last_of(change.tx, message.run.session_id)
        if turn is not None and turn.state not in _STOPPED:
            await change.say(SaidBeside(turn=turn, text=text))
