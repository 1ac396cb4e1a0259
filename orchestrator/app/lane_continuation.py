"""Going on with what a deadline ended: the button that says «continue» in that session."""

from orchestrator.app.change import Change
from orchestrator.app.lane import Lane
from orchestrator.app.lane_boarding import advance, dispatch
from orchestrator.domain.commands import ContinueTurn
from orchestrator.domain.errors import Refusal
from orchestrator.domain.lane import admit, admit_task
from orchestrator.domain.notices import Queued, WaitReason
from orchestrator.domain.records import NewTurn, Turn
from orchestrator.domain.states import TurnKind, TurnState
from storage import turns

PROMPT = "continue"


async def continue_turn(lane: Lane, command: ContinueTurn) -> None:
    """Ask the session of a turn that timed out to go on: once, in the conversation or as a task, as it was."""
    async with lane.change(command.origin.update_id) as change:
        late = await turns.get(change.tx, command.turn_id)
        if late is None or late.topic != lane.key or late.state is not TurnState.TIMED_OUT:
            raise Refusal("There is nothing to continue here.")
        if await turns.resumed(change.tx, late.id):
            raise Refusal("That goes on already.")
        turn = await turns.add(
            change.tx,
            NewTurn(
                session_id=late.session_id,
                topic=lane.key,
                kind=late.kind,
                prompt=PROMPT,
                reply_to=late.reply_to,
                sender_id=command.origin.user_id,
                sender_name=command.origin.user_name,
                resumes_id=late.id,
            ),
            change.at,
        )
        if turn is not None:
            await _admit(lane, change, turn)


async def _admit(lane: Lane, change: Change, turn: Turn) -> None:
    change.turns[turn.id] = turn
    if turn.kind is TurnKind.TASK:
        change.state = admit_task(change.state, turn.id)
        await dispatch(lane, change, turn)
        return
    change.state = admit(change.state, turn.id)
    await advance(lane, change)
    if turn.id in change.state.queue:
        ahead = change.state.queue.index(turn.id)
        await change.say(Queued(turn=turn, ahead=ahead, reason=WaitReason.BUSY))
