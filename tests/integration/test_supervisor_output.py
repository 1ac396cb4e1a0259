"""What becomes of a program's output, in good and bad circumstances."""

import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.domain.run_events import (
    OutputArrived,
    OutputClosed,
    OutputLost,
    ProgramExited,
    RunGone,
    RunStarted,
)
from tests.integration.hearing import ear, local_runner, nothing_left, python, shell, supervisor_of


@pytest.fixture(autouse=True)
def clean(tmp_path: Path) -> Iterator[None]:
    with nothing_left(tmp_path):
        yield


def peak_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


async def test_events_come_in_the_promised_order(tmp_path: Path) -> None:
    """Started, all of the output, the exit with code and last words on stderr, the end."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, "echo one; echo two; echo oops >&2; exit 3"))
        async with ear(run) as listening:
            events = await listening.hear_all()
    assert isinstance(events[0], RunStarted)
    assert all(isinstance(event, OutputArrived) for event in events[1:-2])
    assert listening.output == b"one\ntwo\n"
    exited, gone = events[-2:]
    assert exited == ProgramExited(code=3, signal=None, stderr_tail="oops\n")
    assert gone == RunGone()
    assert (tmp_path / "runs/run/stdout.ndjson").read_bytes() == b"one\ntwo\n"
    assert (tmp_path / "runs/run/stderr.log").read_bytes() == b"oops\n"


async def test_a_line_of_fifty_megabytes_arrives_whole_and_costs_no_memory(tmp_path: Path) -> None:
    """The supervisor never holds a line."""
    script = "import sys; sys.stdout.write('x' * 50_000_000 + chr(10)); sys.stdout.flush(); sys.stdin.read()"
    async with local_runner(tmp_path) as runner:
        run = await runner.start(python(tmp_path, script))
        async with ear(run) as listening:
            size = 0
            while size < 50_000_001:
                piece = await listening.hear(OutputArrived)
                assert piece.offset == size
                size += len(piece.data)
                listening.heard.clear()
            assert piece.data[-2:] == b"x\n"
            assert peak_kb(supervisor_of(tmp_path)) < 15 * 1024
            await run.finish()
            assert (await listening.hear(ProgramExited)).code == 0


async def test_bytes_that_are_no_text_pass_unchanged(tmp_path: Path) -> None:
    """Output is bytes."""
    script = r"printf '\377\376\000\n\n\001'"
    async with local_runner(tmp_path) as runner, ear(await runner.start(shell(tmp_path, script))) as listening:
        await listening.hear_all()
    assert listening.output == b"\xff\xfe\x00\n\n\x01"


async def test_a_closed_stdout_is_told_while_the_program_lives(tmp_path: Path) -> None:
    """The output before it is told first; an ordinary exit is not taken for it."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, "echo last; exec >&-; sleep 300"))
        async with ear(run) as listening:
            await listening.hear(OutputClosed)
            assert listening.output == b"last\n"
            await run.stop()
            await listening.hear(RunGone)
        async with ear(await runner.start(shell(tmp_path, "echo x", run_id="second"))) as listening:
            assert not [event for event in await listening.hear_all() if isinstance(event, OutputClosed)]


async def test_stderr_is_kept_at_both_ends(tmp_path: Path) -> None:
    """A program that writes for ever to stderr fills no disk; its first and last words are there."""
    script = "import sys\nfor n in range(100_000): print('line', n, file=sys.stderr)"
    async with local_runner(tmp_path) as runner, ear(await runner.start(python(tmp_path, script))) as listening:
        exited = await listening.hear(ProgramExited)
        await listening.hear(RunGone)
    kept = (tmp_path / "runs/run/stderr.log").read_bytes()
    assert len(kept) < 300_000
    assert kept.startswith(b"line 0\nline 1\n")
    assert kept.endswith(b"line 99998\nline 99999\n")
    assert b"bytes left out]" in kept
    assert exited.stderr_tail.endswith("line 99999\n")


async def test_a_full_file_loses_output_and_nothing_else(tmp_path: Path) -> None:
    """The loss is told once, the program is drained and ends as it would have."""
    script = "read x; head -c 3000000 /dev/zero; echo; echo end >&2; exit 5"
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, script))
        async with ear(run) as listening:
            await listening.hear(RunStarted)
            resource.prlimit(supervisor_of(tmp_path), resource.RLIMIT_FSIZE, (200_000, 200_000))
            await run.finish()
            lost = await listening.hear(OutputLost)
            exited = await listening.hear(ProgramExited)
            await listening.hear(RunGone)
    assert "may not grow" in lost.reason
    assert listening.output == b"\0" * 200_000
    assert (exited.code, exited.stderr_tail) == (5, "end\n")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 kB."""
    path = tmp_path / "small"
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(path)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a file system needs root")
    with nothing_left(path):
        yield path
    subprocess.run(["umount", str(path)], check=True)


async def test_a_full_disk_is_survived_and_output_is_kept_again_once_there_is_room(
    tmp_path: Path, small_disk: Path
) -> None:
    """After a full disk the spool goes on at a whole line, and the end of the run is on record."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * 100_000)
    script = "head -c 300000 /dev/zero; echo; echo full >&2; read x; sleep 1.1; echo; echo after; exit 6"
    async with local_runner(small_disk) as runner:
        run = await runner.start(shell(tmp_path, script))
        async with ear(run) as listening:
            lost = await listening.hear(OutputLost)
            assert "disk is full" in lost.reason
            ballast.unlink()
            await run.finish()
            assert (await listening.hear(ProgramExited)).code == 6
            await listening.hear(RunGone)
        assert listening.output.endswith(b"\0\nafter\n")
        async with ear(await runner.attach(run.run_id)) as again:
            kinds = [type(event) for event in await again.hear_all() if not isinstance(event, OutputArrived)]
    assert kinds == [RunStarted, OutputLost, ProgramExited, RunGone]


async def test_the_end_is_on_record_even_if_the_disk_stays_full(tmp_path: Path, small_disk: Path) -> None:
    """Room for the exit record is set aside at the beginning."""
    async with local_runner(small_disk) as runner:
        async with ear(await runner.start(shell(tmp_path, "head -c 400000 /dev/zero; exit 4"))) as listening:
            await listening.hear(OutputLost)
            await listening.hear(RunGone)
        async with ear(await runner.attach(listening.run.run_id)) as again:
            await again.hear(OutputLost)
            assert (await again.hear(ProgramExited)).code == 4
            await again.hear(RunGone)


async def test_pipes_held_open_by_strays_delay_nothing(tmp_path: Path) -> None:
    """All that the program wrote is told at its exit, and nothing that its strays write later."""
    script = "setsid -f sh -c 'while :; do echo noise; sleep 0.01; done'; sleep 0.2; echo last; exit 0"
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, script))
        async with ear(run) as listening:
            exited = await listening.hear(ProgramExited)
            assert b"last\n" in listening.output
            assert exited.strays
            length = len(listening.output)
            await run.stop()
            await listening.hear(RunGone)
    assert len(listening.output) == length
