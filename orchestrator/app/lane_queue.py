"""What a lane makes of people's wishes about prompts that wait: which goes first."""

from dataclasses import replace

from orchestrator.app.change import Change
from orchestrator.app.lane import Lane
from orchestrator.app.lane_boarding import advance
from orchestrator.app.lane_commands import take_over
from orchestrator.app.lane_order import keep_order
from orchestrator.domain.commands import MoveUp, RunNow
from orchestrator.domain.errors import Refusal
from orchestrator.domain.ids import TurnId
from orchestrator.domain.lane import promoted, raised
from orchestrator.domain.notices import Queued, Told, WaitReason
from orchestrator.domain.reach import Way
from orchestrator.domain.words import words
from storage import outbox, stops, waiting


async def move_up(lane: Lane, command: MoveUp) -> None:
    """Let a prompt run before the one that is before it; the notice that it waits says so."""
    origin = command.origin
    async with lane.change(origin.update_id, more_ids=origin.more_ids) as change:
        _must_wait(lane, command.turn_id)
        if command.turn_id in change.state.held:
            raise Refusal("queue-rests", id=command.turn_id)
        before = change.state.queue
        change.state = raised(change.state, command.turn_id)
        await keep_order(change)
        if change.state.queue != before:
            await _correct(change, command.turn_id)
        if not origin.quiet:
            ahead = change.state.queue.index(command.turn_id)
            said = words("queue-moved", id=command.turn_id, ahead=ahead)
            await change.say(Told(topic=lane.key, reply_to=origin.message_id, words=said))


async def run_now(lane: Lane, command: RunNow) -> None:
    """Make a prompt the next one, then stop what runs: so nothing else begins in between, whenever the bot ends."""
    origin = command.origin
    if command.turn_id != lane.state.current:  # else this was done, and the command came again
        await _make_next(lane, command)
        if lane.state.current is not None:
            await take_over(lane, origin, Way.RUN_NOW)
    async with lane.change(origin.update_id, more_ids=origin.more_ids) as change:
        await advance(lane, change)
        if not origin.quiet:
            said = words("queue-runs-now", id=command.turn_id)
            await change.say(Told(topic=lane.key, reply_to=origin.message_id, words=said))


async def _make_next(lane: Lane, command: RunNow) -> None:
    _must_wait(lane, command.turn_id)
    async with lane.change() as change:
        if await stops.is_behind_line(change.tx, lane.key, command.origin.update_id, change.at, task=False):
            raise Refusal("queue-stopped-since")
        rested = command.turn_id in change.state.held
        change.state = promoted(change.state, command.turn_id)
        if rested:
            await waiting.wake(change.tx, command.turn_id)
            change.turns[command.turn_id] = replace(change.turns[command.turn_id], held=False)
        await keep_order(change)


def _must_wait(lane: Lane, turn_id: TurnId) -> None:
    if turn_id in (*lane.state.queue, *lane.state.held):
        return
    begun = turn_id in lane.state.active
    raise Refusal("queue-begun" if begun else "queue-gone", id=turn_id)


async def _correct(change: Change, turn_id: TurnId) -> None:
    """The notice that a prompt waits says how many go before it."""
    letter = await outbox.notice_letter(change.tx, turn_id)
    if letter is not None:
        ahead = change.state.queue.index(turn_id)
        await change.say(Queued(turn=change.turns[turn_id], ahead=ahead, reason=WaitReason.BUSY, edits=letter))
