"""Supervisors that do not react: somebody stopped them, or they hang."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from cli_runner.supervisor import process_table
from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import RunGone, SupervisorLost
from orchestrator.domain.states import RunState
from tests.integration.hearing import come_true, ear, lives, local_runner, nothing_left, numbers, shell, supervisor_of

STUBBORN = "(trap '' TERM; exec sh -c 'echo $$ ready; exec sleep 300')"
WORK = f"setsid sleep 300 & echo $!; {STUBBORN} & while :; do sleep 300; done"

HOLD = """
import ctypes, os, sys
libc, pid = ctypes.CDLL(None, use_errno=True), int(sys.argv[1])
if libc.ptrace(0x4206, pid, 0, 0) or libc.ptrace(0x4207, pid, 0, 0):  # PTRACE_SEIZE, PTRACE_INTERRUPT
    sys.exit("may not")
os.waitpid(pid, 0x40000000)
print("held", flush=True)
while os.WIFSTOPPED(os.waitpid(pid, 0x40000000)[1]): pass
"""


@pytest.fixture(autouse=True)
def clean(tmp_path: Path) -> Iterator[None]:
    with nothing_left(tmp_path):
        yield


async def stand(tmp_path: Path, run_id: str) -> int:
    """Stop the supervisor of a run."""
    pid = supervisor_of(tmp_path, run_id)
    os.kill(pid, signal.SIGSTOP)
    await come_true(lambda: stands(pid), "the supervisor stands")
    return pid


def stands(pid: int) -> bool:
    process = process_table.find(pid)
    return process is not None and process.stopped


async def test_a_stalled_sibling_does_not_delay_another_stop(tmp_path: Path) -> None:
    """Runs share nothing: one is gone in its own time while the other's supervisor stands still."""
    async with local_runner(tmp_path, spares=2) as runner:
        stalled = await runner.start(shell(tmp_path, WORK, run_id="stalled", grace_s=0.2))
        other = await runner.start(shell(tmp_path, WORK, run_id="other", grace_s=0.2))
        async with ear(other) as listening:
            await listening.hear_output(b"ready")
            await come_true((tmp_path / "runs/stalled/run.json").exists, "the other began")
            pid = await stand(tmp_path, "stalled")
            await other.stop()
            assert (await listening.hear(RunGone)).took_s < 2
        assert stands(pid)
        await stalled.stop()
        async with ear(stalled) as listening:
            await listening.hear(RunGone)


async def test_a_supervisor_that_was_stopped_obeys_all_the_same(tmp_path: Path) -> None:
    """A stop continues it first, and so does a question for its status."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, WORK, grace_s=0.2))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            pid = await stand(tmp_path, "run")
            assert (await run.status()).pid
            assert not stands(pid)
            await stand(tmp_path, "run")
            await run.stop()
            assert (await listening.hear(RunGone)).survivors == ()


async def test_a_program_that_stops_its_own_supervisor_is_heard_again(tmp_path: Path) -> None:
    """Whoever listens continues the supervisor after a moment; no output is lost."""
    script = "kill -STOP $PPID; echo after; read line"
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, script))
        async with ear(run) as listening:
            await listening.hear_output(b"after")
            await run.stop()
            await listening.hear(RunGone)


async def test_a_supervisor_that_hangs_can_be_done_without(tmp_path: Path) -> None:
    """A stop of it returns, its status is taken from the process table, and a kill ends the whole tree."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, f"setsid -f sleep 301; {WORK}"))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            asked = await run.status()
            pid = supervisor_of(tmp_path)
            command = [sys.executable, "-I", "-S", "-c", HOLD, str(pid)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as holder:
                assert holder.stdout is not None
                if holder.stdout.readline() != b"held\n":
                    pytest.skip("ptrace(2) is not allowed here")
                since = time.monotonic()
                await run.stop()
                assert time.monotonic() - since < 1
                seen = await run.status()
                assert time.monotonic() - since < 8
                assert {note.pid for note in seen.tools} == {note.pid for note in asked.tools} != set()
                assert [note.pid for note in seen.strays] == [note.pid for note in asked.strays] != []
                assert seen.pid == asked.pid
                assert all(lives(each) for each in numbers(listening))
                with anyio.fail_after(5):
                    await run.kill()
                    assert isinstance((await listening.hear_all())[-1], SupervisorLost)
                for process in (*numbers(listening), *(note.pid for note in seen.strays), seen.pid):
                    assert process is not None
                    assert not lives(process)
                await come_true(lambda: not lives(pid), "the supervisor, whose socket closed before, is dead")
        assert (await runner.inspect(RunId("run"))).state is RunState.LOST


async def test_a_kill_of_a_run_that_is_over_does_nothing(tmp_path: Path) -> None:
    """It may come a moment too late."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, "exit 0"))
        async with ear(run) as listening:
            await listening.hear(RunGone)
        await run.kill()
        async with ear(await runner.attach(RunId("run"))) as again:
            await again.hear(RunGone)
