"""Room on the disk that is kept for what is urgent: stops are stored where nothing else can be any more."""

import contextlib
import os
import shutil
from pathlib import Path

NAME = "reserve"
BYTES = 2 << 20
_ROOM = 4
"""It is laid by only where so many times as much is free."""


class Reserve:
    """A file that takes room until that is needed. Nothing here raises: it is a help, and never a fault."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / NAME
        self.is_there = False

    def lay_by(self) -> None:
        """Take the room, if there is plenty."""
        if self.is_there:
            return
        try:
            if not self._is_whole():
                if shutil.disk_usage(self._path.parent).free < _ROOM * BYTES:
                    return
                # Nothing that a file system could make smaller, or leave out.
                self._path.write_bytes(os.urandom(BYTES))
        except OSError:
            self.give_up()
        else:
            self.is_there = True

    def _is_whole(self) -> bool:
        """Whether an earlier life has left it."""
        return self._path.is_file() and self._path.stat().st_size == BYTES

    def give_up(self) -> None:
        """Let others have the room."""
        self.is_there = False
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
