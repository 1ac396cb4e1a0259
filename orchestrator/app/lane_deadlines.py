"""The deadlines of a lane's turns: when to look, and what to do about what is due.

What is due is decided in `orchestrator.domain.deadline`. Looking is done beside the lane, which then acts.
"""

from collections.abc import Mapping
from functools import partial

import anyio

from orchestrator.app import turn_deadline
from orchestrator.app.boarding import bound_s
from orchestrator.app.kit import Kit
from orchestrator.app.lane import Lane
from orchestrator.app.lane_messages import DeadlineDue, StopOrder
from orchestrator.app.stop_ticket import StopTicket
from orchestrator.domain import deadline as rules
from orchestrator.domain.commands import ExtendTurn
from orchestrator.domain.deadline import Calm, Deadline, End, Extend, Limit, Rest, Step, Warn
from orchestrator.domain.errors import Refusal, StoreError
from orchestrator.domain.ids import TurnId
from orchestrator.domain.notices import DeadlineOver, PutOff
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.reach import SCOPE, Way
from orchestrator.domain.records import StoredLetter, Turn
from orchestrator.domain.states import ACTIVE_STATES, StopCause, TurnState
from storage import deadlines, outbox, turns

_LOOK_MS = 60_000
"""How often to look at the clock at least: it may be set, and machines sleep."""

_TOLD_LOOK_MS = 1_000
"""The same while people are told that the time is nearly up: a sign of life is told soon."""

_AGAIN_S = 1.0


def watch(lane: Lane, turn_id: TurnId) -> None:
    """Look after a turn's deadline until it is over."""
    if turn_id in lane.watches:
        lane.watches[turn_id].cancel()
    scope = lane.watches[turn_id] = anyio.CancelScope()

    async def until_over() -> None:
        with scope:
            await _until_over(lane, turn_id)

    lane.spawn(until_over, f"deadline of turn {turn_id}")


async def _until_over(lane: Lane, turn_id: TurnId) -> None:
    while True:
        changed = lane.changed
        rest_ms = _rest_ms(lane, turn_id)
        if rest_ms is None:
            return
        if rest_ms > 0:
            with anyio.move_on_after(rest_ms / 1000):
                await changed.wait()
            continue
        handled = anyio.Event()
        lane.post(DeadlineDue(turn_id=turn_id, handled=handled))
        await handled.wait()
        if _rest_ms(lane, turn_id) == 0:
            await anyio.sleep(_AGAIN_S)  # its stop is on the way


def _rest_ms(lane: Lane, turn_id: TurnId) -> int | None:
    """How long nothing is due, as far as is known; None if the turn needs no looking after any more."""
    live, deadline = lane.live.get(turn_id), lane.deadlines.get(turn_id)
    if live is None or deadline is None:
        return None
    now = lane.kit.clock()
    step = _due(lane, live, deadline, now)
    if not isinstance(step, Rest):
        return 0
    if step.until is None:
        _keep(lane, turn_id, deadline, deadline.waiting_since or now)
        return _LOOK_MS
    return min(step.until - now, _TOLD_LOOK_MS if deadline.letter_open else _LOOK_MS)


def _due(lane: Lane, live: LiveTurn, deadline: Deadline, now: int) -> Step:
    return rules.due(deadline, lane.kit.policy.limits, live.progress.last_sign_ms, now)


async def due(lane: Lane, message: DeadlineDue) -> None:
    """Do what a turn's deadline asks for now, if it still does."""
    try:
        await _act(lane, message.turn_id)
    except StoreError:
        raise  # the message comes again
    except BaseException:
        message.handled.set()
        raise
    message.handled.set()


async def _act(lane: Lane, turn_id: TurnId) -> None:
    turn, live, deadline = lane.turns.get(turn_id), lane.live.get(turn_id), lane.deadlines.get(turn_id)
    if turn is None or live is None or deadline is None:
        return
    now = lane.kit.clock()
    step = _due(lane, live, deadline, now)
    match step:
        case End():
            lane.post(_order(lane, live, step.limit, now), urgent=True)
        case Warn():
            async with lane.change() as change:
                await turn_deadline.warn(change, turn, step, live.progress.last_sign_ms)
        case Calm():
            async with lane.change() as change:
                await turn_deadline.put_off(change, turn, rules.calmed(deadline), PutOff.SIGN)
        case Extend():
            more = rules.extended(deadline, lane.kit.policy.limits, now)
            async with lane.change() as change:
                await turn_deadline.put_off(change, turn, more, PutOff.WORK)
                change.then(partial(_keep, lane, turn_id, more, now))
        case Rest():
            pass


async def extend(lane: Lane, command: ExtendTurn) -> None:
    """Somebody gives a turn more time."""
    turn, live = lane.turns.get(command.turn_id), lane.live.get(command.turn_id)
    deadline = lane.deadlines.get(command.turn_id)
    if turn is None or live is None or deadline is None:
        raise Refusal("deadline-refused-over")
    policy, now = lane.kit.policy, lane.kit.clock()
    if not rules.may_extend(deadline, policy.limits):
        raise Refusal("deadline-refused-most", most=policy.max_extensions)
    more = rules.extended_by_person(deadline, policy.limits, live.progress.last_sign_ms, now)
    async with lane.change(command.origin.update_id) as change:
        await turn_deadline.put_off(change, turn, more, PutOff.PERSON, command.origin.user_name)
        change.then(partial(_keep, lane, turn.id, more, now))


async def tidy(kit: Kit, stored: Mapping[TurnId, Deadline]) -> Mapping[TurnId, Deadline]:
    """The deadlines of turns that are at work; those of the others are forgotten, and are told to be over."""
    kept: dict[TurnId, Deadline] = {}
    letters: list[StoredLetter] = []
    async with kit.db.transaction() as tx:
        for turn_id, deadline in stored.items():
            turn = await turns.get(tx, turn_id)
            if turn is not None and _is_at_work(turn):
                kept[turn_id] = deadline
                continue
            await deadlines.remove(tx, turn_id)
            if turn is not None and deadline.letter_open and deadline.letter_id is not None:
                over = DeadlineOver(turn=turn, late=turn.state is TurnState.TIMED_OUT, edits=deadline.letter_id)
                letters += [await outbox.add(tx, letter, kit.clock()) for letter in kit.composer.compose(over)]
    kit.post.put(letters)
    return kept


def restore(lane: Lane, stored: Mapping[TurnId, Deadline]) -> None:
    """The bot is back: the lane's turns at work go on with the time that they have left."""
    limits, now = lane.kit.policy.limits, lane.kit.clock()
    for turn in lane.turns.values():
        if _is_at_work(turn):
            known = stored.get(turn.id) or rules.begun(limits, turn.started_at or now)
            lane.deadlines[turn.id] = rules.restored(known, limits, now)


def _is_at_work(turn: Turn) -> bool:
    return turn.state in ACTIVE_STATES and turn.state is not TurnState.STOPPING


def _keep(lane: Lane, turn_id: TurnId, deadline: Deadline, now: int) -> None:
    """Let the run live as long as its turn may, should the bot never come back."""
    run = lane.run_of(turn_id)
    if run is not None:
        left_s = max(0, deadline.total_at - now) / 1000
        slack_s = bound_s(lane.kit) - lane.kit.policy.timeout_s
        lane.spawn(partial(run.run.bound, left_s + slack_s), f"bound of run {run.run_id}")


def _order(lane: Lane, live: LiveTurn, limit: Limit, now: int) -> StopOrder:
    ticket = StopTicket(
        topic=lane.key,
        reply_to=live.turn.message_id or live.turn.reply_to,
        lanes=1,
        began_ms=now,
        deadline=limit,
        late=live.turn.id,
        progress=live.progress,
    )
    return StopOrder(
        scope=SCOPE[Way.DEADLINE], turn_id=live.turn.id, ticket=ticket, cause=StopCause.DEADLINE, why=limit
    )
