"""Record the runs in `tests/unit/fixtures/transcripts` again: `python -m tests.real.record [NAME…]`.

A name stands for all that begin with it; without names everything is recorded, in about two minutes.
"""

import sys
import tempfile
from pathlib import Path

import anyio

from tests.real.record_acp import RECORDINGS as ACP
from tests.real.record_codex import RECORDINGS as CODEX
from tests.real.record_schemas import record_schemas
from tests.real.recording import record


async def _record(names: list[str]) -> None:
    for recording in (*CODEX, *ACP):
        if not names or any(recording.name.startswith(name) for name in names):
            with tempfile.TemporaryDirectory(prefix="recording-") as home:
                path = await record(recording, Path(home).resolve())
            print(f"{path}: {path.stat().st_size} bytes")


def main(names: list[str]) -> None:
    """The command."""
    anyio.run(_record, names)
    if not names or "codex/schemas" in names:
        print(record_schemas())


if __name__ == "__main__":
    main(sys.argv[1:])
