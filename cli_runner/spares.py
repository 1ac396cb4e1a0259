"""Supervisors that wait for an order, so that a run need not wait for one."""

import os
import signal
import socket
import sys
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import anyio
import structlog
from anyio.abc import TaskGroup

from cli_runner.supervisor import __file__ as package_file

log = structlog.get_logger()

PROGRAM = Path(package_file).resolve().with_name("__main__.py")
REAP_EVERY_S = 1.0
NULL = os.devnull


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """A supervisor without an order. It ends when its socket is closed."""

    pid: int
    socket: socket.socket


def spawn() -> Spare:
    """Start a supervisor: a session of its own, nothing open but our socket, no environment.

    posix_spawn, because a subprocess.Popen wants to be waited for by the object that made it, and
    supervisors outlive us.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    ours.setblocking(False)
    argv = [sys.executable, "-I", "-S", "-X", "utf8", str(PROGRAM)]
    with theirs:
        try:
            pid = os.posix_spawn(
                sys.executable,
                argv,
                {},
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, theirs.fileno(), 0),
                    (os.POSIX_SPAWN_OPEN, 1, NULL, os.O_WRONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 2, NULL, os.O_WRONLY, 0),
                ],
                setsigmask=[],
                setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGCHLD],
                # Elsewhere the supervisor does this itself, a few milliseconds later.
                setsid=sys.platform == "linux",
            )
        except OSError:
            ours.close()
            raise
    return Spare(pid=pid, socket=ours)


class Spares:
    """Keeps so many spares ready in a task group of the owner's, and reaps what has ended."""

    def __init__(self, *, count: int) -> None:
        self._count = count
        self._ready: deque[Spare] = deque()
        self._tasks: TaskGroup | None = None

    def open(self, tasks: TaskGroup) -> None:
        """Fill up; from now on `take` may be called."""
        self._tasks = tasks
        self._fill(tasks)

    def take(self) -> Spare:
        """A supervisor, ready if there is one. Raises OSError if none can be started."""
        if self._tasks is None:
            raise RuntimeError("runs are started only while LocalRunner.serve() runs")
        spare = self._ready.popleft() if self._ready else self._start(self._tasks)
        self._tasks.start_soon(self._refill, self._tasks, name="spares")
        return spare

    async def close(self) -> None:
        """Let the spares go, and wait for them."""
        self._tasks = None
        leaving = tuple(self._ready)
        self._ready.clear()
        for spare in leaving:
            spare.socket.close()
        for spare in leaving:
            await _ended(spare.pid)

    async def _refill(self, tasks: TaskGroup) -> None:
        # Not at once: the run that was just started needs the processor more.
        await anyio.sleep(0.1)
        self._fill(tasks)

    def _fill(self, tasks: TaskGroup) -> None:
        try:
            while len(self._ready) < self._count:
                self._ready.append(self._start(tasks))
        except OSError as error:
            log.warning("spares.failed", error=str(error))

    def _start(self, tasks: TaskGroup) -> Spare:
        spare = spawn()
        tasks.start_soon(self._watch, spare, name="supervisor")
        return spare

    async def _watch(self, spare: Spare) -> None:
        await _ended(spare.pid)
        if spare in self._ready:
            self._ready.remove(spare)
            spare.socket.close()
            log.warning("spares.died", pid=spare.pid)


async def _ended(pid: int) -> None:
    """Wait for a child of ours and reap it."""
    if sys.platform == "linux":
        fd = os.pidfd_open(pid)
        try:
            await anyio.wait_readable(fd)
        finally:
            os.close(fd)
        os.waitpid(pid, 0)  # noqa: ASYNC222 - it has ended: this only collects it
        return
    while os.waitpid(pid, os.WNOHANG)[0] == 0:  # noqa: ASYNC110, ASYNC222 - nothing tells, and this never blocks
        await anyio.sleep(REAP_EVERY_S)
