"""How a turn that somebody asked for comes into its lane: it works, waits, or rests behind the line of a stop."""

from dataclasses import replace

from orchestrator.app.change import Change
from orchestrator.app.lane import Lane
from orchestrator.app.lane_boarding import advance, dispatch
from orchestrator.app.lane_order import keep_order
from orchestrator.domain.errors import Refusal
from orchestrator.domain.lane import admit, admit_first, admit_held, admit_task
from orchestrator.domain.notices import Queued, WaitReason
from orchestrator.domain.records import NewTurn, Turn
from orchestrator.domain.states import TurnKind
from storage import prompts, stops, turns


async def take_in(
    lane: Lane,
    change: Change,
    new: NewTurn,
    update_id: int | None,
    *,
    first: bool = False,
    busy: WaitReason = WaitReason.BUSY,
    asks: bool = False,
) -> Turn | None:
    """Store a turn and let it begin when its time comes. None if its message has one already.

    One that `asks` where to work waits until somebody says that.
    What was sent before a stop that overtook it rests with what waited; raises Refusal for a task.
    """
    is_task = new.kind is TurnKind.TASK
    behind = await stops.is_behind_line(change.tx, lane.key, update_id, change.at, task=is_task)
    if behind and is_task:
        raise Refusal("refusal-before-stop")
    turn = await turns.add(change.tx, new, change.at)
    if turn is None:
        return None
    if new.parts:
        await prompts.keep_parts(change.tx, turn, new.parts)
    change.turns[turn.id] = turn
    if is_task:
        change.state = admit_task(change.state, turn.id)
        await dispatch(lane, change, turn)
    elif behind:
        await _rest_too(change, turn, WaitReason.HELD)
    elif asks:
        await _rest_too(change, turn, WaitReason.WHERE)
    else:
        change.state = admit_first(change.state, turn.id) if first else admit(change.state, turn.id)
        await keep_order(change)
        await advance(lane, change)
        if turn.id in change.state.queue:
            ahead = change.state.queue.index(turn.id)
            await change.say(Queued(turn=turn, ahead=ahead, reason=busy))
    return turn


async def _rest_too(change: Change, turn: Turn, why: WaitReason) -> None:
    await turns.hold_one(change.tx, turn.id)
    change.turns[turn.id] = replace(turn, held=True)
    change.state = admit_held(change.state, turn.id)
    ahead = len(change.state.held) - 1
    if ahead or why is not WaitReason.WHERE:  # the first is told by the question itself
        await change.say(Queued(turn=turn, ahead=ahead, reason=why))
