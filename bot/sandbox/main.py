"""Runs a sandbox for a person: the server, the bot beside it, until a signal ends both."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

from bot.sandbox.bot_process import BotProcess
from bot.sandbox.flood import FloodPolicy
from bot.sandbox.seed import Seed, default_world
from bot.sandbox.server import DEFAULT_TOKEN, Sandbox

STOP_GRACE_S = 15.0

BotArgv = Callable[[str], Sequence[str]] | Sequence[str]
"""The bot's command line, or what makes it from the sandbox's URL (no slash at its end)."""


async def serve(
    *,
    port: int = 0,
    bot_argv: BotArgv | None = None,
    bot_env: Mapping[str, str] | None = None,
    token: str = DEFAULT_TOKEN,
    seed: Seed = default_world,
    policy: FloodPolicy | None = None,
    on_ready: Callable[[Sandbox], None] | None = None,
    stop_grace_s: float = STOP_GRACE_S,
) -> int:
    """Prints one line with the address and runs until SIGINT or SIGTERM; returns the exit code, 0.

    Then the bot gets SIGTERM, and SIGKILL after `stop_grace_s` or at the second signal. OSError if the port
    is taken.
    """
    ended, hurry = asyncio.Event(), asyncio.Event()

    def on_signal() -> None:
        (hurry if ended.is_set() else ended).set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    try:
        async with Sandbox(port=port, token=token, seed=seed, policy=policy) as box:
            if on_ready is not None:
                on_ready(box)
            sys.stdout.write(f"topicd sandbox: open {box.url}/ in a browser. Ctrl-C ends it.\n")
            sys.stdout.flush()
            if bot_argv is None:
                await ended.wait()
            else:
                argv = bot_argv(box.url) if callable(bot_argv) else bot_argv
                await _with_bot(box, BotProcess(argv, env=bot_env), ended, hurry, stop_grace_s)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
    return 0


async def _with_bot(box: Sandbox, bot: BotProcess, ended: asyncio.Event, hurry: asyncio.Event, grace_s: float) -> None:
    box.control.manage(bot)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(bot.run(), name="bot process")
        bot.start()
        await ended.wait()
        impatient = tasks.create_task(_kill_when(hurry, bot), name="second signal")
        with contextlib.suppress(ProcessLookupError):
            await bot.stop(grace_s=grace_s)
        impatient.cancel()
        running.cancel()


async def _kill_when(hurry: asyncio.Event, bot: BotProcess) -> None:
    await hurry.wait()
    bot.kill()
