"""What a step works on, in one short row: a command as it is, a path as seen from where the agent works."""

from pathlib import PurePosixPath

from bot.requests import revealed
from bot.wording import shortened

_OF_FILES = frozenset({"edit", "read", "write", "delete", "move"})
"""Tools, in small letters, whose title may be what they do and the path: «add /srv/api/notes.md»."""


def title_of(tool: str, title: str, directory: str, limit: int) -> str:
    """A step's title of at most `limit` characters. Characters that hide others are named."""
    words = revealed(title).split()
    if len(words) == 1 and "/" in words[0] and "://" not in words[0]:
        return shortened_path(_seen_from(words[0], directory), limit)
    if tool.lower() in _OF_FILES:
        words = [_seen_from(word, directory) for word in words]
    return shortened(" ".join(words), limit)


def _seen_from(path: str, directory: str) -> str:
    if not directory or not path.startswith("/"):
        return path
    try:
        return str(PurePosixPath(path).relative_to(directory))
    except ValueError:
        return path


def shortened_path(path: str, limit: int) -> str:
    """A path without its middle where it is too long: «src/…/render/markdown.py»; its name is kept."""
    if len(path) <= limit:
        return path
    first, *rest = path.split("/")
    if not first and rest:
        first = f"/{rest.pop(0)}"
    kept = ""
    while rest:
        longer = f"/{rest.pop()}{kept}"
        if len(first) + 2 + len(longer) > limit:
            break
        kept = longer
    if kept:
        return f"{first}/…{kept}"
    name = path.rpartition("/")[2]
    return f"…/{name}" if len(name) + 2 <= limit else f"…{path[1 - limit :]}"
