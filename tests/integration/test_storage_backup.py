"""Copies of the database, and what they are for: steps to a newer version, and the way back."""

import os
import shlex
import sqlite3
import stat
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import aiosqlite
import pytest

from orchestrator.domain.errors import StoreError
from storage import backup
from storage.database import DATABASE_NAME, Database
from storage.migrations import migrate, scripts
from tests.integration.small_disk import fill

NEWEST = scripts()[-1][0]
DAY_MS = 86_400_000
AT = 1_700_000_000_000


async def put(path: Path, name: str) -> None:
    """Store one row of the simplest table."""
    async with Database(path) as db, db.transaction() as tx:
        await tx.execute("INSERT INTO facts VALUES (:name, '')", {"name": name})


def facts_in(path: Path) -> list[str]:
    """What a file holds of them, read without any code of ours."""
    with closing(sqlite3.connect(path)) as plain:
        return [name for (name,) in plain.execute("SELECT name FROM facts ORDER BY name")]


def version_of(path: Path) -> int:
    """The version that a file records."""
    with closing(sqlite3.connect(path)) as plain:
        return int(plain.execute("PRAGMA user_version").fetchone()[0])


async def step(path: Path, *more: tuple[int, str, str]) -> None:
    """Bring a database to the version of a later topicd."""
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        await migrate(connection, path, [*scripts(), *more])


def restore(message: str) -> None:
    """Do what an error says, as a person would: run the command at its end."""
    command = message[message.rindex(": cd ") + 2 :]
    subprocess.run(["sh", "-euc", command], check=True)


def names(directory: Path) -> Sequence[str]:
    return sorted(os.listdir(directory / backup.DIRECTORY))


async def test_a_copy_is_whole_and_private(tmp_path: Path) -> None:
    """It holds what is committed, also what is in the WAL alone; its name tells version and moment."""
    path = tmp_path / DATABASE_NAME
    async with Database(path) as db:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO facts VALUES ('kept', '')")
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO facts VALUES ('half', '')")
            copy = backup.make(path, AT + 999)
    assert copy.path == tmp_path / "backups" / f"topicd-{NEWEST}-20231114T221320Z.sqlite3"
    assert (copy.version, copy.made_at) == (NEWEST, AT)
    assert facts_in(copy.path) == ["kept"]
    assert stat.S_IMODE(copy.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.path.parent.stat().st_mode) == 0o700
    assert backup.newest(path) == copy


async def test_few_copies_are_kept(tmp_path: Path) -> None:
    """The newest three, and the newest one of each older version; what else lies there is left alone."""
    path = tmp_path / DATABASE_NAME
    await put(path, "x")
    directory = tmp_path / backup.DIRECTORY
    directory.mkdir()
    (directory / "mine.txt").write_text("mine")
    for version, days in ((1, (0, 1)), (NEWEST + 7, (2, 3, 4, 5, 6))):
        with closing(sqlite3.connect(path)) as plain:
            plain.execute(f"PRAGMA user_version = {version}")
        for day in days:
            backup.make(path, AT + day * DAY_MS)
    assert [(each.version, (each.made_at - AT) // DAY_MS) for each in backup.found(path)] == [
        (NEWEST + 7, 6), (NEWEST + 7, 5), (NEWEST + 7, 4), (1, 1),
    ]  # fmt: skip
    found = backup.newest(path, version_at_most=NEWEST)
    assert found is not None
    assert found.version == 1
    assert backup.prune(path, older_than=AT + 100 * DAY_MS) == 3
    assert [each.made_at for each in backup.found(path)] == [AT + 6 * DAY_MS]
    assert "mine.txt" in names(tmp_path)


async def test_a_copy_that_fails_leaves_nothing(small_disk: Path) -> None:
    """On a full disk it says how much it takes; the copies that were there stay."""
    path = small_disk / DATABASE_NAME
    async with Database(path) as db, db.transaction() as tx:
        await tx.execute("INSERT INTO facts VALUES ('large', :value)", {"value": "x" * 1_000_000})
    first = backup.make(path, AT)
    ballast = fill(small_disk)
    with pytest.raises(StoreError, match=r"could not be copied .*full.*It takes up to 2 MB"):
        backup.make(path, AT + DAY_MS)
    assert names(small_disk) == [first.path.name]
    ballast.unlink()
    (first.path.parent / "topicd-1-20231115T000000Z.sqlite3.partial").write_bytes(b"of a life that was killed")
    second = backup.make(path, AT + DAY_MS)
    assert names(small_disk) == [first.path.name, second.path.name]


async def test_a_step_keeps_a_copy_of_the_version_before(tmp_path: Path) -> None:
    """A database of an earlier topicd goes through all steps, and what it held is in both."""
    path = tmp_path / DATABASE_NAME
    with closing(sqlite3.connect(path)) as plain:
        plain.executescript(scripts()[0][2] + "PRAGMA user_version = 1; INSERT INTO facts VALUES ('old', '');")
    async with Database(path) as db:
        assert await db.read_one("SELECT 1 FROM facts WHERE name = 'old'")
        assert (await db.read("PRAGMA auto_vacuum"))[0][0] == 2
    assert version_of(path) == NEWEST
    copy = backup.newest(path)
    assert copy is not None
    assert (copy.version, version_of(copy.path)) == (1, 1)
    assert facts_in(copy.path) == ["old"]


async def test_a_step_without_a_copy_is_not_made(small_disk: Path) -> None:
    """Where there is no room for it nothing is changed, and it is said what to do."""
    path = small_disk / DATABASE_NAME
    more = (NEWEST + 1, "more", "CREATE TABLE more (x INTEGER) STRICT;")
    async with Database(path):
        ballast = fill(small_disk)
        with pytest.raises(StoreError, match=r"a copy is made, and that failed.*Make room there.*nothing was changed"):
            await step(path, more)
        ballast.unlink()
    assert version_of(path) == NEWEST
    await step(path, more)
    assert version_of(path) == NEWEST + 1


async def test_a_step_that_fails_leaves_the_version_before(tmp_path: Path) -> None:
    """A migration and the record that it ran commit together or not at all; the copy is named."""
    path = tmp_path / DATABASE_NAME
    await put(path, "old")
    fine = (NEWEST + 1, "fine", "CREATE TABLE fine (x INTEGER) STRICT;")
    broken = (NEWEST + 2, "broken", "CREATE TABLE half (x INTEGER) STRICT; CREATE TABLE half (x INTEGER) STRICT;")
    with pytest.raises(StoreError, match=rf"half already exists.*stays at version {NEWEST + 1}\. A copy .*backups"):
        await step(path, fine, broken)
    assert version_of(path) == NEWEST + 1
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("SELECT name FROM sqlite_schema WHERE name = 'half'").fetchall() == []
    assert facts_in(path) == ["old"]


async def test_a_newer_database_is_refused_unharmed(tmp_path: Path) -> None:
    """The error names the file, both versions and what to do; the file is as it was."""
    path = tmp_path / DATABASE_NAME
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("CREATE TABLE of_the_future (x)")
        newer.execute(f"PRAGMA user_version = {NEWEST + 1}")
        newer.commit()
    with pytest.raises(
        StoreError, match=rf"{path} was written by a newer topicd \(version {NEWEST + 1}, this one knows {NEWEST}\)"
    ):
        async with Database(path):
            pytest.fail("it was opened")
    assert version_of(path) == NEWEST + 1
    with closing(sqlite3.connect(path)) as after:
        assert after.execute("SELECT name FROM sqlite_schema").fetchall() == [("of_the_future",)]


async def test_the_way_back_from_a_newer_version_is_its_copy(tmp_path: Path) -> None:
    """The refusal names the newest copy that this topicd can read; its command brings that back."""
    path = tmp_path / "state of ours" / DATABASE_NAME
    path.parent.mkdir()
    await put(path, "old")
    await step(path, (NEWEST + 1, "more", "INSERT INTO facts VALUES ('newer', '');"))
    with pytest.raises(StoreError, match="newest backup that this one can read") as refusal:
        async with Database(path):
            pytest.fail("it was opened")
    restore(str(refusal.value))
    async with Database(path) as db:
        assert [row["name"] for row in await db.read("SELECT name FROM facts")] == ["old"]
    assert facts_in(path.parent / "aside" / DATABASE_NAME) == ["newer", "old"]


async def test_a_damaged_database_names_its_newest_copy(tmp_path: Path) -> None:
    """The command in the error restores it, whatever the WAL of the damaged one held."""
    path = tmp_path / DATABASE_NAME
    await put(path, "kept")
    copy = backup.make(path, AT)
    await put(path, "later")
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xa5" * 4096
    path.write_bytes(content)
    with pytest.raises(StoreError, match=rf"is damaged .*newest backup, {copy.path} \(of 2023-11-14") as refusal:
        async with Database(path):
            pytest.fail("it was opened")
    assert path.read_bytes() == content
    restore(str(refusal.value))
    async with Database(path) as db:
        assert [row["name"] for row in await db.read("SELECT name FROM facts")] == ["kept"]
    assert (tmp_path / "aside" / DATABASE_NAME).read_bytes() == content


async def test_an_emptied_database_is_not_begun_anew(tmp_path: Path) -> None:
    """A file of no bytes is a new database only where there never was one."""
    path = tmp_path / DATABASE_NAME
    path.write_bytes(b"")
    await put(path, "kept")
    backup.make(path, AT)
    path.write_bytes(b"")
    with pytest.raises(StoreError, match=r"it is empty, and was not.*newest backup") as refusal:
        async with Database(path):
            pytest.fail("it was opened")
    assert shlex.quote(str(tmp_path)) in str(refusal.value)
    assert path.read_bytes() == b""
