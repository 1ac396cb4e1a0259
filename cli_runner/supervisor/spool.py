"""The agent's output on disk: stdout whole and append-only, stderr with its middle left out."""

import errno
import os

RETRY_S = 1.0
STDERR_HEAD_BYTES = STDERR_TAIL_BYTES = 64 * 1024


class Spool:
    """Where stdout goes. Never raises: what cannot be kept is counted as lost and said once.

    After a full disk, keeping goes on at the next line that begins once there is room: the broken
    line is closed by a newline, so that a reader meets one garbled line and no lost end.
    """

    __slots__ = ("_fd", "_limit", "_retry_at", "lost", "size", "truncated")

    def __init__(self, path: str, *, limit_bytes: int) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._limit = limit_bytes
        self._retry_at: float | None = None
        self.size = 0
        self.truncated = False
        self.lost: str | None = None

    def write(self, data: bytes, now: float) -> bool:
        """Keep `data`. True if this is the first loss; `lost` says why."""
        if self.size >= self._limit:
            return self._lose(f"The output is longer than {self._limit} bytes; the rest was not kept.")
        if self._retry_at is not None:
            cut = data.find(b"\n")
            if now < self._retry_at or cut < 0:
                return False
            data = b"\n" + data[cut + 1 :]
        view = memoryview(data)[: self._limit - self.size]
        try:
            while view:
                written = os.write(self._fd, view)
                self.size += written
                view = view[written:]
        except OSError as error:
            self._retry_at = now + RETRY_S
            return self._lose(_reason(error))
        self._retry_at = None
        if self.size >= self._limit:
            return self._lose(f"The output is longer than {self._limit} bytes; the rest was not kept.")
        return False

    def _lose(self, reason: str) -> bool:
        first = not self.truncated
        self.truncated = True
        self.lost = self.lost or reason
        return first


class ErrorLog:
    """Where stderr goes: its first and last 64 kB. Never raises."""

    __slots__ = ("_fd", "_size", "path", "tail")

    def __init__(self, path: str) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._size = 0
        self.tail = b""

    def write(self, data: bytes) -> None:
        """Keep `data`, for the time being."""
        self.tail = (self.tail + data)[-4096:]
        try:
            self._size += os.write(self._fd, data)
            if self._size > STDERR_HEAD_BYTES + 3 * STDERR_TAIL_BYTES:
                self._shorten()
        except OSError:
            return  # the last lines are in `tail` all the same

    def _shorten(self) -> None:
        head = os.pread(self._fd, STDERR_HEAD_BYTES, 0)
        end = os.pread(self._fd, STDERR_TAIL_BYTES, self._size - STDERR_TAIL_BYTES)
        left_out = self._size - len(head) - len(end)
        os.ftruncate(self._fd, len(head))
        self._size = len(head) + os.write(self._fd, f"\n[{left_out} bytes left out]\n".encode() + end)


def _reason(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full; part of the output was not kept."
    if error.errno == errno.EFBIG:
        return "The output file may not grow any more; part of the output was not kept."
    return f"Part of the output was not kept: {os.strerror(error.errno or 0)}."
