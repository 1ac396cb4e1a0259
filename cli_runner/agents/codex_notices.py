"""What Codex tells beside its turns: warnings, limits, and much that changes nothing."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from cli_runner.agents.endings import one_line
from cli_runner.agents.json_lines import Fields, flag, inner, number, text, whole

_NEARLY_USED_PERCENT, _USED_UP_PERCENT = 90.0, 100.0
_BEGINS_ANEW = ". It begins anew on "
_LAST_S = 2**37
_REACHED = {
    "rate_limit_reached": "the rate limit of its account",
    "workspace_owner_credits_depleted": "the credits of its workspace",
    "workspace_member_credits_depleted": "the credits of its member of the workspace",
    "workspace_owner_usage_limit_reached": "the usage limit of its workspace",
    "workspace_member_usage_limit_reached": "the usage limit of its member of the workspace",
}
QUIET = frozenset(
    {
        "account/login/completed",
        "account/updated",
        "app/list/updated",
        "hook/completed",
        "hook/started",
        "item/autoApprovalReview/completed",
        "item/autoApprovalReview/started",
        "item/commandExecution/outputDelta",
        "item/commandExecution/terminalInteraction",
        "item/fileChange/outputDelta",
        "item/fileChange/patchUpdated",
        "item/mcpToolCall/progress",
        "item/plan/delta",
        "mcpServer/oauthLogin/completed",
        "model/safetyBuffering/updated",
        "model/verification",
        "remoteControl/status/changed",
        "skills/changed",
        "thread/archived",
        "thread/attachment/updated",
        "thread/closed",
        "thread/compacted",
        "thread/environment/connected",
        "thread/environment/disconnected",
        "thread/goal/cleared",
        "thread/goal/updated",
        "thread/name/updated",
        "thread/prediction/updated",
        "thread/project/updated",
        "thread/queue/changed",
        "thread/readState/changed",
        "thread/section/changed",
        "thread/settings/updated",
        "thread/started",
        "thread/status/changed",
        "thread/unarchived",
        "turn/diff/updated",
        "turn/moderationMetadata",
    }
)
"""Notifications that say nothing to a person, or nothing that others do not say."""


def _window_name(window: Fields) -> str:
    minutes = number(window, "windowDurationMins") or 0
    if minutes >= 24 * 60:
        return f"its limit for {minutes / (24 * 60):.0f} days"
    return f"its limit for {minutes / 60:.0f} hours" if minutes else "one of its limits"


def _used(window: Fields) -> float:
    return number(window, "usedPercent") or 0.0


def _until(window: Fields) -> str:
    """When it begins anew, where that is said (in seconds since 1970)."""
    at = whole(window, "resetsAt")
    if at is None or not 0 < at < _LAST_S:
        return "."
    return f"{_BEGINS_ANEW}{datetime.fromtimestamp(at, UTC):%d %b at %H:%M} UTC."


def _rate_limits(params: Fields) -> str:
    limits = inner(params, "rateLimits")
    if reached := text(limits, "rateLimitReachedType"):
        return f"Codex has used up {_REACHED.get(reached, 'a limit of its account')}."
    if flag(limits, "spendControlReached"):
        return "Codex has spent what its account may spend."
    window = max((inner(limits, name) for name in ("primary", "secondary")), key=_used)
    if _used(window) >= _USED_UP_PERCENT:
        return f"Codex has used up {_window_name(window)}{_until(window)}"
    if _used(window) >= _NEARLY_USED_PERCENT:
        return f"Codex has used more than {_NEARLY_USED_PERCENT:.0f} % of {_window_name(window)}{_until(window)}"
    return ""


def _with_details(params: Fields) -> str:
    return " ".join(part for part in (text(params, "summary"), text(params, "details")) if part)


def _mcp_server(params: Fields) -> str:
    if text(params, "status") != "failed":
        return ""
    reason = text(params, "error") or text(params, "failureReason")
    return f"The MCP server {text(params, 'name')} did not start: {reason or 'no reason was given'}"


def _rerouted(params: Fields) -> str:
    return f"Codex works with {text(params, 'toModel')} instead of {text(params, 'fromModel')}."


_TOLD: Mapping[str, Callable[[Fields], str]] = {
    "account/rateLimits/updated": _rate_limits,
    "configWarning": _with_details,
    "deprecationNotice": _with_details,
    "guardianWarning": lambda params: text(params, "message"),
    "mcpServer/startupStatus/updated": _mcp_server,
    "model/rerouted": _rerouted,
    "modelProvider/authRecoveryStarted": lambda params: text(params, "message"),
    "warning": lambda params: text(params, "message"),
}


class Notices:
    """Says each notice once: limits and warnings come again with every call of the model."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def knows(self, method: str) -> bool:
        """Whether a notification is one of these."""
        return method in QUIET or method in _TOLD

    def notice(self, method: str, params: Fields) -> str:
        """A line for a person, or nothing."""
        read = _TOLD.get(method)
        line = one_line(read(params)) if read else ""
        said, _, _ = line.partition(_BEGINS_ANEW)  # which can move from call to call
        if not line or said in self._told:
            return ""
        self._told.add(said)
        return line
