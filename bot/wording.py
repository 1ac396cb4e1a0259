"""Small pieces of wording: times, names, lists of processes."""

from collections.abc import Sequence
from pathlib import PurePath

from bot.words.speech import say
from orchestrator.domain.agent_events import Usage
from orchestrator.domain.run_events import ProcessNote

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def duration(seconds: float) -> str:
    """A time span as short as it can be said: «0.4 s», «12 s», «3 min 05 s», «2 h 10 min», «3 d»."""
    if isinstance(seconds, float) and seconds < 10:
        return say("unit-tenths", s=float(max(seconds, 0.0)))
    whole = int(seconds)
    if whole < _MINUTE:
        return say("unit-seconds", s=whole)
    if whole < _HOUR:
        return say("unit-minutes", min=whole // _MINUTE, s=whole % _MINUTE)
    if whole < _DAY:
        return say("unit-hours", h=whole // _HOUR, min=whole % _HOUR // _MINUTE)
    return say("unit-days", d=whole // _DAY)


def span(seconds: float) -> str:
    """A time that somebody set, as a round number where it is one: «10 s», «1 min», «10 min», «2 h»."""
    whole = round(seconds)
    if whole < 1:
        return duration(float(seconds))
    if whole % _HOUR == 0:
        return say("unit-whole-hours", h=whole // _HOUR)
    if whole % _MINUTE == 0:
        return say("unit-whole-minutes", min=whole // _MINUTE)
    return duration(whole)


def count(number: int, one: str, many: str = "") -> str:
    """«1 step», «3 steps»: for the shell, whose language is English; chats are told by `say`."""
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
    return say("unit-process", command=shortened(f"{name} {rest}".strip(), 60), pid=str(note.pid))


def processes(notes: Sequence[ProcessNote], most: int = 5) -> str:
    """Some processes in a line."""
    named = ", ".join(process(note) for note in notes[:most])
    return named if len(notes) <= most else say("unit-processes-more", processes=named, n=len(notes) - most)


def usage(used: Usage) -> str:
    """Tokens and money in a few words; empty if nothing is known."""
    words = []
    if used.input_tokens is not None or used.output_tokens is not None:
        words.append(say("unit-tokens", read=_thousands(used.input_tokens), written=_thousands(used.output_tokens)))
    if used.cost_usd:
        words.append(money(used.cost_usd))
    percent = 100 * used.context_tokens / used.context_limit if used.context_tokens and used.context_limit else 0
    if round(percent):
        words.append(say("unit-context", percent=percent))
    return " · ".join(words)


def money(usd: float) -> str:
    """An amount, to the cent."""
    return say("unit-money", usd=usd) if usd >= 0.01 else say("unit-money-little")


def _thousands(number: int | None) -> str:
    if number is None:
        return "?"
    return str(number) if number < 1000 else say("unit-thousands", n=number / 1000)
