"""Claude Code's `system` lines, other than `init`."""

from cli_runner.agents.endings import one_line
from cli_runner.agents.json_lines import Fields, inner, number, text, whole
from orchestrator.domain.agent_events import AgentEvent, Noticed, Retrying, TaskEnded, TaskStarted, Unrecognised

_QUIET = frozenset(
    {
        "background_tasks_changed",
        "hook_response",
        "hook_started",
        "local_command_output",
        "permission_denied",
        "status",
        "task_progress",
        "thinking_tokens",
    }
)
_ENDED = {"completed": True, "failed": False, "stopped": False, "killed": False}


def _retrying(line: Fields) -> Retrying:
    status, delay_ms = whole(line, "error_status"), number(line, "retry_delay_ms")
    reason = text(line, "error").replace("_", " ") or "the model did not answer"
    return Retrying(
        attempt=whole(line, "attempt") or 1,
        reason=f"{reason} ({status})" if status else reason,
        delay_s=None if delay_ms is None else delay_ms / 1000,
    )


def _task_ended(line: Fields, status: str) -> list[AgentEvent]:
    if status not in _ENDED:
        return []
    return [TaskEnded(task_id=text(line, "task_id"), ok=_ENDED[status])]


def system_events(line: Fields) -> list[AgentEvent]:
    """What a `system` line says."""
    subtype = text(line, "subtype")
    match subtype:
        case "api_retry":
            return [_retrying(line)]
        case "task_started":
            title = one_line(text(line, "description"), 200)
            return [TaskStarted(task_id=text(line, "task_id"), title=title)]
        case "task_notification":
            return _task_ended(line, text(line, "status"))
        case "task_updated":
            return _task_ended(line, text(inner(line, "patch"), "status"))
        case "compact_boundary":
            return [Noticed(text="The conversation was compacted.")]
        case _:
            return [] if subtype in _QUIET else [Unrecognised(kind=f"system/{subtype}")]
