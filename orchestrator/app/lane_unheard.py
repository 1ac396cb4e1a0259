"""What was said into a turn and not taken in by its agent: it is asked for next."""

from orchestrator.app.attended_run import AttendedRun
from orchestrator.app.change import Change
from orchestrator.app.lane import Lane
from orchestrator.app.lane_admission import take_in
from orchestrator.domain.records import NewTurn, Steer
from orchestrator.domain.states import SteerState, TurnKind
from storage import steers, stops, turns

_BEFORE_ANY_STOP = 0


async def not_heard(lane: Lane, change: Change, run: AttendedRun) -> None:
    """A run is gone without having taken in all that was said to it: that is asked for next."""
    for said in reversed(await steers.given_to(change.tx, run.run_id)):
        if await steers.mark(change.tx, said.id, SteerState.PROMPT) is not None:
            await as_prompt(lane, change, said)


async def as_prompt(lane: Lane, change: Change, said: Steer) -> None:
    """Ask the session for what was to be said into its turn."""
    meant = change.turns.get(said.turn_id) or await turns.get(change.tx, said.turn_id)
    if meant is None:
        return
    new = NewTurn(
        session_id=meant.session_id,
        topic=lane.key,
        kind=TurnKind.FOREGROUND,
        prompt=said.text,
        message_id=said.message_id,
        reply_to=said.message_id,
        sender_id=said.sender_id,
        sender_name=said.sender_name,
    )
    # It has no update of its own here; a stop since its turn began is one since it was said, or that turn is stopped.
    began = meant.started_at or meant.created_at
    stopped = await stops.was_stopped_after(change.tx, lane.key, began - 1, task=False)
    await take_in(lane, change, new, _BEFORE_ANY_STOP if stopped else None, first=True)
