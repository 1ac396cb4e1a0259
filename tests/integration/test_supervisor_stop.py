"""The stop ladder, against everything that processes do to stay."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli_runner.local_run import LocalRun
from orchestrator.domain.run_events import ProgramExited, RunGone, RunOrder, RunStarted
from tests.integration.hearing import (
    come_true,
    ear,
    lives,
    local_runner,
    nothing_left,
    numbers,
    python,
    shell,
    supervisor_of,
)

OBEDIENT = {
    "plain child": "sleep 300 & echo $!",
    "own session": "setsid sleep 300 & echo $!",
    "double fork": "(setsid sh -c 'sleep 300 & echo $!' &)",
    "double fork without environment": "env -i setsid -f sh -c 'sleep 300 & echo $!; wait'",
    "nohup": "nohup sleep 300 2>/dev/null & echo $!",
    "stopped": "sleep 300 & echo $!; kill -STOP $!",
    "holds the output open": "setsid sh -c 'while :; do echo noise; sleep 0.01; done' & echo $!",
}
SLEEPER = "sh -c 'echo $$ ready; exec sleep 300'"
"""Says that it is ready when it has whatever its parent set for it, so that no signal comes before a trap."""
STUBBORN = {
    "ignores TERM": f"(trap '' TERM INT HUP; exec {SLEEPER}) &",
    "ignores TERM in its own session without environment": f"(trap '' TERM; exec env -i setsid {SLEEPER}) &",
    "forks during grace": "sh -c 'trap \"setsid sleep 300 &\" TERM; echo $$ ready; while :; do sleep 0.02; done' &",
}


@pytest.fixture(autouse=True)
def clean(tmp_path: Path) -> Iterator[None]:
    with nothing_left(tmp_path):
        yield


async def stopped(run: LocalRun, *, polite: bool = True) -> RunGone:
    """Start, wait for `ready`, stop: what the end was, after every printed pid was seen dead."""
    async with ear(run) as listening:
        await listening.hear_output(b"ready")
        await run.stop(polite=polite)
        gone = await listening.hear(RunGone)
        assert [pid for pid in numbers(listening) if lives(pid)] == []
        assert gone.survivors == ()
        return gone


@pytest.mark.parametrize("shape", OBEDIENT)
async def test_obedient_trees_are_gone_without_waiting_for_any_grace(tmp_path: Path, shape: str) -> None:
    """What obeys SIGTERM is verified dead long before the grace is over, however it detached."""
    script = f"{OBEDIENT[shape]}; sleep 0.05; echo ready; while :; do sleep 300; done"
    async with local_runner(tmp_path) as runner:
        gone = await stopped(await runner.start(shell(tmp_path, script, grace_s=30.0)))
    assert gone.took_s < 5
    assert gone.ended_tools >= 1


@pytest.mark.parametrize("shape", STUBBORN)
async def test_stubborn_trees_are_killed_after_the_grace(tmp_path: Path, shape: str) -> None:
    """What ignores SIGTERM, or answers it with new processes, is gone soon after the grace."""
    script = f"{STUBBORN[shape]} while :; do sleep 300; done"
    async with local_runner(tmp_path) as runner:
        gone = await stopped(await runner.start(shell(tmp_path, script, grace_s=0.3)))
    assert 0.3 <= gone.took_s < 3


async def test_a_leader_that_exits_first_does_not_save_its_children(tmp_path: Path) -> None:
    """The escalation goes on for what a program leaves when it obeys at once."""
    script = f"trap 'exit 0' TERM; (trap '' TERM; exec setsid {SLEEPER}) & wait; wait"
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, script, grace_s=0.3))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            await run.stop()
            assert (await listening.hear(ProgramExited)).code == 0
            assert lives(numbers(listening)[0])
            assert (await listening.hear(RunGone)).survivors == ()
            assert not lives(numbers(listening)[0])


FORK_CHAIN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
end = time.monotonic() + 8
if os.fork():
    print("ready"); time.sleep(300)
while time.monotonic() < end:
    if os.fork(): os._exit(0)
    os.setsid()
"""
FORK_STORM = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready")
for generation in range(7):  # 128 processes at most, each in a session of its own
    if not os.fork(): os.setsid()
    time.sleep(0.03)
time.sleep(300)
"""


@pytest.mark.parametrize("storm", [FORK_CHAIN, FORK_STORM])
async def test_a_tree_that_forks_all_the_time_is_beaten(tmp_path: Path, storm: str) -> None:
    """Neither a process that is always another one nor one that multiplies outruns freeze and kill."""
    async with local_runner(tmp_path) as runner:
        gone = await stopped(await runner.start(python(tmp_path, storm, grace_s=0.1)))
    assert gone.survivors == ()
    assert gone.took_s < 2.1


POLITE = """
import signal, subprocess, sys, time
tool = subprocess.Popen(["setsid", "sleep", "300"])
print(tool.pid, "ready")
for line in sys.stdin:
    if line == "interrupt\\n":
        {reaction}
time.sleep(300)
"""


def polite(tmp_path: Path, reaction: str, *, polite_s: float) -> RunOrder:
    script = POLITE.format(reaction=reaction)
    return python(tmp_path, script, interrupt=b"interrupt\n", polite_s=polite_s, grace_s=5.0)


async def test_tools_are_ended_while_the_agent_is_still_asked_politely(tmp_path: Path) -> None:
    """0.2 s after a stop the tools get SIGTERM, whatever time the agent takes for its interrupt."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(polite(tmp_path, "print('heard')", polite_s=30.0))
        async with ear(run) as listening:
            pid = (await listening.hear(RunStarted)).pid
            await listening.hear_output(b"ready")
            await run.stop()
            await listening.hear_output(b"heard")
            tool = numbers(listening)[0]
            await come_true(lambda: not lives(tool), "the tool ended")
            assert lives(pid)
            await run.stop(polite=False)
            gone = await listening.hear(RunGone)
    assert gone.took_s < 10


async def test_an_agent_that_says_it_is_through_is_not_waited_for(tmp_path: Path) -> None:
    """`through` ends the polite phase at once."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(polite(tmp_path, "print('heard')", polite_s=30.0))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            await run.stop()
            await listening.hear_output(b"heard")
            await run.through()
            gone = await listening.hear(RunGone)
    assert gone.took_s < 10


async def test_an_agent_that_ends_at_its_interrupt_ends_cleanly(tmp_path: Path) -> None:
    """Its own exit code and last words count; what it leaves is ended right after."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(polite(tmp_path, "print('bye'); sys.exit(7)", polite_s=30.0))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            await run.stop()
            exited = await listening.hear(ProgramExited)
            assert listening.output.endswith(b"bye\n")
            gone = await listening.hear(RunGone)
    assert (exited.code, exited.signal, exited.strays) == (7, None, ())
    assert gone.took_s < 10


async def test_the_polite_phase_is_bounded(tmp_path: Path) -> None:
    """An agent that ignores its interrupt gets SIGTERM when `polite_s` is over."""
    async with local_runner(tmp_path) as runner:
        gone = await stopped(await runner.start(polite(tmp_path, "pass", polite_s=0.4)))
    assert 0.4 <= gone.took_s < 3


async def test_an_agent_that_cannot_be_asked_is_not_waited_for(tmp_path: Path) -> None:
    """With its input closed an interrupt cannot arrive, so the polite phase is left out."""
    script = "exec <&-; echo ready; while :; do sleep 300; done"
    async with local_runner(tmp_path) as runner:
        gone = await stopped(await runner.start(shell(tmp_path, script, interrupt=b"x\n", polite_s=30.0)))
    assert gone.took_s < 10


async def test_a_second_stop_changes_nothing(tmp_path: Path) -> None:
    """Five stops in a row end the run once, and the escalation is not put off by any of them."""
    script = f"(trap '' TERM; exec {SLEEPER}) & wait"
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, script, grace_s=0.3))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            for _ in range(5):
                await run.stop()
            events = await listening.hear_all()
    assert [type(event) for event in events].count(RunGone) == 1
    assert isinstance(events[-1], RunGone)
    assert events[-1].took_s < 2


async def test_signals_to_the_supervisor_itself_do_not_disturb_the_escalation(tmp_path: Path) -> None:
    """A stop, a second and less polite one, SIGTERM by hand, a hangup: SIGKILL comes all the same."""
    script = f"(trap '' TERM; exec setsid {SLEEPER}) & while :; do sleep 300; done"
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, script, grace_s=2.0))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            await run.stop()
            assert (await listening.hear(ProgramExited)).signal == signal.SIGTERM
            for signo in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
                os.kill(supervisor_of(tmp_path), signo)
            await run.stop(polite=False)
            assert lives(numbers(listening)[0])
            gone = await listening.hear(RunGone)
            assert not lives(numbers(listening)[0])
    assert 2.0 <= gone.took_s < 5
    assert gone.survivors == ()


async def test_a_wrapper_that_ended_long_before_does_not_save_its_program(tmp_path: Path) -> None:
    """What a program left in its session and group is ended when it exits, detached or not after a stop."""
    script = (
        "(trap '' TERM HUP; exec sleep 300) & echo $!; setsid -f sh -c 'echo $$; exec sleep 300'; sleep 0.2; exit 0"
    )
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, script, grace_s=0.3))
        async with ear(run) as listening:
            exited = await listening.hear(ProgramExited)
            assert len(exited.strays) == 1
            await run.stop()
            assert (await listening.hear(RunGone)).survivors == ()
            assert not any(lives(pid) for pid in numbers(listening))


async def test_a_tree_in_a_pid_namespace_of_its_own_is_ended(tmp_path: Path) -> None:
    """As sandboxes make them: seen from inside, its first process is not a child of anybody."""
    probe = subprocess.run(["unshare", "-Upf", "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip("no user and pid namespaces here")
    script = "unshare -Upf sh -c 'trap \"\" TERM; setsid sleep 300 & sleep 300' & sleep 0.2; echo ready; wait; wait"
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, script, grace_s=0.2))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            status = await run.status()
            pids = [note.pid for note in (*status.tools, *status.strays)]
            assert len(pids) == 4
            await run.stop()
            assert (await listening.hear(RunGone)).survivors == ()
            assert not any(lives(pid) for pid in pids)


async def test_a_stop_before_the_program_runs_is_obeyed(tmp_path: Path) -> None:
    """Nothing is left even if the stop follows the order without a moment between."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, "while :; do sleep 300; done", grace_s=0.3))
        await run.stop()
        async with ear(run) as listening:
            assert isinstance((await listening.hear_all())[-1], RunGone)


async def test_neither_the_caller_nor_the_supervisor_is_in_the_programs_group(tmp_path: Path) -> None:
    """A program that signals its own group and session hits only itself."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, "trap '' TERM; echo ready; kill -TERM 0; kill -KILL 0"))
        async with ear(run) as listening:
            exited = await listening.hear(ProgramExited)
            await listening.hear(RunGone)
    assert exited.signal == signal.SIGKILL
    assert os.getpgid(0) == os.getpgrp()


async def test_stopping_one_run_leaves_its_neighbour_alone(tmp_path: Path) -> None:
    """Runs share nothing."""
    script = "setsid sleep 300 & echo $! ready; wait"
    async with local_runner(tmp_path, spares=2) as runner:
        neighbour = await runner.start(shell(tmp_path, script, run_id="neighbour"))
        async with ear(neighbour) as listening:
            await listening.hear_output(b"ready")
            await stopped(await runner.start(shell(tmp_path, script)))
            assert lives(numbers(listening)[0])
            await neighbour.stop()
            await listening.hear(RunGone)
