"""Stopping: what a stop takes of a lane, and in which order it is done.

The order is what makes «stopped» true: the fence in memory, so that no call is begun while the
commit is under way; the commit of `stopping`, with everything unsent of the turn made void; then the
signals; and, once the supervisor has seen the tree gone, the notice.
"""

from dataclasses import replace

import structlog

from orchestrator.app.attended_run import AttendedRun
from orchestrator.app.change import Change
from orchestrator.app.lane import AnnounceStop, Lane, StopOrder
from orchestrator.domain.commands import StopScope
from orchestrator.domain.ids import TurnId
from orchestrator.domain.lane import rest
from orchestrator.domain.machine import TurnEvent, gone_event
from orchestrator.domain.notices import StopBegun
from orchestrator.domain.records import Turn
from orchestrator.domain.states import StopCause, TurnState
from storage import turns

log = structlog.get_logger()

_ANNOUNCE_AFTER_S = 0.25
"""A stop that is done sooner is told once, as done."""

_JUST_NOW_MS = 5_000


def targets_of(lane: Lane, order: StopOrder) -> list[TurnId]:
    """The turns with a run, or about to get one, that a stop takes: those named, and their children."""
    active = [each for each in lane.state.active if not lane.is_stopping(each)]
    match order.scope:
        case StopScope.EVERYTHING:
            return active
        case StopScope.CURRENT:
            chosen = {lane.state.current}
        case StopScope.TURN:
            chosen = {order.turn_id}
    # A task may have started tasks of its own.
    while more := {each for each in active if lane.turns[each].parent_id in chosen} - chosen:
        chosen |= more
    return [each for each in active if each in chosen]


async def _left_behind(lane: Lane, order: StopOrder) -> list[AttendedRun]:
    """Runs without a turn that left something running: their program ended, or waits for its next turn."""
    if order.scope is StopScope.TURN:
        return []
    idle = [run for run in lane.runs.values() if run.live is None]
    found = [run for run in (*lane.lingering.values(), *idle) if run.run_id not in lane.tickets]
    return [run for run in found if run.program_ended or (await run.run.status()).strays]


def _waiting_targets(lane: Lane, order: StopOrder) -> list[Turn]:
    """The waiting prompts that a stop cancels. At the end of the bot they wait on, for its next start."""
    if order.cause is StopCause.SHUTDOWN:
        return []
    match order.scope:
        case StopScope.EVERYTHING:
            return [lane.turns[each] for each in (*lane.state.queue, *lane.state.held)]
        case StopScope.TURN:
            turn = lane.turns.get(order.turn_id) if order.turn_id is not None else None
            return [turn] if turn is not None and turn.state is TurnState.QUEUED else []
        case StopScope.CURRENT:
            return []


async def stop(lane: Lane, order: StopOrder) -> None:
    """Stop what an order names; one notice comes when all of it is gone."""
    if order.scope is StopScope.TURN and order.turn_id == lane.state.current and order.cause is StopCause.PERSON:
        order = replace(order, scope=StopScope.CURRENT)  # the button means what the command means
    lane.closing |= order.cause is StopCause.SHUTDOWN
    ticket = order.ticket
    targets = targets_of(lane, order)
    left_behind = await _left_behind(lane, order)
    already = [each for each in lane.state.active if lane.is_stopping(each)]
    for turn_id in targets:
        lane.kit.post.fence(turn_id)
    try:
        async with lane.change(order.update_id) as change:
            without_run = [each for each in targets if lane.run_of(each) is None]
            for turn_id in targets:
                await change.move(change.turns[turn_id], TurnEvent.STOP, why=order.why, cause=order.cause)
            for turn in _waiting_targets(lane, order):
                await change.move(turn, TurnEvent.STOP, why=order.why, cause=order.cause)
                ticket.dropped += 1
            if order.scope is StopScope.CURRENT and targets and order.cause is not StopCause.DEADLINE:
                change.state = rest(change.state)
                await turns.hold(change.tx, lane.key, held=True)
            ticket.join(
                [each for each in targets if each not in lane.state.tasks],
                [each for each in targets if each in lane.state.tasks],
                [run.run_id for run in left_behind],
            )
            ticket.held += len(change.state.held)
            ticket.tasks_left += len([each for each in change.state.tasks if each not in {*targets, *already}])
            ticket.finished_just_now |= change.at - lane.last_end_ms < _JUST_NOW_MS
            for turn_id in without_run:
                # Nothing of it ever ran, or nothing does any more whatever the record says.
                await change.move(change.turns[turn_id], gone_event(order.cause))
                ticket.gone(turn_id)
            await _tell_if_complete(change, order, already)
    except BaseException:
        for turn_id in targets:
            lane.kit.post.unfence(turn_id)
        raise
    await _act(lane, order, targets, left_behind)


async def _tell_if_complete(change: Change, order: StopOrder, already: list[TurnId]) -> None:
    ticket = order.ticket
    if not ticket.complete:
        return
    ticket.told = True
    if ticket.found_nothing and already and order.scope is not StopScope.TURN:
        return  # a stop is under way and will be told; a second one adds nothing
    if order.cause is StopCause.TAKEOVER and ticket.found_nothing:
        return
    if order.scope is StopScope.TURN and ticket.found_nothing and order.turn_id in already:
        return
    await change.say(ticket.notice(change.at))


async def _act(lane: Lane, order: StopOrder, targets: list[TurnId], left_behind: list[AttendedRun]) -> None:
    ticket = order.ticket
    for turn_id in targets:
        lane.kit.views.stopping(turn_id)
        run = lane.run_of(turn_id)
        if run is None:
            lane.live.pop(turn_id, None)
            continue
        lane.tickets[turn_id] = ticket
        run.leaving = True
        lane.kit.warm.drop(run.run_id)
        await run.run.stop()
    for run in left_behind:
        lane.tickets[run.run_id] = ticket
        run.leaving = True
        lane.kit.warm.drop(run.run_id)
        await run.run.stop(polite=False)
    if ticket.pending:
        lane.later(_ANNOUNCE_AFTER_S, AnnounceStop(ticket=ticket))
    elif targets:
        async with lane.change() as change:
            await lane.advance(change)


async def announce(lane: Lane, message: AnnounceStop) -> None:
    """Say that a stop is under way, unless it is over by now or that was said."""
    ticket = message.ticket
    if ticket.told or ticket.begun_letter is not None or ticket.deadline:
        return
    async with lane.change() as change:
        letter = await change.say(StopBegun(topic=ticket.topic, reply_to=ticket.reply_to))
        ticket.begun_letter = None if letter is None else letter.id
