"""Reading a run's spool from its beginning, as far as it is known to reach."""

import os
from collections.abc import Iterator
from pathlib import Path

from orchestrator.domain.run_events import OutputArrived

CHUNK_BYTES = 128 * 1024


class SpoolReader:
    """A cursor in a spool. The file may not exist yet when the reader is made."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None
        self.offset = 0

    def up_to(self, end: int) -> Iterator[OutputArrived]:
        """What was not read yet and lies before `end`, in pieces."""
        while self.offset < end:
            data = self._read(min(CHUNK_BYTES, end - self.offset))
            if not data:
                return  # shorter than it was said to be: somebody cut it
            offset, self.offset = self.offset, self.offset + len(data)
            yield OutputArrived(offset=offset, data=data)

    def close(self) -> None:
        """No more reading."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _read(self, size: int) -> bytes:
        try:
            if self._fd is None:
                self._fd = os.open(self._path, os.O_RDONLY)
            return os.pread(self._fd, size, self.offset)
        except OSError:
            return b""
