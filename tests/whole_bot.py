"""The real bot process against the local Telegram, for tests that look at it from outside."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from bot.sandbox.flood import FloodPolicy
from bot.sandbox.model import Message
from bot.sandbox.seed import FLAT_GROUP_ID, WORKSHOP_ID
from bot.sandbox.server import Sandbox

ROOT = Path(__file__).parent.parent
ALICE, BOB = 111111111, 222222222

DEMO = {"protocol": "demo", "mode": "all"}


def shell(script: str, **more: object) -> dict[str, object]:
    """A text agent that is a shell script; the prompt is on its stdin."""
    return {"protocol": "text", "command": ["sh", "-c", script], **more}


def _toml(tables: Mapping[str, object], prefix: str = "") -> str:
    """TOML of nested tables whose leaves are strings, numbers, booleans and lists of them."""
    leaves = {key: value for key, value in tables.items() if not isinstance(value, Mapping)}
    text = f"[{prefix}]\n" if prefix and leaves else ""
    text += "".join(f"{key} = {json.dumps(value)}\n" for key, value in leaves.items())
    for key, value in tables.items():
        if isinstance(value, Mapping):
            text += _toml(value, f"{prefix}.{key}" if prefix else key)
    return text


class WholeBot:
    """One bot with its state directory, in as many lives as a test needs."""

    def __init__(self, box: Sandbox, home: Path, settings: Mapping[str, object]) -> None:
        self.box = box
        self.home = home
        self.state = home / "state"
        self.work = home / "work"
        self.config = home / "config.toml"
        self.log = home / "bot.log"
        self.process: asyncio.subprocess.Process | None = None
        self.work.mkdir(parents=True, exist_ok=True)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TOPICD_DEMO_HOME": str(home / "demo"),
            "PYTHONPATH": str(ROOT),
        }
        whole: dict[str, object] = {
            "telegram": {"token": box.token, "api_url": box.url},
            "access": {"users": [ALICE, BOB], "admins": [ALICE], "chats": [WORKSHOP_ID, FLAT_GROUP_ID]},
            "state": {"directory": str(self.state)},
            "agents": {"demo": DEMO},
            "defaults": {"agent": "demo", "directory": str(self.work)},
            "stop": {"polite": "1s", "grace": "1s"},
        }
        for section, values in settings.items():
            old = whole.get(section)
            whole[section] = {**old, **values} if isinstance(old, dict) and isinstance(values, dict) else values
        self.config.write_text(_toml(whole), encoding="utf-8")

    async def start(self) -> None:
        """Start a life; returns once the bot asks for updates."""
        since = len(self.box.calls)
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bot", "run", "--config", str(self.config)),
                env=self.environment,
                cwd=self.home,
                stderr=log,
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        async with asyncio.timeout(20):
            waiter = asyncio.ensure_future(self.box.wait_call("setMyCommands", since=since, timeout_s=20))
            ended = asyncio.ensure_future(self.process.wait())
            await asyncio.wait({waiter, ended}, return_when=asyncio.FIRST_COMPLETED)
            ended.cancel()
            if not waiter.done():
                waiter.cancel()
                raise AssertionError(f"the bot ended with {self.process.returncode}:\n{self.log_text()}")

    async def kill(self) -> None:
        """End this life as `kill -9` does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def terminate(self, within_s: float = 15) -> int:
        """End this life by SIGTERM; its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(within_s):
            return await self.process.wait()

    def log_text(self) -> str:
        """What the bot wrote on stderr, in all of its lives."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def runs(self) -> list[Path]:
        """The directories of all runs, oldest first."""
        home = self.state / "runs"
        return sorted(path for path in home.iterdir() if not path.name.startswith(".")) if home.is_dir() else []

    def run_ids(self) -> set[str]:
        """The names of all runs."""
        return {path.name for path in self.runs()}

    def living(self) -> list[int]:
        """The processes that carry the cookie of a run of this bot, zombies left out."""
        wanted = {f"TOPICD_RUN_ID={name}".encode() for name in self.run_ids()}
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                cookies = set((entry / "environ").read_bytes().split(b"\0"))
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if cookies & wanted and state != "Z":
                found.append(int(entry.name))
        return found

    async def answer_to(self, prompt: Message, text: str = "", *, timeout_s: float = 15) -> Message:
        """The bot's reply to a message that contains a text and has no Stop button."""
        return await self.box.wait_for(
            lambda m: (
                m.chat_id == prompt.chat_id
                and m.reply_to == prompt.message_id
                and text.lower() in m.text.lower()
                and m.button("Stop") is None
            ),
            timeout_s=timeout_s,
        )

    async def live_of(self, prompt: Message, text: str = "", *, timeout_s: float = 15) -> Message:
        """The live message of a prompt's turn, with its Stop button."""
        return await self.box.wait_for(
            lambda m: (
                m.chat_id == prompt.chat_id
                and m.reply_to == prompt.message_id
                and m.button("Stop") is not None
                and text.lower() in m.text.lower()
            ),
            timeout_s=timeout_s,
        )

    async def says(self, text: str, *, after: Message | None = None, timeout_s: float = 15) -> Message:
        """A message of the bot that contains a text."""
        return await self.box.wait_for(lambda m: text.lower() in m.text.lower(), after=after, timeout_s=timeout_s)


@asynccontextmanager
async def whole_bot(
    home: Path,
    *,
    start: bool = True,
    policy: FloodPolicy | None = None,
    now: Callable[[], float] = time.time,
    **settings: object,
) -> AsyncIterator[WholeBot]:
    """A local Telegram, whose clock may be wrong, and a bot in it; at the end nothing of either is left alive."""
    async with Sandbox(policy=policy, now=now) as box:
        bot = WholeBot(box, home, settings)
        try:
            if start:
                await bot.start()
            yield bot
        finally:
            with anyio.CancelScope(shield=True):
                await _end(bot)
        assert "words.unsayable" not in bot.log_text(), "the bot had no words for something: see its log"


async def _end(bot: WholeBot) -> None:
    if bot.process is not None and bot.process.returncode is None:
        bot.process.kill()
        await bot.process.wait()
    ended = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "runs", "--config", str(bot.config), "--stop", "all"),
        env=bot.environment,
        cwd=bot.home,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await ended.wait()
    for pid in bot.living():
        os.kill(pid, signal.SIGKILL)
