"""What a program leaves running."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli_runner.supervisor import process_table
from cli_runner.supervisor.tree import Tree
from orchestrator.domain.run_events import ProgramExited, RunGone, RunStarted
from tests.integration.hearing import come_true, ear, lives, local_runner, nothing_left, numbers, shell

DETACHED = "setsid -f sh -c 'echo $$; exec sleep 300'; sleep 0.2; exit 0"


@pytest.fixture(autouse=True)
def clean(tmp_path: Path) -> Iterator[None]:
    with nothing_left(tmp_path):
        yield


@pytest.mark.parametrize("ended", [False, True])
def test_what_became_ours_because_the_program_ended_was_not_detached_on_purpose(ended: bool) -> None:
    """There is a moment in which the program is dead, its children are ours, and nobody has told us yet."""
    tree = Tree(subreaper=True)
    with subprocess.Popen(["sleep", "300"]) as program, subprocess.Popen(["sleep", "300"]) as orphan:
        tree.program = process_table.find(program.pid)
        if ended:
            program.kill()
            os.waitid(os.P_PID, program.pid, os.WEXITED | os.WNOWAIT)
        tree.sample()
        assert (orphan.pid in [each.pid for each in tree.strays(tree.living())]) == (not ended)
        program.kill()
        orphan.kill()


async def test_what_was_detached_on_purpose_is_kept_and_can_be_stopped(tmp_path: Path) -> None:
    """A stray is named at the exit and in the status, outlives its program, and ends with a stop."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, DETACHED))
        async with ear(run) as listening:
            exited = await listening.hear(ProgramExited)
            [stray] = numbers(listening)
            assert [(note.pid, note.command) for note in exited.strays] == [(stray, "sleep 300")]
            status = await run.status()
            assert (status.pid, status.tools) == (None, ())
            assert [note.pid for note in status.strays] == [stray]
            assert status.rss_bytes > 0
            assert lives(stray)
            await run.stop()
            gone = await listening.hear(RunGone)
            assert gone.ended_tools == 1
            assert not lives(stray)


async def test_a_tree_below_a_stray_is_kept_with_it(tmp_path: Path) -> None:
    """A dev server's workers belong to it."""
    script = "setsid -f sh -c 'sleep 301 & sleep 302 & wait'; sleep 0.2; echo done"
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, script))
        async with ear(run) as listening:
            exited = await listening.hear(ProgramExited)
            assert len(exited.strays) == 3
            pids = [note.pid for note in exited.strays]
            assert all(lives(pid) for pid in pids)
            await run.stop()
            await listening.hear(RunGone)
            assert not any(lives(pid) for pid in pids)


async def test_what_lost_its_parent_with_the_program_is_ended(tmp_path: Path) -> None:
    """Children that the program itself held (MCP servers) do not outlive it, not even stubborn ones."""
    script = "sleep 300 & echo $!; setsid sleep 300 & echo $!; (trap '' TERM; exec sleep 300) & echo $!; sleep 0.2"
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, script))
        async with ear(run) as listening:
            assert (await listening.hear(ProgramExited)).strays == ()
            gone = await listening.hear(RunGone)
            assert [pid for pid in numbers(listening) if lives(pid)] == []
    assert gone.ended_tools == 3
    assert gone.survivors == ()


async def test_orphans_are_ended_while_strays_are_kept(tmp_path: Path) -> None:
    """Both kinds in one run are told apart."""
    script = f"sleep 300 & echo $!; {DETACHED}"
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, script))
        async with ear(run) as listening:
            exited = await listening.hear(ProgramExited)
            orphan, stray = numbers(listening)
            assert [note.pid for note in exited.strays] == [stray]
            await come_true(lambda: not lives(orphan), "the orphan was ended")
            assert lives(stray)
            await run.stop()
            await listening.hear(RunGone)


async def test_strays_are_ended_where_they_are_not_wanted(tmp_path: Path) -> None:
    """With `keep_strays` off a run is gone soon after its program."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, DETACHED, keep_strays=False))
        async with ear(run) as listening:
            assert (await listening.hear(ProgramExited)).strays == ()
            await listening.hear(RunGone)
            assert not lives(numbers(listening)[0])


async def test_strays_have_a_time_to_live(tmp_path: Path) -> None:
    """After it the supervisor ends them by itself."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, DETACHED, strays_ttl_s=0.3))
        async with ear(run) as listening:
            assert (await listening.hear(ProgramExited)).strays
            await listening.hear(RunGone)
            assert not lives(numbers(listening)[0])


async def test_a_run_ends_when_its_last_stray_does(tmp_path: Path) -> None:
    """Nobody has to stop what ends by itself."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, "setsid -f sleep 0.6; echo x; sleep 0.2"))
        async with ear(run) as listening:
            assert (await listening.hear(ProgramExited)).strays
            assert await listening.hear(RunGone) == RunGone()


async def test_a_run_is_bounded_whoever_listens(tmp_path: Path) -> None:
    """At its bound the supervisor climbs the ladder by itself; a client may move the bound."""
    async with local_runner(tmp_path, spares=2) as runner:
        first = await runner.start(shell(tmp_path, "while :; do sleep 300; done", bound_s=0.3))
        second = await runner.start(shell(tmp_path, "while :; do sleep 300; done", run_id="second"))
        async with ear(first) as listening:
            gone = await listening.hear(RunGone)
            assert gone.survivors == ()
        async with ear(second) as listening:
            await listening.hear(RunStarted)
            await second.bound(0.1)
            await listening.hear(RunGone)
