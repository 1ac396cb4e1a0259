"""A conversation with the demo agent as a real process, through its codec."""

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from cli_runner.agents.demo import DemoAgent
from orchestrator.domain.agent_events import AgentEvent, ApprovalWanted, Finished
from orchestrator.domain.agents import AgentSpec, Attachment, Codec, Conversation, Exit
from orchestrator.domain.states import Mode
from tests.unit.transcripts import endings

DEADLINE_S = 20
SPEC = AgentSpec(name="demo", protocol="demo", command=())
E = TypeVar("E")


class Talk:
    """One process of the demo agent and its codec."""

    def __init__(self, process: subprocess.Popen[bytes], codec: Codec) -> None:
        self.process = process
        self.codec = codec
        self._waiting: list[AgentEvent] = []

    def write(self, data: bytes | None) -> None:
        """Give something to its stdin."""
        assert self.process.stdin is not None
        assert data
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def until(self, wanted: Callable[[AgentEvent], bool]) -> list[AgentEvent]:
        """Its events up to the first one that is wanted; what came behind that is kept for the next call."""
        assert self.process.stdout is not None
        events: list[AgentEvent] = []
        while True:
            while self._waiting:
                events.append(self._waiting.pop(0))
                if wanted(events[-1]):
                    return events
            data = os.read(self.process.stdout.fileno(), 2**16)
            if not data:
                return events + self.codec.ended(Exit(code=self.process.wait(DEADLINE_S), signal=None))
            self._waiting += self.codec.feed(data)

    def next(self, kind: type[E]) -> E:
        """Its next event of a kind."""
        last = self.until(lambda event: isinstance(event, kind))[-1]
        assert isinstance(last, kind), last
        return last

    def ends(self) -> list[AgentEvent]:
        """Its events to the end of the turn."""
        return self.until(lambda event: isinstance(event, Finished))

    def asks(self, prompt: str) -> ApprovalWanted:
        """Give a prompt that makes it ask for something; what it asks."""
        self.write(self.codec.begin_turn(prompt))
        return self.next(ApprovalWanted)

    def turn(self, prompt: str, attachments: Sequence[Attachment] = ()) -> list[AgentEvent]:
        """Give a prompt and read to the end of its turn."""
        self.write(self.codec.begin_turn(prompt, attachments))
        return self.ends()


@contextmanager
def talking(
    home: Path, session: str = "s1", *, resume: bool = False, mode: Mode = Mode.ASK, rules: tuple[str, ...] = ()
) -> Iterator[Talk]:
    """A demo agent that works in `home` and keeps its sessions there."""
    conversation = Conversation(
        directory=str(home), model="", mode=mode, cli_session_id=session, resume=resume, rules=rules
    )
    codec = DemoAgent().open(SPEC, conversation, "")
    process = subprocess.Popen(
        codec.argv,
        cwd=home,
        env={"PATH": os.environ["PATH"], "XDG_STATE_HOME": str(home / "state")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            yield Talk(process, codec)
        finally:
            process.kill()


def answer(events: list[AgentEvent]) -> str:
    """The answer of a turn that went well."""
    (end,) = endings(events)
    assert end.ok, end.error
    return end.answer
