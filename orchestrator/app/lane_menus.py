"""What a lane makes of what people do in its menus."""

from typing import TypeAlias, assert_never

from orchestrator.app import lane_queue, lane_sessions
from orchestrator.app.lane import Lane
from orchestrator.domain.commands import DeleteSession, DeleteTask, MoveUp, NameSession, RunNow

MenuCommand: TypeAlias = MoveUp | RunNow | NameSession | DeleteSession | DeleteTask


async def obey(lane: Lane, command: MenuCommand) -> None:
    """Do what is wished."""
    match command:
        case MoveUp():
            await lane_queue.move_up(lane, command)
        case RunNow():
            await lane_queue.run_now(lane, command)
        case NameSession():
            await lane_sessions.name(lane, command)
        case DeleteSession():
            await lane_sessions.delete(lane, command)
        case DeleteTask():
            await lane_sessions.delete_task(lane, command)
        case _:
            assert_never(command)
