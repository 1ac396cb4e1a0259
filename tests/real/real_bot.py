"""The whole bot with a real CLI and a scripted model, for tests that look at it from outside."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest

from bot.sandbox.flood import FloodPolicy
from bot.sandbox.model import Message
from orchestrator.domain.states import TERMINAL_STATES
from tests.integration.hearing import nothing_left
from tests.integration.test_bot_deadlines import stored
from tests.real.acp_client import AGENTS
from tests.real.clis import CLAUDE, CODEX, Cli
from tests.real.model_server import ModelServer
from tests.real.proofs import Agent
from tests.whole_bot import WholeBot, whole_bot

TIMEOUT_S = 40.0
"""How long anything may take. On a busy machine the largest of the CLIs are slow."""

_OWED = "SELECT 1 FROM outbox WHERE state IN ('stored', 'sending')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What is peculiar to one CLI: how it is configured, and how its model asks for a command to be allowed.

    `asks` is what it needs in its environment, so that it asks before it acts; `always` stands on the button that
    allows something for longer; `modes` are one in which it writes no file unasked, and one in which it does.
    """

    cli: Cli
    protocol: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    asks: Mapping[str, str] = field(default_factory=dict)
    asking_step: str = "bash"
    always: str = "for this session"
    modes: tuple[str, str] = ("plan", "all")

    def wants(self, command: str) -> str:
        """The step of a script that runs a shell command which has to be allowed."""
        return f"@@ {self.asking_step}: {command}"


def _acp(name: str, **peculiar: Any) -> Kind:
    acp = AGENTS[name]
    return Kind(cli=acp.cli, protocol="acp", command=acp.command, env=acp.env, asks=acp.asks, **peculiar)


KINDS: Mapping[Agent, Kind] = {
    Agent.CLAUDE: Kind(cli=CLAUDE, protocol="claude", command=CLAUDE.program, modes=("ask", "edits")),
    Agent.CODEX: Kind(
        cli=CODEX,
        protocol="codex",
        # Its questions have to be switched on in this version.
        command=(*CODEX.program, "--enable", "default_mode_request_user_input"),
        asking_step="escalate",
    ),
    Agent.GEMINI: _acp("gemini"),
    Agent.OPENCODE: _acp("opencode", always="Always allow", modes=("plan", "ask")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RealBot:
    """A bot with one agent, the model that this talks to, and Alice, an admin, in a topic."""

    kind: Kind
    bot: WholeBot
    model: ModelServer

    @property
    def made(self) -> Path:
        """The file whose presence proves that a command ran."""
        return self.bot.work / "made"

    def says(self, text: str, *, to: Message | None = None) -> Message:
        """Alice writes in her topic, or replies there."""
        box = self.bot.box
        return box.people["alice"].says(box.workshop, box.topic("api"), text, reply_to=to)

    async def presses(self, message: Message, label: str) -> str:
        """She presses a button; the words that pop up."""
        return (await self.bot.box.people["alice"].presses(message, label)).text

    async def answer(self, prompt: Message, words: str) -> Message:
        """The reply to a prompt, with these words in it."""
        return await self.bot.answer_to(prompt, words, timeout_s=TIMEOUT_S)

    async def turn(self, text: str, words: str) -> Message:
        """A prompt and its answer."""
        return await self.answer(self.says(text), words)

    async def begun(self, text: str, shown: str = "") -> Message:
        """A prompt, once its live message shows something."""
        prompt = self.says(text)
        await self.bot.live_of(prompt, shown, timeout_s=TIMEOUT_S)
        return prompt

    async def message(self, fits: Callable[[Message], bool], *, after: Message | None = None) -> Message:
        """The first message that fits."""
        return await self.bot.box.wait_for(fits, after=after, timeout_s=TIMEOUT_S)

    async def asked(self, prompt: Message, text: str = "") -> Message:
        """What a prompt's turn asks permission for, with its buttons."""
        return await self.message(
            lambda m: m.reply_to == prompt.message_id and m.button("Deny") is not None and text in m.text
        )

    async def shows(self, message: Message, text: str) -> Message:
        """The same message once it says this."""
        return await self.message(lambda m: m.key == message.key and text in m.text)

    async def stopped(self, *, times: int = 1) -> str:
        """So many `/stop` in a row, and the notice. When it is there, nothing of any run is left."""
        commands = [self.says("/stop") for _ in range(times)]
        notice = await self.bot.says("Stopped", after=commands[0], timeout_s=TIMEOUT_S)
        assert self.bot.living() == []
        assert "Still alive" not in notice.text
        return notice.text

    def times_told(self, text: str) -> int:
        """How often a prompt with this text was begun, by what reached the model."""
        return len([each for each in self.model.asked if each.tools and each.step == 0 and text in each.prompt])

    async def over(self) -> None:
        """Until there were turns, and none is at work."""
        with anyio.fail_after(TIMEOUT_S):
            while not self.turns() or not TERMINAL_STATES.issuperset(self.turns()):  # noqa: ASYNC110 - nothing tells
                await anyio.sleep(0.05)

    async def told(self) -> None:
        """Until Telegram has all that was to be said, and it is known that it has: nothing is said again then."""
        with anyio.fail_after(TIMEOUT_S):
            while stored(self.bot, _OWED):  # noqa: ASYNC110 - nothing tells when
                await anyio.sleep(0.05)

    def turns(self) -> list[str]:
        """The states of all turns, oldest first."""
        return [str(row[0]) for row in stored(self.bot, "SELECT state FROM turns ORDER BY id")]

    async def goes_on(self, *remembered: str) -> None:
        """The next prompt continues the session: the model is told the earlier ones, and none was begun twice."""
        await self.turn("@@ say: still here", "still here")
        (told,) = [body for body in self.model.bodies if "still here" in body][-1:]
        for text in remembered:
            assert text in told
            assert self.times_told(text) == 1


@asynccontextmanager
async def real_bot(home: Path, agent: Agent, *, mode: str = "all") -> AsyncIterator[RealBot]:
    """A bot whose agent is this one. In the end nothing of it is left."""
    kind = KINDS[agent]
    if reason := kind.cli.absent():
        pytest.skip(reason)
    with nothing_left(home), kind.cli.model() as model:
        environment = {**kind.cli.environment(home, model.url), **kind.env, **(kind.asks if mode == "ask" else {})}
        env = {name: value for name, value in environment.items() if name not in ("PATH", "TMPDIR")}
        async with whole_bot(
            home,
            agents={agent: {"protocol": kind.protocol, "command": list(kind.command), "mode": mode, "env": env}},
            defaults={"agent": agent, "directory": str(home / "work")},
            stop={"polite": "3s", "grace": "2s"},
            policy=FloodPolicy(is_strict=False),
        ) as bot:
            yield RealBot(kind=kind, bot=bot, model=model)
