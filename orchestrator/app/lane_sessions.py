"""What a lane makes of people's wishes about kept sessions and tasks: names, and what is deleted.

What is deleted is stopped first, as its *Stop* button does it. If the bot ends between both, the command comes
again: the stop finds nothing more to do. What is left of a deleted session is ended by the next bot like any other.
"""

from dataclasses import replace

from orchestrator.app.change import Change
from orchestrator.app.lane import Lane
from orchestrator.app.lane_messages import StopOrder
from orchestrator.app.lane_stops import stop
from orchestrator.app.stop_ticket import StopTicket
from orchestrator.domain.commands import DeleteSession, DeleteTask, NameSession, Origin
from orchestrator.domain.errors import Refusal
from orchestrator.domain.ids import SessionId, TurnId
from orchestrator.domain.machine import TurnEvent
from orchestrator.domain.notices import Told
from orchestrator.domain.reach import SCOPE, Way
from orchestrator.domain.records import Session
from orchestrator.domain.states import StopCause, TurnKind
from orchestrator.domain.words import Words, words
from storage import sessions, topics, turns, waiting

_LONGEST_NAME = 60


async def name(lane: Lane, command: NameSession) -> None:
    """Give a session a name that no other of its topic has."""
    text = " ".join(command.name.split())
    if not text or len(text) > _LONGEST_NAME or text.isdecimal():
        raise Refusal("session-name-unusable", most=_LONGEST_NAME)
    async with lane.change(command.origin.update_id, more_ids=command.origin.more_ids) as change:
        session = await _meant(lane, change, command.session_id)
        other = await sessions.with_name(change.tx, lane.key, text)
        if other is not None and other.id != session.id:
            raise Refusal("session-name-taken", name=other.name, id=other.id)
        await sessions.set_name(change.tx, session.id, text)
        await _tell(lane, change, command.origin, words("session-named", id=session.id, name=text))


async def delete(lane: Lane, command: DeleteSession) -> None:
    """Stop what a session does and left running, drop what waits for it, and forget it."""
    if _works(lane, command.session_id):
        await _stop(lane, command.origin, Way.SESSION_BUTTON, session_id=command.session_id)
    async with lane.change(command.origin.update_id, more_ids=command.origin.more_ids) as change:
        session = await _meant(lane, change, command.session_id)
        await _drop_waiting(lane, change, session.id)
        await _forget(lane, change, session)
        called = session.name or str(session.id)
        await _tell(lane, change, command.origin, words("session-deleted", name=called))


async def delete_task(lane: Lane, command: DeleteTask) -> None:
    """Stop a task, and take it from the list together with the session of its own."""
    if command.turn_id in lane.state.tasks:
        await _stop(lane, command.origin, Way.TASK_BUTTON, turn_id=command.turn_id)
    async with lane.change(command.origin.update_id, more_ids=command.origin.more_ids) as change:
        turn = await turns.get(change.tx, command.turn_id)
        if turn is None or turn.topic != lane.key or turn.kind is not TurnKind.TASK:
            raise Refusal("task-gone", id=command.turn_id)
        await waiting.unlist(change.tx, turn.id)
        session = await sessions.get(change.tx, turn.session_id)
        if session is not None and session.kind is TurnKind.TASK:
            await _forget(lane, change, session)
        await _tell(lane, change, command.origin, words("task-deleted", id=turn.id))


async def _meant(lane: Lane, change: Change, session_id: SessionId | None) -> Session:
    if session_id is None:
        session_id = (await topics.ensure(change.tx, lane.key)).current_session_id
        if session_id is None:
            raise Refusal("session-none-yet")
    session = await sessions.get(change.tx, session_id)
    if session is None or session.topic != lane.key:
        raise Refusal("session-gone", id=session_id)
    return session


async def _forget(lane: Lane, change: Change, session: Session) -> None:
    await sessions.delete(change.tx, session.id, change.at)
    topic = await topics.ensure(change.tx, lane.key)
    if topic.current_session_id == session.id:
        await topics.choose(change.tx, replace(topic, current_session_id=None))
    run = lane.runs.get(session.id)
    if run is not None and run.live is None and run.run_id not in lane.tickets:
        change.then(lambda: lane.end_run(run, polite=False))


async def _drop_waiting(lane: Lane, change: Change, session_id: SessionId) -> None:
    for turn_id in (*change.state.queue, *change.state.held):
        turn = change.turns[turn_id]
        if turn.session_id == session_id:
            change.then(lane.token(turn).stop)
            await change.move(turn, TurnEvent.STOP, why="its session was deleted", cause=StopCause.PERSON)


async def _tell(lane: Lane, change: Change, origin: Origin, said: Words) -> None:
    if not origin.quiet:
        await change.say(Told(topic=lane.key, reply_to=origin.message_id, words=said))


def _works(lane: Lane, session_id: SessionId) -> bool:
    """Whether a session does something, or is known to have left something running."""
    if any(lane.turns[each].session_id == session_id and not lane.is_stopping(each) for each in lane.state.active):
        return True
    runs = [run for run in (*lane.lingering.values(), *lane.runs.values()) if run.session_id == session_id]
    return any(run.run_id not in lane.tickets and (run.program_ended or run.background) for run in runs)


async def _stop(
    lane: Lane, origin: Origin, way: Way, *, session_id: SessionId | None = None, turn_id: TurnId | None = None
) -> None:
    ticket = StopTicket(topic=lane.key, reply_to=origin.message_id, lanes=1, began_ms=lane.kit.clock())
    why = f"deleted by {origin.user_name}" if origin.user_name else "deleted"
    await stop(lane, StopOrder(scope=SCOPE[way], session_id=session_id, turn_id=turn_id, ticket=ticket, why=why))
