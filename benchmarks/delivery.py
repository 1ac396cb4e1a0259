"""Delivery under Telegram's flood limits: the real bot before the sandbox's server, which refuses what is too much.

So many topics of one forum stream at once, and every few seconds a turn in another topic ends with an answer of
one to six messages. `DELIVERY_SECONDS` is how long the crowds, all at the same time, are watched (170 if it is not
set; with 900 the percentiles mean more). The first minute goes into the live messages' first appearance.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from anyio.abc import Process

from benchmarks.figures import Figure
from bot.sandbox.calls import Call, Outcome
from bot.sandbox.methods.table import SPENDS_BUDGET
from bot.sandbox.model import Topic
from bot.sandbox.seed import WORKSHOP_ID
from bot.sandbox.server import Sandbox

ROOT = Path(__file__).parent.parent
CROWDS = (1, 10, 50)
SECONDS = float(os.environ.get("DELIVERY_SECONDS", "170"))
PARTS = (1, 2, 6, 1, 3)
"""How many messages the answers have, one after the other."""

FIRST_S, EVERY_S = 65.0, 14.0
PART_CHARS = 3_800
PER_MINUTE = 20
EXTRA_P99_MS = 2_500
"""Two seconds of it are Telegram's: a call that was just made, and the end of a minute that first messages filled. The
rest is the machine's."""

READY_S = 30.0
AGENT = """
read -r what size
case $what in
stream) n=0; while :; do n=$((n+1)); echo "This is line $n of what the agent has to say."; sleep 0.5; done;;
*) yes "These are words of an answer that is long." | head -c "$size";;
esac
"""
_ANSWERS = """
    SELECT turn_id, min(created_at), max(settled_at), count(*), sum(state = 'sent') FROM outbox
    WHERE priority = 'answer' AND turn_id IS NOT NULL GROUP BY turn_id
"""


@dataclass(slots=True, kw_only=True)
class Seen:
    """What came of one crowd. `extra_ms`: how much longer answers took than a second for each further message."""

    topics: int
    refused: int = 0
    used_percent: float = 0.0
    shown: dict[int, int] = field(default_factory=dict)
    extra_ms: list[float] = field(default_factory=list)
    unsent: int = 0


async def measure() -> list[Figure]:
    """429s of our making, the used share of the budget, the delay of answers, the fairness of live edits."""
    crowds = [Seen(topics=topics) for topics in CROWDS]
    async with anyio.create_task_group() as tasks:
        for seen in crowds:
            tasks.start_soon(_watch, seen)
    return [figure for seen in crowds for figure in _figures(seen)]


async def _watch(seen: Seen) -> None:
    topics = seen.topics
    with tempfile.TemporaryDirectory(prefix="topicd-bench-") as home:
        async with Sandbox() as box, _bot(box, Path(home), topics):
            alice = box.people["alice"]
            streams = [alice.creates_topic(box.workshop, f"stream {nth}") for nth in range(topics)]
            others = [alice.creates_topic(box.workshop, f"answer {nth}") for nth in range(len(PARTS))]
            begun = time.monotonic()
            for topic in streams:
                alice.says(box.workshop, topic, "stream 0")
            nth, due = 0, begun + FIRST_S
            while due < begun + SECONDS - 3 * max(PARTS):
                await anyio.sleep(max(0.0, due - time.monotonic()))
                parts = PARTS[nth % len(PARTS)]
                alice.says(box.workshop, others[nth % len(others)], f"answer {parts * PART_CHARS}")
                nth, due = nth + 1, due + EVERY_S
            await anyio.sleep(max(0.0, begun + SECONDS - time.monotonic()))
            seen.refused = box.flood.exceeded.total()
            calls = [call for call in box.calls if call.method in SPENDS_BUDGET and call.chat_id == WORKSHOP_ID]
            seen.used_percent = 100 * len(calls) / (PER_MINUTE * SECONDS / 60)
            seen.shown = _shown(calls, streams)
            _read_answers(Path(home) / "state" / "topicd.sqlite3", seen)


def _shown(calls: list[Call], streams: list[Topic]) -> dict[int, int]:
    """How often the live message of each topic was sent or edited."""
    of_message: dict[object, int] = {}
    found: Counter[int] = Counter({topic.thread_id: 0 for topic in streams})
    for call in calls:
        if call.outcome is not Outcome.OK:
            continue
        thread_id = call.params.get("message_thread_id")
        if call.method == "editMessageText":
            thread_id = of_message.get(call.params.get("message_id"))
        elif isinstance(call.result, dict):
            of_message[call.result.get("message_id")] = int(str(thread_id))
        if isinstance(thread_id, int) and thread_id in found:
            found[thread_id] += 1
    return dict(found)


def _read_answers(path: Path, seen: Seen) -> None:
    database = sqlite3.connect(path)
    for _, ready, there, parts, sent in database.execute(_ANSWERS):
        if sent < parts:
            seen.unsent += 1
        else:
            seen.extra_ms.append(there - ready - 1000 * (parts - 1))
    database.close()


@asynccontextmanager
async def _bot(box: Sandbox, home: Path, topics: int) -> AsyncIterator[None]:
    """A bot of its own; at the end neither it nor anything that it started lives."""
    config = home / "config.toml"
    config.write_text(_toml(box, home, topics), encoding="utf-8")
    process = await _start(home, "run", "--config", str(config))
    try:
        await box.wait_call("setMyCommands", since=0, timeout_s=READY_S)
        yield
    finally:
        with anyio.CancelScope(shield=True):
            process.send_signal(signal.SIGKILL)
            await process.wait()
            await (await _start(home, "runs", "--config", str(config), "--stop", "all")).wait()


async def _start(home: Path, *arguments: str) -> Process:
    with (home / "bot.log").open("ab") as log:
        return await anyio.open_process(
            [sys.executable, "-m", "bot", *arguments],
            env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT)},
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _toml(box: Sandbox, home: Path, topics: int) -> str:
    alice = box.people["alice"].id
    sections: dict[str, dict[str, object]] = {
        "telegram": {"token": box.token, "api_url": box.url},
        "access": {"users": [alice], "admins": [alice], "chats": [WORKSHOP_ID]},
        "state": {"directory": str(home / "state")},
        "agents.shell": {"protocol": "text", "command": ["/bin/sh", "-c", AGENT]},
        "defaults": {"agent": "shell", "directory": str(home)},
        "runs": {"limit": topics + len(PARTS)},
    }
    lines = []
    for name, values in sections.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    return "\n".join(lines) + "\n"


def _figures(seen: Seen) -> list[Figure]:
    crowd = f"{seen.topics} topic{'s' if seen.topics > 1 else ''} streaming"
    counts = list(seen.shown.values())
    return [
        Figure(name=f"429s of our making, {crowd}", samples=(float(seen.refused),), unit="calls", at_most=0),
        Figure(name="  used of what a group may get", samples=(seen.used_percent,), unit="%"),
        Figure(
            name="  answer ready → all of it there, beyond 1 s for each further message",
            samples=tuple(seen.extra_ms) or (float("nan"),),
            at_most=EXTRA_P99_MS,
            target_is_for_p99=True,
        ),
        Figure(name="  answers that were still on their way", samples=(float(seen.unsent),), unit="answers", at_most=0),
        Figure(name="  a live message was shown", samples=tuple(float(each) for each in counts), unit="times"),
        Figure(
            name="  topic shown most − least often",
            samples=(float(max(counts) - min(counts)),),
            unit="times",
            at_most=1,
        ),
    ]
