"""The order of what waits, kept so that a restart finds it as it was."""

from dataclasses import replace

from orchestrator.app.change import Change
from orchestrator.domain.lane import positions
from storage import waiting


async def keep_order(change: Change) -> None:
    """Store the order of the queue and of what rests, where it is not that of their positions already."""
    for turns in (change.state.queue, change.state.held):
        moved = positions(turns, {each: change.turns[each].place for each in turns})
        await waiting.place(change.tx, moved)
        for turn_id, position in moved.items():
            change.turns[turn_id] = replace(change.turns[turn_id], position=position)
