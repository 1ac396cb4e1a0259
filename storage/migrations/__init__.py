"""Numbered migrations, forward only: `NNNN_name.sql` beside this file.

A migration and the record that it ran commit together (`PRAGMA user_version`), so that a crash in the
middle leaves the previous version. A database of a newer topicd is refused, unharmed.
"""

import sqlite3
import time
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import aiosqlite
import anyio.to_thread

from orchestrator.domain.errors import StoreError
from storage import backup, trouble


def scripts() -> Sequence[tuple[int, str, str]]:
    """(number, name, SQL) of every migration, in order."""
    found = []
    for entry in resources.files(__package__).iterdir():
        if entry.name.endswith(".sql"):
            number, _, name = entry.name.removesuffix(".sql").partition("_")
            found.append((int(number), name, entry.read_text(encoding="utf-8")))
    return sorted(found)


async def migrate(
    connection: aiosqlite.Connection, path: Path, known: Sequence[tuple[int, str, str]] | None = None
) -> None:
    """Bring the database to the newest version; a copy of the old one is made first (`storage.backup`).

    `known` are the migrations, this directory's if nothing is said. Raises StoreError for a database
    that a newer topicd wrote, and where no copy can be made; then nothing was changed.
    """
    version = next(iter(await connection.execute_fetchall("PRAGMA user_version")))[0]
    known = scripts() if known is None else known
    newest = known[-1][0]
    if version > newest:
        raise StoreError(trouble.newer(path, version=version, known=newest))
    if version == newest:
        return
    kept = await _back_up(path, version, newest) if version else None
    for number, name, sql in known:
        if number > version:
            try:
                await connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")
            except sqlite3.Error as error:
                await connection.rollback()
                copy = f" A copy of what was there before is {kept.path}." if kept else ""
                raise StoreError(
                    f"{trouble.refused(error, path)} So it could not be brought to version {number} ({name}) and "
                    f"stays at version {version}.{copy}"
                ) from error
            version = number


async def _back_up(path: Path, version: int, newest: int) -> backup.Backup:
    try:
        return await anyio.to_thread.run_sync(backup.make, path, time.time_ns() // 1_000_000)
    except StoreError as error:
        raise StoreError(
            f"Before the database goes from version {version} to {newest} a copy is made, and that failed. {error} "
            "Make room there, or make it writable, and start again; nothing was changed."
        ) from error
