"""Going on with what a deadline ended: the button that says «continue» in that session."""

from orchestrator.app.lane import Lane
from orchestrator.app.lane_admission import take_in
from orchestrator.domain.commands import ContinueTurn
from orchestrator.domain.errors import Refusal
from orchestrator.domain.records import NewTurn
from orchestrator.domain.states import TurnState
from storage import turns

PROMPT = "continue"


async def continue_turn(lane: Lane, command: ContinueTurn) -> None:
    """Ask the session of a turn that timed out to go on: once, in the conversation or as a task, as it was."""
    async with lane.change(command.origin.update_id) as change:
        late = await turns.get(change.tx, command.turn_id)
        if late is None or late.topic != lane.key or late.state is not TurnState.TIMED_OUT:
            raise Refusal("refusal-nothing-to-continue")
        if await turns.resumed(change.tx, late.id):
            raise Refusal("refusal-goes-on-already")
        await take_in(
            lane,
            change,
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
            command.origin.update_id,
        )
