"""Gifts, and clients that behave badly."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import (
    Gift,
    GiftFailed,
    GiftTaken,
    OutputArrived,
    ProgramExited,
    RunGone,
    RunStarted,
)
from tests.integration.hearing import ear, local_runner, nothing_left, python, shell


@pytest.fixture(autouse=True)
def clean(tmp_path: Path) -> Iterator[None]:
    with nothing_left(tmp_path):
        yield


def gift(gift_id: str, data: bytes) -> Gift:
    return Gift(gift_id=gift_id, data=data)


async def test_a_gift_is_given_once_however_often_it_is_asked_for(tmp_path: Path) -> None:
    """A repeated id is answered with the offset of the first time; the program sees the bytes once."""
    async with local_runner(tmp_path) as runner:
        order = shell(tmp_path, "while read line; do echo got $line; done", gifts=(gift("a", b"one\n"),))
        run = await runner.start(order)
        async with ear(run) as listening:
            assert (await listening.hear(GiftTaken)) == GiftTaken(gift_id="a", offset=0)
            await listening.hear_output(b"got one\n")
            await run.give(gift("b", b"two\n"))
            assert (await listening.hear(GiftTaken)) == GiftTaken(gift_id="b", offset=8)
            await listening.hear_output(b"got two\n")
            for gift_id in ("a", "b"):
                await run.give(gift(gift_id, b"again\n"))
            assert (await listening.hear(GiftTaken)) == GiftTaken(gift_id="a", offset=0)
            assert (await listening.hear(GiftTaken)) == GiftTaken(gift_id="b", offset=8)
            assert (await runner.inspect(run.run_id)).gifts == {"a": 0, "b": 8}
            await run.finish()
            await listening.hear(RunGone)
    assert listening.output == b"got one\ngot two\n"


async def test_output_before_a_gift_is_told_before_it(tmp_path: Path) -> None:
    """A reader knows which output belongs to which gift, live as in a replay."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, "echo first; read line; echo $line"))
        async with ear(run) as listening:
            await listening.hear_output(b"first\n")
            await run.give(gift("g", b"second\n"))
            live = await listening.hear_all()
        async with ear(await runner.attach(run.run_id)) as again:
            replayed = await again.hear_all()
    for events in (live, replayed):
        words = [event.data if isinstance(event, OutputArrived) else type(event) for event in events]
        assert words == [RunStarted, b"first\n", GiftTaken, b"second\n", ProgramExited, RunGone]


async def test_a_program_that_never_reads_holds_nothing_up(tmp_path: Path) -> None:
    """A megabyte that waits for a reader neither blocks the run nor its stop."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(
            shell(tmp_path, "sleep 300 & echo ready; wait", gifts=(gift("big", b"x" * 1_000_000),))
        )
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            status = await run.status()
            assert status.pid
            assert len(status.tools) == 1
            await run.stop()
            assert (await listening.hear(GiftFailed)).gift_id == "big"
            await listening.hear(RunGone)
        assert (await runner.inspect(run.run_id)).gifts == {}


async def test_a_megabyte_arrives_whole(tmp_path: Path) -> None:
    """More than a pipe holds is written as the program reads; end of file comes after it."""
    async with local_runner(tmp_path) as runner:
        order = shell(tmp_path, "sleep 0.1; wc -c", gifts=(gift("big", b"x" * 3_000_000),), close_stdin=True)
        async with ear(await runner.start(order)) as listening:
            await listening.hear(RunGone)
    assert listening.output.strip() == b"3000000"


async def test_a_gift_for_a_closed_input_fails_with_a_reason(tmp_path: Path) -> None:
    """The program stopped reading: that is told, and the program goes on."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, "exec <&-; echo ready; sleep 300"))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            await run.give(gift("late", b"hello\n"))
            assert "does not read" in (await listening.hear(GiftFailed)).reason
            assert (await run.status()).pid
            await run.stop()
            await listening.hear(RunGone)


async def test_a_gift_for_an_ended_program_fails(tmp_path: Path) -> None:
    """The supervisor may stay for strays; its program takes nothing any more."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, "setsid -f sleep 300; echo x; sleep 0.2"))
        async with ear(run) as listening:
            await listening.hear(ProgramExited)
            await run.give(gift("late", b"hello\n"))
            assert (await listening.hear(GiftFailed)).gift_id == "late"
            await run.stop()
            await listening.hear(RunGone)


JUNK = (
    b"\xff\xfe\n", b"\n", b"[1]\n", b"null\n", b"{}\n", b'{"op":"fly"}\n', b'{"op":"stdin"}\n',
    b'{"op":"stdin","id":1,"data":"!"}\n', b'{"op":"bound","s":"x"}\n', b'{"op":"bound","s":NaN}\n',
    b'{"op":"bound","s":-1}\n', b"[" * 100_000 + b"\n", b'{"op":"sto',
)  # fmt: skip


async def test_junk_and_half_lines_hurt_nobody(tmp_path: Path) -> None:
    """Whatever a client sends, the run and its other clients go on."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, "echo ready; read line; echo $line"))
        async with ear(run) as listening:
            await listening.hear_output(b"ready\n")
            for junk in JUNK:
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(str(tmp_path / "runs/run/control.sock"))
                    client.sendall(junk)
            await run.give(gift("g", b"fine\n"))
            await listening.hear_output(b"fine\n")
            assert (await listening.hear(ProgramExited)).code == 0
            await listening.hear(RunGone)


async def test_unknown_commands_are_answered_and_ignored(tmp_path: Path) -> None:
    """A client of a later version learns what this one does not know, and the protocol's version."""
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, "echo ready; read line"))
        async with ear(run) as listening:
            await listening.hear_output(b"ready\n")
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(tmp_path / "runs/run/control.sock"))
                client.settimeout(10)
                client.sendall(b'{"op":"fly"}\n')
                answer = b""
                while answer.count(b"\n") < 2:
                    answer += client.recv(4096)
            assert b'"hello","v":1' in answer
            assert b"unknown command: 'fly'" in answer
            await run.finish()
            await listening.hear(RunGone)


async def test_a_client_that_does_not_read_holds_nobody_up(tmp_path: Path) -> None:
    """Thousands of facts that one client does not take cost the run nothing."""
    script = "import sys\nfor line in sys.stdin: print(line.strip())"
    async with local_runner(tmp_path) as runner:
        run = await runner.start(python(tmp_path, script))
        async with ear(run) as listening:
            await listening.hear(RunStarted)
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(tmp_path / "runs/run/control.sock"))
                client.sendall(b'{"op":"attach"}\n')
                for number in range(3000):
                    await run.give(gift(f"{number:0200}", b"%d\n" % number))
                await listening.hear_output(b"\n2999\n")
                await run.finish()
                await listening.hear(RunGone)
    assert sum(isinstance(event, GiftTaken) for event in listening.heard) == 3000


async def test_a_very_long_directory_can_be_reached(tmp_path: Path) -> None:
    """The 108 bytes of a socket's path are no limit for where runs live."""
    deep = tmp_path / ("d" * 120) / ("e" * 120)
    deep.mkdir(parents=True)
    async with local_runner(deep) as runner:
        run = await runner.start(shell(tmp_path, "echo ready; read line; echo $line"))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
        again = await runner.attach(RunId("run"))
        async with ear(again) as listening:
            await again.give(gift("g", b"deep\n"))
            await listening.hear_output(b"deep\n")
            await listening.hear(RunGone)


async def test_what_the_program_gets_is_what_was_ordered(tmp_path: Path) -> None:
    """Its environment plus three words, its directory, no foreign descriptor, default signals."""
    script = (
        "import os, signal; environ = open('/proc/self/environ').read().split(chr(0));"
        "print(sorted(each.split('=')[0] for each in environ if each));"
        "print(os.getcwd(), os.getsid(0) == os.getpid());"
        "print(sorted(os.listdir('/proc/self/fd'))[:4], os.stat(os.environ['TMPDIR']).st_mode & 0o777);"
        "[print(l.split()) for l in open('/proc/self/status') if l.startswith(('SigBlk', 'Umask'))];"
        "print(signal.getsignal(signal.SIGHUP) is signal.SIG_DFL, os.environ['TOPICD_RUN_ID'])"
    )
    async with local_runner(tmp_path) as runner, ear(await runner.start(python(tmp_path, script))) as listening:
        await listening.hear(RunGone)
    umask = os.umask(0o22)
    os.umask(umask)
    assert listening.output.decode().splitlines() == [
        "['PATH', 'TMPDIR', 'TOPICD_RUN_DIR', 'TOPICD_RUN_ID']",
        f"{tmp_path} True",
        "['0', '1', '2', '3'] 448",
        f"['Umask:', '{umask:04o}']",
        "['SigBlk:', '0000000000000000']",
        "True run",
    ]
