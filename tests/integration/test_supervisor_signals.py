"""Signals reach exactly the process that was meant."""

import os
import signal
import subprocess

from cli_runner.supervisor import process_table
from cli_runner.supervisor.process_table import Process


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
