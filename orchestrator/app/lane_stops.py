"""Stopping: in which order a stop is done.

The order is what makes «stopped» true: the fence in memory, so that no call is begun while the
commit is under way; the commit of `stopping`, with everything unsent of the turn made void; then the
signals; and, once the supervisor has seen the tree gone, the notice. What a stop takes is decided in
`orchestrator.domain.reach`.
"""

from dataclasses import replace
from functools import partial

import anyio
import structlog

from orchestrator.app.attended_run import AttendedRun
from orchestrator.app.change import Change
from orchestrator.app.lane import Lane
from orchestrator.app.lane_boarding import advance
from orchestrator.app.lane_messages import AnnounceStop, Proceed, StopOrder, StopOverdue
from orchestrator.app.lane_order import keep_order
from orchestrator.app.lane_runs import turn_finished
from orchestrator.app.stop_notice import settle, tell_or_owe
from orchestrator.domain.errors import StoreError
from orchestrator.domain.ids import TurnId
from orchestrator.domain.lane import rest
from orchestrator.domain.machine import TurnEvent, gone_event
from orchestrator.domain.notices import StopBegun
from orchestrator.domain.reach import REACH, StopScope, Taken, Waiting, taken
from orchestrator.domain.states import TERMINAL_STATES, Owed, StopCause, TurnKind, TurnState
from storage import outbox, stops, turns

log = structlog.get_logger()

_ANNOUNCE_AFTER_S = 0.25
"""A stop that is done sooner is told once, as done."""

_JUST_NOW_MS = 5_000
_LOOK_S = 0.1
"""How long a supervisor may take to say what its idle run left running; one that doesn't say is ended."""


def what_it_takes(lane: Lane, order: StopOrder) -> Taken:
    """What an order takes of this lane now. At the end of the bot prompts wait on, for its next start."""
    lines = {each: lane.token(lane.turns[each]).line for each in lane.state.active}
    found = taken(order.scope, lane.state, lane.turns, lines, turn_id=order.turn_id, session_id=order.session_id)
    if order.about_to_start is not None:
        found = replace(found, dropped=tuple({*found.dropped, order.about_to_start}))
    if order.cause is not StopCause.SHUTDOWN:
        return found
    begun = tuple(each for each in found.turns if lane.turns[each].state is not TurnState.QUEUED)
    return replace(found, turns=begun, dropped=())


async def stop(lane: Lane, order: StopOrder) -> None:
    """Stop what an order names; one notice comes when all of it is gone."""
    if order.turn_id is not None and order.cause is StopCause.PERSON:
        order = _as_meant(lane, order, order.turn_id)
    lane.closing |= order.cause is StopCause.SHUTDOWN
    took_results = await _take_results(lane, order)
    try:
        await _stop(lane, order)
    finally:
        if took_results:
            lane.post(Proceed())  # where the queue does not rest, it goes on


def _as_meant(lane: Lane, order: StopOrder, turn_id: TurnId) -> StopOrder:
    """The button under the conversation's turn means what the command means; under any other, that turn alone."""
    if order.scope in (StopScope.CURRENT, StopScope.TURN):
        return replace(order, scope=StopScope.CURRENT if turn_id == lane.state.current else StopScope.TURN)
    return order


async def _stop(lane: Lane, order: StopOrder) -> None:
    found = what_it_takes(lane, order)
    launching = set(lane.launching)  # asked before the fence is up, which ends a launch
    tokens = [lane.token(lane.turns[turn_id]) for turn_id in (*found.turns, *found.dropped)]
    for token in tokens:
        token.fence()
    try:
        left_behind = await _left_behind(lane, order)
        already = [each for each in lane.state.active if lane.is_stopping(each)]
        async with lane.change(order.update_id, urgent=True) as change:
            without_run = [each for each in found.turns if lane.run_of(each) is None and each not in launching]
            await _commit(lane, change, order, found, without_run, left_behind, already)
    except StoreError:
        # It will be tried again until it is committed, and until then nothing more is begun. A takeover is
        # not: the prompt for which it was is handled again, and takes over what works by then.
        for token in tokens if order.cause is StopCause.TAKEOVER else ():
            token.unfence()
        raise
    except BaseException:
        for token in tokens:
            token.unfence()
        raise
    for token in tokens:
        token.stop()
    await _act(lane, order, found, left_behind)


async def _take_results(lane: Lane, order: StopOrder) -> bool:
    """An answer that was complete before the stop is accepted is an answer; what comes next does not start.

    True if there was one.
    """
    ended = lane.finished(set(what_it_takes(lane, order).turns))
    lane.at_rest = True
    try:
        for message in ended:
            await turn_finished(lane, message)
    finally:
        lane.at_rest = False
    return bool(ended)


async def _left_behind(lane: Lane, order: StopOrder) -> list[AttendedRun]:
    """Runs without a turn that left something running: their program ended, or waits for its next turn."""
    if not REACH[order.scope].left_running:
        return []
    idle = [run for run in lane.runs.values() if run.live is None or _ends_by_force(lane, run)]
    asked = [run for run in (*lane.lingering.values(), *idle) if run.run_id not in lane.tickets]
    if order.scope is StopScope.SESSION:
        asked = [run for run in asked if run.session_id == order.session_id]
    found = [run for run in asked if run.program_ended or run.background or _ends_by_force(lane, run)]
    with anyio.move_on_after(_LOOK_S):
        async with anyio.create_task_group() as tasks:
            for run in [each for each in asked if each not in found]:
                tasks.start_soon(_look, run, asked, found)
    return found + [run for run in asked if run not in found]


def _ends_by_force(lane: Lane, run: AttendedRun) -> bool:
    """Whether its turn failed before its program was through, which is being ended."""
    return run.live is not None and run.live.turn.id not in lane.turns


async def _look(run: AttendedRun, asked: list[AttendedRun], found: list[AttendedRun]) -> None:
    if (await run.run.status()).strays:
        found.append(run)
    else:
        asked.remove(run)


async def _commit(
    lane: Lane,
    change: Change,
    order: StopOrder,
    found: Taken,
    without_run: list[TurnId],
    left_behind: list[AttendedRun],
    already: list[TurnId],
) -> None:
    ticket = order.ticket
    for turn_id in found.turns:
        # Its last state goes before the notice, which may be part of this very change.
        change.at_once(partial(lane.kit.views.stopping, turn_id))
    stopped = [
        await change.move(change.turns[turn_id], TurnEvent.STOP, why=order.why, cause=order.cause)
        for turn_id in found.turns
    ]
    dropped = [
        await change.move(change.turns[turn_id], TurnEvent.STOP, why=order.why, cause=order.cause)
        for turn_id in found.dropped
    ]
    first = [turn for turn in dropped if turn.id == order.about_to_start]
    if order.asked_by is not None and (order.scope is StopScope.EVERYTHING or _rests(lane, order, found)):
        everything = order.scope is StopScope.EVERYTHING
        await stops.draw_line(
            change.tx, lane.key, order.asked_by, change.at, everything=everything, whole_chat=order.whole_chat
        )
    if _rests(lane, order, found):
        change.state = rest(change.state)
        await turns.hold(change.tx, lane.key, held=True)
        await keep_order(change)
    before = ticket.mark()
    change.if_refused(lambda: ticket.back_to(before))
    ticket.join(
        [turn.id for turn in (*stopped, *first) if turn.kind is TurnKind.FOREGROUND],
        [turn.id for turn in stopped if turn.kind is TurnKind.TASK],
        [run.run_id for run in left_behind],
    )
    ticket.agents += [live.agent for turn in stopped if (live := lane.live.get(turn.id)) is not None and live.agent]
    never_begun = {turn.id for turn in (*first, *stopped) if turn.state in TERMINAL_STATES}
    for turn_id in never_begun:
        ticket.gone(turn_id)
    ticket.dropped += len(dropped) - len(first)
    ticket.held += len(change.state.held)
    ticket.tasks_left += [change.turns[each] for each in change.state.tasks if each not in {*found.turns, *already}]
    ticket.finished_just_now |= change.at - lane.last_end_ms < _JUST_NOW_MS
    ticket.answer_owed |= await outbox.owes_answer(change.tx, lane.key)
    for turn_id in set(without_run) - never_begun:
        # Nothing of it ever ran, or nothing does any more whatever the record says.
        gone = await change.move(change.turns[turn_id], gone_event(order.cause))
        if gone.state is TurnState.LOST:
            await turns.owe(change.tx, turn_id, Owed.NOTICE)  # of the next bot: this one ends
        ticket.gone(turn_id)
    if _adds_nothing(order, already):
        ticket.told = True
        await settle(change, ticket)
    else:
        await tell_or_owe(change, ticket, *never_begun, *(set(without_run) - never_begun))


def _rests(lane: Lane, order: StopOrder, found: Taken) -> bool:
    """Whether the queue rests. A `/stop` between two turns finds nothing running, and is meant all the same."""
    if REACH[order.scope].waiting is not Waiting.RESTS or order.cause in (StopCause.DEADLINE, StopCause.SHUTDOWN):
        return False
    return order.scope is StopScope.CURRENT or lane.state.current in found.turns


def _adds_nothing(order: StopOrder, already: list[TurnId]) -> bool:
    """Whether there is nothing to tell: a stop is under way and will be told, or nobody asked for this one."""
    ticket = order.ticket
    if not (ticket.complete and ticket.found_nothing):
        return False
    if order.cause in (StopCause.TAKEOVER, StopCause.DEADLINE):
        return True
    return order.turn_id in already if order.scope is StopScope.TURN else bool(already)


async def _act(lane: Lane, order: StopOrder, found: Taken, left_behind: list[AttendedRun]) -> None:
    ticket = order.ticket
    for turn_id in found.turns:
        if turn_id not in lane.turns:
            lane.live.pop(turn_id, None)
            continue
        lane.tickets[turn_id] = ticket
        run = lane.run_of(turn_id)
        if run is not None:  # else it is being started, and ended as soon as there is something to end
            lane.end_run(run)
    for run in left_behind:
        lane.tickets[run.run_id] = ticket
        lane.end_run(run, polite=False)
    if ticket.pending:
        lane.later(_ANNOUNCE_AFTER_S, AnnounceStop(ticket=ticket))
    elif found.turns:
        async with lane.change() as change:
            await advance(lane, change)


async def announce(lane: Lane, message: AnnounceStop) -> None:
    """Say that a stop is under way, unless it is over by now or that was said."""
    ticket = message.ticket
    if ticket.told or ticket.begun_letter is not None or ticket.deadline:
        return
    async with lane.change() as change:
        letter = await change.say(StopBegun(topic=ticket.topic, reply_to=ticket.reply_to))
        ticket.begun_letter = None if letter is None else letter.id


async def overdue(lane: Lane, message: StopOverdue) -> None:
    """A supervisor that did not end its run in time is ended together with it."""
    run = message.run
    if lane.runs.get(run.session_id) is run or lane.lingering.get(run.run_id) is run:
        log.warning("run.stop_overdue", run=run.run_id)
        lane.spawn(run.run.kill, f"end of run {run.run_id} by force")
