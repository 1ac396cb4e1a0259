"""The real Codex behind our codec, in a supervised run of its own, against a scripted model."""

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cli_runner.agents.codex import CodexAgent, CodexCodec
from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalWanted,
    Finished,
    Garbled,
    SessionStarted,
    Unrecognised,
)
from orchestrator.domain.agents import AgentSpec, Conversation
from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import Gift, OutputArrived, RunGone, RunOrder
from orchestrator.domain.states import Mode
from tests.integration.hearing import Ear, ear, local_runner
from tests.real.clis import CODEX
from tests.real.model_server import ModelServer
from tests.unit.transcripts import endings

TIMEOUT_S = 30.0
ONE_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NOBODY = "00000000-0000-7000-8000-999999999999"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where Codex works, and the model it talks to."""

    home: Path
    api: ModelServer

    @property
    def work(self) -> Path:
        """The directory of the conversation."""
        return self.home / "work"


class Talk:
    """One run and its codec, led as the bot leads it: what the codec says is a gift, named once."""

    def __init__(self, listening: Ear, codec: CodexCodec) -> None:
        self.listening = listening
        self.codec = codec
        self._gifts = 0
        self._interrupt: bytes | None = None
        self._heard: list[AgentEvent] = []

    async def give(self, data: bytes | None) -> None:
        """Write to its stdin."""
        assert data
        self._gifts += 1
        await self.listening.run.give(Gift(gift_id=f"gift-{self._gifts}", data=data))

    async def _hear(self) -> None:
        self._heard += self.codec.feed((await self.listening.hear(OutputArrived)).data)
        for reply in self.codec.replies():
            await self.give(reply)
        if (interrupt := self.codec.interrupt()) != self._interrupt:
            self._interrupt = interrupt
            await self.listening.run.set_interrupt(interrupt or b"")

    async def greeted(self) -> None:
        """Until a prompt can be given, or never will be."""
        while not self.codec.ready and self.codec.warm:
            await self._hear()

    async def until(self, wanted: Callable[[AgentEvent], bool]) -> list[AgentEvent]:
        """Its events up to the first one that is wanted, which is the last."""
        while (at := next((at for at, event in enumerate(self._heard) if wanted(event)), None)) is None:
            await self._hear()
        events, self._heard = self._heard[: at + 1], self._heard[at + 1 :]
        return events

    async def begin(self, prompt: str) -> None:
        """Give a prompt."""
        await self.greeted()
        await self.give(self.codec.begin_turn(prompt))

    async def end(self) -> list[AgentEvent]:
        """The rest of the turn."""
        return await self.until(lambda event: isinstance(event, Finished))

    async def turn(self, prompt: str) -> list[AgentEvent]:
        """A whole turn."""
        await self.begin(prompt)
        return await self.end()

    async def asked(self) -> ApprovalWanted:
        """The next thing that it asks."""
        event = (await self.until(lambda event: isinstance(event, ApprovalWanted)))[-1]
        assert isinstance(event, ApprovalWanted)
        return event


@asynccontextmanager
async def codex(
    place: Place,
    *,
    mode: Mode = Mode.ALL,
    resume: str = "",
    fork: bool = False,
    run: str = "run",
    options: tuple[str, ...] = (),
    **env: str,
) -> AsyncIterator[Talk]:
    """A supervised run of Codex. It is stopped in the end, and nothing of it survives."""
    spec = AgentSpec(name="codex", protocol="codex", command=(*CODEX.program, *options))
    conversation = Conversation(
        directory=str(place.work), model="", mode=mode, cli_session_id=resume, resume=bool(resume), fork=fork
    )
    codec = CodexAgent().open(spec, conversation, "")
    assert isinstance(codec, CodexCodec)
    order = RunOrder(
        run_id=RunId(run),
        argv=codec.argv,
        cwd=str(place.work),
        env={**CODEX.environment(place.home, place.api.url), **codec.env, **env},
        gifts=(Gift(gift_id="hello", data=codec.hello),),
        grace_s=1.0,
    )
    async with local_runner(place.home) as runner, ear(await runner.start(order)) as listening:
        yield Talk(listening, codec)
        await listening.run.stop()
        assert (await listening.hear(RunGone)).survivors == ()


def answer(events: list[AgentEvent]) -> str:
    """The answer of a turn that went well, in which everything was understood."""
    assert not [event for event in events if isinstance(event, Garbled | Unrecognised)]
    (end,) = endings(events)
    assert end.ok, end.error
    return end.answer


def asked_in(events: list[AgentEvent]) -> list[ApprovalWanted]:
    """What a turn asked permission for."""
    assert endings(events)[0].ok
    return [event for event in events if isinstance(event, ApprovalWanted)]


def rule(wanted: ApprovalWanted) -> str:
    """What «for this session» allows."""
    (option,) = [option for option in wanted.options if option.option_id == "acceptForSession"]
    assert option.rule
    return option.rule


def session(events: list[AgentEvent]) -> str:
    """The thread that a turn named."""
    (named,) = [event for event in events if isinstance(event, SessionStarted)]
    return named.cli_session_id
