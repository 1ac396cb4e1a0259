"""The sandbox as a process of its own, and the bot as its child."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.bot_process import BotProcess, BotState

ROOT = Path(__file__).parent.parent.parent
SLEEPER = "import sys, time; print('bot lives', file=sys.stderr, flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"
SERVE = """
import asyncio, sys
from bot.sandbox.main import serve
argv = lambda url: [sys.executable, "-c", sys.argv[1], url]
sys.exit(asyncio.run(serve(bot_argv=argv, stop_grace_s=float(sys.argv[2]))))
"""


@asynccontextmanager
async def sandbox(bot: str, *, grace_s: float = 10) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A sandbox with a bot that lives; the process and its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVE, bot, str(grace_s)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(20):
            line = (await process.stdout.readline()).decode()
            assert await process.stderr.readline() == b"bot lives\n"
            yield process, next(word for word in line.split() if word.startswith("http://127.0.0.1:"))
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def everyone_is_gone(process: asyncio.subprocess.Process) -> int:
    """The exit code, once neither the sandbox nor its bot holds stderr open any more."""
    assert process.stderr is not None
    await process.stderr.read()
    return await process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_sandbox_and_bot(number: signal.Signals) -> None:
    """One line says where to look; a signal ends both, with exit code 0."""
    async with sandbox(SLEEPER) as (process, url):
        async with aiohttp.ClientSession() as session, session.get(url) as page:
            assert (page.status, page.content_type) == (200, "text/html")
        process.send_signal(number)
        assert await everyone_is_gone(process) == 0


async def test_a_bot_that_does_not_listen_is_killed() -> None:
    """After the grace period the bot gets SIGKILL and the sandbox ends all the same."""
    async with sandbox(STUBBORN, grace_s=0.2) as (process, _):
        process.terminate()
        assert await everyone_is_gone(process) == 0


async def test_a_second_signal_does_not_wait() -> None:
    """It kills the bot at once."""
    async with (
        sandbox(STUBBORN, grace_s=1000) as (process, url),
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}control/socket") as news,
    ):
        process.terminate()
        while "stopping" not in (await news.receive_str()):
            pass
        process.terminate()
        assert await everyone_is_gone(process) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
async def test_a_bot_does_not_outlive_a_killed_sandbox() -> None:
    """SIGKILL of the sandbox is SIGTERM for its bot."""
    async with sandbox(SLEEPER) as (process, _):
        process.kill()
        assert await everyone_is_gone(process) == -signal.SIGKILL


class TestBotProcess:
    async def test_it_starts_dies_and_starts_again(self) -> None:
        """kill is SIGKILL, stop is SIGTERM, each is reaped and told."""
        bot = BotProcess([sys.executable, "-c", "import time; time.sleep(60)"])
        told: asyncio.Queue[BotState] = asyncio.Queue()
        bot.on_change.append(lambda: told.put_nowait(bot.state))
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(bot.run())
            bot.start()
            assert await told.get() is BotState.RUNNING
            bot.kill()
            assert await told.get() is BotState.STOPPED
            assert bot.exit_code == -9
            bot.start()
            await bot.stop(grace_s=10)
            assert bot.exit_code == -15
            assert bot.pid is None
            running.cancel()

    async def test_one_that_cannot_be_started_is_reported(self, capfd: pytest.CaptureFixture[str]) -> None:
        """The sandbox goes on; stderr says what was tried."""
        bot = BotProcess(["/nonexistent/bot"])
        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(bot.run())
            bot.start()
            await bot.stop(grace_s=1)
            running.cancel()
        assert bot.exit_code == 127
        assert "Could not start the bot (/nonexistent/bot)" in capfd.readouterr().err
