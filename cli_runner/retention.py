"""Forgetting runs: what they wrote is removed once nobody will ask for it any more."""

import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

import anyio.to_thread

from cli_runner import run_files
from cli_runner.supervisor.order import run_name
from orchestrator.domain.ids import RunId


async def remove_runs(directory: Path, run_ids: Iterable[RunId]) -> int:
    """Remove the directories of ended runs; those that still live, or are gone already, are left."""
    return await anyio.to_thread.run_sync(lambda: sum(_remove(directory, run_id) for run_id in run_ids))


async def remove_unknown(directory: Path, known: Collection[RunId], *, before_ms: int) -> int:
    """Remove the directories of runs that nobody knows, such as after the database was begun anew.

    Only those in which nothing changed since `before_ms` (UTC epoch milliseconds) and that do not live.
    """

    def remove() -> int:
        if not directory.is_dir():
            return 0
        unknown = [path for path in directory.iterdir() if path.name not in known and not path.name.startswith(".")]
        return sum(_remove(directory, RunId(path.name)) for path in unknown if _changed_ms(path) < before_ms)

    return await anyio.to_thread.run_sync(remove)


async def remove_old(directory: Path, *, before_ms: int) -> int:
    """Remove the directories of turns' files in which nothing changed since then; how many."""

    def remove() -> int:
        if not directory.is_dir():
            return 0
        old = [path for path in directory.iterdir() if path.is_dir() and not path.is_symlink()]
        old = [path for path in old if _changed_ms(path) < before_ms]
        for path in old:
            shutil.rmtree(path, ignore_errors=True)
        return len(old)

    return await anyio.to_thread.run_sync(remove)


def _remove(directory: Path, run_id: RunId) -> bool:
    """Whether the run's directory was there and is gone. A name that leads elsewhere is no run's."""
    try:
        path = directory / run_name(run_id)
    except ValueError:
        return False
    if path.is_symlink() or not path.is_dir() or run_files.is_live(path):
        return False
    shutil.rmtree(path, ignore_errors=True)
    return not path.exists()


def _changed_ms(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns // 1_000_000
    except OSError:
        return 1 << 62  # it has just gone
