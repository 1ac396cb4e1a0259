"""What the machine alone costs, now: the floors under the figures, measured between their samples."""

import os
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from benchmarks.bot_api import TOKEN, BotApi
from benchmarks.figures import Figure

DATE = ("date", "+%s%N")
"""A program that says when it was executed."""


class Floors:
    """Samples of a fork and exec, a durable commit and an HTTP round trip."""

    def __init__(self, database: sqlite3.Connection, session: aiohttp.ClientSession, api: BotApi) -> None:
        self._database = database
        self._session = session
        self._api = api
        self._exec: list[float] = []
        self._commit: list[float] = []
        self._http: list[float] = []

    async def sample(self) -> None:
        """Take one sample of each."""
        begun = time.time_ns()
        said = subprocess.run(DATE, capture_output=True, check=True).stdout
        self._exec.append((int(said) - begun) / 1e6)
        begun = time.time_ns()
        self._database.execute("INSERT INTO floor (value) VALUES (:value)", {"value": "x" * 300})
        self._commit.append((time.time_ns() - begun) / 1e6)
        begun = time.time_ns()
        async with self._session.post(f"{self._api.url}/bot{TOKEN}/getMe", json={}) as reply:
            await reply.read()
        self._http.append((time.time_ns() - begun) / 1e6)

    def figures(self) -> list[Figure]:
        """Them all."""
        names = {"fork and exec of date(1)": self._exec, "durable SQLite commit": self._commit}
        names["HTTP round trip on loopback"] = self._http
        return [Figure(name=f"  floor: {name}", samples=tuple(each), is_floor=True) for name, each in names.items()]


@asynccontextmanager
async def floors(directory: Path, api: BotApi) -> AsyncIterator[Floors]:
    """Floors on the disk of a directory, and against a server."""
    os.makedirs(directory, exist_ok=True)
    database = sqlite3.connect(directory / "floor.sqlite3", isolation_level=None)
    try:
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("CREATE TABLE IF NOT EXISTS floor (id INTEGER PRIMARY KEY, value TEXT)")
        async with aiohttp.ClientSession() as session:
            yield Floors(database, session, api)
    finally:
        database.close()
