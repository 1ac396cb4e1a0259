"""The real bot as a process of its own, in a directory of its own, with as many known topics as wanted."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import Process

from benchmarks.bot_api import TOKEN, BotApi, serving

ROOT = Path(__file__).parent.parent
AGENTS = Path(__file__).parent / "agents"
PERSON = 111
CHATS = tuple(-1001000000000 - nth for nth in range(40))
"""Groups, so many that none of them meets the bot's own limits of sending."""
THREAD = 7
"""The topic in which people write; in every chat there may be others."""

_TOPICS = """
    WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :count)
    INSERT INTO sessions (id, chat_id, thread_id, agent, directory, mode, created_at, used_at)
    SELECT n + 1, :first_chat - n % :chats, :thread + n / :chats, 'agent', :directory, 'all', n, n FROM numbers
"""
_REST = (
    """
    INSERT INTO topics (chat_id, thread_id, name, current_session_id)
    SELECT chat_id, thread_id, 'topic ' || id, id FROM sessions
    """,
    """
    INSERT INTO turns (session_id, chat_id, thread_id, kind, state, prompt, message_id, created_at, started_at,
        ended_at, answer)
    SELECT sessions.id, chat_id, thread_id, 'foreground', 'done', 'a prompt', -3 * sessions.id - nth, 1, 2, 3,
        'an answer'
    FROM sessions, (SELECT 0 AS nth UNION SELECT 1 UNION SELECT 2)
    """,
    """
    INSERT INTO turn_history (turn_id, at, from_state, event, to_state)
    SELECT id, 1, 'queued', 'dispatched', 'starting' FROM turns
    UNION ALL SELECT id, 2, 'starting', 'given', 'running' FROM turns
    UNION ALL SELECT id, 3, 'running', 'finished', 'done' FROM turns
    """,
    """
    INSERT INTO outbox (chat_id, thread_id, turn_id, priority, body, state, message_id, created_at, settled_at)
    SELECT chat_id, thread_id, id, 'answer', '{}', 'sent', -id, (unixepoch() - 86400) * 1000,
        (unixepoch() - 86400) * 1000
    FROM turns
    """,
)


class BotProcess:
    """One bot; `start` and `end` any number of times."""

    def __init__(self, api: BotApi, home: Path, *, topics: int, agent: Mapping[str, object]) -> None:
        self.api = api
        self.topics = topics
        self.work = home / "work"
        self._state = home / "state"
        self._config = home / "config.toml"
        self._log = home / "bot.log"
        self._process: Process | None = None
        self._messages = 0
        self.work.mkdir(parents=True)
        self._config.write_text(self._toml(agent), encoding="utf-8")

    @property
    def pid(self) -> int:
        """Of the bot that runs now."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> float:
        """Start it; milliseconds from then to its first poll."""
        self.api.acknowledged_ns = 0
        begun = time.time_ns()
        self._process = await self._command("run")
        try:
            await self.api.until(lambda: self.api.acknowledged_ns > 0)
        except TimeoutError:
            raise RuntimeError(f"The bot did not ask for updates:\n{self._log.read_text()[-4000:]}") from None
        return (self.api.acknowledged_ns - begun) / 1e6

    async def end(self) -> None:
        """End it as an operator does; its runs go on."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            with anyio.move_on_after(10) as late:
                await self._process.wait()
            if late.cancelled_caught:
                self._process.kill()
                await self._process.wait()

    async def end_runs(self) -> None:
        """End every run that the bot has left."""
        await (await self._command("runs", "--stop", "all")).wait()

    async def _command(self, name: str, *arguments: str) -> Process:
        with self._log.open("ab") as log:
            return await anyio.open_process(
                [sys.executable, "-m", "bot", name, "--config", str(self._config), *arguments],
                env={"PATH": os.environ["PATH"], "HOME": str(self.work), "PYTHONPATH": str(ROOT)},
                cwd=self.work,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def seed(self) -> None:
        """Make the schema, and with it the past of so many topics."""
        await self.start()
        await self.end()
        with self.database() as db:
            db.execute(
                _TOPICS,
                {
                    "count": self.topics,
                    "first_chat": CHATS[0],
                    "chats": min(len(CHATS), self.topics),
                    "thread": THREAD,
                    "directory": str(self.work),
                },
            )
            for statement in _REST:
                db.execute(statement)
        db.close()

    def database(self) -> sqlite3.Connection:
        """A connection of our own."""
        return sqlite3.connect(self._state / "topicd.sqlite3")

    def says(self, chat_id: int, text: str, *, thread_id: int = THREAD) -> int:
        """A person writes into a topic of a chat; the id of the message."""
        message = self.message(chat_id, text, thread_id=thread_id)
        self.api.put([{"message": message}])
        return int(message["message_id"])

    def presses(self, chat_id: int, data: str) -> None:
        """The person presses a button below one of the bot's messages."""
        message = self.message(chat_id, "", thread_id=THREAD)
        message |= {"message_id": 1, "from": {"id": 1, "is_bot": True, "first_name": "B"}}
        person = {"id": PERSON, "is_bot": False, "first_name": "P"}
        query = {"id": str(time.time_ns()), "from": person, "message": message, "chat_instance": "c", "data": data}
        self.api.put([{"callback_query": query}])

    def message(self, chat_id: int, text: str, *, thread_id: int = THREAD) -> dict[str, Any]:
        """A message as the Bot API shows it."""
        self._messages += 1
        return {
            "message_id": self._messages,
            "date": int(time.time()),
            "chat": {"id": chat_id, "type": "supergroup", "title": "bench", "is_forum": True},
            "from": {"id": PERSON, "is_bot": False, "first_name": "P"},
            "message_thread_id": thread_id,
            "is_topic_message": True,
            "text": text,
        }

    def _toml(self, agent: Mapping[str, object]) -> str:
        tables: dict[str, Mapping[str, object]] = {
            "telegram": {"token": TOKEN, "api_url": self.api.url},
            "access": {"users": [PERSON], "chats": list(CHATS)},
            "state": {"directory": str(self._state)},
            "agents.agent": {"mode": "all", **agent},
            "defaults": {"agent": "agent", "directory": str(self.work)},
            "runs": {"limit": 50, "warm": 10, "strays": "kill"},
        }
        lines: list[str] = []
        for name, table in tables.items():
            lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
        return "\n".join(lines)


@asynccontextmanager
async def bots(topics: Sequence[int], agent: Mapping[str, object]) -> AsyncIterator[list[BotProcess]]:
    """Running bots, one for each number of known topics; at the end nothing of them is left."""
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="topicd-bench-")))
        apis = await stack.enter_async_context(serving(len(topics)))
        made = [
            BotProcess(api, home / str(nth), topics=count, agent=agent)
            for nth, (api, count) in enumerate(zip(apis, topics, strict=True))
        ]
        try:
            for bot in made:
                await bot.seed()
                await bot.start()
            yield made
        finally:
            with anyio.CancelScope(shield=True):
                for bot in made:
                    await bot.end()
                    await bot.end_runs()
