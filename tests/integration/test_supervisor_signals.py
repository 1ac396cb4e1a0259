"""Signals reach exactly the process that was meant."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from cli_runner.supervisor import process_table
from cli_runner.supervisor.ladder import Ladder
from cli_runner.supervisor.process_table import Process
from tests.integration.hearing import come_true

LAST_PID = Path("/proc/sys/kernel/ns_last_pid")


def sleeper_with_pid(pid: int) -> "subprocess.Popen[bytes]":
    """A new process that has the pid of one that is gone."""
    for _ in range(50):
        try:
            LAST_PID.write_text(str(pid - 1))
        except OSError:
            pytest.skip("choosing the next pid needs root")
        child = subprocess.Popen(["sleep", "300"])
        if child.pid == pid:
            return child
        with child:  # somebody else was faster
            child.kill()
    raise AssertionError(f"pid {pid} was never free")


async def test_a_pid_that_was_used_again_between_the_look_and_the_signal_is_not_hit() -> None:
    """Really used again: the process that was seen is gone, and the one that has its pid lives on."""
    with subprocess.Popen(["sleep", "300"]) as child:
        seen = process_table.find(child.pid)
        assert seen is not None
        child.kill()
    await come_true(lambda: process_table.now() > seen.start + 1, "the clock of start times went on")
    with sleeper_with_pid(seen.pid) as stranger:
        now = process_table.find(stranger.pid)
        assert now is not None
        assert (now.pid, now.alive) == (seen.pid, True)
        assert not process_table.send(seen, signal.SIGKILL)
        assert stranger.poll() is None
        assert process_table.send(now, signal.SIGKILL)
        assert stranger.wait(10) == -signal.SIGKILL


def test_a_pid_that_belongs_to_another_process_now_is_not_signalled() -> None:
    """Whoever has the number but not the start time is a stranger."""
    with subprocess.Popen(["sleep", "300"]) as child:
        found = process_table.find(child.pid)
        assert found is not None
        stranger = Process(pid=found.pid, ppid=found.ppid, start=found.start - 1)
        assert not process_table.send(stranger, signal.SIGKILL)
        assert child.poll() is None
        assert process_table.send(found, signal.SIGKILL)
        assert child.wait(10) == -signal.SIGKILL


def test_a_process_that_is_gone_is_not_signalled() -> None:
    """That is no error."""
    with subprocess.Popen(["sleep", "300"]) as child:
        found = process_table.find(child.pid)
        child.kill()
    assert found is not None
    assert process_table.find(found.pid) is None
    assert not process_table.send(found, signal.SIGKILL)


def test_the_dead_are_not_in_the_table() -> None:
    """A zombie has a line in /proc and is dead all the same."""
    with subprocess.Popen(["true"]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert child.pid not in process_table.table()
        zombie = process_table.find(child.pid)
        assert zombie is not None
        assert not zombie.alive
        assert child.pid in process_table.own_children()
    assert child.pid not in process_table.own_children()


PS = """\
    1     0 Ss   Sat Nov 21 03:44:47 2026
  501     1 Z    Sat Nov 21 07:00:00 2026
  502   501 S+   Sat Nov 21 07:00:01 2026
  503   501 T    Sat Nov  1 07:00:02 2026
"""


def test_a_dead_leader_counts_as_gone_where_there_is_no_proc_either() -> None:
    """`ps` tells zombies apart; some systems refuse (EPERM) to signal them, and nobody has to."""
    found = process_table.read_ps(PS)
    assert {each.pid: (each.ppid, each.stopped) for each in found.values()} == {
        1: (0, False), 502: (501, False), 503: (501, True),
    }  # fmt: skip
    assert found[502].start - found[1].start == (3 * 3600 + 15 * 60 + 14)
    only_the_leader = process_table.read_ps(PS.splitlines()[1])
    stop = Ladder(0.0, polite_s=0.0, grace_s=5.0)
    for _ in range(2):
        assert stop.step(0.0, list(only_the_leader.values()), None) == []
    assert stop.done
    assert stop.survivors == []


@pytest.mark.skipif(not Path("/bin/ps").exists(), reason="needs ps(1)")
def test_the_table_without_proc_shows_the_same_processes() -> None:
    """What is used where there is no /proc, tried where there is both: a child, a zombie, a stopped one."""
    with subprocess.Popen(["sleep", "300"]) as child, subprocess.Popen(["true"]) as dead:
        os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
        child.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, child.pid, os.WSTOPPED)
        command = ["/bin/ps", "-axo", "pid=,ppid=,stat=,lstart="]
        text = subprocess.run(command, capture_output=True, check=True, env={"LC_ALL": "C"}).stdout
        found = process_table.read_ps(text.decode())
        child.kill()
    assert dead.pid not in found
    assert (found[child.pid].ppid, found[child.pid].stopped) == (os.getpid(), True)
    assert found[os.getpid()].alive


def test_a_name_with_brackets_and_spaces_is_read_right() -> None:
    """The kernel puts the program's name unescaped between brackets in the middle of the line."""
    script = "import sys; open('/proc/self/comm', 'w').write('a) R (b'); print(flush=True); sys.stdin.read()"
    command = ["python3", "-I", "-S", "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        found = process_table.find(child.pid)
        assert found is not None
        assert (found.ppid, found.alive, found.session) == (os.getpid(), True, os.getsid(0))
        below = process_table.descendants(process_table.table(), {os.getpid()})
        assert found.key in [process.key for process in below]
        child.stdin.close()
