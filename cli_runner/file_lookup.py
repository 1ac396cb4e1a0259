"""Files of a session's directory, looked up and copied for people who are not on this machine.

Nothing outside of the directory is opened, whatever links lead there, and nothing that belongs to the bot itself.
"""

import os
import shutil
import stat
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from cli_runner.file_service import FileRefused, opened_inside
from orchestrator.domain.outgoing import MOST_BYTES, Entry, Listing, NotSent, OutFile, Unsent

MOST_ENTRIES = 40
"""Of a listing; what is more is counted."""

_MOST_LOOKED_AT = 5_000
_PATTERN = frozenset("*?[")


class Shelf:
    """Where copies are kept until they are sent. `own` are files and directories of the bot, which never are."""

    def __init__(self, directory: Path, own: Iterable[Path]) -> None:
        self._directory = directory
        self._own = tuple(os.path.realpath(path) for path in own)

    def look(self, directory: Path, asked: str, name: str) -> OutFile | Listing | NotSent:
        """A copy of the file that is asked for, below `name`; or what is in a directory, or fits a pattern."""
        path = asked.strip() or "."
        if not directory.is_dir():
            return NotSent(shown=str(directory), why=Unsent.FAILED)
        if _PATTERN & set(path) and not (directory / path).exists():
            fitting = self._fitting(directory, path)
            if len(fitting) != 1:
                return _listing(directory, path, fitting) if fitting else NotSent(shown=path, why=Unsent.MISSING)
            path = fitting[0]
        inside = os.path.realpath(directory / path)
        if Path(inside).is_dir():
            if not _is_in(inside, os.path.realpath(directory)):
                return NotSent(shown=path, why=Unsent.OUTSIDE)
            return self._inside(directory, path)
        return self.copy(directory, path, name)

    def copy(self, directory: Path, path: str, name: str) -> OutFile | NotSent:
        """A copy of a file of a directory, below `name` (which is made, and may be there already)."""
        try:
            with opened_inside(directory, path) as (file, where):
                found = os.fstat(file.fileno())
                if not stat.S_ISREG(found.st_mode):
                    return NotSent(shown=path, why=Unsent.NOT_A_FILE)
                if self._is_own(where, found):
                    return NotSent(shown=path, why=Unsent.FORBIDDEN)
                if found.st_size > MOST_BYTES:
                    return NotSent(shown=path, why=Unsent.TOO_LARGE, size=found.st_size)
                if not found.st_size:
                    return NotSent(shown=path, why=Unsent.HOLLOW)
                target = self._directory / name / Path(where).name
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
                with os.fdopen(os.open(target, flags, 0o600), "wb") as copy:
                    shutil.copyfileobj(file, copy)
        except FileRefused as refused:
            return NotSent(shown=path, why=_why(refused))
        except OSError:
            return NotSent(shown=path, why=Unsent.FAILED)
        return OutFile(path=str(target), shown=path, size=found.st_size)

    def _inside(self, directory: Path, path: str) -> Listing | NotSent:
        try:
            with os.scandir(directory / path) as found:
                names = [os.path.normpath(f"{path}/{each.name}") for each in islice(found, _MOST_LOOKED_AT)]
        except OSError:
            return NotSent(shown=path, why=Unsent.FAILED)
        return _listing(directory, path, names)

    def _fitting(self, directory: Path, pattern: str) -> list[str]:
        root = os.path.realpath(directory)
        if pattern.startswith("/") or ".." in pattern.split("/"):
            return []
        try:
            found = [str(each.relative_to(directory)) for each in islice(directory.glob(pattern), _MOST_LOOKED_AT)]
        except (ValueError, NotImplementedError, OSError):
            return []  # no pattern, or nothing that can be read
        return sorted(each for each in found if _is_in(os.path.realpath(directory / each), root))

    def _is_own(self, where: str, found: os.stat_result) -> bool:
        """By where it lies, and by what it is: a second name of a file is the same file."""
        real = os.path.realpath(where)
        return any(_is_in(real, own) or _is_same(own, found) for own in self._own)


def _listing(directory: Path, where: str, names: list[str]) -> Listing:
    entries = [entry for name in names if (entry := _entry(directory, name)) is not None]
    entries.sort(key=lambda entry: (not entry.is_directory, entry.shown.lower()))
    return Listing(where=os.path.normpath(where), entries=tuple(entries[:MOST_ENTRIES]), total=len(entries))


def _entry(directory: Path, name: str) -> Entry | None:
    try:
        found = (directory / name).stat(follow_symlinks=False)
    except OSError:
        return None
    return Entry(shown=name, size=found.st_size, is_directory=stat.S_ISDIR(found.st_mode))


def _is_in(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def _is_same(own: str, found: os.stat_result) -> bool:
    try:
        other = Path(own).stat()
    except OSError:
        return False
    return (other.st_dev, other.st_ino) == (found.st_dev, found.st_ino)


def _why(refused: FileRefused) -> Unsent:
    if refused.missing:
        return Unsent.MISSING
    text = str(refused)
    if "outside" in text:
        return Unsent.OUTSIDE
    return Unsent.NOT_A_FILE if "not a file" in text else Unsent.FAILED
