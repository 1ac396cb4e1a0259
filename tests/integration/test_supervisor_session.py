"""The program never shares a session or a group with its supervisor or with the bot."""

import ast
import json
import os
import platform
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import cli_runner
from cli_runner.supervisor import launch, wire
from orchestrator.domain.run_events import RunGone, RunStarted
from tests.integration.hearing import PATH, ear, local_runner, nothing_left, shell, supervisor_of

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = launch.sessions_and_groups((os.getpid(),))


@pytest.fixture(autouse=True)
def clean(tmp_path: Path) -> Iterator[None]:
    with nothing_left(tmp_path):
        yield


async def test_a_program_leads_a_session_and_a_group_of_its_own(tmp_path: Path) -> None:
    """Seen from outside, while it runs: neither is the supervisor's or the bot's."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, "read line"))
        async with ear(run) as listening:
            pid = (await listening.hear(RunStarted)).pid
            others = launch.sessions_and_groups((os.getpid(), supervisor_of(tmp_path)))
            assert os.getsid(pid) == os.getpgid(pid) == pid
            assert pid not in others
            assert os.getsid(supervisor_of(tmp_path)) not in FOREIGN
            await run.finish()
            await listening.hear(RunGone)


@pytest.mark.parametrize("options", [{}, {"process_group": 0}])
def test_a_child_that_stayed_in_our_session_is_found_out(options: dict[str, int]) -> None:
    """A group of its own is not enough: a hangup reaches whole sessions."""
    with subprocess.Popen(["sleep", "300"], **options) as child:  # type: ignore[call-overload]
        with pytest.raises(launch.NotApart):
            launch.prove_apart(child.pid, foreign=FOREIGN)
        child.kill()


def test_a_leader_is_apart_unless_its_session_is_foreign() -> None:
    """The numbers are compared too, not only that it leads."""
    with subprocess.Popen(["sleep", "300"], start_new_session=True) as child:
        launch.prove_apart(child.pid, foreign=FOREIGN)
        with pytest.raises(launch.NotApart):
            launch.prove_apart(child.pid, foreign=FOREIGN | {child.pid})
        child.kill()


def test_a_process_that_is_gone_is_not_taken_for_apart() -> None:
    """What cannot be asked proves nothing."""
    with subprocess.Popen(["true"], start_new_session=True) as child:
        child.wait()
    with pytest.raises(launch.NotApart):
        launch.prove_apart(child.pid, foreign=FOREIGN)


# A supervisor as ours, but in the children that it forks setsid(2) does nothing and says that all is well.
WITHOUT_SETSID = """
import ctypes, os, struct, sys
sys.path.insert(0, sys.argv[1])
from cli_runner.supervisor.program import main

LOAD, EQUAL, RETURN, ALLOW, SUCCEED = 0x20, 0x15, 0x06, 0x7FFF0000, 0x00050000
number = {"x86_64": 112, "aarch64": 157}[os.uname().machine]
code = b"".join(struct.pack("HBBI", *each) for each in (
    (LOAD, 0, 0, 0), (EQUAL, 0, 1, number), (RETURN, 0, 0, SUCCEED), (RETURN, 0, 0, ALLOW)))
buffer = ctypes.create_string_buffer(code)
program = struct.pack("HxxxxxxP", 4, ctypes.addressof(buffer))
prctl = ctypes.CDLL(None, use_errno=True).prctl

def break_setsid():
    assert prctl(38, 1, 0, 0, 0) == 0 and prctl(22, 2, program, 0, 0) == 0

os.register_at_fork(after_in_child=break_setsid)
main()
"""


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"), reason="needs seccomp(2)"
)
def test_a_program_without_a_session_of_its_own_is_not_run(tmp_path: Path) -> None:
    """The child waits until the supervisor has seen that it is apart; if it is not, it is refused, and dies."""
    runs = tmp_path / "runs"
    runs.mkdir()
    order: wire.Fields = {
        "op": "start", "v": wire.VERSION, "run_id": "run", "directory": str(runs), "cwd": str(tmp_path),
        "argv": ["/bin/sh", "-c", "touch executed"], "env": {"PATH": PATH}, "gifts": [],
    }  # fmt: skip
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-I", "-S", "-c", WITHOUT_SETSID, str(ROOT)]
    with ours, theirs, subprocess.Popen(command, stdin=theirs.fileno(), start_new_session=True) as supervisor:
        ours.settimeout(20)
        ours.sendall(wire.line(order))
        answer = json.loads(ours.makefile("rb").readline())
        assert supervisor.wait(20) == 0
    assert answer["ev"] == "refused"
    assert answer["reason"] == "The program /bin/sh was not run: it did not get a session of its own."
    assert json.loads((runs / "run/exit.json").read_text())["never_started"] is True
    assert not (tmp_path / "executed").exists()


def test_no_group_of_processes_is_ever_signalled() -> None:
    """Signals go to single processes: what cannot name a group cannot hit the wrong one."""
    found = []
    for module in Path(cli_runner.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                first = ast.unparse(node.args[0]) if node.args else ""
                if name.endswith("killpg") or (name == "os.kill" and first.startswith(("-", "0"))):
                    found.append(f"{module}:{node.lineno}")
    assert found == []
