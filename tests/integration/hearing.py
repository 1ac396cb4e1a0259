"""What the tests of runs share: a runner on a directory of its own, and an ear for one run."""

import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import anyio

from cli_runner import run_files
from cli_runner.local_run import LocalRun
from cli_runner.local_runs import LocalRunner
from cli_runner.supervisor import process_table
from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import OutputArrived, RunEvent, RunOrder

DEADLINE_S = 20.0
PATH = "/usr/local/bin:/usr/bin:/bin"
E = TypeVar("E")


@asynccontextmanager
async def local_runner(tmp_path: Path, *, spares: int = 1) -> AsyncIterator[LocalRunner]:
    """A runner on `tmp_path/runs` that is served as the bot serves it."""
    runner = LocalRunner(tmp_path / "runs", spares=spares)
    async with anyio.create_task_group() as tasks:
        await tasks.start(runner.serve)
        yield runner
        tasks.cancel_scope.cancel()


def shell(tmp_path: Path, script: str, *, run_id: str = "run", **fields: Any) -> RunOrder:
    """An order for a shell script that works in `tmp_path`."""
    order = {"env": {"PATH": PATH}, "cwd": str(tmp_path), "polite_s": 2.0, "grace_s": 1.0, **fields}
    return RunOrder(run_id=RunId(run_id), argv=("/bin/sh", "-c", script), **order)


def python(tmp_path: Path, script: str, **fields: Any) -> RunOrder:
    """An order for a Python script that works in `tmp_path`."""
    order = shell(tmp_path, "", **fields)
    argv = (sys.executable, "-I", "-S", "-u", "-c", script)
    env = {"PATH": PATH}
    names = ("gifts", "close_stdin", "interrupt", "polite_s", "grace_s", "keep_strays", "strays_ttl_s", "bound_s")
    kept = {name: getattr(order, name) for name in names}
    return RunOrder(run_id=order.run_id, argv=argv, env=env, cwd=order.cwd, **kept)


class Ear:
    """Listens to one run, event by event; everything that was heard stays in `heard`."""

    def __init__(self, run: LocalRun) -> None:
        self.run = run
        self.heard: list[RunEvent] = []
        self._events = run.events()

    @property
    def output(self) -> bytes:
        return b"".join(event.data for event in self.heard if isinstance(event, OutputArrived))

    async def hear(self, wanted: type[E]) -> E:
        """The next event of this kind; whatever comes before it is kept, too."""
        with anyio.fail_after(DEADLINE_S):
            async for event in self._events:
                self.heard.append(event)
                if isinstance(event, wanted):
                    return event
        raise AssertionError(f"the events ended without {wanted.__name__}: {self.heard[-5:]}")

    async def hear_output(self, text: bytes) -> None:
        """Until the output contains `text`."""
        while text not in self.output:
            await self.hear(OutputArrived)

    async def hear_all(self) -> list[RunEvent]:
        """Until the events end."""
        with anyio.fail_after(DEADLINE_S):
            async for event in self._events:
                self.heard.append(event)
        return self.heard

    async def close(self) -> None:
        await self.run.detach()
        await self._events.aclose()


@asynccontextmanager
async def ear(run: LocalRun) -> AsyncIterator[Ear]:
    """An ear that lets go of its run in the end."""
    listening = Ear(run)
    try:
        yield listening
    finally:
        with anyio.CancelScope(shield=True):
            await listening.close()


async def come_true(condition: Callable[[], bool], what: str) -> None:
    """Wait for a state of the machine that nothing announces."""
    with anyio.move_on_after(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - nothing tells when
            await anyio.sleep(0.005)
        return
    raise AssertionError(f"never came true: {what}")


def lives(pid: int) -> bool:
    process = process_table.find(pid)
    return process is not None and process.alive


def supervisor_of(tmp_path: Path, run_id: str = "run") -> int:
    pid = run_files.read(tmp_path / "runs" / run_id / "run.json")["supervisor_pid"]
    assert isinstance(pid, int)
    return pid


def numbers(ear: Ear) -> list[int]:
    """All the pids that the program printed."""
    return [int(word) for word in ear.output.split() if word.isdigit()]


@contextmanager
def nothing_left(tmp_path: Path) -> Iterator[None]:
    """No process that works below `tmp_path`, or carries it in its environment, is left."""
    yield
    until = time.monotonic() + 3.0
    while (left := _working_in(tmp_path)) and time.monotonic() < until:
        time.sleep(0.02)
    for process in left:
        process_table.send(process, 9)
    assert not left, [process_table.note(process) for process in left[:10]]


def _working_in(path: Path) -> list[process_table.Process]:
    mark = os.fsencode(path)
    return [each for each in process_table.table().values() if each.pid != os.getpid() and _mentions(each.pid, mark)]


def _mentions(pid: int, mark: bytes) -> bool:
    try:
        return (
            os.readlink(f"/proc/{pid}/cwd".encode()).startswith(mark)
            or mark in Path(f"/proc/{pid}/environ").read_bytes()
        )
    except OSError:
        return False
