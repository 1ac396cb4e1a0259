"""Processes that change their user, or hide from ours. Needs root, to be able to become others."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from cli_runner.connection import Connection
from cli_runner.local_run import LocalRun
from cli_runner.spares import PROGRAM
from cli_runner.supervisor import ending, ladder, process_table, wire
from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import OutputArrived, ProgramExited, RunGone
from tests.integration.hearing import PATH, come_true, ear, lives, local_runner, nothing_left, numbers, shell

NOBODY = 65534

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be able to become another user")


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that every user may enter and write to; tmp_path is ours alone."""
    with tempfile.TemporaryDirectory(prefix="users-") as name:
        path = Path(name)
        (path / "runs").mkdir()
        for each in (path, path / "runs"):
            each.chmod(0o777)
        with nothing_left(path):
            yield path


def python_for_all() -> str:
    """A Python that nobody may run too; ours may lie in root's home."""
    for candidate in (sys.executable, "/usr/local/bin/python3", "/usr/bin/python3"):
        script = "import sys; open(sys.argv[1]); sys.exit(sys.version_info < (3, 11))"
        command = [candidate, "-I", "-S", "-c", script, str(PROGRAM)]
        try:
            done = subprocess.run(command, user=NOBODY, group=NOBODY, capture_output=True, check=False)
        except OSError:
            continue
        if done.returncode == 0:
            return candidate
    pytest.skip("no Python that another user may run")


@asynccontextmanager
async def run_of_nobody(place: Path, script: str, **fields: object) -> AsyncIterator[LocalRun]:
    """A run whose supervisor is not root. It has ended when this ends."""
    order: wire.Fields = {
        "op": "start", "v": wire.VERSION, "run_id": "run", "directory": f"{place}/runs", "cwd": str(place),
        "argv": ["/bin/sh", "-c", script], "env": {"PATH": PATH}, "gifts": [], "grace_s": 0.3, **fields,
    }  # fmt: skip
    ours, theirs = socket.socketpair()
    command = [python_for_all(), "-I", "-S", "-X", "utf8", str(PROGRAM)]
    supervisor = subprocess.Popen(command, stdin=theirs.fileno(), user=NOBODY, group=NOBODY, extra_groups=[], env={})
    with supervisor:
        theirs.close()
        connection = Connection(ours)
        await connection.send(order)
        yield LocalRun(RunId("run"), directory=place / "runs", connection=connection)
        with anyio.fail_after(10):
            assert await anyio.to_thread.run_sync(supervisor.wait) == 0


def rooted(place: Path) -> str:
    """A shell command that becomes root wherever it is started, and sleeps: `sudo` without asking."""
    if os.statvfs(place).f_flag & os.ST_NOSUID:
        pytest.skip(f"{place} is mounted nosuid")
    shell_of_root = place / "rooted"
    shutil.copy("/bin/bash", shell_of_root)
    shell_of_root.chmod(0o4755)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("needs setpriv(1)")
    return f"{shell_of_root} -p -c 'exec {setpriv} --reuid 0 --regid 0 --clear-groups sleep 300'"


def uid_of(pid: int) -> int:
    """The real user of a process; -1 if it is gone."""
    try:
        rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return -1
    return next(int(row.split()[1]) for row in rows if row.startswith("Uid:"))


def end(pid: int) -> None:
    """End what a run could not."""
    process = process_table.find(pid)
    assert process is not None
    assert process_table.send(process, 9)


async def test_a_child_that_gave_up_root_is_killed(tmp_path: Path) -> None:
    """Root may signal whom it wants, and a detached child is found whoever it is."""
    drop = f"setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups"
    script = f"setsid -f {drop} sh -c 'trap \"\" TERM; echo $$; exec sleep 300'; sleep 0.1; echo ready; wait"
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, f"{script}; while :; do sleep 300; done", grace_s=0.2))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            [pid] = numbers(listening)
            assert uid_of(pid) == NOBODY
            await run.stop()
            assert (await listening.hear(RunGone)).survivors == ()
            assert not lives(pid)


async def test_a_child_that_became_root_is_named_as_a_survivor_in_bounded_time(place: Path) -> None:
    """The kernel forbids the signal: everything else is ended, the rest is told, and nothing hangs."""
    script = f"{rooted(place)} & echo $!; sleep 301 & echo $! ready; while :; do sleep 300; done"
    async with run_of_nobody(place, script) as run, ear(run) as listening:
        await listening.hear_output(b"ready")
        root, other = numbers(listening)
        await come_true(lambda: uid_of(root) == 0, "it became root")
        await run.stop()
        gone = await listening.hear(RunGone)
        assert [(note.pid, note.command) for note in gone.survivors] == [(root, "sleep 300")]
        assert 0.3 <= gone.took_s < 4
        assert lives(root)
        assert not lives(other)
        end(root)
    async with ear(LocalRun(RunId("run"), directory=place / "runs")) as again:
        assert await again.hear(RunGone) == gone


async def test_what_cannot_be_ended_does_not_keep_a_run_alive(place: Path) -> None:
    """A program ended and left a child that became root, and a stray: the run is over with the stray.

    The stray lives longer than is tried to end the other.
    """
    seconds = ending.ORPHAN_GRACE_S + ladder.KILL_FOR_S + 1
    script = f"{rooted(place)} & echo $!; setsid -f sh -c 'echo $$; exec sleep {seconds}'; sleep 0.1; read line"
    async with run_of_nobody(place, script) as run, ear(run) as listening:
        while len(numbers(listening)) < 2:
            await listening.hear(OutputArrived)
        root, stray = numbers(listening)
        await come_true(lambda: uid_of(root) == 0, "it became root")
        await run.finish()
        assert [note.pid for note in (await listening.hear(ProgramExited)).strays] == [stray]
        gone = await listening.hear(RunGone)
        assert [note.pid for note in gone.survivors] == [root]
        end(root)


HIDDEN = """
import ctypes, os, time
assert ctypes.CDLL(None).prctl(4, 0, 0, 0, 0) == 0  # PR_SET_DUMPABLE
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
print(os.getpid(), "ready", flush=True)
time.sleep(300)
"""


async def test_a_process_that_may_not_be_looked_into_is_ended(place: Path) -> None:
    """Its environment and memory are hidden even from its own user; its place in the tree is not."""
    (place / "hidden.py").write_text(HIDDEN)
    script = f"{python_for_all()} -I -S {place}/hidden.py; while :; do sleep 300; done"
    async with run_of_nobody(place, script) as run, ear(run) as listening:
        await listening.hear_output(b"ready")
        [pid] = numbers(listening)
        assert os.stat(f"/proc/{pid}/environ").st_uid == 0
        assert uid_of(pid) == NOBODY
        await run.stop()
        assert (await listening.hear(RunGone)).survivors == ()
        assert not lives(pid)
