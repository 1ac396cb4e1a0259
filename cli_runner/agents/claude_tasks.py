"""Claude Code's background tasks: shells and agents that outlive the call that began them.

An agent in the foreground is announced like a task too; it is a tool call, and no task until it is moved to
the background.
"""

from cli_runner.agents.endings import one_line
from cli_runner.agents.json_lines import Fields, flag, inner, text
from orchestrator.domain.agent_events import AgentEvent, TaskEnded, TaskStarted

_ENDED = {"completed": True, "failed": False, "stopped": False, "killed": False}
_TITLE_CHARS = 200
_WENT_ON = "It went on by itself"


class Tasks:
    """Remembers what runs, tells each beginning and end once, and knows why the CLI begins a turn by itself."""

    def __init__(self) -> None:
        self._titles: dict[str, str] = {}
        self._running: set[str] = set()
        self._why = ""

    def runs(self, task_id: str) -> bool:
        """Whether it can be stopped."""
        return task_id in self._running

    def started(self, line: Fields) -> list[AgentEvent]:
        """`task_started`."""
        task_id = text(line, "task_id")
        self._titles[task_id] = one_line(text(line, "description"), _TITLE_CHARS)
        in_foreground = line.get("is_backgrounded") is False
        return [] if in_foreground else self._begin(task_id)

    def updated(self, line: Fields) -> list[AgentEvent]:
        """`task_updated`."""
        patch, task_id = inner(line, "patch"), text(line, "task_id")
        begun = self._begin(task_id) if flag(patch, "is_backgrounded") and task_id in self._titles else []
        return begun + self._end(task_id, text(patch, "status"))

    def notified(self, line: Fields) -> list[AgentEvent]:
        """`task_notification`: what the agent is told of an end, and for which it may begin a turn."""
        task_id, status = text(line, "task_id"), text(line, "status")
        title = self._titles.get(task_id, "")
        told = "" if flag(line, "summary_is_report") else text(line, "summary")
        ended = f"Background task “{title}” ended" if title else "A background task ended"
        if status != "stopped":  # somebody stopped it, and the agent begins no turn for that
            self._why = one_line(told or ended, _TITLE_CHARS)
        return self._end(task_id, status)

    def why(self) -> str:
        """Why a turn of the CLI's own begins now; asked once for each."""
        why, self._why = self._why or _WENT_ON, ""
        return why

    def _begin(self, task_id: str) -> list[AgentEvent]:
        if task_id in self._running:
            return []
        self._running.add(task_id)
        return [TaskStarted(task_id=task_id, title=self._titles[task_id], can_stop=True)]

    def _end(self, task_id: str, status: str) -> list[AgentEvent]:
        if status not in _ENDED or task_id not in self._running:
            return []
        self._running.discard(task_id)
        return [TaskEnded(task_id=task_id, ok=_ENDED[status])]
