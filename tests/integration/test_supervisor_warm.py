"""What the turns of a warm agent leave running: seen while it lives, and after it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli_runner.local_run import LocalRun
from cli_runner.supervisor import process_table, tree
from orchestrator.domain.run_events import Gift, OutputArrived, ProcessNote, ProgramExited, RunGone, RunOrder, RunStatus
from tests.integration.hearing import Ear, come_true, ear, lives, local_runner, nothing_left, numbers, python

# An agent as they are: a helper beside it in its session, each tool in a session of its own.
AGENT = """
import os, subprocess, sys
subprocess.Popen(["sleep", "3000"])
for turn in sys.stdin:
    how, command = turn.split(" ", 1)
    os.write(1, b"working\\n")
    tool = subprocess.Popen(["/bin/sh", "-c", command], start_new_session=True)
    if how == "wait":
        tool.wait()
    os.write(1, b"done\\n")
"""
TOLD = "until [ -s pid ]; do :; done; cat pid"
DETACHED = {
    "background": "sleep 301 & echo $!",
    "nohup": "nohup sleep 301 >/dev/null 2>&1 & echo $!",
    "setsid": "setsid sleep 301 & echo $!",
    "setsid -f": f"setsid -f sh -c 'echo $$ >pid; exec sleep 301'; {TOLD}",
    "without environment": f"setsid -f env -i sh -c 'echo $$ >pid; exec sleep 301'; {TOLD}",
    "holding the output": "sh -c 'sleep 0.1; echo late; exec sleep 301' & echo $!",
}


@pytest.fixture(autouse=True)
def clean(tmp_path: Path) -> Iterator[None]:
    with nothing_left(tmp_path):
        yield


def agent(tmp_path: Path) -> RunOrder:
    return python(tmp_path, AGENT, grace_s=0.3)


async def turn(run: LocalRun, listening: Ear, command: str, *, how: str = "wait") -> RunStatus:
    """One turn; what lives right after it."""
    turns = listening.output.count(b"done")
    await run.give(Gift(gift_id=f"turn-{turns}", data=f"{how} {command}\n".encode()))
    while listening.output.count(b"done") == turns:
        await listening.hear(OutputArrived)
    return await run.status()


def pids(notes: tuple[ProcessNote, ...]) -> list[int]:
    return [note.pid for note in notes]


async def printed(listening: Ear, count: int) -> None:
    """Wait for so many pids, and until what the program says next is not about their beginning."""
    while len(numbers(listening)) < count:
        await listening.hear(OutputArrived)
    now = process_table.now()
    await come_true(lambda: process_table.now() > now + tree.BEGINNING, "the clock of start times went on")


@pytest.mark.parametrize("shape", DETACHED)
async def test_what_a_turn_detached_is_a_stray_at_once(tmp_path: Path, shape: str) -> None:
    """Right after the turn, before any other look; after the next one; and when the agent is gone."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(agent(tmp_path))
        async with ear(run) as listening:
            status = await turn(run, listening, DETACHED[shape])
            [stray] = numbers(listening)
            assert pids(status.strays)[0] == stray
            assert [note.command for note in status.tools] == ["sleep 3000"]
            status = await turn(run, listening, "true")
            assert pids(status.strays)[0] == stray
            await run.finish()
            assert pids((await listening.hear(ProgramExited)).strays)[0] == stray
            assert pids((await run.status()).strays)[0] == stray
            await run.stop()
            assert (await listening.hear(RunGone)).survivors == ()
            assert not lives(stray)


async def test_what_the_agent_still_holds_after_a_turn_is_shown_as_a_stray(tmp_path: Path) -> None:
    """A tool that was sent to the background keeps the agent as its parent; the agent's helpers do not count."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(agent(tmp_path))
        async with ear(run) as listening:
            await turn(run, listening, "echo $$; sleep 301 & echo $!; wait", how="leave")
            await printed(listening, 2)
            status = await turn(run, listening, "true")
            assert sorted(pids(status.strays)) == sorted(numbers(listening))
            assert [note.command for note in status.tools] == ["sleep 3000"]
            await run.stop()
            assert (await listening.hear(RunGone)).ended_tools == 3
            assert not any(lives(pid) for pid in numbers(listening))


async def test_a_tool_that_the_agent_waits_for_is_not_a_stray(tmp_path: Path) -> None:
    """While a turn works, what works for it was not left running."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(agent(tmp_path))
        async with ear(run) as listening:
            await run.give(Gift(gift_id="turn", data=b"wait exec sleep 301\n"))
            await listening.hear_output(b"working")
            tools: list[str] = []
            while "sleep 301" not in tools:
                status = await run.status()
                tools = [note.command for note in status.tools]
            assert status.strays == ()
            await run.stop()
            await listening.hear(RunGone)


async def test_what_the_agent_held_ends_with_it_and_what_was_detached_does_not(tmp_path: Path) -> None:
    """Both were shown before; the one that goes on is shown again."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(agent(tmp_path))
        async with ear(run) as listening:
            await turn(run, listening, "echo $$; exec sleep 301", how="leave")
            await printed(listening, 1)
            status = await turn(run, listening, DETACHED["setsid"])
            held, stray = numbers(listening)
            assert {held, stray} == set(pids(status.strays))
            await run.finish()
            assert pids((await listening.hear(ProgramExited)).strays) == [stray]
            await run.stop()
            await listening.hear(RunGone)
            assert not lives(held)
            assert not lives(stray)
