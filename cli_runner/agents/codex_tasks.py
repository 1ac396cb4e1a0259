"""What works in the background of a Codex thread: commands that outlive their turn, and agents of Codex's own."""

from cli_runner.agents.json_lines import Fields, text
from orchestrator.domain.agent_events import AgentEvent, TaskEnded, TaskStarted

_ENDS = {"completed": True, "interrupted": False}


class Tasks:
    """Each begins once and ends once. A command is known by its item, an agent by its thread."""

    def __init__(self) -> None:
        self._processes: dict[str, str] = {}
        self._agents: set[str] = set()

    def process_of(self, task_id: str) -> str:
        """By what Codex ends a command alone; empty if it is none, or has ended."""
        return self._processes.get(task_id, "")

    def command_stayed(self, command: Fields, title: str) -> TaskStarted:
        """A command runs on when its turn is over."""
        task_id, process_id = text(command, "id"), text(command, "processId")
        self._processes[task_id] = process_id
        return TaskStarted(task_id=task_id, title=title, can_stop=bool(process_id))

    def command_ended(self, task_id: str, *, ok: bool) -> list[AgentEvent] | None:
        """A command ended. None if it is no task."""
        return None if self._processes.pop(task_id, None) is None else [TaskEnded(task_id=task_id, ok=ok)]

    def agent_acted(self, item: Fields) -> list[AgentEvent]:
        """A `subAgentActivity`. Written from the schema of 0.169, where one was never heard."""
        task_id, kind = text(item, "agentThreadId"), text(item, "kind")
        if task_id in self._agents and kind in _ENDS:
            self._agents.remove(task_id)
            return [TaskEnded(task_id=task_id, ok=_ENDS[kind])]
        if not task_id or task_id in self._agents or kind in _ENDS:
            return []
        self._agents.add(task_id)
        return [TaskStarted(task_id=task_id, title=f"agent {text(item, 'agentPath')}".strip())]
