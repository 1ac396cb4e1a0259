"""How a program's end is told to a person: one line, never a traceback."""

import signal

from cli_runner.agents.ailments import ailment
from cli_runner.agents.known_clis import cli_named
from orchestrator.domain.agents import Exit

MAX_CHARS = 300
_QUOTES = "It says:"


def one_line(text: str, limit: int = MAX_CHARS) -> str:
    """The text on one line, cut at `limit` characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def signal_name(number: int) -> str:
    """`SIGKILL` for 9; the number where it has no name here."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def last_words(stderr_tail: str, lines: int = 3) -> str:
    """The last lines of stderr that say something, on one line.

    Of a traceback only its last line is kept: the frames say nothing to the person who reads this.
    """
    said = [line.strip() for line in stderr_tail.splitlines() if line.strip()]
    if any(line.startswith("Traceback (most recent call last)") for line in said):
        said = said[-1:]
    return one_line(" · ".join(said[-lines:]))


def how_it_ended(exit_: Exit) -> str:
    """«ended with exit code 3», «was killed by SIGKILL», with the shell's 128+N read as a signal."""
    if exit_.signal:
        return f"was killed by {signal_name(exit_.signal)}"
    if exit_.code is None:
        return "is gone, and nobody saw how it ended"
    if 128 < exit_.code < 160:
        return f"ended with exit code {exit_.code} ({signal_name(exit_.code - 128)})"
    return f"ended with exit code {exit_.code}"


def explain(program: str, exit_: Exit, *, printed: str = "") -> str:
    """Why there is no answer, with the remedy where that is known.

    `program` is its name or title, `printed` what it printed instead of its protocol.
    """
    words = last_words(exit_.stderr_tail)
    said = f"{exit_.stderr_tail}\n{printed}"
    known = None if exit_.signal else ailment(said, cli=cli_named(program), code=exit_.code, title=program)
    if known is not None:
        return known if _QUOTES in known or not words else f"{known} {_QUOTES} {words}"
    line = f"{program} {how_it_ended(exit_)} before it answered."
    if words:
        line += f" Its last words: {words}"
    elif printed:
        line += f" It printed: {one_line(printed, 200)}"
    elif exit_.code is not None and exit_.code != 0:
        line += " It said nothing about why."
    return line
