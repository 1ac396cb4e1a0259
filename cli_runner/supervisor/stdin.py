"""What the agent is given: each gift once, written without ever waiting for the agent to read."""

import os
from collections.abc import Callable

from cli_runner.supervisor import wire
from cli_runner.supervisor.loop import Loop

LIMIT_BYTES = 128 * 1024 * 1024

ENDED = "The program has ended."
CLOSED = "The program's input is closed."
UNREAD = "The program does not read its input any more."
FULL = "The program reads too slowly: too much is waiting for it."


class Stdin:
    """The program's stdin. The journal is written before the first byte of a gift is.

    `answers` collects what became of gifts, as facts for clients, until somebody takes them.
    """

    __slots__ = (
        "_closing", "_fd", "_journal", "_journal_size", "_known", "_loop", "_offset", "_queue", "_waiting",
        "answers",
    )  # fmt: skip

    def __init__(self, loop: Loop, *, fd: int, journal: str, offset: Callable[[], int]) -> None:
        """`offset` tells where the output stands."""
        self._loop = loop
        self._offset = offset
        self._fd: int | None = fd
        self._journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._journal_size = 0
        self._known: dict[str, wire.Fields] = {}
        self._queue: list[tuple[str, memoryview]] = []
        self._waiting = 0
        self._closing = False
        self.answers: list[wire.Fields] = []

    def give(self, gift_id: str, data: bytes) -> None:
        """Write a gift, or repeat what became of it."""
        at = self._offset()
        known = self._known.get(gift_id)
        if known is not None:
            self.answers.append(known)
            return
        refusal = self._refusal(len(data))
        if refusal is None:
            refusal = self._record({"id": gift_id, "at": at})
        if refusal is not None:
            self.answers.append({"ev": "failed", "id": gift_id, "reason": refusal, "at": at})
            return
        self._known[gift_id] = {"ev": "taken", "id": gift_id, "at": at}
        self.answers.append(self._known[gift_id])
        self._push(gift_id, data)

    def write(self, data: bytes) -> bool:
        """Write bytes that are no gift (an interrupt). False if the program cannot get them."""
        if self._refusal(len(data)) is not None:
            return False
        self._push("", data)
        return self._fd is not None

    def close_when_written(self) -> None:
        """No more gifts; the program sees end of file after those that it has."""
        self._closing = True
        if not self._queue:
            self._close()

    def fail(self, reason: str) -> None:
        """Nothing can be given any more; say so for every gift that is not wholly written."""
        at = self._offset()
        failed = dict.fromkeys(gift_id for gift_id, _ in self._queue if gift_id)
        self._queue.clear()
        self._waiting = 0
        for gift_id in failed:
            self._record({"id": gift_id, "at": at, "failed": reason})
            self._known[gift_id] = {"ev": "failed", "id": gift_id, "reason": reason, "at": at}
            self.answers.append(self._known[gift_id])
        self._closing = True
        self._close()

    def _flush(self) -> None:
        while self._queue and self._fd is not None:
            gift_id, view = self._queue[0]
            try:
                written = os.write(self._fd, view)
            except BlockingIOError:
                self._loop.watch(self._fd, room=self._flush)
                return
            except OSError:
                self.fail(UNREAD)
                return
            self._waiting -= written
            if written == len(view):
                self._queue.pop(0)
            else:
                self._queue[0] = (gift_id, view[written:])
        if self._fd is not None:
            self._loop.forget(self._fd)
        if self._closing:
            self._close()

    def _push(self, gift_id: str, data: bytes) -> None:
        if data:
            self._queue.append((gift_id, memoryview(data)))
            self._waiting += len(data)
            self._flush()

    def _refusal(self, size: int) -> str | None:
        if self._fd is None or self._closing:
            return CLOSED
        return FULL if self._waiting + size > LIMIT_BYTES else None

    def _record(self, entry: wire.Fields) -> str | None:
        """Append to the journal; a reason if that failed, in which case nothing of it stays there."""
        view = memoryview(wire.line(entry))
        size = self._journal_size
        try:
            while view:
                written = os.pwrite(self._journal, view, size)
                size += written
                view = view[written:]
        except OSError as error:
            try:
                os.ftruncate(self._journal, self._journal_size)
            except OSError:
                pass  # the broken line has no newline; the next entry is written over it
            return f"It could not be noted that it was given: {os.strerror(error.errno or 0)}."
        self._journal_size = size
        return None

    def _close(self) -> None:
        if self._fd is not None:
            self._loop.forget(self._fd)
            os.close(self._fd)
            self._fd = None
