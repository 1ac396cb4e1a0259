"""Bytes into lines, without I/O and with bounded memory."""

from dataclasses import dataclass
from typing import TypeAlias

EXCERPT_BYTES = 200
MAX_LINE_BYTES = 10 * 2**20


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end (`\\n` or `\\r\\n`)."""

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlong:
    """A line that was skipped because it was longer than the limit. `size` in bytes, `excerpt` its head."""

    size: int
    excerpt: bytes


Framed: TypeAlias = Line | Overlong


class LineFramer:
    """Cuts a stream into lines, whatever the chunks. Keeps at most `max_line_bytes` and one chunk.

    A longer line is counted, not kept, and reported once, when it ends: an agent that prints 50 MB
    without a line end costs one event and no memory.
    """

    def __init__(self, *, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._max = max_line_bytes
        self._kept = bytearray()
        self._size = 0

    def push(self, data: bytes) -> list[Framed]:
        """The lines that end in `data`, in order."""
        framed: list[Framed] = []
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            self._keep(data, start, end)
            framed.append(self._take())
            start = end + 1
        self._keep(data, start, len(data))
        return framed

    def flush(self) -> list[Framed]:
        """What came after the last line end, if anything. The framer is then as new."""
        return [self._take()] if self._size else []

    def _keep(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._size <= self._max:
            self._kept += data[start:end]
        elif len(self._kept) != EXCERPT_BYTES:
            room = max(0, EXCERPT_BYTES - len(self._kept))
            self._kept += data[start : min(end, start + room)]
            del self._kept[EXCERPT_BYTES:]

    def _take(self) -> Framed:
        kept, size = bytes(self._kept), self._size
        # A new object, because clearing a bytearray keeps its memory.
        self._kept, self._size = bytearray(), 0
        if size > self._max:
            return Overlong(size=size, excerpt=kept)
        return Line(kept.removesuffix(b"\r"))
