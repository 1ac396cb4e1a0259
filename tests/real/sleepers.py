"""What a tool can leave behind, in every way that processes have to stay."""

import os
import random
from pathlib import Path

import anyio

START_S = 60.0
"""How long a CLI may take until its tool runs. On a busy machine the largest of them are slow."""
_SHAPES = (
    "setsid -f sleep {};",
    "nohup sleep {} >/dev/null 2>&1 &",
    "sleep {} &",
    'python3 -c \'import subprocess; subprocess.Popen(["sleep", "{}"], start_new_session=True)\';',
    "(trap '' TERM INT HUP; exec sleep {}) &",
    "env -i sleep {} &",
    "setsid -f env -i sleep {};",
    "sleep {}",
)
"""The last one stands in the foreground."""


class Sleepers:
    """Eight sleeping processes that a shell command starts. Each has its number in its arguments."""

    def __init__(self) -> None:
        first = 10 * random.randrange(10**6, 10**7)
        self.numbers = tuple(f"3600.{first + index}" for index in range(len(_SHAPES)))
        self.command = " ".join(
            shape.replace("{}", number) for shape, number in zip(_SHAPES, self.numbers, strict=True)
        )

    async def sleep(self, count: int = len(_SHAPES)) -> None:
        """Wait until so many of them are there."""
        with anyio.fail_after(START_S):
            while len(self.living()) < count:  # noqa: ASYNC110 - nothing tells when
                await anyio.sleep(0.02)

    def living(self) -> list[str]:
        """The numbers of those that live now; zombies do not."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                except OSError:
                    continue
                if words[0] == b"sleep":
                    found.append(os.fsdecode(words[1]))
        return [number for number in self.numbers if number in found]
