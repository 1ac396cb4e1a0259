"""What is wrong with a database file, in words that say what to do."""

import shlex
import sqlite3
import time
from pathlib import Path

from storage import backup


def refused(error: sqlite3.Error, path: Path) -> str:
    """What SQLite's refusal means for the person who runs the bot."""
    text = str(error)
    if tells_no_room(error):
        return f"The disk of {path.parent} is full or failing ({text}). Free some space; nothing stored is lost."
    if "readonly" in text or "unable to open" in text:
        return f"The database {path} cannot be written ({text}). Check its owner and mode."
    if _tells_damage(text):
        return damaged(path, text)
    return f"The database {path} refused: {text}."


def tells_no_room(error: sqlite3.Error) -> bool:
    """Whether the disk is full, as far as SQLite can tell that from a disk that fails."""
    return "disk is full" in str(error) or "disk I/O" in str(error)


def unreadable(error: sqlite3.Error, path: Path) -> str:
    """The same for somebody who only looks at the file."""
    if _tells_damage(str(error)):
        return damaged(path, str(error))
    return f"The database {path} cannot be read ({error}). Check its owner and mode."


def damaged(path: Path, words: str) -> str:
    """The file is not sound; `words` are SQLite's own."""
    words = " ".join(words.split())
    copy = backup.newest(path)
    if copy is None:
        return f"The database {path} is damaged ({words}). Restore a backup, or move it away to begin anew."
    return (
        f"The database {path} is damaged ({words}). Restore its newest backup, {_of(copy)}, with the bot stopped: "
        f"{_command(path, copy)}"
    )


def newer(path: Path, *, version: int, known: int) -> str:
    """The file has a later schema than this topicd knows."""
    said = f"The database {path} was written by a newer topicd (version {version}, this one knows {known}). "
    copy = backup.newest(path, version_at_most=known)
    if copy is None:
        return said + "Install the newer topicd again, or set another [state] directory."
    return said + (
        "Install the newer topicd again. Or go back, without anything that happened since, to the newest backup "
        f"that this one can read, {_of(copy)}: {_command(path, copy)}"
    )


def _tells_damage(text: str) -> bool:
    return "not a database" in text or "malformed" in text


def _of(copy: backup.Backup) -> str:
    made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(copy.made_at / 1000))
    return f"{copy.path} (of {made}, version {copy.version})"


def _command(path: Path, copy: backup.Backup) -> str:
    """What restores a copy. The files beside the database go too: they would be read into the copy."""
    name = shlex.quote(path.name)
    return (
        f"cd {shlex.quote(str(path.parent))} && mkdir -p aside && mv {name}* aside/ && "
        f"cp -p {shlex.quote(str(copy.path.relative_to(path.parent)))} {name}"
    )
