"""Checks of this machine: the state directory, the database, the directories that agents work in."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import anyio.to_thread

from bot.finding import Finding, fail, ok, warn
from bot.settings import Settings
from orchestrator.app.survey import DatabaseCondition, database_condition

_MB = 1_000_000
_LITTLE_SPACE_MB = 500


async def state_findings(settings: Settings) -> Sequence[Finding]:
    """The state directory: whether it can be written, has space, and holds a sound database."""
    directory = settings.state.directory
    findings = await anyio.to_thread.run_sync(_directory_findings, directory)
    try:
        database = await database_condition(directory)
    except OSError:
        return findings  # what is wrong with the directory is said already
    return [*findings, _database_finding(database)]


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


def _database_finding(found: DatabaseCondition) -> Finding:
    subject = "database"
    if not found.exists:
        return ok(subject, f"{found.path} does not exist yet; the bot makes it")
    if found.damage:
        return fail(
            subject, f"{found.path} is damaged or unreadable: {found.damage}. Restore a backup or move it away."
        )
    if found.version > found.newest_version:
        versions = f"version {found.version}, this one knows {found.newest_version}"
        return fail(subject, f"{found.path} was written by a newer topicd ({versions}). Install that again.")
    if found.version < found.newest_version:
        return ok(
            subject,
            f"{found.path} is sound, version {found.version}; the bot brings it to {found.newest_version} when it "
            "starts, and keeps a copy",
        )
    return ok(subject, f"{found.path} is sound, version {found.version}")


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
