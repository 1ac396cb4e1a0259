"""The processes of a run, seen and ended from outside: for when its supervisor does not react."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

from cli_runner import run_facts, run_files
from cli_runner.supervisor import process_table, records
from cli_runner.supervisor.ladder import Ladder
from cli_runner.supervisor.process_table import Process
from orchestrator.domain.run_events import ProcessNote, RunStatus

LOOK_EVERY_S = 0.002
NOTHING = RunStatus(pid=None, tools=(), strays=(), rss_bytes=0)


def supervisor(run_directory: Path) -> Process | None:
    """The run's supervisor, if it lives."""
    return run_files.verified(run_files.read(run_directory / records.RUN), "supervisor_pid", "supervisor_start")


def wake(run_directory: Path) -> None:
    """Continue a supervisor that somebody stopped: while it stands, no output is read and no stop obeyed."""
    found = supervisor(run_directory)
    if found is not None and found.stopped:
        process_table.send(found, signal.SIGCONT)


def look(run_directory: Path) -> RunStatus:
    """What lives below the run's supervisor, without asking it. What it adopted are strays."""
    above = supervisor(run_directory)
    if above is None:
        return NOTHING
    program = run_files.verified_pid(run_files.read(run_directory / records.RUN), "pid", "start")
    below = process_table.descendants(process_table.table(), {above.pid})
    adopted: set[int] = set()
    tools: list[ProcessNote] = []
    strays: list[ProcessNote] = []
    size = 0
    for process in below:
        note = run_facts.note(process_table.note(process))
        size += note.rss_bytes
        if process.pid == program:
            continue
        if process.ppid == above.pid or process.ppid in adopted:
            adopted.add(process.pid)
            strays.append(note)
        else:
            tools.append(note)
    return RunStatus(pid=program, tools=tuple(tools), strays=tuple(strays), rss_bytes=size)


def end(run_directory: Path) -> None:
    """SIGKILL for all of the run, its supervisor last: as long as that is there, nothing can leave the tree.

    Blocks for up to two seconds. Orphans that the supervisor never adopted are left to the sweep.
    """
    above = supervisor(run_directory)
    if above is None:
        return
    kill_all(lambda: process_table.descendants(process_table.table(), {above.pid}))
    process_table.send(above, signal.SIGKILL)


def kill_all(look_for: Callable[[], list[Process]]) -> None:
    """Freeze and SIGKILL what is found until nothing is; for at most two seconds."""
    ladder = Ladder(time.monotonic(), polite_s=0.0, grace_s=0.0)
    while not ladder.done:
        for process, signo in ladder.step(time.monotonic(), look_for(), None):
            process_table.send(process, signo)
        time.sleep(LOOK_EVERY_S)
