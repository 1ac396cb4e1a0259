"""Turns whose run is gone without an end: taken up again by themselves, or left to a person.

Whether, is decided in `orchestrator.domain.resume_policy`. The turn that takes up a lost one is stored,
counted and dispatched in one change, mostly that in which the loss itself is stored: however often the bot
is killed, no attempt is made that was not counted, and none twice.
"""

import structlog

from orchestrator.app.attended_run import AttendedRun
from orchestrator.app.change import Change
from orchestrator.app.lane import Lane
from orchestrator.app.lane_boarding import dispatch
from orchestrator.app.lane_messages import FoundLost
from orchestrator.app.milestones import TurnFinished
from orchestrator.domain import resume_policy
from orchestrator.domain.agent_events import Finished
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.lane import admit_task, succeed
from orchestrator.domain.machine import TurnEvent
from orchestrator.domain.notices import Interrupted
from orchestrator.domain.records import NewTurn, Session, Turn
from orchestrator.domain.resume_policy import REASONS, Loss, Verdict
from orchestrator.domain.states import Owed, TakenUp, TurnKind, TurnState
from orchestrator.domain.words import words
from storage import sessions, stops, turns

log = structlog.get_logger()

_GOING_DOWN_S = 10.0
"""How long a machine that goes down lets its bot live at most, once it began to end agents."""

_VANISHED = "its program and its supervisor vanished"
_NOTHING = "it was resumed, and its agent ended at once without a word"


async def lose(lane: Lane, change: Change, turn: Turn, *, last_sign_ms: int, going_down: bool = False) -> None:
    """A turn's run vanished: take it up again, or ask; after a restart together with the rest.

    If the machine may be `going_down` that waits a moment, and is left to the next bot if that was so.
    """
    lost = await change.move(turn, TurnEvent.VANISHED, why=_VANISHED)
    lane.live.pop(turn.id, None)
    change.then(lambda: lane.kit.views.closed(lost))
    if going_down:
        await turns.owe(change.tx, lost.id, Owed.VERDICT)
        change.then(lambda: lane.later(_GOING_DOWN_S, FoundLost(turns=(lost,))))
    else:
        await _decide(lane, change, lost, last_sign_ms=last_sign_ms)


async def found_lost(lane: Lane, message: FoundLost) -> None:
    """Decide about what was left undecided."""
    async with lane.change() as change:
        for lost in message.turns:
            await _decide(lane, change, lost, last_sign_ms=lost.ended_at or change.at)


async def _decide(lane: Lane, change: Change, lost: Turn, *, last_sign_ms: int) -> None:
    session = await sessions.get(change.tx, lost.session_id)
    is_task = lost.kind is TurnKind.TASK
    stopped = await stops.was_stopped_after(change.tx, lane.key, lost.ended_at or change.at, task=is_task)
    if lane.closing:
        # The next bot decides: this one starts nothing any more.
        await turns.owe(change.tx, lost.id, Owed.VERDICT)
        return
    loss = Loss(
        attempts=lost.attempts,
        age_s=(change.at - last_sign_ms) / 1000,
        has_session=session is not None and _can_go_on(lane, session),
        stopped=stopped or lost.cause is not None or lane.token(lost).fenced,
    )
    verdict = resume_policy.verdict(loss, lane.kit.policy)
    log.info("turn.lost", turn=lost.id, verdict=str(verdict), attempts=lost.attempts)
    if verdict is Verdict.RESUME and session is not None:
        await turns.owe(change.tx, lost.id, None)
        await _take_up(lane, change, lost, session)
    elif lane.recovering:
        await turns.owe(change.tx, lost.id, Owed.NOTICE)
        change.then(lambda: lane.interrupted.append(lost))
    else:
        await turns.owe(change.tx, lost.id, None)
        await change.say(Interrupted(turn=lost, why=REASONS.get(verdict, words("recovery-why-vanished"))))


def _can_go_on(lane: Lane, session: Session) -> bool:
    """Whether there is a conversation to go on with. Programs that keep none have no id of one, ever."""
    return session.agent in lane.kit.catalogue.agents and (session.begun or bool(session.cli_session_id))


def successor(key: TopicKey, lost: Turn, session: Session, who: TakenUp) -> NewTurn:
    """The turn that takes up a lost one, in its session."""
    return NewTurn(
        session_id=lost.session_id,
        topic=key,
        kind=lost.kind,
        prompt=lost.prompt,
        reply_to=lost.reply_to,
        sender_id=lost.sender_id,
        sender_name=lost.sender_name,
        parent_id=lost.parent_id,
        resumes_id=lost.id,
        taken_up=who,
        attempts=lost.attempts + (1 if who is TakenUp.ITSELF else 0),
        afresh=not session.begun,
        files=lost.files,
    )


async def _take_up(lane: Lane, change: Change, lost: Turn, session: Session) -> None:
    turn = await turns.add(change.tx, successor(lane.key, lost, session, TakenUp.ITSELF), change.at)
    if turn is None:
        return
    # Its own place goes to its successor rather than to whoever waits longest for one.
    lane.kit.resumes.leave(lost.id)
    lane.kit.places.leave(lost.id)
    change.turns[turn.id] = turn
    if turn.kind is TurnKind.TASK:
        change.state = admit_task(change.state, turn.id)
    else:
        change.state = succeed(change.state, turn.id)
    if lane.recovering:
        lane.since_restart.add(turn.id)
    if turn.id not in change.state.queue:
        await dispatch(lane, change, turn)


async def set_aside(lane: Lane, change: Change, turn: Turn, run: AttendedRun) -> Session:
    """The agent can't go on with a session: the next turn begins a fresh one of it. The session as it is then."""
    session = await lane.session_of(change, turn)
    spec = lane.kit.catalogue.agents.get(session.agent)
    fresh = "" if spec is None else lane.kit.agent(spec).new_session_id()
    log.warning("session.set_aside", session=session.id, turn=turn.id, cli_session=session.cli_session_id)
    await sessions.forget(change.tx, session.id, fresh)
    run.leaving = run.disowned = True
    run.live = None
    found = await sessions.get(change.tx, session.id)
    return found or session


async def came_to_nothing(change: Change, turn: Turn, result: Finished, *, tools: int, seen_live: bool) -> bool:
    """Whether a resumed turn, though it ended well, did not go on."""
    given = await turns.given_at(change.tx, turn.id)
    if turn.taken_up is None or given is None or not seen_live:
        return False
    return resume_policy.came_to_nothing(result, tools=tools, took_s=(change.at - given) / 1000)


async def end_in_nothing(lane: Lane, change: Change, turn: Turn, message: TurnFinished) -> None:
    """A resumed turn came to nothing: once more in a fresh session if it may be, else a person is asked."""
    session = await set_aside(lane, change, turn, message.run)
    await turns.set_answer(change.tx, turn.id, answer="", error=words("answer-error-nothing").stored())
    ended = await change.move(turn, TurnEvent.VANISHED, why=_NOTHING)
    lane.live.pop(turn.id, None)
    change.then(lambda: lane.kit.views.closed(ended))
    loss = Loss(attempts=turn.attempts, age_s=0.0, has_session=_can_go_on(lane, session))
    again = resume_policy.verdict(loss, lane.kit.policy) is Verdict.RESUME
    if turn.taken_up is TakenUp.ITSELF and again and not lane.closing and not lane.at_rest:
        await _take_up(lane, change, ended, session)
    else:
        await change.say(Interrupted(turn=ended, why=words("recovery-why-nothing")))


def can_be_taken_up(turn: Turn) -> bool:
    """Whether a person may have a turn resumed: it was lost, or an attempt to resume it failed."""
    return turn.state is TurnState.LOST or (turn.state is TurnState.FAILED and turn.taken_up is not None)
