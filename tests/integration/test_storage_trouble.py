"""A store that fails while it is used: damaged pages, a full disk, one that stopped being written to."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from orchestrator.domain.errors import StoreError
from storage.database import DATABASE_NAME, Database
from storage.reserve import BYTES
from storage.reserve import NAME as RESERVE
from tests.integration.small_disk import fill, set_writable

PAGE = 4096
_SPOIL = """
import sys
with open(sys.argv[1], "r+b") as file:
    size = file.seek(0, 2)
    file.seek(int(sys.argv[2]))
    file.write(b"\\xa5" * (size - int(sys.argv[2])))
"""


def spoil(path: Path, *, from_page: int) -> None:
    """Overwrite a file's pages from one on. From outside: who closes a file loses SQLite's locks on it."""
    subprocess.run([sys.executable, "-c", _SPOIL, str(path), str(from_page * PAGE)], check=True)


async def put(db: Database, name: str, value: str = "x") -> None:
    """Store one row of the simplest table."""
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO facts VALUES (:name, :value)", {"name": name, "value": value})


async def large(path: Path) -> None:
    """A database of more pages than a connection remembers."""
    async with Database(path) as db, db.transaction() as tx:
        await tx.insert_many(
            "INSERT INTO facts VALUES (:name, :value)",
            [{"name": f"{number:05}", "value": "x" * 3000} for number in range(3000)],
        )


async def test_a_damaged_page_in_the_middle_is_an_error_with_what_to_do(tmp_path: Path) -> None:
    """Found in the middle of a transaction or a read; nothing of the change is there, the rest still works."""
    path = tmp_path / DATABASE_NAME
    await large(path)
    async with Database(path) as db:
        spoil(path, from_page=60)
        with pytest.raises(StoreError, match=r"is damaged .*malformed.* Restore a backup"):
            async with db.transaction() as tx:
                await tx.execute("INSERT INTO inbox (update_id, received_at, raw) VALUES (1, 1, '{}')")
                await tx.execute("UPDATE facts SET value = 'y'")
        with pytest.raises(StoreError, match="is damaged"):
            await db.read("SELECT sum(length(value)) FROM facts")
        assert await db.read("SELECT * FROM inbox") == []
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO inbox (update_id, received_at, raw) VALUES (2, 1, '{}')")
        assert [row["update_id"] for row in await db.read("SELECT * FROM inbox")] == [2]
    with pytest.raises(StoreError, match="is damaged"):
        async with Database(path):
            pytest.fail("it was opened")


async def test_a_full_disk_takes_nothing_and_loses_nothing(small_disk: Path) -> None:
    """What was committed is there, what was refused is not, and with room again the store goes on."""
    path = small_disk / DATABASE_NAME
    async with Database(path) as db:
        await put(db, "before")
        ballast = fill(small_disk)
        with pytest.raises(StoreError, match=r"The disk of .* is full or failing .*Free some space"):
            await put(db, "refused", "x" * 1_000_000)
        assert [row["name"] for row in await db.read("SELECT name FROM facts")] == ["before"]
        ballast.unlink()
        await put(db, "after")
    async with Database(path) as db:
        assert [row["name"] for row in await db.read("SELECT name FROM facts ORDER BY name")] == ["after", "before"]


async def test_a_full_disk_has_room_left_for_what_is_urgent(roomy_disk: Path) -> None:
    """It is given up only for that, and only when it is needed; with room again it is laid by again."""
    path, reserve = roomy_disk / DATABASE_NAME, roomy_disk / RESERVE
    async with Database(path) as db:
        assert reserve.stat().st_size == BYTES
        ballast = fill(roomy_disk)
        for _ in range(2):
            with pytest.raises(StoreError, match="full"):
                await put(db, "not urgent", "x" * 500_000)
        assert reserve.exists()
        for attempt in range(2):
            try:
                async with db.transaction(urgent=True) as tx:
                    await tx.execute("INSERT INTO facts VALUES ('a stop', :value)", {"value": "x" * 500_000})
            except StoreError:
                assert attempt == 0
        assert not reserve.exists()
        assert [row["name"] for row in await db.read("SELECT name FROM facts")] == ["a stop"]
        ballast.unlink()
        await put(db, "later")
        assert reserve.stat().st_size == BYTES
    async with Database(path):
        assert reserve.stat().st_size == BYTES


async def test_a_disk_with_little_room_is_not_made_fuller(small_disk: Path) -> None:
    """Where less than four times as much is free, nothing is laid by."""
    async with Database(small_disk / DATABASE_NAME) as db:
        await put(db, "x")
        assert not (small_disk / RESERVE).exists()


async def test_a_full_disk_at_start_is_an_error_with_what_to_do(small_disk: Path) -> None:
    """Nothing is changed; with room again it opens."""
    path = small_disk / DATABASE_NAME
    async with Database(path) as db:
        await put(db, "kept")
    ballast = fill(small_disk)
    with pytest.raises(StoreError, match=r"is full or failing .*Free some space"):
        async with Database(path):
            pytest.fail("it was opened")
    ballast.unlink()
    async with Database(path) as db:
        assert await db.read("SELECT * FROM facts")


async def test_a_disk_that_is_not_written_to_is_an_error_with_what_to_do(small_disk: Path) -> None:
    """As after an I/O error, when the kernel mounts it read-only; nothing is lost."""
    path = small_disk / DATABASE_NAME
    async with Database(path) as db:
        await put(db, "kept")
    set_writable(small_disk, writable=False)
    with pytest.raises(StoreError, match=r"cannot be written \(Read-only file system\)\. Check its owner and mode"):
        async with Database(path):
            pytest.fail("it was opened")
    set_writable(small_disk, writable=True)
    async with Database(path) as db:
        assert len(await db.read("SELECT * FROM facts")) == 1


async def test_a_broken_constraint_is_no_trouble_of_the_disk(db: Database) -> None:
    """It is our error, and is raised as it is."""
    await put(db, "twice")
    with pytest.raises(sqlite3.IntegrityError):
        await put(db, "twice")


async def test_free_pages_go_back_in_short_steps(tmp_path: Path) -> None:
    """The file shrinks by what was asked for, and what is left in it is sound."""
    path = tmp_path / DATABASE_NAME
    await large(path)
    async with Database(path) as db:
        async with db.transaction() as tx:
            await tx.execute("DELETE FROM facts WHERE name >= '00100'")
        free = (await db.read("PRAGMA freelist_count"))[0][0]
        await db.give_back(256)
        assert (await db.read("PRAGMA freelist_count"))[0][0] == free - 256
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert plain.execute("SELECT count(*) FROM facts").fetchone() == (100,)
