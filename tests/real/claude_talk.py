"""One process of the real Claude Code and its codec, over plain pipes."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cli_runner.agents.claude import ClaudeAgent
from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalOption,
    ApprovalWanted,
    Finished,
    Garbled,
    Unrecognised,
)
from orchestrator.domain.agents import AgentSpec, Attachment, Codec, Conversation, Exit
from orchestrator.domain.states import Mode
from tests.real.install import CLAUDE
from tests.unit.transcripts import endings

SPEC = AgentSpec(name="claude", protocol="claude", command=(str(CLAUDE),))
DEADLINE_S = 20


def tool(name: str, /, **arguments: object) -> str:
    """A step of the model: a call of a tool."""
    return f"@@ tool {name}: {json.dumps(arguments)}"


def new_id() -> str:
    """An id for a session."""
    return ClaudeAgent().new_session_id()


class Talk:
    """One process of the CLI and its codec. `lines` is all that was said, as recordings have it."""

    def __init__(self, process: subprocess.Popen[bytes], codec: Codec) -> None:
        self.process = process
        self.codec = codec
        self.lines: list[str] = []
        self._cut = b""
        self._unread: list[AgentEvent] = []

    def write(self, data: bytes | None) -> None:
        """Give something to its stdin."""
        assert self.process.stdin is not None
        assert data
        self.lines += [f"> {line}" for line in data.decode().splitlines()]
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def until(self, wanted: Callable[[AgentEvent], bool]) -> list[AgentEvent]:
        """Its next events, up to the first one that is wanted, or to its end."""
        events: list[AgentEvent] = []
        while True:
            while self._unread:
                events.append(self._unread.pop(0))
                if wanted(events[-1]):
                    return events
            if not self._read():
                return events + self._unread

    def _read(self) -> bool:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        data = os.read(self.process.stdout.fileno(), 2**16)
        if not data:
            code, stderr = self.process.wait(DEADLINE_S), self.process.stderr.read().decode()
            self._unread += self.codec.ended(Exit(code=code, signal=None, stderr_tail=stderr))
            return False
        *whole, self._cut = (self._cut + data).split(b"\n")
        self.lines += [f"< {line.decode()}" for line in whole]
        self._unread += self.codec.feed(data)
        for reply in self.codec.replies():
            self.write(reply)
        return True

    def begin(self, prompt: str, *attachments: Attachment) -> None:
        """Give a prompt without waiting for anything."""
        self.write(self.codec.begin_turn(prompt, attachments))

    def finish(self) -> list[AgentEvent]:
        """The events up to the end of the turn."""
        return self.until(lambda event: isinstance(event, Finished))

    def turn(self, prompt: str, *attachments: Attachment) -> list[AgentEvent]:
        """A whole turn."""
        self.begin(prompt, *attachments)
        return self.finish()

    def asked(self, prompt: str = "") -> ApprovalWanted:
        """What it asks for, in answer to a prompt or further on."""
        if prompt:
            self.begin(prompt)
        wanted = self.until(lambda event: isinstance(event, ApprovalWanted | Finished))[-1]
        assert isinstance(wanted, ApprovalWanted), wanted
        return wanted

    def choose(self, wanted: ApprovalWanted, label: str) -> ApprovalOption:
        """Answer with the option whose label begins so."""
        option = next(option for option in wanted.options if option.label.startswith(label))
        self.write(self.codec.choose(wanted.request_id, option.option_id))
        return option


@contextmanager
def talk(
    home: Path,
    environment: Mapping[str, str],
    *,
    session_id: str = "",
    resume: bool = False,
    fork: bool = False,
    mode: Mode = Mode.ASK,
    rules: tuple[str, ...] = (),
    **env: str,
) -> Iterator[Talk]:
    """A process of the CLI, with its files under `home`."""
    for name in ("work", "tmp"):
        (home / name).mkdir(exist_ok=True)
    conversation = Conversation(
        directory=str(home / "work"),
        model="",
        mode=mode,
        cli_session_id=session_id or new_id(),
        resume=resume,
        fork=fork,
        rules=rules,
    )
    codec = ClaudeAgent().open(SPEC, conversation, "")
    process = subprocess.Popen(
        codec.argv,
        cwd=home / "work",
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TMPDIR": str(home / "tmp"),
            "IS_SANDBOX": "1",
            **environment,
            **env,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            made = Talk(process, codec)
            made.write(codec.hello)
            yield made
        finally:
            process.kill()


def answer(events: list[AgentEvent]) -> str:
    """The answer of a turn that went well, in which every line was understood."""
    assert not [event for event in events if isinstance(event, Garbled | Unrecognised)]
    (end,) = endings(events)
    assert end.ok, end.error
    return end.answer
