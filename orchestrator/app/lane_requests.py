"""What a lane does about what its agents ask of people.

A request is stored before it is asked, and decided in the transaction that ends it; the agent hears of
the decision after that, by a gift that is named after the request. So a restart in between asks nobody
twice and answers no request twice: the run's output is read again, and a decision that is stored is given
again, which the supervisor takes once.
"""

from dataclasses import replace
from functools import partial

from orchestrator.app import turn_requests
from orchestrator.app.attended_run import AttendedRun
from orchestrator.app.change import Change
from orchestrator.app.lane import Lane
from orchestrator.app.lane_messages import RequestDue
from orchestrator.app.milestones import RequestMade, RequestWithdrawn
from orchestrator.domain import requests as rules
from orchestrator.domain.cancel_token import bound, should_stop
from orchestrator.domain.commands import Decide, Origin, RevokeRule
from orchestrator.domain.errors import Refusal
from orchestrator.domain.notices import Chosen as Set
from orchestrator.domain.records import Session, SessionRule, Turn
from orchestrator.domain.requests import Decision, Denied, Draft, Request, RequestState
from orchestrator.domain.states import Mode, TurnState
from orchestrator.domain.words import words
from storage import requests, sessions, topics

_AT_WORK = (TurnState.RUNNING, TurnState.WAITING)
_AGAIN_S = 0.5
_NOBODY = "Nobody answered in time."
_EARLIER = words("request-by-earlier").stored()


async def made(lane: Lane, message: RequestMade) -> None:
    """An agent asks: people are asked, unless they decided that before."""
    waiting = lane.turns.get(message.turn_id)
    if waiting is not None and waiting.state is TurnState.STARTING and waiting.run_id == message.run.run_id:
        lane.later(_AGAIN_S, message)  # the store refused to say that it has its prompt, and will be asked again
        return
    turn = _asker(lane, message)
    if turn is None:
        return  # it is being stopped: what it asked is answered with its end
    wait_s = lane.kit.policy.answer_wait_s
    async with lane.change() as change:
        request = await requests.add(
            change.tx,
            turn_id=turn.id,
            run_id=message.run.run_id,
            topic=lane.key,
            asked=message.asked,
            nonce=lane.kit.new_nonce(),
            at=change.at,
            expires_at=change.at + round(wait_s * 1000) if wait_s else None,
        )
        if request is None:
            await _made_again(lane, change, turn, message)
            return
        session = await lane.session_of(change, turn)
        before = rules.allowed_before(message.asked, {rule.rule: rule.label for rule in session.rules})
        if before is not None:
            await requests.close(
                change.tx, request.id, RequestState.DECIDED, change.at, decision=before, by_name=_EARLIER
            )
            change.then(partial(_give, lane, message.run, turn, message.asked.request_id, before))
            return
        await turn_requests.ask(change, turn, session.agent, request)
        change.then(partial(_watch, lane, request))


async def _made_again(lane: Lane, change: Change, turn: Turn, message: RequestMade) -> None:
    """The bot was away: what was asked then is known, and what was decided may not have reached the agent."""
    known = await requests.named(change.tx, message.run.run_id, message.asked.request_id)
    if known is None:
        return
    if known.is_open:
        change.then(partial(_watch, lane, known))
        change.then(partial(lane.kit.views.waiting, turn.id, for_person=True))
        return
    decision = known.decision or Denied(reason=_NOBODY)
    change.then(partial(_give, lane, message.run, turn, known.asked.request_id, decision))


async def withdrawn(lane: Lane, message: RequestWithdrawn) -> None:
    """The agent does not wait any more: it was answered, or went on without."""
    turn = _asker(lane, message)
    if turn is None or turn.state is not TurnState.WAITING:
        return
    async with lane.change() as change:
        known = await requests.named(change.tx, message.run.run_id, message.request_id)
        if known is not None and known.is_open:
            await turn_requests.withdrawn(change, turn, known)


async def due(lane: Lane, message: RequestDue) -> None:
    """Nobody decided in time: the agent is told «no», and goes on."""
    async with lane.change() as change:
        request = await requests.get(change.tx, message.request_id)
        turn = None if request is None else change.turns.get(request.turn_id)
        if request is None or turn is None or not request.is_open or turn.state is not TurnState.WAITING:
            return
        if request.expires_at is None or change.at < request.expires_at:
            change.then(partial(_watch, lane, request))
            return
        await _end(lane, change, turn, request, RequestState.EXPIRED, Denied(reason=_NOBODY))


async def decide(lane: Lane, command: Decide) -> None:
    """A person decides, or comes a step nearer to it."""
    origin = command.origin
    async with lane.change(origin.update_id, more_ids=origin.more_ids) as change:
        request = await requests.get(change.tx, command.request_id)
        turn = None if request is None else change.turns.get(request.turn_id)
        if request is None or request.topic != lane.key or command.nonce not in (None, request.nonce):
            raise Refusal("refusal-no-request")
        if turn is None or not request.is_open or turn.state is not TurnState.WAITING:
            raise Refusal("refusal-request-old")
        if not rules.may_decide(turn.sender_id, origin.user_id, is_admin=command.is_admin):
            raise Refusal("refusal-request-whose", name=turn.sender_name)
        outcome = rules.act(request.asked, request.draft, command.act)
        if isinstance(outcome, Draft):
            await turn_requests.ask_on(change, turn, _agent(lane, turn), replace(request, draft=outcome), outcome)
            return
        await _end(lane, change, turn, request, RequestState.DECIDED, outcome, command)


async def _end(
    lane: Lane,
    change: Change,
    turn: Turn,
    request: Request,
    state: RequestState,
    decision: Decision,
    command: Decide | None = None,
) -> None:
    by = None if command is None else command.origin
    over = await requests.close(
        change.tx,
        request.id,
        state,
        change.at,
        decision=decision,
        by_id=None if by is None else by.user_id,
        by_name="" if by is None else by.user_name,
    )
    if over is None:
        return
    run = lane.run_of(turn.id)
    if by is not None:
        await _remember(lane, change, turn, request, decision, by)
    await turn_requests.decided(change, turn, _agent(lane, turn), over)
    if run is not None:
        change.then(partial(_give, lane, run, turn, request.asked.request_id, decision))


async def _remember(lane: Lane, change: Change, turn: Turn, request: Request, decision: Decision, by: Origin) -> None:
    """What a decision allows for the rest of the session: a rule, or another mode."""
    session, run = await lane.session_of(change, turn), lane.run_of(turn.id)
    rule = rules.rule_of(request.asked, decision)
    mode = rules.mode_after(request.asked, decision, session.mode)
    kept = session.rules
    if rule is not None:
        made = SessionRule(rule=rule[0], label=rule[1], by=by.user_name, at=change.at)
        kept = (*(each for each in kept if each.rule != made.rule), made)
        await sessions.set_rules(change.tx, session.id, kept)
    if mode is not session.mode:
        await sessions.adjust(change.tx, session.id, model=session.model, mode=mode)
        topic = await topics.ensure(change.tx, lane.key)
        if topic.current_session_id == session.id:
            await topics.choose(change.tx, replace(topic, mode=mode))
    if run is not None:
        change.then(partial(_knows, run, kept, mode))


def _knows(run: AttendedRun, kept: tuple[SessionRule, ...], mode: Mode) -> None:
    """The program has this from the decision itself: it goes on fitting its session."""
    run.rules, run.mode = tuple(rule.rule for rule in kept), mode


async def revoke(lane: Lane, command: RevokeRule) -> None:
    """Take back what was allowed for the rest of a session."""
    async with lane.change(command.origin.update_id) as change:
        session = await sessions.get(change.tx, command.session_id)
        found = _rule(session, command)
        if session is None or session.topic != lane.key or found is None:
            raise Refusal("refusal-rule-gone")
        kept = tuple(rule for rule in session.rules if rule is not found)
        await sessions.set_rules(change.tx, session.id, kept)
        busy = any(turn.session_id == session.id and turn.state in _AT_WORK for turn in change.turns.values())
        await change.say(
            Set(
                topic=lane.key,
                reply_to=command.origin.message_id,
                setting="allowed",
                value=", ".join(rule.label for rule in kept) or words("session-allows-nothing"),
                remarks=(words("session-remark-taken-back", rule=found.label, busy=busy),),
            )
        )
        run = lane.runs.get(session.id)
        if run is not None and run.live is None and not run.program_ended:
            change.then(run.retire)


def _rule(session: Session | None, command: RevokeRule) -> SessionRule | None:
    if session is None or not 1 <= command.number <= len(session.rules):
        return None
    rule = session.rules[command.number - 1]
    return rule if rule.at == command.at else None


def _asker(lane: Lane, message: RequestMade | RequestWithdrawn) -> Turn | None:
    turn = lane.turns.get(message.turn_id)
    if turn is None or turn.run_id != message.run.run_id or turn.state not in _AT_WORK:
        return None
    return turn


def _agent(lane: Lane, turn: Turn) -> str:
    live = lane.live.get(turn.id)
    return "" if live is None else live.agent


def _watch(lane: Lane, request: Request) -> None:
    if request.expires_at is not None:
        left_ms = max(0, request.expires_at - lane.kit.clock())
        lane.later(left_ms / 1000, RequestDue(request_id=request.id))


def _give(lane: Lane, run: AttendedRun, turn: Turn, name: str, decision: Decision) -> None:
    async def give() -> None:
        with bound(lane.token(turn)):
            should_stop()
            await run.decide(name, decision)

    lane.spawn(give, f"decision about {name} of turn {turn.id}")
