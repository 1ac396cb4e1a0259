"""What `check` finds: one line each, with what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How it is."""

    OK = "ok"  # as it should be
    WARN = "warn"  # works, but not as one may expect
    FAIL = "FAIL"  # does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `text` says what is, and for anything but `ok` what to do."""

    level: Level
    subject: str
    text: str

    def __str__(self) -> str:
        line = f"{self.level:<4}  {self.subject}: {self.text}"
        # Names come from others; what they hold must not command the terminal, nor make a second line.
        return "".join(char if char.isprintable() else "?" for char in line)


def ok(subject: str, text: str) -> Finding:
    """As it should be."""
    return Finding(Level.OK, subject, text)


def warn(subject: str, text: str) -> Finding:
    """Works, but not as one may expect."""
    return Finding(Level.WARN, subject, text)


def fail(subject: str, text: str) -> Finding:
    """Does not work."""
    return Finding(Level.FAIL, subject, text)
