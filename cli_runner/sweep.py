"""Ending what runs left behind when their supervisors died before their time."""

import os
import shutil
from collections.abc import Collection
from pathlib import Path

from cli_runner import run_facts, run_tree
from cli_runner.supervisor import process_table
from cli_runner.supervisor.process_table import Key, Process
from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import ProcessNote, Swept


def sweep(directory: Path, alive: Collection[RunId]) -> Swept:
    """End every process of a run in `directory` that is not in `alive`: those that were found, and which still live.

    Blocks for up to two seconds. A process is known by the two cookies in its environment, the
    run's id and its directory, so nothing of another state directory is touched; what descends
    from such a process belongs to it even if its own environment was wiped. We, our ancestors and
    the trees of `alive` are spared.
    """
    directory = Path(os.path.realpath(directory))
    runs = {RunId(path.name) for path in directory.iterdir() if not path.name.startswith(".")} - set(alive)
    _tidy(directory)
    cookies = {
        (b"TOPICD_RUN_ID=" + os.fsencode(run_id), b"TOPICD_RUN_DIR=" + os.fsencode(directory / run_id))
        for run_id in runs
    }
    supervisors = {found.pid for run_id in alive if (found := run_tree.supervisor(directory / run_id)) is not None}
    known: dict[Key, ProcessNote] = {}

    def carriers() -> list[Process]:
        found = _carriers(cookies, known=known.keys(), spared=supervisors)
        for process in found:
            if process.key not in known:
                known[process.key] = run_facts.note(process_table.note(process))
        return found

    if cookies:
        run_tree.kill_all(carriers)
    return Swept(found=tuple(known.values()), survivors=tuple(note for key, note in known.items() if _lives(key)))


def _lives(key: Key) -> bool:
    process = process_table.find(key[0])
    return process is not None and process.key == key and process.alive


def _carriers(cookies: set[tuple[bytes, bytes]], *, known: Collection[Key], spared: set[int]) -> list[Process]:
    processes = process_table.table()
    me = os.getpid()
    kept = spared | {me} | {each.pid for each in process_table.descendants(processes, spared)}
    ancestor = processes.get(me)
    while ancestor is not None and ancestor.ppid not in kept:
        kept.add(ancestor.ppid)
        ancestor = processes.get(ancestor.ppid)
    for pid in kept:
        processes.pop(pid, None)
    found = {each.pid: each for each in processes.values() if each.key in known or _carries(each, cookies)}
    return [*found.values(), *process_table.descendants(processes, set(found))]


def _carries(process: Process, cookies: set[tuple[bytes, bytes]]) -> bool:
    try:
        environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    except OSError:
        return False
    if b"TOPICD_RUN_ID=" not in environment:
        return False
    words = environment.split(b"\0")
    return any(run_id in words and run_directory in words for run_id, run_directory in cookies)


def _tidy(directory: Path) -> None:
    """Remove directories that nobody came to publish."""
    for path in directory.glob(".*.*"):
        maker = path.name.split(".")[2]
        if maker.isdigit() and process_table.find(int(maker)) is None:
            shutil.rmtree(path, ignore_errors=True)
