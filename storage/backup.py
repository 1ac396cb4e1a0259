"""Copies of the database: whole, made while others work on it, and few.

They lie in `backups/` beside the database, each named after the version of its schema and the moment
(UTC) it was made: `topicd-1-20261121T065809Z.sqlite3`. What has another name is nobody's business here.
"""

import os
import re
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestrator.domain.errors import StoreError

DIRECTORY = "backups"
KEPT = 3
"""So many of the newest are kept; and of each older version, for the way back, its newest one."""

_NAME = re.compile(r"topicd-(\d+)-(\d{8}T\d{6}Z)\.sqlite3")
_MOMENT = "%Y%m%dT%H%M%SZ"
_PARTIAL = ".partial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A copy. `version` is that of its schema, `made_at` UTC epoch milliseconds, to the second."""

    path: Path
    version: int
    made_at: int


def found(database: Path) -> Sequence[Backup]:
    """The copies of a database, the newest first. Raises nothing: a directory that cannot be read has none."""
    try:
        names = os.listdir(database.parent / DIRECTORY)  # noqa: PTH208 - names are all that is needed
    except OSError:
        return []
    copies = [
        Backup(
            path=database.parent / DIRECTORY / name,
            version=int(match[1]),
            made_at=_moment(match[2]),
        )
        for name in names
        if (match := _NAME.fullmatch(name))
    ]
    return sorted(copies, key=lambda each: (each.made_at, each.version), reverse=True)


def newest(database: Path, *, version_at_most: int | None = None) -> Backup | None:
    """The newest copy, if there is one; with `version_at_most` one that an older topicd can read."""
    return next((each for each in found(database) if version_at_most is None or each.version <= version_at_most), None)


def make(database: Path, at: int) -> Backup:
    """Copy a database as it is at this moment; blocks, but nobody who writes to it.

    The copy gets its name when it is whole and on the disk, and only its owner can read it. Raises
    StoreError; then nothing of it is left.
    """
    directory = database.parent / DIRECTORY
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        for left in directory.glob(f"*{_PARTIAL}"):
            left.unlink()
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, isolation_level=None)) as source:
            [version] = source.execute("PRAGMA user_version").fetchone()
            moment = time.strftime(_MOMENT, time.gmtime(at / 1000))
            target = directory / f"topicd-{version}-{moment}.sqlite3"
            _copy(source, target)
        _sync(directory)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(_refusal(error, database, directory)) from error
    prune(database)
    return Backup(path=target, version=int(version), made_at=_moment(moment))


def prune(database: Path, *, older_than: int = 0) -> int:
    """Remove the copies that are too many, and those made before `older_than`; how many they were.

    The newest one stays in any case. Raises StoreError.
    """
    copies = found(database)
    kept = {each.path for each in copies[:KEPT]} | {
        next(each.path for each in copies if each.version == version) for version in {each.version for each in copies}
    }
    leaving = [each.path for each in copies[1:] if each.path not in kept or each.made_at < older_than]
    try:
        for path in leaving:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"An old copy in {database.parent / DIRECTORY} cannot be removed: {error.strerror}."
        ) from error
    return len(leaving)


def _copy(source: sqlite3.Connection, target: Path) -> None:
    partial = target.with_name(target.name + _PARTIAL)
    try:
        # Made by us, so that it is never readable by others; VACUUM INTO takes a file that is empty.
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        source.execute("VACUUM INTO :target", {"target": str(partial)})
        _sync(partial)
        partial.rename(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _sync(path: Path) -> None:
    """VACUUM INTO forces nothing to disk by itself."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _moment(text: str) -> int:
    try:
        return int(datetime.strptime(text, _MOMENT).replace(tzinfo=UTC).timestamp()) * 1000
    except ValueError:
        return 0  # no such day: older than all others


def _refusal(error: OSError | sqlite3.Error, database: Path, directory: Path) -> str:
    why = error.strerror if isinstance(error, OSError) else str(error)
    try:
        needed = f"{database.stat().st_size // 1_000_000 + 1} MB"
    except OSError:
        needed = "as much as the database needs"
    return f"The database {database} could not be copied to {directory} ({why}). It takes up to {needed} there."
