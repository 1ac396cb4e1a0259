"""The program's two output pipes, and where their bytes go."""

import fcntl
import os
import struct
import sys
import termios
import time
from collections.abc import Callable

from cli_runner.supervisor import records, wire
from cli_runner.supervisor.ladder import NEVER
from cli_runner.supervisor.loop import Loop
from cli_runner.supervisor.spool import ErrorLog, Spool

CHUNK_BYTES = 64 * 1024
CHUNKS_A_TURN = 16
CLOSED_AFTER_S = 0.1


class Output:
    """stdout to the spool, stderr to its log, until the program ended; from then on to nowhere.

    Strays may hold the pipes open and write on: they are read for ever, so that nobody blocks or
    dies of a broken pipe, but the run's output is complete when its program ended.
    """

    __slots__ = ("_ended", "_errors", "_loop", "_spool", "_stderr", "_stdout", "_tell", "closed_at")

    def __init__(self, loop: Loop, *, limit_bytes: int, tell: Callable[[wire.Fields], None]) -> None:
        self._loop = loop
        self._tell = tell
        self._spool = Spool(records.STDOUT, limit_bytes=limit_bytes)
        self._errors = ErrorLog(records.STDERR)
        self._stdout = self._stderr = -1
        self._ended = False
        self.closed_at = NEVER

    @property
    def size(self) -> int:
        """Bytes in the spool."""
        return self._spool.size

    @property
    def truncated(self) -> bool:
        return self._spool.truncated

    @property
    def stderr_tail(self) -> str:
        return self._errors.tail.decode("utf-8", "replace")

    def follow(self, *, stdout: int, stderr: int) -> None:
        """Read these pipes from now on."""
        self._stdout, self._stderr = stdout, stderr
        self._loop.watch(stdout, readable=self._read_stdout)
        self._loop.watch(stderr, readable=self._read_stderr)

    def tick(self, now: float) -> None:
        """A program that ends closes its stdout too; only one that goes on is worth a word."""
        if now >= self.closed_at:
            self.closed_at = NEVER
            self._tell({"ev": "closed", "at": self.size})

    def end(self) -> None:
        """The program ended: keep exactly what the pipes hold now, and nothing that comes later."""
        for fd, keep in ((self._stdout, self._keep), (self._stderr, self._errors.write)):
            left = _pending(fd)
            while left > 0 and (data := _read(fd, min(left, CHUNK_BYTES))):
                left -= len(data)
                keep(data)
        self._ended = True
        self.closed_at = NEVER

    def _read_stdout(self) -> None:
        for _ in range(CHUNKS_A_TURN):
            data = _read(self._stdout)
            if data is None:
                return
            if not data:
                self._loop.forget(self._stdout)
                os.close(self._stdout)
                self._stdout = -1
                self.closed_at = NEVER if self._ended else time.monotonic() + CLOSED_AFTER_S
                return
            self._keep(data)

    def _keep(self, data: bytes) -> None:
        if not self._ended and self._spool.write(data, time.monotonic()):
            self._tell({"ev": "lost", "reason": self._spool.lost, "at": self.size})

    def _read_stderr(self) -> None:
        data = _read(self._stderr)
        if data == b"":
            self._loop.forget(self._stderr)
            os.close(self._stderr)
            self._stderr = -1
        elif data and not self._ended:
            self._errors.write(data)


def _read(fd: int, size: int = CHUNK_BYTES) -> bytes | None:
    """None if there is nothing now, empty at the end."""
    try:
        return os.read(fd, size)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def _pending(fd: int) -> int:
    """How many bytes a pipe holds."""
    if fd < 0:
        return 0
    return int.from_bytes(fcntl.ioctl(fd, termios.FIONREAD, struct.pack("i", 0)), sys.byteorder)
