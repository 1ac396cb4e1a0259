"""One topic is stopped while many work: when is all of it dead, and when does the person see that it was heard?

Each topic has an agent that writes 30 lines a second the whole time (`agents/busy.py`), with a tool beside it
and one that is detached. One topic after the other is stopped and started again; in the last crowd the /stop
comes last in a full batch of updates. The floor is the same program with the same tools, started by the
benchmark itself under the same load and ended by SIGTERM to each: what the machine takes to end three
processes and to tell us. All crowds together take about six minutes.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from benchmarks.bot_api import WAIT_S, Call
from benchmarks.bot_process import AGENTS, CHATS, THREAD, BotProcess, bots
from benchmarks.figures import Figure
from benchmarks.floors import floors
from benchmarks.load import Load

SAMPLES = 120
REST_S = 0.25
"""After a start a spare supervisor has to be ready again (`cli_runner.spares`)."""

QUIET_S = 5.0
LOOK_EVERY_S = 0.005
DEAD_P99_MS = 150
SEEN_P99_MS = 300
PROGRAM = [sys.executable, "-I", "-S", str(AGENTS / "busy.py")]
AGENT = {"protocol": "claude", "command": PROGRAM}
_AT_WORK = "SELECT count(*) FROM turns WHERE chat_id = :chat_id AND thread_id = :thread_id AND ended_at IS NULL"


@dataclass(frozen=True, slots=True)
class Place:
    """A topic."""

    chat_id: int
    thread_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """So many busy topics in so many chats, and how many edited messages come right before each /stop.

    In one chat the bot may send 20 messages a minute, so it edits little; in many chats it edits as often
    as it may in all, 30 times a second.
    """

    topics: int
    chats: int
    ahead: int = 0

    @property
    def name(self) -> str:
        """For the table."""
        where = f"{self.topics} busy in {self.chats} {'chat' if self.chats == 1 else 'chats'}"
        return f"{where}, behind {self.ahead} updates" if self.ahead else where

    @property
    def places(self) -> list[Place]:
        """Its topics."""
        return [Place(CHATS[nth % self.chats], THREAD + nth // self.chats) for nth in range(self.topics)]


CROWDS = (
    Crowd(topics=1, chats=1),
    Crowd(topics=10, chats=1),
    Crowd(topics=50, chats=1),
    Crowd(topics=50, chats=40),
    Crowd(topics=10, chats=10, ahead=99),  # with the /stop as many as one getUpdates takes
)


@dataclass(slots=True)
class Found:
    """Samples of one crowd, in milliseconds. `kinds` are the methods of the first calls."""

    dead: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    lines_per_s: float = 0.0


async def measure() -> list[Figure]:
    """Arrival of /stop to the death of agent and tools, and to the first call that it causes."""
    return [figure for crowd in CROWDS for figure in await _measure(crowd)]


async def _measure(crowd: Crowd) -> list[Figure]:
    found = Found()
    async with bots((crowd.topics,), AGENT) as (bot,), floors(bot.work, bot.api) as machine:
        topics = [_BusyTopic(bot, place) for place in crowd.places]
        for topic in topics:
            await topic.start()
        before, lines = Load.now(bot.pid, bot.work.parent), _lines(bot)
        await anyio.sleep(QUIET_S)
        begun, found.lines_per_s = Load.now(bot.pid, bot.work.parent), (_lines(bot) - lines) / QUIET_S
        for nth in range(SAMPLES):
            await topics[nth % len(topics)].stop(found, ahead=crowd.ahead)
            await topics[nth % len(topics)].start()
            await anyio.sleep(REST_S)
            found.floor.append(await _floor(bot.work))
            await machine.sample()
        ended = Load.now(bot.pid, bot.work.parent)
        loads = [*begun.figures(before, "at work"), *ended.figures(begun, "with stops")]
        return [*_figures(crowd, found), *loads, *machine.figures()]


class _BusyTopic:
    """One topic and its agent."""

    def __init__(self, bot: BotProcess, place: Place) -> None:
        self._bot = bot
        self._place = place
        self._database = bot.database()
        self._pids: list[int] = []
        self._since = 0

    async def start(self) -> None:
        """Give it a prompt; until the agent and its tools run."""
        self._since = len(self._bot.api.calls)
        name = f"{-self._place.chat_id}-{self._place.thread_id}"
        self._bot.says(self._place.chat_id, f"work as {name}", thread_id=self._place.thread_id)
        self._pids = await _held(self._bot.work / f"{name}.held")

    async def stop(self, found: Found, *, ahead: int) -> None:
        """Stop it, note how long that took, and wait until the topic is free."""
        api, place, since = self._bot.api, self._place, len(self._bot.api.calls)
        api.put([{"edited_message": self._bot.message(CHATS[-1], "edited")}] * ahead)
        with _Watched(self._pids) as watch:
            stop_id = self._bot.says(place.chat_id, "/stop", thread_id=place.thread_id)
            dead = await watch.all_dead()
        seen: list[Call] = []

        def is_seen() -> bool:
            seen[:] = [call for call in api.calls[since:] if self._is_caused(call, stop_id)][:1]
            return bool(seen)

        await api.until(is_seen)
        found.dead.append((dead - api.delivered_ns) / 1e6)
        found.seen.append((seen[0].at_ns - api.delivered_ns) / 1e6)
        found.kinds.append(seen[0].method)
        with anyio.fail_after(WAIT_S):
            while self._at_work():  # noqa: ASYNC110 - a row tells nobody
                await anyio.sleep(LOOK_EVERY_S)

    def _is_caused(self, call: Call, stop_id: int) -> bool:
        params = call.params
        if params.get("chat_id") != self._place.chat_id:
            return False
        if call.method == "setMessageReaction":
            return bool(params["message_id"] == stop_id)
        if call.method == "editMessageText":
            return "Stop requested" in params["text"] and self._is_live(params["message_id"])
        return bool(params.get("reply_parameters", {}).get("message_id") == stop_id)

    def _is_live(self, message_id: int) -> bool:
        """Whether this is the live message of the present turn: the server numbers messages by its calls."""
        sent = self._bot.api.calls[message_id - 1]
        return message_id > self._since and bool(sent.params.get("message_thread_id") == self._place.thread_id)

    def _at_work(self) -> bool:
        place = {"chat_id": self._place.chat_id, "thread_id": self._place.thread_id}
        return bool(self._database.execute(_AT_WORK, place).fetchone()[0])


class _Watched(ExitStack):
    """Processes whose death can be waited for."""

    def __init__(self, pids: Sequence[int]) -> None:
        super().__init__()
        self._fds = [os.pidfd_open(pid) for pid in pids]
        for fd in self._fds:
            self.callback(os.close, fd)

    async def all_dead(self) -> int:
        """When the last of them ended."""
        with anyio.fail_after(WAIT_S):
            for fd in self._fds:
                await anyio.wait_readable(fd)
        return time.time_ns()


def _lines(bot: BotProcess) -> int:
    return sum(path.read_bytes().count(b"\n") for path in bot.work.parent.glob("state/runs/*/stdout.ndjson"))


async def _floor(directory: Path) -> float:
    """The same three processes, ended by us."""
    prompt = {"type": "user", "message": {"content": "work as floor"}}
    program = subprocess.Popen(PROGRAM, cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    with program:
        assert program.stdin is not None
        program.stdin.write(json.dumps(prompt).encode() + b"\n")
        program.stdin.flush()
        pids = await _held(directory / "floor.held")
        with _Watched(pids) as watch:
            begun = time.time_ns()
            for pid in pids:
                os.kill(pid, signal.SIGTERM)
            return (await watch.all_dead() - begun) / 1e6


async def _held(path: Path) -> list[int]:
    with anyio.fail_after(WAIT_S):
        while not path.exists():  # noqa: ASYNC110 - a file tells nobody
            await anyio.sleep(LOOK_EVERY_S)
    pids = [int(pid) for pid in path.read_text().split()]
    path.unlink()
    return pids


def _figures(crowd: Crowd, found: Found) -> list[Figure]:
    dead = Figure(
        name=f"/stop arrives → agent and tools dead, {crowd.name}",
        samples=tuple(found.dead),
        at_most=DEAD_P99_MS,
        target_is_for_p99=True,
    )
    seen = Figure(
        name=f"/stop arrives → first reaction to be seen, {crowd.name}",
        samples=tuple(found.seen),
        at_most=SEEN_P99_MS,
        target_is_for_p99=True,
    )
    floor = Figure(name="  floor: SIGTERM to such a tree by us", samples=tuple(found.floor), is_floor=True)
    emoji = 100 * found.kinds.count("setMessageReaction") / len(found.kinds)
    return [
        dead,
        floor,
        Figure(name="  stop : floor, medians", samples=(dead.median / floor.median,), unit="×"),
        Figure(name="  stop : floor, p99", samples=(dead.p99 / floor.p99,), unit="×"),
        seen,
        Figure(name="  of these, the emoji on the /stop", samples=(emoji,), unit="%"),
        Figure(name="  lines that all agents write", samples=(found.lines_per_s,), unit="per s"),
    ]
