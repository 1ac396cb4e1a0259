"""What the bot adds to a turn: before the agent has its prompt, after its answer, and when it is stopped.

Each is measured on two bots at the same time, in turns: one that knows 10 topics and one that knows
5,000. Moments are wall-clock nanoseconds, the only clock that date(1) prints.
"""

import os
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import anyio

from benchmarks.bot_api import WAIT_S, Call
from benchmarks.bot_process import AGENTS, CHATS, BotProcess, bots
from benchmarks.figures import Figure
from benchmarks.floors import DATE, Floors, floors

TOPICS = (10, 5000)
SAMPLES = 24
PLACES = CHATS[:8]
"""Chats that take turns, so that the bot's own limits of sending (one message a second) never count."""

REST_S = 0.25
"""After a run a spare supervisor has to be ready again (`cli_runner.spares`), also on a busy machine."""

CHAT_REST_S = 1.2
COLD = {"protocol": "text", "command": list(DATE)}
WARM = {"protocol": "claude", "command": [sys.executable, "-I", "-S", str(AGENTS / "warm.py")]}
STRAY = {"protocol": "text", "command": ["/bin/sh", "-c", "sleep 300 & exec date +%s%N"]}
HELD = {
    "protocol": "text",
    "command": ["/bin/sh", "-c", 'sleep 300 & echo "$$ $!" >$$.new; mv $$.new $$.held; wait'],
}

Sample = Callable[[BotProcess, int], Awaitable[Sequence[float]]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A figure to be measured; without a name it is measured elsewhere and left out."""

    name: str
    at_most: float | None


async def measure_cold() -> list[Figure]:
    """Arrival of a prompt to the agent's exec; a program's last word to its answer."""
    wanted = (
        Wanted("prompt arrives → agent executes, cold", 25),
        Wanted("program prints and exits → answer sent", 10),
    )
    return await _compared(COLD, wanted, _cold)


async def measure_cold_stray() -> list[Figure]:
    """The same where a child of the program keeps its stdout open."""
    wanted = (Wanted("", None), Wanted("program exits, a child holds its stdout → answer sent", 10))
    return await _compared(STRAY, wanted, _cold)


async def measure_warm() -> list[Figure]:
    """Arrival of a prompt to a warm agent's stdin; its `finished` to its answer."""
    wanted = (
        Wanted("prompt arrives → on stdin of a warm agent", 10),
        Wanted("agent's result → answer sent", 10),
    )
    return await _compared(WARM, wanted, _warm("go"), before=_warm_up("go"))


async def measure_warm_stray() -> list[Figure]:
    """The same where a child of the agent keeps its stdout open."""
    wanted = (Wanted("", None), Wanted("agent's result, a child holds its stdout → answer sent", 10))
    return await _compared(WARM, wanted, _warm("stray"), before=_warm_up("stray"))


async def measure_stop() -> list[Figure]:
    """Arrival of /stop to the death of a program and its child, both obedient."""
    return await _compared(HELD, (Wanted("/stop arrives → program and child dead", 30),), _stop)


async def measure_stop_polite() -> list[Figure]:
    """The same with an agent that is first asked to end its turn."""
    return await _compared(WARM, (Wanted("/stop arrives → interrupted agent and child dead", 30),), _stop)


async def measure_approval() -> list[Figure]:
    """A warm agent asks to the message with its buttons; the press of one to the agent's stdin."""
    wanted = (
        Wanted("agent asks → message with buttons sent", 10),
        Wanted("button pressed → on stdin of the agent", 10),
    )
    return await _compared(WARM, wanted, _approval, before=_warm_up("go"))


async def _compared(
    agent: Mapping[str, object],
    wanted: Sequence[Wanted],
    sample: Sample,
    before: Callable[[BotProcess], Awaitable[None]] | None = None,
) -> list[Figure]:
    found: dict[tuple[int, int], list[float]] = {}
    async with bots(TOPICS, agent) as pair, floors(pair[0].work, pair[0].api) as machine:
        for bot in pair:
            if before is not None:
                await before(bot)
        async for nth, bot in _in_turns(pair, machine):
            for which, value in enumerate(await sample(bot, PLACES[nth % len(PLACES)])):
                found.setdefault((which, bot.topics), []).append(value)
        return [*_figures(wanted, found), *machine.figures()]


async def _in_turns(pair: Sequence[BotProcess], machine: Floors) -> AsyncIterator[tuple[int, BotProcess]]:
    for nth in range(SAMPLES):
        for bot in pair:
            await anyio.sleep(REST_S)
            yield nth, bot
        await machine.sample()


def _figures(wanted: Sequence[Wanted], found: Mapping[tuple[int, int], Sequence[float]]) -> list[Figure]:
    figures = []
    for which, want in enumerate(wanted):
        if not want.name:
            continue
        pair = [
            Figure(name=f"{want.name}, {topics} topics", samples=tuple(found[which, topics]), at_most=want.at_most)
            for topics in TOPICS
        ]
        ratio = pair[1].median / pair[0].median
        figures += [*pair, Figure(name="  5000 topics : 10 topics", samples=(ratio,), unit="×")]
    return figures


async def _answer(bot: BotProcess, chat_id: int, text: str) -> Call:
    since = len(bot.api.calls)
    bot.says(chat_id, text)
    return await bot.api.call("sendMessage", since=since, chat_id=chat_id)


async def _cold(bot: BotProcess, chat_id: int) -> Sequence[float]:
    answer = await _answer(bot, chat_id, "when?")
    executed = int(answer.params["text"])
    return (executed - bot.api.delivered_ns) / 1e6, (answer.at_ns - executed) / 1e6


def _warm_up(text: str) -> Callable[[BotProcess], Awaitable[None]]:
    async def warm_up(bot: BotProcess) -> None:
        for chat_id in PLACES:
            await _answer(bot, chat_id, text)
        await anyio.sleep(CHAT_REST_S)

    return warm_up


def _warm(text: str) -> Sample:
    async def sample(bot: BotProcess, chat_id: int) -> Sequence[float]:
        answer = await _answer(bot, chat_id, text)
        read, finished = map(int, answer.params["text"].split())
        return (read - bot.api.delivered_ns) / 1e6, (answer.at_ns - finished) / 1e6

    return sample


async def _approval(bot: BotProcess, chat_id: int) -> Sequence[float]:
    since = len(bot.api.calls)
    bot.says(chat_id, "ask")
    asked = await bot.api.call("sendMessage", since=since, chat_id=chat_id)
    [moment] = re.findall(r"echo (\d+)", asked.params["text"])
    button = asked.params["reply_markup"]["inline_keyboard"][0][0]
    await anyio.sleep(CHAT_REST_S)  # the answer must not wait for the chat's own limit
    since = len(bot.api.calls)
    bot.presses(chat_id, button["callback_data"])
    answer = await bot.api.call("sendMessage", since=since, chat_id=chat_id)
    pressed = bot.api.delivered_ns
    return (asked.at_ns - int(moment)) / 1e6, (int(answer.params["text"]) - pressed) / 1e6


async def _stop(bot: BotProcess, chat_id: int) -> Sequence[float]:
    since = len(bot.api.calls)
    bot.says(chat_id, "hold")
    held = await _held(bot.work)
    pids = [int(pid) for pid in held.read_text().split()]
    held.unlink()
    with ExitStack() as stack:
        watched = []
        for pid in pids:
            watched.append(os.pidfd_open(pid))
            stack.callback(os.close, watched[-1])
        bot.says(chat_id, "/stop")
        with anyio.fail_after(WAIT_S):
            for fd in watched:
                await anyio.wait_readable(fd)
        dead = time.time_ns()
    took = (dead - bot.api.delivered_ns) / 1e6
    await bot.api.call("sendMessage", since=since, chat_id=chat_id)  # «Stopped»
    return (took,)


async def _held(directory: Path) -> Path:
    with anyio.fail_after(WAIT_S):
        while not (found := next(directory.glob("*.held"), None)):  # noqa: ASYNC110 - a file tells nobody
            await anyio.sleep(0.005)
    return found
