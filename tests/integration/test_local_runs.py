"""Starting, refusing, finding again: what the port promises, with real processes."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli_runner import run_files, spares
from cli_runner.local_runs import LocalRunner, list_runs
from cli_runner.supervisor import process_table, wire
from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import (
    Gift,
    GiftTaken,
    ProgramExited,
    RunGone,
    RunOrder,
    RunRefused,
    RunStarted,
    SupervisorLost,
)
from orchestrator.domain.states import RunState
from tests.integration.hearing import (
    PATH,
    come_true,
    ear,
    lives,
    local_runner,
    nothing_left,
    numbers,
    shell,
    supervisor_of,
)

RUN = RunId("run")


@pytest.fixture(autouse=True)
def clean(tmp_path: Path) -> Iterator[None]:
    with nothing_left(tmp_path):
        yield


def make(path: Path, text: str, *, mode: int) -> str:
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def reap(spare: spares.Spare) -> int:
    """Wait for its end: the exit code."""
    return os.waitstatus_to_exitcode(os.waitpid(spare.pid, 0)[1])


def spare_pids() -> list[int]:
    """The supervisors among our children that have no run yet."""
    return [pid for pid in process_table.own_children() if lives(pid) and os.readlink(f"/proc/{pid}/cwd") == "/"]


async def refusal(tmp_path: Path, *argv: str, cwd: str = "", env: dict[str, str] | None = None) -> str:
    """Why this is not started; told twice, live and in a replay."""
    order = RunOrder(run_id=RUN, argv=argv, cwd=cwd or str(tmp_path), env=env or {"PATH": PATH})
    async with local_runner(tmp_path) as runner:
        async with ear(await runner.start(order)) as listening:
            [refused] = await listening.hear_all()
        assert isinstance(refused, RunRefused)
        async with ear(await runner.attach(RUN)) as listening:
            assert await listening.hear_all() == [refused]
        record = await runner.inspect(RUN)
        assert (record.state, record.never_started, record.gifts) == (RunState.ENDED, True, {})
    return refused.reason


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    """By name or by path."""
    assert await refusal(tmp_path, "no-such-agent") == f"The program no-such-agent was not found in PATH ({PATH})."


async def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A name with a slash is not looked up in PATH."""
    assert await refusal(tmp_path, "/no/such/agent") == "The program /no/such/agent was not found."


async def test_a_file_that_may_not_be_executed_is_named(tmp_path: Path) -> None:
    """The reason is not that it is missing."""
    path = make(tmp_path / "agent", "#!/bin/sh\n", mode=0o644)
    assert await refusal(tmp_path, path) == f"The program {path} is not executable."


async def test_a_missing_interpreter_is_told_apart_from_a_missing_program(tmp_path: Path) -> None:
    """The kernel reports both alike."""
    path = make(tmp_path / "agent", "#!/no/such/interpreter\n", mode=0o755)
    assert "the interpreter that it names does not exist" in await refusal(tmp_path, path)


async def test_a_file_that_is_no_program_is_named(tmp_path: Path) -> None:
    """An executable file of an unknown format."""
    path = make(tmp_path / "agent", "hello", mode=0o755)
    assert "not in a format" in await refusal(tmp_path, path)


async def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    """It is the directory that is wrong, not the program."""
    reason = await refusal(tmp_path, "/bin/true", cwd=str(tmp_path / "gone"))
    assert reason == f"The directory {tmp_path}/gone does not exist."


async def test_an_argument_that_is_too_long_is_named(tmp_path: Path) -> None:
    """128 kB is Linux's limit for one argument."""
    assert "too long (longest argument: 200000 bytes)" in await refusal(tmp_path, "/bin/true", "x" * 200_000)


async def test_a_run_is_never_started_twice(tmp_path: Path) -> None:
    """A second order for the same run is refused and disturbs nothing."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, "echo once; read line"))
        async with ear(run) as listening:
            await listening.hear_output(b"once")
            async with ear(await runner.start(shell(tmp_path, "echo twice"))) as second:
                assert [type(event) for event in await second.hear_all()] == [RunRefused]
            await run.finish()
            assert (await listening.hear(ProgramExited)).code == 1
            await listening.hear(RunGone)
    assert (tmp_path / "runs/run/stdout.ndjson").read_bytes() == b"once\n"


async def test_an_empty_directory_of_the_runs_name_is_respected(tmp_path: Path) -> None:
    """Existing is enough to be refused."""
    (tmp_path / "runs/run").mkdir(parents=True)
    async with local_runner(tmp_path) as runner, ear(await runner.start(shell(tmp_path, "echo x"))) as listening:
        assert [type(event) for event in await listening.hear_all()] == [RunRefused]


async def test_an_order_that_is_still_on_its_way_never_starts_once_it_was_asked_for(tmp_path: Path) -> None:
    """A dead bot's order may lie in a socket; the next bot's question makes sure that it stays one."""
    proof = tmp_path / "it-ran"
    runner = LocalRunner(tmp_path / "runs")
    spare = spares.spawn()
    os.kill(spare.pid, signal.SIGSTOP)
    order = {
        "op": "start", "v": 1, "run_id": "run", "directory": str(tmp_path / "runs"), "cwd": "/", "env": {},
        "argv": ["/bin/sh", "-c", f"touch {proof}"], "gifts": [],
    }  # fmt: skip
    spare.socket.sendall(wire.line(order))
    spare.socket.close()
    record = await runner.inspect(RUN)
    os.kill(spare.pid, signal.SIGCONT)
    reap(spare)
    assert (record.state, record.never_started) == (RunState.ENDED, True)
    assert not proof.exists()
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["run"]
    async with ear(await runner.attach(RUN)) as listening:
        assert await listening.hear_all() == [RunRefused(reason="The run never began.")]


async def test_the_same_order_starts_if_nobody_asked(tmp_path: Path) -> None:
    """The proof that the test before can fail: the order is carried out even though its bot is gone."""
    proof = tmp_path / "it-ran"
    (tmp_path / "runs").mkdir()
    spare = spares.spawn()
    order = {
        "op": "start", "v": 1, "run_id": "run", "directory": str(tmp_path / "runs"), "cwd": "/",
        "env": {"PATH": PATH}, "argv": ["touch", str(proof)], "gifts": [],
    }  # fmt: skip
    spare.socket.sendall(wire.line(order))
    spare.socket.close()
    reap(spare)
    assert proof.exists()


async def test_a_spare_without_an_order_ends_with_its_socket(tmp_path: Path) -> None:
    """Half an order counts as none."""
    (tmp_path / "runs").mkdir()
    for words in (b"", b'{"op":"start","v":1,"run_id":"run","directory":"' + os.fsencode(tmp_path / "runs")):
        spare = spares.spawn()
        spare.socket.sendall(words)
        spare.socket.close()
        assert reap(spare) == 0
    assert list((tmp_path / "runs").iterdir()) == []


async def test_a_dead_spare_is_no_reason_not_to_start(tmp_path: Path) -> None:
    """Another supervisor is started in its place."""
    async with local_runner(tmp_path) as runner:
        await come_true(lambda: len(spare_pids()) == 1, "the spare is ready")
        for pid in spare_pids():
            os.kill(pid, signal.SIGKILL)
        await come_true(lambda: not spare_pids(), "the spare died")
        async with ear(await runner.start(shell(tmp_path, "echo fine"))) as listening:
            await listening.hear(RunGone)
    assert listening.output == b"fine\n"


@pytest.mark.parametrize("limit", [7, 10, 12, 14, 16, 17])
async def test_a_supervisor_without_descriptors_refuses_and_says_why(tmp_path: Path, limit: int) -> None:
    """Wherever it runs out of them, the run ends with a reason, on record, and nothing hangs."""
    await come_true(lambda: not spare_pids(), "no spare of an earlier test is left")
    async with local_runner(tmp_path) as runner:
        await come_true(lambda: len(spare_pids()) == 1, "the spare is ready")
        [spare] = spare_pids()
        resource.prlimit(spare, resource.RLIMIT_NOFILE, (limit, limit))
        async with ear(await runner.start(shell(tmp_path, "echo x"))) as listening:
            [refused] = await listening.hear_all()
        record = await runner.inspect(RUN)
    assert isinstance(refused, RunRefused)
    assert "Too many open files" in refused.reason
    assert (record.state, record.never_started) == (RunState.ENDED, True)


BOT = """
import sys, anyio
from pathlib import Path
from cli_runner.local_runs import LocalRunner
from orchestrator.domain.run_events import Gift, RunOrder

async def main():
    script = "while read line; do echo got $line; setsid -f sleep 300; sleep 0.2; done; exit 9"
    runner = LocalRunner(Path(sys.argv[1]) / "runs")
    async with anyio.create_task_group() as tasks:
        await tasks.start(runner.serve)
        run = await runner.start(RunOrder(
            run_id="run", argv=("/bin/sh", "-c", script), cwd=sys.argv[1], env={"PATH": sys.argv[2]},
            gifts=(Gift(gift_id="first", data=b"one\\n"),)))
        async for event in run.events():
            print(event, flush=True)

anyio.run(main)
"""


async def test_a_run_goes_on_undisturbed_when_its_bot_is_killed(tmp_path: Path) -> None:
    """The next bot finds it, hears everything from the beginning, and goes on where the first was."""
    with subprocess.Popen([sys.executable, "-c", BOT, str(tmp_path), PATH], stdout=subprocess.PIPE) as bot:
        assert bot.stdout is not None
        while b"got one" not in bot.stdout.readline():
            pass
        bot.kill()
    async with local_runner(tmp_path) as runner:
        record = await runner.inspect(RUN)
        assert (record.state, record.gifts, record.never_started) == (RunState.LIVE, {"first": 0}, False)
        run = await runner.attach(RUN)
        async with ear(run) as listening:
            assert (await listening.hear(RunStarted)).pid == record.pid
            assert await listening.hear(GiftTaken) == GiftTaken(gift_id="first", offset=0)
            await listening.hear_output(b"got one\n")
            await run.give(Gift(gift_id="first", data=b"one\n"))
            await run.give(Gift(gift_id="second", data=b"two\n"))
            assert (await listening.hear(GiftTaken)).gift_id == "first"
            await listening.hear_output(b"got two\n")
            await run.finish()
            exited = await listening.hear(ProgramExited)
            assert exited.code == 9
            assert len(exited.strays) == 2
            await run.stop()
            await listening.hear(RunGone)
    assert listening.output == b"got one\ngot two\n"
    assert (await runner.inspect(RUN)).state is RunState.ENDED


async def test_two_listeners_hear_the_same(tmp_path: Path) -> None:
    """A late one hears from the beginning what an early one heard as it happened."""
    async with local_runner(tmp_path) as runner:
        early = await runner.start(shell(tmp_path, "echo one; read line; echo two"))
        async with ear(early) as first:
            await first.hear_output(b"one\n")
            async with ear(await runner.attach(RUN)) as second:
                await second.hear_output(b"one\n")
                await early.finish()
                kinds = [[type(event) for event in await each.hear_all()] for each in (first, second)]
    assert kinds[0] == kinds[1]
    assert first.output == second.output == b"one\ntwo\n"


async def test_detaching_leaves_the_run_alone(tmp_path: Path) -> None:
    """The events end, the run does not."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, "echo ready; sleep 300"))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            await run.detach()
            assert not isinstance((await listening.hear_all())[-1], RunGone)
        assert (await runner.inspect(RUN)).state is RunState.LIVE
        again = await runner.attach(RUN)
        await again.stop()
        async with ear(again) as listening:
            await listening.hear(RunGone)


async def test_a_killed_supervisor_takes_its_program_along_and_leaves_the_rest_to_the_sweep(tmp_path: Path) -> None:
    """The run is lost; what it had detached is found by its cookies, children without any included."""
    detached = "setsid -f sh -c 'echo $$; env -i sleep 301 & echo $!; wait'"
    script = f"{detached}; sleep 0.1; echo ready; while :; do sleep 300; done"
    other = tmp_path / "other"
    other.mkdir()
    async with local_runner(tmp_path) as runner, local_runner(other) as neighbour:
        run = await runner.start(shell(tmp_path, script))
        theirs = await neighbour.start(shell(other, script))
        async with ear(run) as listening, ear(theirs) as their_ear:
            pid = (await listening.hear(RunStarted)).pid
            await listening.hear_output(b"ready")
            await their_ear.hear_output(b"ready")
            os.kill(supervisor_of(tmp_path), signal.SIGKILL)
            assert isinstance((await listening.hear_all())[-1], SupervisorLost)
            await come_true(lambda: not lives(pid), "the program died with its supervisor")
            assert all(lives(each) for each in numbers(listening))
            assert (await runner.inspect(RUN)).state is RunState.LOST
            swept = await runner.sweep(frozenset())
            assert {note.pid for note in swept.found} >= set(numbers(listening))
            assert not any(lives(each) for each in numbers(listening))
            assert all(lives(each) for each in numbers(their_ear))
            assert (await runner.sweep(frozenset())).found == ()
            await theirs.stop()
            await their_ear.hear(RunGone)
        async with ear(await runner.attach(RUN)) as again:
            assert isinstance((await again.hear_all())[-1], SupervisorLost)
            assert again.output == listening.output


async def test_the_sweep_spares_the_living(tmp_path: Path) -> None:
    """A run that is known to be alive loses nothing, nor does the process that sweeps."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(
            shell(tmp_path, "setsid -f sh -c 'echo $$; exec sleep 300'; sleep 0.1; echo ready; wait")
        )
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            assert (await runner.sweep(frozenset({RUN}))).found == ()
            assert all(lives(pid) for pid in numbers(listening))
            await run.stop()
            await listening.hear(RunGone)


async def test_a_run_can_be_stopped_even_if_its_socket_was_removed(tmp_path: Path) -> None:
    """The supervisor is asked by a signal, and the spool is followed by its growth."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, "echo ready; while :; do sleep 300; done"))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
        (tmp_path / "runs/run/control.sock").unlink()
        again = await runner.attach(RUN)
        async with ear(again) as listening:
            await listening.hear_output(b"ready")
            await again.stop()
            assert await listening.hear(RunGone)


async def test_nothing_on_disk_is_open_to_others_or_tells_a_secret(tmp_path: Path) -> None:
    """Directories are 0700, files and sockets 0600, and the environment is written nowhere."""
    async with local_runner(tmp_path) as runner:
        order = shell(tmp_path, "echo ready; read line", env={"PATH": PATH, "API_KEY": "s3cret-value"})
        run = await runner.start(order)
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            directory = tmp_path / "runs/run"
            modes = {path.name: path.stat().st_mode & 0o777 for path in directory.iterdir()}
            assert {name for name, mode in modes.items() if mode != 0o600} == {"tmp", "control.sock"}
            assert modes["tmp"] == directory.stat().st_mode & 0o777 == 0o700
            assert not [path for path in directory.iterdir() if path.is_file() and b"s3cret" in path.read_bytes()]
            assert b"s3cret" not in Path(f"/proc/{supervisor_of(tmp_path)}/environ").read_bytes()
            await run.finish()
            await listening.hear(RunGone)
    await come_true(lambda: not run_files.is_live(directory), "the supervisor ended")
    assert {path.name for path in directory.iterdir()} == {
        "run.json", "exit.json", "given.ndjson", "stdout.ndjson", "stderr.log", "lock",
    }  # fmt: skip
    end = json.loads((directory / "exit.json").read_text())
    assert (end["code"], end["signal"], end["gone"], end["strays"], end["survivors"]) == (1, None, True, [], [])
    assert end["started_at_ms"] <= end["ended_at_ms"]
    assert end["rusage"]["max_rss_kb"] > 0


async def test_a_supervisor_is_small(tmp_path: Path) -> None:
    """Under 15 MB, most of it shared with the others."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, "echo ready; read line"))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            rows = Path(f"/proc/{supervisor_of(tmp_path)}/status").read_text().splitlines()
            [rss_kb] = [int(row.split()[1]) for row in rows if row.startswith("VmRSS")]
            await run.finish()
            await listening.hear(RunGone)
    assert rss_kb < 15 * 1024


async def test_the_runs_of_a_directory_can_be_listed_without_a_bot(tmp_path: Path) -> None:
    """Live and ended ones, with what a person wants to know."""
    async with local_runner(tmp_path) as runner:
        async with ear(await runner.start(shell(tmp_path, "exit 0", run_id="ended"))) as listening:
            await listening.hear(RunGone)
        run = await runner.start(shell(tmp_path, "echo ready; read line", run_id="live"))
        async with ear(run) as listening:
            pid = (await listening.hear(RunStarted)).pid
            await listening.hear_output(b"ready")
            await come_true(lambda: len(list_runs(tmp_path / "runs", live=True)) == 1, "the first ended")
            ended, live = list_runs(tmp_path / "runs")
            assert (ended.run_id, ended.state, ended.pid) == ("ended", RunState.ENDED, None)
            assert (live.run_id, live.state, live.pid, live.cwd) == ("live", RunState.LIVE, pid, str(tmp_path))
            assert live.argv[0] == "/bin/sh"
            assert live.started_at_ms
            again = await LocalRunner(tmp_path / "runs").attach(live.run_id)
            assert (await again.status()).rss_bytes > 0
            await again.detach()
            await run.finish()
            await listening.hear(RunGone)
