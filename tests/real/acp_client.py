"""A real ACP agent behind our codec and our supervisor, led as the bot leads it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import anyio

from cli_runner import file_service
from cli_runner.agents.acp import AcpAgent
from orchestrator.domain.agent_events import AgentEvent, ApprovalWanted, FileAsked, Finished
from orchestrator.domain.agents import AgentSpec, Attachment, Codec, Conversation
from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import Gift, OutputArrived, RunOrder
from orchestrator.domain.states import Mode
from tests.integration.hearing import Ear, ear, local_runner
from tests.real.clis import GEMINI, GEMINI_MODEL, OPENCODE, Cli
from tests.unit.transcripts import endings

POLITE_S, GRACE_S = 3.0, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Acp:
    """One CLI over ACP, with the environment that `docs/agents.md` recommends.

    `asks` is what it needs besides, so that it asks before it acts.
    """

    cli: Cli
    arguments: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    asks: dict[str, str] = field(default_factory=dict)

    @property
    def command(self) -> tuple[str, ...]:
        """What stands in the configuration."""
        return (*self.cli.program, *self.arguments)


AGENTS = {
    "gemini": Acp(
        cli=GEMINI,
        arguments=("--acp", "--skip-trust", "-m", GEMINI_MODEL),
        env={"GEMINI_CLI_NO_RELAUNCH": "true"},
    ),
    "opencode": Acp(cli=OPENCODE, arguments=("acp",), asks={"OPENCODE_PERMISSION": '{"bash":"ask","edit":"ask"}'}),
}


class Client:
    """Gives what the codec writes, and hears what it reads."""

    def __init__(self, listening: Ear, codec: Codec, work: Path) -> None:
        self.listening = listening
        self.work = work
        self.files: list[FileAsked] = []
        self.codec = codec
        self._gifts = 0
        self._interrupt: bytes | None = None
        self._unread: list[AgentEvent] = []

    async def give(self, data: bytes | None) -> None:
        """Write something to its stdin."""
        assert data
        self._gifts += 1
        await self.listening.run.give(Gift(gift_id=f"gift-{self._gifts}", data=data))

    async def greet(self) -> None:
        """Until it can be given a prompt, or never will."""
        while not self.codec.ready and not endings(self._unread):
            await self._hear()

    async def _hear(self) -> None:
        self._unread += self.codec.feed((await self.listening.hear(OutputArrived)).data)
        for event in self._unread:
            if isinstance(event, FileAsked) and event not in self.files:
                self.files.append(event)
                await self.give(self._served(event))
        for reply in self.codec.replies():
            await self.give(reply)
        if (interrupt := self.codec.interrupt()) != self._interrupt:
            self._interrupt = interrupt
            await self.listening.run.set_interrupt(interrupt or b"")

    def _served(self, asked: FileAsked) -> bytes:
        try:
            if asked.text is None:
                text = file_service.read_text(self.work, asked.path, line=asked.line, limit=asked.limit)
                return self.codec.served(asked.request_id, text)
            file_service.write_text(self.work, asked.path, asked.text)
        except file_service.FileRefused as error:
            return self.codec.refuse_service(asked.request_id, str(error), missing=error.missing)
        return self.codec.served(asked.request_id)

    async def until(self, wanted: Callable[[AgentEvent], bool]) -> list[AgentEvent]:
        """What came up to the first event that is wanted."""
        seen = 0
        while not any(map(wanted, self._unread[seen:])):
            seen = len(self._unread)
            await self._hear()
        end = next(index for index, event in enumerate(self._unread) if index >= seen and wanted(event)) + 1
        heard, self._unread = self._unread[:end], self._unread[end:]
        return heard

    async def begin(self, prompt: str, files: Sequence[Attachment] = ()) -> None:
        """Give a prompt."""
        await self.give(self.codec.begin_turn(prompt, files))

    async def end(self) -> list[AgentEvent]:
        """The rest of the turn."""
        return await self.until(lambda event: isinstance(event, Finished))

    async def turn(self, prompt: str, files: Sequence[Attachment] = ()) -> list[AgentEvent]:
        """A whole turn."""
        await self.begin(prompt, files)
        return await self.end()

    async def asked(self) -> ApprovalWanted:
        """The next request for permission."""
        event = (await self.until(lambda event: isinstance(event, ApprovalWanted)))[-1]
        assert isinstance(event, ApprovalWanted)
        return event


async def next_minute() -> None:
    """Gemini CLI 0.61 wipes a session that is loaded in the minute in which it was made."""
    made_in = datetime.now(UTC).minute
    while datetime.now(UTC).minute == made_in:  # noqa: ASYNC110 - nothing tells when
        await anyio.sleep(0.5)


@asynccontextmanager
async def client(
    home: Path,
    acp: Acp,
    url: str,
    *,
    mode: Mode = Mode.ALL,
    session: str = "",
    fork: bool = False,
    serves_files: bool = False,
    run: str = "run",
    env: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Client]:
    """A process that can be given a prompt; of a new session, or of one that it is to take up."""
    spec = AgentSpec(name="x", protocol="acp", command=acp.command)
    conversation = Conversation(
        directory=str(home / "work"), model="", mode=mode, cli_session_id=session, resume=bool(session), fork=fork
    )
    codec = AcpAgent(serves_files=serves_files).open(spec, conversation, "")
    order = RunOrder(
        run_id=RunId(run),
        argv=codec.argv,
        cwd=str(home / "work"),
        env={name: value for name, value in {**acp.cli.environment(home, url), **acp.env, **env}.items() if value},
        gifts=(Gift(gift_id="greeting", data=codec.hello),),
        polite_s=POLITE_S,
        grace_s=GRACE_S,
    )
    async with local_runner(home) as runner, ear(await runner.start(order)) as listening:
        speaking = Client(listening, codec, home / "work")
        try:
            await speaking.greet()
            yield speaking
        finally:
            await listening.run.stop(polite=False)
