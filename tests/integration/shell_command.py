"""What the tests of shell commands share: the real command, as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command printed, and its exit code."""

    code: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[str]:
        return self.stdout.splitlines()


async def python_m_bot(*arguments: str, environ: Mapping[str, str] | None = None) -> Outcome:
    """Run `python -m bot` with these arguments; nothing of our own TOPICD_ settings reaches it."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("TOPICD_")}
    with anyio.fail_after(DEADLINE_S):
        done = await anyio.run_process(
            [sys.executable, "-m", "bot", *arguments],
            cwd=ROOT,
            env={**env, **(environ or {})},
            stdin=subprocess.DEVNULL,
            check=False,
        )
    return Outcome(code=done.returncode, stdout=done.stdout.decode(), stderr=done.stderr.decode())
