"""The SQLite file: opened or refused, one writer at a time, and never half of a change."""

import sqlite3
import stat
import sys
from asyncio import create_subprocess_exec, subprocess
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from orchestrator.domain.errors import StateDirectoryInUse, StoreError
from storage.database import DATABASE_NAME, Database, StateLock, Transaction
from storage.migrations import scripts

ROOT = Path(__file__).parents[2]
NEWEST = scripts()[-1][0]
_HOLD_THE_LOCK = """
import sys
from pathlib import Path
from storage.database import StateLock
lock = StateLock(Path(sys.argv[1]))
lock.take()
print("taken", flush=True)
sys.stdin.read()
"""


_OPEN_A_DATABASE = """
import asyncio, sys
from pathlib import Path
from orchestrator.domain.errors import StoreError
from storage.database import Database

async def main():
    async with Database(Path(sys.argv[1])):
        pass

try:
    asyncio.run(main())
except StoreError as error:
    sys.exit(f"refused: {error}")
"""


async def put_fact(tx: Transaction, name: str, value: str = "x") -> None:
    """Store one row of the simplest table."""
    await tx.execute("INSERT INTO facts VALUES (:name, :value)", {"name": name, "value": value})


async def facts(db: Database) -> list[str]:
    """What is committed of it."""
    return [row["name"] for row in await db.read("SELECT name FROM facts ORDER BY name")]


def version_of(path: Path) -> int:
    """The version that a database file records."""
    with closing(sqlite3.connect(path)) as plain:
        return int(plain.execute("PRAGMA user_version").fetchone()[0])


async def test_a_fresh_database_has_the_newest_schema(db: Database, tmp_path: Path) -> None:
    """All tables, the version, and a file that only its owner reads."""
    tables = {row["name"] for row in await db.read("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert {"inbox", "outbox", "chats", "topics", "sessions", "runs", "turns", "turn_history", "facts"} <= tables
    path = tmp_path / DATABASE_NAME
    assert version_of(path) == NEWEST
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_foreign_keys_and_durability_are_on(db: Database) -> None:
    """What is committed survives a power cut (WAL with synchronous = FULL)."""
    async with db.transaction() as tx:
        settings = [(await tx.rows(f"PRAGMA {name}"))[0][0] for name in ("foreign_keys", "synchronous", "journal_mode")]
    assert settings == [1, 2, "wal"]


async def test_what_was_stored_is_there_after_it_was_opened_again(tmp_path: Path) -> None:
    """Migrations run once; what they made is left alone."""
    for name in ("first", "second"):
        async with Database(tmp_path / DATABASE_NAME) as db, db.transaction() as tx:
            await put_fact(tx, name)
    async with Database(tmp_path / DATABASE_NAME) as db:
        assert await facts(db) == ["first", "second"]


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4096])
async def test_a_damaged_file_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    """It is neither emptied nor repaired."""
    path = tmp_path / DATABASE_NAME
    path.write_bytes(content)
    with pytest.raises(StoreError, match="Restore a backup, or move"):
        async with Database(path):
            pytest.fail("it was opened")
    assert path.read_bytes() == content


async def test_a_process_whose_database_was_refused_ends(tmp_path: Path) -> None:
    """No thread of a half-opened database keeps it alive."""
    path = tmp_path / DATABASE_NAME
    path.write_bytes(b"not a database at all" * 100)
    process = await create_subprocess_exec(
        *(sys.executable, "-c", _OPEN_A_DATABASE, str(path)), cwd=ROOT, stderr=subprocess.PIPE
    )
    try:
        with anyio.fail_after(20):
            _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    assert process.returncode == 1
    assert said.startswith(b"refused: The database ")
    assert b"is damaged" in said


async def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    """No traceback of SQLite."""
    with pytest.raises(StoreError, match=r"gone.* cannot be written .* Check its owner and mode"):
        async with Database(tmp_path / "gone" / DATABASE_NAME):
            pytest.fail("it was opened")


async def test_a_closed_database_says_so(tmp_path: Path) -> None:
    """A late effect gets an error that it knows how to handle."""
    db = Database(tmp_path / DATABASE_NAME)
    async with db:
        pass
    with pytest.raises(StoreError, match="closed"):
        await db.read("SELECT 1")
    with pytest.raises(StoreError, match="closed"):
        async with db.transaction():
            pytest.fail("it began")


async def test_an_exception_rolls_everything_back(db: Database) -> None:
    """Nothing of a failed change is there, and the next one works."""
    with pytest.raises(ZeroDivisionError):
        async with db.transaction() as tx:
            await put_fact(tx, "gone")
            raise ZeroDivisionError
    async with db.transaction() as tx:
        await put_fact(tx, "kept")
    assert await facts(db) == ["kept"]


async def test_a_broken_constraint_rolls_everything_back(db: Database) -> None:
    """What was fine before it in the same transaction goes too."""
    with pytest.raises(sqlite3.IntegrityError):
        async with db.transaction() as tx:
            await put_fact(tx, "twice")
            await put_fact(tx, "twice")
    assert await facts(db) == []


async def test_transactions_come_one_after_the_other(db: Database) -> None:
    """Two read-then-write changes at once never lose one another's effect."""
    async with db.transaction() as tx:
        await put_fact(tx, "n", "0")

    async def add_one() -> None:
        async with db.transaction() as tx:
            row = await tx.row("SELECT value FROM facts WHERE name = 'n'")
            assert row is not None
            await anyio.lowlevel.checkpoint()
            await tx.execute("UPDATE facts SET value = :v WHERE name = 'n'", {"v": str(int(row["value"]) + 1)})

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(add_one)
    row = await db.read_one("SELECT value FROM facts WHERE name = 'n'")
    assert row is not None
    assert row["value"] == "20"


async def test_one_that_fails_does_not_touch_those_beside_it(db: Database) -> None:
    """A rollback takes its own writes along, not another task's."""

    async def change(number: int) -> None:
        try:
            async with db.transaction() as tx:
                await put_fact(tx, f"{number:02}")
                await anyio.lowlevel.checkpoint()
                if number % 2:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass

    async with anyio.create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(change, number)
    assert await facts(db) == [f"{number:02}" for number in range(0, 20, 2)]


async def test_a_read_never_sees_what_is_not_committed_and_never_waits(db: Database) -> None:
    """In the middle of a transaction a read answers at once, with what was there before it."""
    async with db.transaction() as tx:
        await put_fact(tx, "half")
        with anyio.fail_after(5):
            assert await facts(db) == []
        assert await tx.rows("SELECT * FROM facts")
    assert await facts(db) == ["half"]


async def test_reads_cannot_write(db: Database) -> None:
    """The second connection only reads."""
    with pytest.raises(StoreError, match="readonly"):
        await db.read("INSERT INTO facts VALUES ('x', 'y')")


@pytest.mark.parametrize("awaits", range(8))
async def test_a_cancelled_change_leaves_the_store_usable(db: Database, awaits: int) -> None:
    """Wherever the cancellation comes, the change is there whole or not at all, and the next one works."""

    async def change() -> None:
        async with db.transaction() as tx:
            await put_fact(tx, "a")
            await put_fact(tx, "b")

    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(change)
            for _ in range(awaits):
                await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()
        async with db.transaction() as tx:
            await put_fact(tx, "later")
    assert await facts(db) in (["later"], ["a", "b", "later"])


async def test_a_full_disk_is_an_error_with_what_to_do(db: Database) -> None:
    """The change is not there; once there is room again, the next one is."""
    async with db.transaction() as tx:
        pages = (await tx.rows("PRAGMA page_count"))[0][0]
        await tx.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match=r"full or failing .*Free some space"):
        async with db.transaction() as tx:
            await put_fact(tx, "large", "x" * 1_000_000)
    async with db.transaction() as tx:
        await tx.rows("PRAGMA max_page_count = 1000000")
        await put_fact(tx, "small")
    assert await facts(db) == ["small"]


async def test_a_second_process_is_refused_while_the_first_lives(tmp_path: Path) -> None:
    """The kernel holds the right and gives it back when the process is gone, however it went."""
    holder = await create_subprocess_exec(
        *(sys.executable, "-c", _HOLD_THE_LOCK, str(tmp_path)),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        with anyio.fail_after(30):
            assert await holder.stdout.readline() == b"taken\n"
        with pytest.raises(StateDirectoryInUse, match="Another topicd works on"):
            StateLock(tmp_path).take()
    finally:
        holder.kill()
        await holder.communicate()
    lock = StateLock(tmp_path)
    lock.take()
    with pytest.raises(StateDirectoryInUse):
        StateLock(tmp_path).take()
    lock.release()
    lock.release()
    StateLock(tmp_path).take()


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The lock is the first thing that is written, so the error comes before anything else."""
    with pytest.raises(StoreError, match=r"Cannot write to the state directory .*gone"):
        StateLock(tmp_path / "gone").take()
