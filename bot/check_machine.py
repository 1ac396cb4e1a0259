"""Checks of this machine: the state directory, the database, the directories that agents work in."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import anyio.to_thread

from bot.finding import Finding, fail, ok, warn
from bot.settings import Settings
from bot.wording import count
from orchestrator.app.survey import DatabaseCondition, database_condition

_MB = 1_000_000
_LITTLE_SPACE_MB = 500
_OLD_COPY_H = 72


async def state_findings(settings: Settings) -> Sequence[Finding]:
    """The state directory: whether it can be written, has space, and holds a sound database."""
    directory = settings.state.directory
    findings = await anyio.to_thread.run_sync(_directory_findings, directory)
    try:
        database = await database_condition(directory)
    except OSError:
        return findings  # what is wrong with the directory is said already
    return [*findings, *_database_findings(database)]


async def work_findings(settings: Settings) -> Sequence[Finding]:
    """The directories of projects and the one for topics without a project."""
    places = {f"[projects.{name}] path": project.path for name, project in settings.projects.items()}
    places["[defaults] directory"] = settings.defaults.directory
    return await anyio.to_thread.run_sync(lambda: [_work_finding(key, path) for key, path in places.items()])


def _directory_findings(directory: Path) -> list[Finding]:
    subject = "state directory"
    try:
        existing = next(path for path in (directory, *directory.parents) if path.exists())
        if not existing.is_dir():
            return [fail(subject, f"{existing} is not a directory. Set another [state] directory.")]
        # Permissions alone don't tell of a read-only or full disk. The file never has a name.
        with tempfile.TemporaryFile(dir=existing) as probe:
            probe.write(b"x" * 4096)
        free_mb = shutil.disk_usage(existing).free // _MB
    except OSError as error:
        advice = "Make it writable for the account that the bot runs as, or set another [state] directory."
        return [fail(subject, f"cannot write to {directory}: {error.strerror or error}. {advice}")]
    how = "is writable" if existing == directory else "does not exist yet; the bot makes it"
    return [ok(subject, f"{directory} {how}"), *_space_findings(existing, free_mb)]


def _space_findings(directory: Path, free_mb: int) -> Iterator[Finding]:
    if free_mb < _LITTLE_SPACE_MB:
        advice = "Free some, or set another [state] directory"
        yield warn("disk", f"only {free_mb} MB are free at {directory}. {advice}: agents' output is kept there.")
    else:
        yield ok("disk", f"{free_mb} MB are free at {directory}")


def _database_findings(database: DatabaseCondition) -> Iterator[Finding]:
    subject, path, found = "database", database.path, database.found
    if not database.exists:
        yield ok(subject, f"{path} does not exist yet; the bot makes it")
        return
    if database.trouble or found is None:
        yield fail(subject, database.trouble)
    else:
        later = f"; the bot brings it to {found.newest_version} when it starts, and keeps a copy"
        yield ok(
            subject,
            f"{path} is sound, version {found.version}{later if found.version < found.newest_version else ''}",
        )
        yield ok(
            "stored",
            f"{_mb(found.size_bytes)} MB and {_mb(found.wal_bytes)} MB of WAL; "
            f"{count(found.updates_waiting, 'update')} to handle, {count(found.letters_owed, 'message')} to send, "
            f"{found.letters_held} held for topics that are closed",
        )
    yield _backup_finding(database)


def _backup_finding(database: DatabaseCondition) -> Finding:
    subject, copy = "backup", database.copy
    if copy is None:
        return ok(subject, "none yet; the bot makes one a day")
    age_h = max(0.0, time.time() - copy.made_at / 1000) / 3600
    said = f"the newest is {copy.path}, version {copy.version}, {age_h:.0f} h old"
    if age_h > _OLD_COPY_H:
        return warn(subject, f"{said}. The bot makes one a day: is it running, and is there room for it?")
    return ok(subject, said)


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / _MB:.1f}"


def _work_finding(key: str, path: Path) -> Finding:
    try:
        if not path.exists():
            return fail("directory", f"{path} does not exist. Make it, or change {key}.")
        if not path.is_dir():
            return fail("directory", f"{path} is not a directory. Change {key}.")
    except OSError as error:
        return fail("directory", f"{path} cannot be reached: {error.strerror}. Change its mode, or {key}.")
    if not os.access(path, os.R_OK | os.X_OK):
        return fail("directory", f"{path} may not be entered by this account. Change its mode, or {key}.")
    if not os.access(path, os.W_OK):
        return warn("directory", f"{path} may not be written by this account; agents can only read there ({key}).")
    return ok("directory", f"{path} ({key})")
