"""The demo agent: our own small protocol of JSON lines, and a reference for people who write agents.

`docs/agents.md` describes the protocol; `cli_runner/demo_agent.py` is the program.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from cli_runner.agents.endings import explain, one_line
from cli_runner.agents.json_lines import Fields, decode_line, encode_line, flag, inner, number, text, whole
from cli_runner.agents.simplest import SimplestCodec
from cli_runner.lines import Framed, LineFramer
from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalWanted,
    ApprovalWithdrawn,
    Finished,
    Garbled,
    Noticed,
    SessionStarted,
    TextSaid,
    Thought,
    ToolFinished,
    ToolStarted,
    Unrecognised,
    Usage,
)
from orchestrator.domain.agents import AgentSpec, Attachment, Codec, Conversation, Exit

PROGRAM = Path(__file__).resolve().parents[1] / "demo_agent.py"


class DemoAgent:
    """The protocol `demo`. Without a `command` it is the program that comes with topicd."""

    def open(self, spec: AgentSpec, conversation: Conversation, prompt: str) -> Codec:
        """Make the codec of a new run; the prompt goes to stdin."""
        argv = [*(spec.command or (sys.executable, "-I", str(PROGRAM)))]
        argv.append(f"--mode={conversation.mode}")
        if conversation.cli_session_id:
            option = "resume" if conversation.resume else "session"
            argv.append(f"--{option}={conversation.cli_session_id}")
        if model := conversation.model or spec.model:
            argv.append(f"--model={model}")
        return DemoCodec(tuple(argv))

    def new_session_id(self) -> str:
        """A UUID."""
        return str(uuid4())


def _finished(line: Fields, said: str) -> Finished:
    usage = inner(line, "usage")
    ok = flag(line, "ok")
    return Finished(
        ok=ok,
        answer=text(line, "answer") or said,
        error="" if ok else one_line(text(line, "error")) or "The agent gave no reason.",
        interrupted=flag(line, "interrupted"),
        session_unusable=flag(line, "session_unusable"),
        usage=Usage(
            input_tokens=whole(usage, "input_tokens"),
            output_tokens=whole(usage, "output_tokens"),
            cost_usd=number(usage, "cost_usd"),
        ),
    )


_SIMPLE: Mapping[str, Callable[[Fields], AgentEvent]] = {
    "session": lambda line: SessionStarted(cli_session_id=text(line, "id"), model=text(line, "model")),
    "thought": lambda line: Thought(delta=text(line, "delta")),
    "tool": lambda line: ToolStarted(
        tool_id=text(line, "id"), name=text(line, "name"), title=one_line(text(line, "title"))
    ),
    "tool_end": lambda line: ToolFinished(
        tool_id=text(line, "id"), ok=flag(line, "ok"), summary=one_line(text(line, "summary"))
    ),
    "notice": lambda line: Noticed(text=text(line, "text")),
}
"""Lines that mean one event, whatever came before."""


class DemoCodec(SimplestCodec):
    """Encodes and decodes one process of the demo protocol."""

    def __init__(self, argv: tuple[str, ...]) -> None:
        self._argv = argv
        self._framer = LineFramer()
        self._open = False
        self._said: list[str] = []
        self._asked: set[str] = set()
        self._garbage = ""

    @property
    def argv(self) -> tuple[str, ...]:
        """The program and its arguments."""
        return self._argv

    @property
    def warm(self) -> bool:
        """The process takes further turns."""
        return True

    def begin_turn(self, prompt: str, attachments: Sequence[Attachment] = ()) -> bytes:
        """One line."""
        self._open, self._said = True, []
        return encode_line({"do": "prompt", "text": prompt})

    def interrupt(self) -> bytes | None:
        """The turn then ends with `finished` and `interrupted`."""
        return encode_line({"do": "interrupt"})

    def deny(self, request_id: str, reason: str, *, ends_turn: bool = False) -> bytes:
        """«No», with a reason for the agent. It knows no other end of a turn than the interrupt."""
        return self._answer(request_id, allow=False, reason=reason)

    def allow(self, request_id: str) -> bytes:
        """«Yes, once»."""
        return self._answer(request_id, allow=True, reason="")

    def feed(self, data: bytes) -> list[AgentEvent]:
        """Decode the next bytes of stdout."""
        return [event for framed in self._framer.push(data) for event in self._line(framed)]

    def ended(self, exit_: Exit) -> list[AgentEvent]:
        """What the last, unfinished line says, and the `Finished` that is still owed."""
        events = [event for framed in self._framer.flush() for event in self._line(framed)]
        if self._open:
            error = explain("The agent", exit_, printed=self._garbage)
            events += self._end(Finished(ok=False, answer="".join(self._said), error=error))
        return events

    def _answer(self, request_id: str, *, allow: bool, reason: str) -> bytes:
        if request_id not in self._asked:
            return b""
        self._asked.remove(request_id)
        return encode_line({"do": "answer", "id": request_id, "allow": allow, "reason": reason})

    def _end(self, finished: Finished) -> list[AgentEvent]:
        self._open = False
        asked, self._asked = sorted(self._asked), set()
        return [*(ApprovalWithdrawn(request_id=request_id) for request_id in asked), finished]

    def _line(self, framed: Framed) -> list[AgentEvent]:
        line = decode_line(framed)
        if line is None:
            return []
        if isinstance(line, Garbled):
            self._garbage = line.excerpt
            return [line]
        kind = text(line, "event")
        if simple := _SIMPLE.get(kind):
            return [simple(line)]
        match kind:
            case "text":
                return self._text(text(line, "delta"))
            case "ask":
                return self._ask(line)
            case "ask_end":
                self._asked.discard(text(line, "id"))
                return [ApprovalWithdrawn(request_id=text(line, "id"))]
            case "finished":
                # With no turn open it is a late word about one that is already over.
                return self._end(_finished(line, "".join(self._said))) if self._open else []
            case _:
                return [Unrecognised(kind=kind)]

    def _text(self, delta: str) -> list[AgentEvent]:
        if not delta or not self._open:
            return []
        self._said.append(delta)
        return [TextSaid(delta=delta)]

    def _ask(self, line: Fields) -> list[AgentEvent]:
        request_id = text(line, "id")
        self._asked.add(request_id)
        return [
            ApprovalWanted(
                request_id=request_id,
                tool_name=text(line, "name"),
                title=text(line, "title") or text(line, "name"),
                detail=text(line, "detail"),
                tool_id=text(line, "tool_id"),
            )
        ]
