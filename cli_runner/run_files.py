"""What runs have left on disk, alive or not, and how to make sure that one never starts."""

import fcntl
import os
import shutil
import uuid
from pathlib import Path

from cli_runner import run_facts
from cli_runner.supervisor import process_table, records, wire
from cli_runner.supervisor.order import run_name
from cli_runner.supervisor.process_table import Process
from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import RunRecord
from orchestrator.domain.states import RunState

NEVER_BEGAN = "The run never began."


def is_live(run_directory: Path) -> bool:
    """Whether the run's supervisor lives: it holds a lock for as long as it does, and no longer."""
    try:
        fd = os.open(run_directory / records.LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def is_over(run_directory: Path) -> bool:
    """Whether the record of the run's end is complete."""
    exit_record = read(run_directory / records.EXIT)
    return bool(exit_record.get("gone") or exit_record.get("never_started"))


def claim(directory: Path, run_id: RunId) -> None:
    """Make sure that this run never starts, unless it has. Its order may still be on its way.

    A directory is claimed by being renamed into place with something in it, by supervisors as here,
    so exactly one of both succeeds.
    """
    fresh = directory / f".{run_name(run_id)}.{os.getpid()}.{uuid.uuid4().hex[:8]}"
    fresh.mkdir(mode=0o700)
    fields: wire.Fields = {"v": wire.VERSION, "run_id": run_id, "never_started": True, "reason": NEVER_BEGAN}
    (fresh / records.EXIT).write_bytes(wire.line(fields))
    try:
        fresh.rename(directory / run_id)
    except OSError:
        shutil.rmtree(fresh)


def record(directory: Path, run_id: RunId) -> RunRecord | None:
    """What is known of a run; None if nothing is."""
    run_directory = directory / run_name(run_id)
    live = is_live(run_directory)  # asked first: a run may end while its files are read
    live = live and not is_over(run_directory)  # its supervisor only tidies up
    if not run_directory.is_dir():
        return None
    run, end = read(run_directory / records.RUN), read(run_directory / records.EXIT)
    never_started = bool(end.get("never_started"))
    argv, boot_id, now = run.get("argv"), run.get("boot_id"), process_table.boot_id()
    started = run.get("started_at_ms")
    return RunRecord(
        run_id=run_id,
        state=RunState.LIVE if live else RunState.ENDED if end else RunState.LOST,
        pid=verified_pid(run, "pid", "start") if live else None,
        gifts={} if never_started else _gifts(run_directory),
        argv=tuple(str(word) for word in argv) if isinstance(argv, list) else (),
        cwd=str(run.get("cwd") or ""),
        started_at_ms=started if isinstance(started, int) else None,
        never_started=never_started,
        boot_changed=bool(boot_id and now and boot_id != now),
        last_sign_ms=None if live else _last_sign_ms(run_directory),
    )


def verified_pid(run: wire.Fields, pid_field: str, start_field: str) -> int | None:
    """A pid of a run record if that process, and no later one with its number, is there."""
    process = verified(run, pid_field, start_field)
    return None if process is None else process.pid


def verified(run: wire.Fields, pid_field: str, start_field: str) -> Process | None:
    """A process of a run record if it is still there."""
    pid = run.get(pid_field)
    if not isinstance(pid, int) or run.get("boot_id") != process_table.boot_id():
        return None
    process = process_table.find(pid)
    same = process is not None and process.alive and process.start == run.get(start_field)
    return process if same else None


def facts(run_directory: Path) -> list[wire.Fields]:
    """The history of a run without a supervisor, as that would have told it; the last one is final."""
    run, end = read(run_directory / records.RUN), read(run_directory / records.EXIT)
    if end.get("never_started"):
        return [{"ev": "refused", "reason": str(end.get("reason") or NEVER_BEGAN), "at": 0}]
    found: list[wire.Fields] = []
    if run.get("pid") is not None:
        found.append({"ev": "started", "pid": run["pid"], "at": 0})
    beside = end.get("facts")
    placed = _given(run_directory) + (beside if isinstance(beside, list) else [])
    found += sorted(placed, key=run_facts.offset)
    size = _size(run_directory / records.STDOUT)
    found.append({"ev": "spool", "size": size})
    if "code" in end:
        found.append({**end, "ev": "exited", "at": size})
    found.append({**end, "ev": "gone", "at": size} if end.get("gone") else {"ev": "vanished", "at": size})
    return found


def read(path: Path) -> wire.Fields:
    """A record; empty if there is none, or none that can be read."""
    try:
        return wire.fields(path.read_bytes())
    except (OSError, ValueError):
        return {}


def _given(run_directory: Path) -> list[wire.Fields]:
    try:
        lines = (run_directory / records.GIVEN).read_bytes().split(b"\n")[:-1]
    except OSError:
        return []
    found: list[wire.Fields] = []
    for line in lines:
        try:
            entry = wire.fields(line)
        except ValueError:
            continue
        reason = entry.get("failed")
        known = {"id": str(entry.get("id")), "at": entry.get("at", 0)}
        found.append({"ev": "failed", "reason": reason, **known} if reason else {"ev": "taken", **known})
    return found


def _gifts(run_directory: Path) -> dict[str, int]:
    gifts: dict[str, int] = {}
    for fields in _given(run_directory):
        gift_id, at = str(fields["id"]), fields["at"]
        if fields["ev"] == "failed":
            gifts.pop(gift_id, None)
        elif isinstance(at, int):
            gifts[gift_id] = at
    return gifts


def _last_sign_ms(run_directory: Path) -> int | None:
    """When its supervisor wrote last: records, output, gifts."""
    written = []
    for name in (records.RUN, records.GIVEN, records.STDOUT, records.EXIT):
        try:
            written.append((run_directory / name).stat().st_mtime_ns // 1_000_000)
        except OSError:
            continue
    return max(written, default=None)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
