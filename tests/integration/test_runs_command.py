"""`python -m bot runs`, against real runs and a real database."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cli_runner.local_runs import list_runs
from orchestrator.domain.ids import RunId, SessionId, TopicKey
from orchestrator.domain.records import Chat, RunRow, Session
from orchestrator.domain.run_events import ProgramExited, RunGone
from orchestrator.domain.states import Mode, RunState, TurnKind
from storage import runs, sessions, topics
from storage.database import DATABASE_NAME, Database
from tests.integration.hearing import come_true, ear, lives, local_runner, nothing_left, numbers, shell, supervisor_of
from tests.integration.shell_command import Outcome, python_m_bot

TOPIC = TopicKey(-1001234, 77)
SLEEPER = "echo $$; echo ready; while :; do sleep 300; done"
LEAVES_A_SERVER = "setsid -f sh -c 'echo $$; exec sleep 301'; sleep 0.1; echo ready; read line"


@pytest.fixture(autouse=True)
def clean(tmp_path: Path) -> Iterator[None]:
    with nothing_left(tmp_path):
        yield


async def command(state: Path, *arguments: str) -> Outcome:
    """`python -m bot runs` on a state directory, with a configuration that names nothing else."""
    config = state.parent / f"{state.name}.toml"
    config.write_text(
        f'[telegram]\ntoken = "7100000001:AAsandbox-sandbox-sandbox-sandbox00"\n[access]\nusers = [111]\n'
        f'[state]\ndirectory = "{state}"\n[agents.demo]\n[defaults]\nagent = "demo"\ndirectory = "/"\n'
    )
    return await python_m_bot("runs", "--config", str(config), *arguments)


@asynccontextmanager
async def database(state: Path, *run_ids: str) -> AsyncIterator[Database]:
    """The database of a working bot: open, with these runs in one topic of the chat «Workshop»."""
    async with Database(state / DATABASE_NAME) as db:
        await topics.Topics(db).see(Chat(chat_id=TOPIC.chat_id, type="supergroup", title="Workshop", is_forum=True))
        async with db.transaction() as tx:
            await topics.name(tx, TOPIC, "website")
            for run_id in run_ids:
                session = await sessions.add(tx, session_in(TOPIC))
                row = RunRow(
                    id=RunId(run_id), session_id=session.id, state=RunState.LIVE, agent="opus", directory="/",
                    created_at=1,
                )  # fmt: skip
                await runs.add(tx, row)
        yield db


def session_in(topic: TopicKey) -> Session:
    return Session(
        id=SessionId(0), topic=topic, kind=TurnKind.FOREGROUND, name="", agent="opus", directory="/",
        model="", mode=Mode.ASK, cli_session_id="", begun=False, created_at=1, used_at=1,
    )  # fmt: skip


async def test_without_runs_it_says_so_and_makes_nothing(tmp_path: Path) -> None:
    """A state directory that does not exist yet stays so; ending all of nothing is no failure."""
    for arguments in ((), ("--stop", "all")):
        outcome = await command(tmp_path / "state", *arguments)
        assert outcome == Outcome(code=0, stdout=f"No run lives here ({tmp_path}/state).\n", stderr="")
    assert not (tmp_path / "state").exists()


async def test_a_live_run_is_one_line_while_a_bot_works(tmp_path: Path) -> None:
    """Id, topic, agent, pid, age, memory, and what was left running, read beside an open database."""
    async with local_runner(tmp_path) as runner, database(tmp_path, "run"):
        run = await runner.start(shell(tmp_path, LEAVES_A_SERVER))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            pid = list_runs(tmp_path / "runs")[0].pid
            outcome = await command(tmp_path)
            [server] = numbers(listening)
            await run.stop()
            await listening.hear(RunGone)
    assert (outcome.code, outcome.stderr) == (0, "")
    assert re.fullmatch(
        rf"run  -1001234/77 «Workshop › website»  opus  pid {pid}  \d+ s  [1-9]\d* MB  "
        rf"left running: sleep 301 \(pid {server}\)",
        outcome.stdout.strip(),
    ), outcome.stdout


async def test_what_an_ended_agent_left_running_is_a_live_run(tmp_path: Path) -> None:
    """The server of a program that ended is shown, and ended by the run's id."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, LEAVES_A_SERVER))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            await run.finish()
            await listening.hear(ProgramExited)
            [server] = numbers(listening)
            shown = await command(tmp_path)
            stopped = await command(tmp_path, "--stop", "run")
            assert not lives(server)
            await listening.hear(RunGone)
    assert "agent ended" in shown.stdout
    assert f"left running: sleep 301 (pid {server})" in shown.stdout
    assert (stopped.code, stopped.stderr) == (0, "")


async def test_without_a_database_runs_are_shown_all_the_same(tmp_path: Path) -> None:
    """The program's name stands for the agent, and stderr says why there is no topic."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, SLEEPER))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            outcome = await command(tmp_path)
            await run.stop()
            await listening.hear(RunGone)
    assert outcome.code == 0
    assert re.match(r"run  topic unknown  sh  pid \d+  ", outcome.stdout)
    assert re.match(r"Topics are not shown: .*topicd\.sqlite3 cannot be read", outcome.stderr)
    assert not (tmp_path / DATABASE_NAME).exists()


async def test_names_cannot_command_the_terminal(tmp_path: Path) -> None:
    """Control characters in a topic's name or in a command line are not printed."""
    script = "setsid -f python3 -c 'import time; print(\"ready\", flush=True); time.sleep(300)' '\x1b[2J'; read line"
    async with local_runner(tmp_path) as runner, database(tmp_path, "run") as db:
        async with db.transaction() as tx:
            await topics.name(tx, TOPIC, "web\x1b]0;site\nrun2")
        run = await runner.start(shell(tmp_path, script))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            outcome = await command(tmp_path)
            await run.stop()
            await listening.hear(RunGone)
    assert len(outcome.lines) == 1
    assert "\x1b" not in outcome.stdout
    assert "web?]0;site?run2" in outcome.stdout


async def test_stop_ends_that_run_and_no_other(tmp_path: Path) -> None:
    """By its id; it says what is gone, and the neighbour goes on."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, SLEEPER, run_id="one"))
        other = await runner.start(shell(tmp_path, SLEEPER, run_id="two"))
        async with ear(run) as listening, ear(other) as others:
            await listening.hear_output(b"ready")
            await others.hear_output(b"ready")
            outcome = await command(tmp_path, "--stop", "one")
            assert not any(lives(pid) for pid in numbers(listening))
            assert all(lives(pid) for pid in numbers(others))
            assert (await listening.hear(RunGone)).survivors == ()
            await other.stop()
            await others.hear(RunGone)
    assert (outcome.code, outcome.stderr) == (0, "")
    assert re.fullmatch(r"one: Stopped in [\d.]+ s, nothing of it is left, 1 process of it ended with it\.\n",
                        outcome.stdout), outcome.stdout  # fmt: skip


async def test_stop_all_ends_every_run(tmp_path: Path) -> None:
    """At once, with what they had left running."""
    async with local_runner(tmp_path) as runner:
        scripts = {"one": SLEEPER, "two": LEAVES_A_SERVER}
        for name, script in scripts.items():
            run = await runner.start(shell(tmp_path, script, run_id=name))
            async with ear(run) as listening:
                await listening.hear_output(b"ready")
                assert numbers(listening)
        outcome = await command(tmp_path, "--stop", "all")
        assert list_runs(tmp_path / "runs", live=True) == []
        after = await command(tmp_path)
    assert outcome.code == 0
    assert sorted(line.split(":")[0] for line in outcome.lines) == ["one", "two"]
    assert outcome.stdout.count("nothing of it is left") == 2
    assert after.stdout.startswith("No run lives here")


async def test_stop_all_ends_what_a_dead_supervisor_left(tmp_path: Path) -> None:
    """Found by the cookies in its environment; the lost run itself says how to get rid of it."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, LEAVES_A_SERVER))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            os.kill(supervisor_of(tmp_path), signal.SIGKILL)
            await listening.hear_all()
        [server] = numbers(listening)
        assert lives(server)
        one = await command(tmp_path, "--stop", "run")
        assert lives(server)
        everything = await command(tmp_path, "--stop", "all")
        assert not lives(server)
    assert one.code == 0
    assert "--stop all" in one.stdout
    assert everything.code == 0
    assert f"Stopped what was left of lost runs: sleep 301 (pid {server})" in everything.stdout


async def test_an_unknown_id_is_one_clear_line(tmp_path: Path) -> None:
    """Exit code 1, nothing ended; ids that lead out of the directory are just as unknown."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, SLEEPER))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            for unknown in ("runn", "../runs/run", "", "."):
                outcome = await command(tmp_path, f"--stop={unknown}")
                assert (outcome.code, outcome.stdout) == (1, "")
                assert outcome.stderr == f"There is no run {unknown} in {tmp_path}. Live runs: run.\n"
            assert all(lives(pid) for pid in numbers(listening))
            await run.stop()
            await listening.hear(RunGone)


async def test_a_run_that_has_ended_needs_no_stop(tmp_path: Path) -> None:
    """That is no failure: nothing of it is left."""
    async with local_runner(tmp_path) as runner:
        async with ear(await runner.start(shell(tmp_path, "exit 0"))) as listening:
            await listening.hear(RunGone)
        outcome = await command(tmp_path, "--stop", "run")
    assert outcome == Outcome(code=0, stdout="run: has ended already.\n", stderr="")


SUPERVISOR_OF_SOMETHING_UNKILLABLE = """
import fcntl, json, os, socket, sys
os.makedirs(sys.argv[1])
os.chdir(sys.argv[1])
lock = open("lock", "w")
fcntl.flock(lock, fcntl.LOCK_EX)
listener = socket.socket(socket.AF_UNIX)
listener.bind("control.sock")
listener.listen()
print("ready", flush=True)
client, _ = listener.accept()
for line in client.makefile("rb"):
    if json.loads(line)["op"] == "stop":
        stuck = {"pid": 4711, "command": "/usr/bin/stuck in the kernel"}
        gone = {"ev": "gone", "survivors": [stuck], "took_s": 8.1, "ended_tools": 1, "at": 0}
        client.sendall(json.dumps(gone).encode() + b"\\n")
        client.close()
        break
"""


async def test_a_survivor_is_named_and_fails_the_command(tmp_path: Path) -> None:
    """A process that withstands SIGKILL cannot be made here: a supervisor of the test's own tells of one."""
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SUPERVISOR_OF_SOMETHING_UNKILLABLE, str(tmp_path / "runs/run"),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert supervisor.stdout is not None
        assert await supervisor.stdout.readline() == b"ready\n"
        outcome = await command(tmp_path, "--stop", "run")
        assert await supervisor.wait() == 0
    finally:
        if supervisor.returncode is None:
            supervisor.kill()
            await supervisor.wait()
    assert (outcome.code, outcome.stderr) == (1, "")
    assert outcome.stdout == "run: Stopped, but SURVIVED: stuck in the kernel (pid 4711).\n"


async def test_looking_does_not_disturb_a_run_that_nobody_listens_to(tmp_path: Path) -> None:
    """The bot is gone, the run goes on, before and after."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, SLEEPER))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
    [pid] = numbers(listening)
    for _ in range(2):
        assert f"pid {pid}" in (await command(tmp_path)).stdout
    assert lives(pid)
    assert (await command(tmp_path, "--stop", "all")).code == 0
    await come_true(lambda: not lives(pid), "the program ended")
