"""Numbered migrations, forward only: `NNNN_name.sql` beside this file.

A migration and the record that it ran commit together (`PRAGMA user_version`), so that a crash in the
middle leaves the previous version. A database of a newer topicd is refused, unharmed.
"""

import sqlite3
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import aiosqlite

from orchestrator.domain.errors import StoreError


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
    """Bring the database to the newest version; keeps a copy of the old one beside it.

    `known` are the migrations, this directory's if nothing is said. Raises StoreError for a database
    that a newer topicd wrote.
    """
    version = next(iter(await connection.execute_fetchall("PRAGMA user_version")))[0]
    known = scripts() if known is None else known
    newest = known[-1][0]
    if version > newest:
        raise StoreError(
            f"The database {path} was written by a newer topicd (version {version}, this one knows {newest}). "
            "Install the newer topicd again, or set another [state] directory."
        )
    if 0 < version < newest:
        await _back_up(connection, path, version)
    for number, _name, sql in known:
        if number > version:
            await connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")


async def _back_up(connection: aiosqlite.Connection, path: Path, version: int) -> None:
    target = path.with_name(f"{path.name}.v{version}.backup")
    with sqlite3.connect(target) as copy:
        await connection.backup(copy)
    copy.close()
    target.chmod(0o600)
