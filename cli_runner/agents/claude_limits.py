"""Claude's limits of use, in plain words: `rate_limit_event`, as the official SDK reads it."""

from datetime import UTC, datetime

from cli_runner.agents.json_lines import Fields, inner, number, text

_NAMES = {
    "five_hour": "5-hour limit",
    "seven_day": "weekly limit",
    "seven_day_opus": "weekly limit for Opus",
    "seven_day_sonnet": "weekly limit for Sonnet",
    "overage": "limit of extra usage",
}


def _when(info: Fields) -> str:
    seconds = number(info, "resetsAt")
    if seconds is None:
        return ""
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return f" It is reset at {at:%H:%M} UTC on {at.day} {at:%B}."


def limit_words(line: Fields) -> str:
    """One line for a person, empty if there is nothing to say."""
    info = inner(line, "rate_limit_info")
    name = _NAMES.get(text(info, "rateLimitType"), "rate limit")
    used = number(info, "utilization")
    match text(info, "status"):
        case "" | "allowed":
            return ""
        case "allowed_warning":
            share = f" ({used:.0%})" if used is not None and 0 <= used <= 1 else ""
            return f"Claude's {name} is nearly used up{share}.{_when(info)}"
        case "rejected":
            return f"Claude's {name} is used up.{_when(info)}"
        case status:
            return f"Claude's {name}: {status}.{_when(info)}"
