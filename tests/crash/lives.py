"""The lives of one bot: each ends at its point, and the next begins at once."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self, TypedDict

import anyio

from tests.whole_bot import ROOT, WholeBot

QUIET_S = 1.25
"""A bot that passed no point for so long has nothing to do: longer than a chat's messages are apart, and
than it waits to tell of a restart."""

SHORT_QUIET_S = 0.55
"""The same where no live message is edited: whatever else is owed, a bot that is told to end sends first."""

_PATIENCE_S = 60.0
_MOST_LIVES = 200

Kill = str | int | None


class Life(TypedDict):
    """What one life of a bot is given."""

    config: str
    home: str
    log: str
    trace: str
    environment: dict[str, str]
    kill: str | int | None


class Nursery:
    """The process that forks bots. Use as `async with Nursery() as nursery`."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.crash.bot"),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        with anyio.CancelScope(shield=True):
            await self._process.wait()

    async def begin(self, life: Life) -> int:
        """Begin a life; its pid."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(life).encode() + b"\n")
        return await self.next_number()

    async def next_number(self) -> int:
        """What the nursery says next: a pid, or how a life ended."""
        assert self._process is not None
        assert self._process.stdout is not None
        return int(await self._process.stdout.readline())


class Lives:
    """Keeps a bot alive: whenever it was killed, it is started again, with the next of `kills`."""

    def __init__(
        self, nursery: Nursery, bot: WholeBot, kills: Iterable[Kill], *, ordinary: bool, quiet_s: float
    ) -> None:
        self.killed = 0
        self._nursery = nursery
        self._bot = bot
        self._kills: Iterator[Kill] = iter(kills)
        self._ordinary = ordinary
        self._quiet_s = quiet_s
        self._trace = bot.home / "points"
        self._pid: int | None = None
        self._since = 0
        self._ended = anyio.Event()
        self._over = False

    def points(self) -> list[str]:
        """The points that were passed, in all lives that count them."""
        return self._trace.read_text().splitlines() if self._trace.exists() else []

    async def serve(self) -> None:
        """Live until a life ends by itself. AssertionError if it ends otherwise than well."""
        while not self._over:
            kill = next(self._kills, None)
            ending = await self._live(kill)
            self._pid = None
            if ending == -signal.SIGKILL:
                self.killed += 1
                assert self.killed < _MOST_LIVES, "it never came to an end"
            else:
                assert ending == 0, f"a bot ended with {ending}:\n{self._bot.log_text()}"
                self._over = True
            self._ended.set()
            self._ended = anyio.Event()

    async def _live(self, kill: Kill) -> int:
        """One life, from its beginning to its end; how it ended."""
        self._since = len(self._bot.box.calls)
        if self._ordinary and kill is None:
            await self._bot.start()
            process = self._bot.process
            assert process is not None
            self._pid = process.pid
            return await process.wait()
        life = Life(
            config=str(self._bot.config),
            home=str(self._bot.home),
            log=str(self._bot.log),
            trace=str(self._trace),
            environment=self._bot.environment,
            kill=kill,
        )
        with anyio.CancelScope(shield=True):
            self._pid = pid = await self._nursery.begin(life)
        try:
            return await self._nursery.next_number()
        except BaseException:
            with anyio.CancelScope(shield=True):
                os.kill(pid, signal.SIGKILL)
                await self._nursery.next_number()
            raise

    async def finish(self) -> None:
        """Wait until the bot has nothing more to do, and end it the polite way."""
        while not self._over:
            await self._quiet()
            ended, pid = self._ended, self._pid
            if pid is not None and not self._over:
                os.kill(pid, signal.SIGTERM)
                with anyio.fail_after(_PATIENCE_S):
                    await ended.wait()

    async def _quiet(self) -> None:
        """Until a life has polled and then passed no point for a while."""
        seen, since = self._marks(), time.monotonic()
        with anyio.fail_after(_PATIENCE_S):
            while time.monotonic() - since < self._quiet_s:
                await anyio.sleep(0.03)  # silence can only be waited for
                polled = any(call.method == "getUpdates" for call in self._bot.box.calls[self._since :])
                marks = self._marks()
                if marks != seen or self._pid is None or not polled:
                    seen, since = marks, time.monotonic()

    def _marks(self) -> tuple[int, int, int]:
        size = self._trace.stat().st_size if self._trace.exists() else 0
        return size, len(self._bot.box.calls), self.killed
