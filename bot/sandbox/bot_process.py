"""The real bot as a child of the sandbox: started, stopped and killed on request."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

_PR_SET_PDEATHSIG = 1


class BotState(StrEnum):
    """What the page shows of the bot."""

    STOPPED = "stopped"
    RUNNING = "running"
    # SIGTERM was sent
    STOPPING = "stopping"


def _die_with_parent() -> Callable[[], None] | None:
    """What the child does before exec, on Linux: SIGTERM when the sandbox dies, however it dies."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def in_child() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os.kill(os.getpid(), signal.SIGTERM)

    return in_child


class BotProcess:
    """One child at a time, in a session of its own so that Ctrl-C reaches only the sandbox.

    `run` must be running (in a task group of the caller's) for anything to happen. The child's output goes
    to the sandbox's stderr. It is not started again by itself: its death is something to look at.
    """

    def __init__(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> None:
        self._argv = tuple(argv)
        self._env = None if env is None else dict(env)
        self._process: asyncio.subprocess.Process | None = None
        self._wanted = asyncio.Event()
        self._spawned = asyncio.Event()
        self._stopped = asyncio.Event()
        self._stopped.set()
        self.state = BotState.STOPPED
        self.exit_code: int | None = None
        self.on_change: list[Callable[[], None]] = []

    @property
    def pid(self) -> int | None:
        """The child's pid while it lives."""
        return None if self._process is None else self._process.pid

    async def run(self) -> None:
        """Starts the child whenever `start` asks for it, and reaps it. Runs until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                self._process = await self._spawn()
            except OSError as error:
                sys.stderr.write(f"Could not start the bot ({self._argv[0]}): {error}\n")
                self.exit_code = 127
                self._stopped.set()
                self._spawned.set()
                self._set(BotState.STOPPED)
                continue
            self._spawned.set()
            self._set(BotState.RUNNING)
            self.exit_code = await self._process.wait()
            self._process = None
            self._stopped.set()
            self._set(BotState.STOPPED)

    async def _spawn(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),
            stderr=sys.stderr.fileno(),
            env=self._env,
            start_new_session=True,
            preexec_fn=_die_with_parent(),
        )

    def _set(self, state: BotState) -> None:
        self.state = state
        for notify in tuple(self.on_change):
            notify()

    def start(self) -> None:
        """Starts the bot; nothing if it runs."""
        if self._stopped.is_set():
            self._stopped.clear()
            self._spawned.clear()
            self._wanted.set()

    def kill(self) -> None:
        """SIGKILL, as a crash of the machine would."""
        if self._process is not None:
            self._process.kill()

    def ask_to_stop(self) -> None:
        """SIGTERM; does not wait."""
        if self._process is not None and self.state is BotState.RUNNING:
            self._process.terminate()
            self._set(BotState.STOPPING)

    async def stop(self, *, grace_s: float) -> None:
        """SIGTERM, then SIGKILL after `grace_s`; returns when it is gone."""
        if self._stopped.is_set():
            return
        await self._spawned.wait()
        self.ask_to_stop()
        try:
            async with asyncio.timeout(grace_s):
                await self._stopped.wait()
        except TimeoutError:
            self.kill()
            await self._stopped.wait()
