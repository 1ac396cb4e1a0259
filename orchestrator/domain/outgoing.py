"""Files that leave a session's directory for its topic: which are meant, and why one is not sent. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

MOST_BYTES = 50 * 1024 * 1024
"""Bot API: what a bot may send as a file."""

MOST_PHOTO_BYTES = 10 * 1024 * 1024
"""Bot API, `sendPhoto`. A larger image goes as a file."""

MOST_FILES = 10
"""With one answer."""

_IMAGES = (".png", ".jpg", ".jpeg", ".webp")
_SEND = re.compile(r"\s*(?:[-*]\s+)?`?\[\[send:\s*(?P<path>[^\]]+?)\s*\]\]`?\s*", re.IGNORECASE)
_PICTURE = re.compile(r"!\[[^\]\n]*\]\(\s*(?:<(?P<quoted>[^>\n]+)>|(?P<path>[^)\s]+))(?:\s+\"[^\"\n]*\")?\s*\)")
_FENCE = re.compile(r"\s{0,3}(?P<fence>`{3,}|~{3,})")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)


class Unsent(StrEnum):
    """Why a file is not sent."""

    MISSING = "missing"
    OUTSIDE = "outside"
    NOT_A_FILE = "not-a-file"
    FORBIDDEN = "forbidden"
    TOO_LARGE = "too-large"
    HOLLOW = "hollow"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutFile:
    """A copy of a file that is to be sent: `path` is the copy, `shown` the file as people name it. `size` in bytes."""

    path: str
    shown: str
    size: int

    @property
    def is_image(self) -> bool:
        """Whether Telegram can show it as a photo."""
        return self.shown.lower().endswith(_IMAGES) and self.size <= MOST_PHOTO_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """A file that is not sent."""

    shown: str
    why: Unsent
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a directory."""

    shown: str
    size: int
    is_directory: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What is in a directory, or fits a pattern; `total` counts also what is not listed."""

    where: str
    entries: tuple[Entry, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """An answer as people get it, and what it names for sending: by a line of its own, or as a Markdown image."""

    text: str
    named: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()


def marks_of(answer: str) -> Marks:
    """Read what an answer names for sending. What stands in a code block is only shown."""
    kept: list[str] = []
    named: dict[str, None] = {}
    pictures: dict[str, None] = {}
    fence = ""
    for line in answer.split("\n"):
        found = _FENCE.match(line)
        if found is not None:
            mark = found["fence"]
            fence = mark if not fence else "" if mark.startswith(fence) else fence
        elif not fence and (send := _SEND.fullmatch(line)) is not None:
            named[send["path"]] = None
            continue
        elif not fence:
            for picture in _PICTURE.finditer(line):
                path = unquote((picture["quoted"] or picture["path"]).removeprefix("file://"))
                if not _ELSEWHERE.match(path):
                    pictures[path] = None
        kept.append(line)
    text = "\n".join(kept).strip("\n") if named else answer
    return Marks(text=text, named=tuple(named), pictures=tuple(each for each in pictures if each not in named))
