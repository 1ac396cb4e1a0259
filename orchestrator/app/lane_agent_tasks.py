"""Background tasks that an agent runs within its own program: ended one by one."""

from functools import partial

from orchestrator.app.attended_run import AttendedRun
from orchestrator.app.lane import Lane
from orchestrator.domain.commands import StopAgentTask
from orchestrator.domain.errors import Refusal
from orchestrator.domain.notices import AgentTaskStopped


async def stop(lane: Lane, command: StopAgentTask) -> None:
    """End one of them, and leave the rest."""
    run = lane.runs.get(command.session_id)
    task = None if run is None else run.background.get(command.task_id)
    if run is None or task is None or run.program_ended:
        raise Refusal("refusal-over")
    data = run.codec.stop_task(command.task_id)
    if data is None:
        raise Refusal("refusal-cannot-end-alone")
    async with lane.change(command.origin.update_id) as change:
        await change.say(AgentTaskStopped(topic=lane.key, reply_to=command.origin.message_id, title=task.title))
        change.then(partial(_give, lane, run, command.task_id, data))


def _give(lane: Lane, run: AttendedRun, task_id: str, data: bytes) -> None:
    lane.spawn(partial(run.give_named, f"end-of-{task_id}", data), f"end of the agent's task {task_id}")
