"""Forgetting runs: what they wrote is removed once nobody will ask for it any more."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import anyio.to_thread

from cli_runner import run_files
from orchestrator.domain.ids import RunId


async def remove_runs(directory: Path, run_ids: Iterable[RunId]) -> int:
    """Remove the directories of ended runs; those that still live, or are gone already, are left."""

    def remove() -> int:
        removed = 0
        for run_id in run_ids:
            path = directory / run_id
            if path.is_dir() and not run_files.is_live(path):
                shutil.rmtree(path, ignore_errors=True)
                removed += 1
        return removed

    return await anyio.to_thread.run_sync(remove)
