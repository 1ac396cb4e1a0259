"""The SQLite file: opening, checking, transactions and reads.

One connection writes, behind `transaction()`; another reads, so that a read never sees a transaction
that may yet be rolled back and never waits for one (WAL).
"""

import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

import aiosqlite
import anyio

from orchestrator.domain.errors import StateDirectoryInUse, StoreError
from storage import backup, migrations, trouble
from storage.reserve import Reserve
from storage.writer_lock import WriterLock

Value: TypeAlias = str | int | float | bytes | None
Params: TypeAlias = Mapping[str, Value]

DATABASE_NAME = "topicd.sqlite3"
_BUSY_MS = 10_000
_INCREMENTAL = 2
_WAL_BYTES = 16 << 20
"""What the WAL is cut to once it was larger. SQLite keeps it at 4 MiB by itself unless a read takes long."""

_CACHE_KIB = 1024
"""Of each connection; what the bot reads again and again has room in half of that."""

_OF_A_NEW_FILE = ("auto_vacuum = INCREMENTAL",)
"""Before the first page is written; said of an older file it is a write."""

_PRAGMAS = (
    "journal_mode = WAL",
    f"journal_size_limit = {_WAL_BYTES}",
    "synchronous = FULL",
    "foreign_keys = ON",
    f"cache_size = -{_CACHE_KIB}",
)


class StateLock:
    """The exclusive right to a state directory, held by the kernel until this process is gone."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "lock"
        self._fd: int | None = None

    def take(self) -> None:
        """Take the right. Raises StateDirectoryInUse, StoreError."""
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(
                f"Cannot write to the state directory {self._path.parent}: {error.strerror}. "
                "Make it writable or set another [state] directory."
            ) from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(fd)
            raise StateDirectoryInUse(
                f"Another topicd works on {self._path.parent}. Stop it first, or set another [state] directory."
            ) from error
        self._fd = fd

    def release(self) -> None:
        """Give the right back; harmless if it is not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


class Transaction:
    """What can be done inside `Database.transaction()`."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def execute(self, sql: str, params: Params | None = None) -> int:
        """Run one INSERT, UPDATE or DELETE; the number of rows that it changed."""
        # One errand to the connection's thread; with a cursor it would be two.
        return len(list(await self._connection.execute_fetchall(f"{sql} RETURNING 1", params or {})))

    async def insert(self, sql: str, params: Params) -> int:
        """Run one INSERT; the new rowid."""
        row = await self._connection.execute_insert(sql, params)
        return int(row[0]) if row is not None else 0

    async def insert_many(self, sql: str, params: Iterable[Params]) -> int:
        """Run one INSERT for many rows; the number of rows that were new."""
        before = self._connection.total_changes
        cursor = await self._connection.executemany(sql, params)
        await cursor.close()
        return self._connection.total_changes - before

    async def rows(self, sql: str, params: Params | None = None) -> Sequence[sqlite3.Row]:
        """Run one SELECT (or a statement with RETURNING); all of its rows."""
        return list(await self._connection.execute_fetchall(sql, params or {}))

    async def row(self, sql: str, params: Params | None = None) -> sqlite3.Row | None:
        """The first row of `rows`, or None."""
        found = await self.rows(sql, params)
        return found[0] if found else None


class Database:
    """An open database. Use as `async with Database(path) as db`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: aiosqlite.Connection | None = None
        self._reader: aiosqlite.Connection | None = None
        self._lock = WriterLock()
        self._reserve = Reserve(path.parent)

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except sqlite3.Error as error:
            raise StoreError(trouble.refused(error, self._path)) from error
        except OSError as error:
            raise StoreError(
                f"The database {self._path} cannot be written ({error.strerror}). Check its owner and mode."
            ) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await self._close()

    async def _open(self) -> None:
        # SQLite gives the files beside the database the mode of the database itself.
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        self._path.chmod(0o600)
        is_new = self._path.stat().st_size == 0
        if is_new and backup.newest(self._path) is not None:
            raise StoreError(trouble.damaged(self._path, "it is empty, and was not"))
        try:
            self._writer = await self._connect((*_OF_A_NEW_FILE, *_PRAGMAS) if is_new else _PRAGMAS)
            await self._prepare(self._writer)
            self._reader = await self._connect()
            await self._reader.execute("PRAGMA query_only = ON")
            self._reserve.lay_by()
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._close()
            raise

    async def _connect(self, pragmas: Iterable[str] = _PRAGMAS) -> aiosqlite.Connection:
        connection = await aiosqlite.connect(self._path, isolation_level=None, timeout=_BUSY_MS / 1000)
        try:
            connection.row_factory = sqlite3.Row
            for pragma in pragmas:
                await connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            # Its thread would keep the process from ending.
            with anyio.CancelScope(shield=True):
                await connection.close()
            raise
        return connection

    async def _prepare(self, connection: aiosqlite.Connection) -> None:
        found = list(await connection.execute_fetchall("PRAGMA quick_check(1)"))
        if found[0][0] != "ok":
            raise StoreError(trouble.damaged(self._path, found[0][0]))
        await migrations.migrate(connection, self._path)
        await self._make_shrinkable(connection)
        # The check has read every page; few of them are needed again.
        await connection.execute("PRAGMA shrink_memory")

    async def _make_shrinkable(self, connection: aiosqlite.Connection) -> None:
        """A database of version 1 was made without the room that giving back free pages needs."""
        mode = next(iter(await connection.execute_fetchall("PRAGMA auto_vacuum")))[0]
        if mode != _INCREMENTAL:
            try:
                await connection.executescript("PRAGMA auto_vacuum = INCREMENTAL; VACUUM;")
            except sqlite3.OperationalError:
                return  # the disk has no room for a second copy: it works as it is, and is tried again

    async def _close(self) -> None:
        for connection in (self._reader, self._writer):
            if connection is not None:
                await connection.close()
        self._reader = self._writer = None

    @asynccontextmanager
    async def transaction(self, *, urgent: bool = False) -> AsyncIterator[Transaction]:
        """One write transaction; committed at the end, rolled back by any exception.

        Transactions come one after the other, in the order of asking; urgent ones wait only for the one
        that runs. Raises StoreError if the disk refuses (full, read-only). A full one has room left for what
        is urgent: it is given up when that is refused, so that it works when it is tried again.
        """
        if self._writer is None:
            raise StoreError("The database is closed.")
        async with self._lock.held(urgent=urgent):
            try:
                with anyio.CancelScope(shield=True):
                    # Cancelled here, it would begin all the same, in its thread, with nobody to end it.
                    await self._writer.execute("BEGIN IMMEDIATE")
                try:
                    yield Transaction(self._writer)
                except BaseException:
                    with anyio.CancelScope(shield=True):
                        await self._roll_back()
                    raise
                with anyio.CancelScope(shield=True):
                    try:
                        await self._writer.execute("COMMIT")
                    except sqlite3.Error:
                        await self._roll_back()
                        raise
            except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
                raise  # ours: a broken constraint, or a statement that is wrong
            except sqlite3.DatabaseError as error:
                if urgent and trouble.tells_no_room(error):
                    self._reserve.give_up()
                raise StoreError(trouble.refused(error, self._path)) from error
            if not urgent and not self._reserve.is_there:
                self._reserve.lay_by()

    async def _roll_back(self) -> None:
        if self._writer is not None and self._writer.in_transaction:
            await self._writer.execute("ROLLBACK")

    async def read(self, sql: str, params: Params | None = None) -> Sequence[sqlite3.Row]:
        """All rows of one SELECT over what is committed. Raises StoreError if the disk refuses."""
        if self._reader is None:
            raise StoreError("The database is closed.")
        try:
            return list(await self._reader.execute_fetchall(sql, params or {}))
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.DatabaseError as error:
            raise StoreError(trouble.refused(error, self._path)) from error

    async def read_one(self, sql: str, params: Params | None = None) -> sqlite3.Row | None:
        """The first row of `read`, or None."""
        found = await self.read(sql, params)
        return found[0] if found else None

    async def give_back(self, pages: int) -> None:
        """Return up to so many free pages to the file system: a short transaction of its own. Raises StoreError."""
        if self._writer is None:
            raise StoreError("The database is closed.")
        async with self._lock.held():
            try:
                with anyio.CancelScope(shield=True):
                    # As a script: the module runs a single statement only to its first page.
                    await self._writer.executescript(f"PRAGMA incremental_vacuum({pages})")
            except sqlite3.DatabaseError as error:
                raise StoreError(trouble.refused(error, self._path)) from error
