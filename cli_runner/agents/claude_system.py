"""Claude Code's `system` lines, other than `init` and those of tasks."""

from cli_runner.agents.json_lines import Fields, number, text, whole
from orchestrator.domain.agent_events import AgentEvent, Noticed, Retrying, Unrecognised

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


def _retrying(line: Fields) -> Retrying:
    status, delay_ms = whole(line, "error_status"), number(line, "retry_delay_ms")
    reason = text(line, "error").replace("_", " ") or "the model did not answer"
    return Retrying(
        attempt=whole(line, "attempt") or 1,
        reason=f"{reason} ({status})" if status else reason,
        delay_s=None if delay_ms is None else delay_ms / 1000,
    )


def system_events(line: Fields) -> list[AgentEvent]:
    """What a `system` line says."""
    subtype = text(line, "subtype")
    match subtype:
        case "api_retry":
            return [_retrying(line)]
        case "compact_boundary":
            return [Noticed(text="The conversation was compacted.")]
        case _:
            return [] if subtype in _QUIET else [Unrecognised(kind=f"system/{subtype}")]
