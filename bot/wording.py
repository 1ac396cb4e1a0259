"""Small pieces of wording: times, names, lists of processes."""

from collections.abc import Sequence
from pathlib import PurePath

from orchestrator.domain.agent_events import Usage
from orchestrator.domain.run_events import ProcessNote

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def duration(seconds: float) -> str:
    """A time span as short as it can be said: «0.4 s», «12 s», «3 min 05 s», «2 h 10 min», «3 d»."""
    if isinstance(seconds, float) and seconds < 10:
        return f"{max(seconds, 0.0):.1f} s"
    whole = int(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"
    return f"{whole // _DAY} d"


def span(seconds: float) -> str:
    """A time that somebody set, as a round number where it is one: «10 s», «1 min», «10 min», «2 h»."""
    whole = round(seconds)
    if whole < 1:
        return duration(float(seconds))
    for unit, name in ((_HOUR, "h"), (_MINUTE, "min")):
        if whole % unit == 0:
            return f"{whole // unit} {name}"
    return duration(whole)


def count(number: int, one: str, many: str = "") -> str:
    """«1 step», «3 steps»."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def shortened(text: str, limit: int) -> str:
    """The first line of a text, cut with an ellipsis where it is longer than `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def process(note: ProcessNote) -> str:
    """A process as a person would name it."""
    words = note.command.split()
    name = PurePath(words[0]).name if words else "?"
    rest = " ".join(words[1:])
    return f"{shortened(f'{name} {rest}'.strip(), 60)} (pid {note.pid})"


def processes(notes: Sequence[ProcessNote], most: int = 5) -> str:
    """Some processes in a line."""
    named = ", ".join(process(note) for note in notes[:most])
    return named if len(notes) <= most else f"{named} and {len(notes) - most} more"


def usage(used: Usage) -> str:
    """Tokens and money in a few words; empty if nothing is known."""
    words = []
    if used.input_tokens is not None or used.output_tokens is not None:
        words.append(f"{_thousands(used.input_tokens)} in, {_thousands(used.output_tokens)} out")
    if used.cost_usd:
        words.append(f"${used.cost_usd:.2f}" if used.cost_usd >= 0.01 else "<$0.01")
    if used.context_tokens and used.context_limit:
        words.append(f"context {used.context_tokens / used.context_limit:.0%} full")
    return " · ".join(words)


def _thousands(number: int | None) -> str:
    if number is None:
        return "?"
    return str(number) if number < 1000 else f"{number / 1000:.1f}k"
