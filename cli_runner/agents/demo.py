"""The demo agent: our own small protocol of JSON lines, and a reference for people who write agents.

`docs/agents.md` describes the protocol; `cli_runner/demo_agent/` is the program, `demo_lines.py` reads its lines.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from cli_runner.agents.demo_lines import BESIDE, approval, finished
from cli_runner.agents.endings import explain
from cli_runner.agents.json_lines import Fields, decode_line, encode_line, flag, text
from cli_runner.agents.simplest import SimplestCodec
from cli_runner.lines import Framed, LineFramer
from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalAnswer,
    ApprovalWanted,
    ApprovalWithdrawn,
    Finished,
    Garbled,
    TaskEnded,
    TaskStarted,
    TextSaid,
    TurnBegan,
    Unrecognised,
)
from orchestrator.domain.agents import AgentSpec, Attachment, Codec, Conversation, Exit
from orchestrator.domain.states import Mode

PROGRAM = Path(__file__).resolve().parents[1] / "demo_agent"
_ALLOWS = (ApprovalAnswer.ALLOW_ONCE, ApprovalAnswer.ALLOW_ALWAYS)


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
        argv += [f"--allow={rule}" for rule in conversation.rules]
        return DemoCodec(tuple(argv))

    def new_session_id(self) -> str:
        """A UUID."""
        return str(uuid4())


class DemoCodec(SimplestCodec):
    """Encodes and decodes one process of the demo protocol.

    `_owed` are the prompts whose turns have not ended, `_own` says that a turn of the agent's own is under
    way, which goes first.
    """

    def __init__(self, argv: tuple[str, ...]) -> None:
        self._argv = argv
        self._framer = LineFramer()
        self._owed = 0
        self._own = False
        self._said: list[str] = []
        self._asked: dict[str, ApprovalWanted] = {}
        self._tasks: set[str] = set()
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
        """One line; files are named by their paths."""
        self._owed += 1
        line: dict[str, object] = {"do": "prompt", "text": prompt}
        if attachments:
            line["files"] = [{"path": file.path, "media_type": file.media_type} for file in attachments]
        return encode_line(line)

    def interrupt(self) -> bytes | None:
        """The turn then ends with `finished` and `interrupted`."""
        return encode_line({"do": "interrupt"})

    def deny(self, request_id: str, reason: str, *, ends_turn: bool = False) -> bytes:
        """«No», with a reason for the agent."""
        end = {"ends_turn": True} if ends_turn else {}
        return self._answer(request_id, {"allow": False, "reason": reason, **end})

    def allow(self, request_id: str) -> bytes:
        """«Yes, once»."""
        return self._answer(request_id, {"allow": True, "reason": ""})

    def choose(self, request_id: str, option_id: str) -> bytes:
        """One of the options, by its id."""
        asked = self._asked.get(request_id)
        option = next((each for each in asked.options if each.option_id == option_id), None) if asked else None
        if option is None:
            return b""
        return self._answer(request_id, {"allow": option.answer in _ALLOWS, "option": option_id, "reason": ""})

    def reply(self, request_id: str, answers: Mapping[str, Sequence[str]]) -> bytes:
        """The answers, by the ids of the questions."""
        asked = self._asked.get(request_id)
        if asked is None or not asked.questions:
            return b""
        known = {question.question_id for question in asked.questions}
        given = {name: [*words] for name, words in answers.items() if name in known}
        return self._answer(request_id, {"allow": True, "answers": given})

    def steer(self, steer_id: str, text: str) -> bytes | None:
        """Taken in between two steps; what comes after the last one becomes a turn of the agent's own."""
        if not (self._owed or self._own):
            return None
        return encode_line({"do": "steer", "id": steer_id, "text": text})

    def set_mode(self, mode: Mode) -> bytes | None:
        """At once."""
        return encode_line({"do": "mode", "mode": str(mode)})

    def set_model(self, model: str) -> bytes | None:
        """At once."""
        return encode_line({"do": "model", "model": model})

    def stop_task(self, task_id: str) -> bytes | None:
        """It then ends with `task_end`, and no turn follows."""
        return encode_line({"do": "stop_task", "id": task_id}) if task_id in self._tasks else None

    def feed(self, data: bytes) -> list[AgentEvent]:
        """Decode the next bytes of stdout."""
        return [event for framed in self._framer.push(data) for event in self._line(framed)]

    def ended(self, exit_: Exit) -> list[AgentEvent]:
        """What the last, unfinished line says, and the ends that are still owed."""
        events = [event for framed in self._framer.flush() for event in self._line(framed)]
        events += [TaskEnded(task_id=task_id, ok=False) for task_id in sorted(self._tasks)]
        self._tasks.clear()
        while self._own or self._owed:
            error = explain("The agent", exit_, printed=self._garbage)
            events += self._end(Finished(ok=False, answer="".join(self._said), error=error))
        return [*events, *self._withdraw()]

    def _answer(self, request_id: str, answer: Fields) -> bytes:
        if self._asked.pop(request_id, None) is None:
            return b""
        return encode_line({"do": "answer", "id": request_id, **answer})

    def _end(self, end: Finished) -> list[AgentEvent]:
        """The turn that is under way: the agent's own, if there is one."""
        if self._own:
            self._own = False
        else:
            self._owed -= 1
        self._said = []
        return [*self._withdraw(), end]

    def _withdraw(self) -> list[AgentEvent]:
        asked, self._asked = self._asked, {}
        return [ApprovalWithdrawn(request_id=request_id) for request_id in asked]

    def _line(self, framed: Framed) -> list[AgentEvent]:
        line = decode_line(framed)
        if line is None:
            return []
        if isinstance(line, Garbled):
            self._garbage = line.excerpt
            return [line]
        kind = text(line, "event")
        if beside := BESIDE.get(kind):
            return [beside(line)]
        return self._of_turn(kind, line)

    def _of_turn(self, kind: str, line: Fields) -> list[AgentEvent]:
        named = text(line, "id")
        match kind:
            case "text":
                return self._text(text(line, "delta"))
            case "ask":
                asked = approval(line)
                self._asked[asked.request_id] = asked
                return [asked]
            case "ask_end":
                # Said of every request, also of those that were answered: read again, their answers may be missing.
                return [ApprovalWithdrawn(request_id=named)] if self._asked.pop(named, None) else []
            case "turn":
                return self._begin_own(line)
            case "task":
                self._tasks.add(named)
                return [TaskStarted(task_id=named, title=text(line, "title"), can_stop=flag(line, "can_stop"))]
            case "task_end":
                self._tasks.discard(named)
                return [TaskEnded(task_id=named, ok=flag(line, "ok"))]
            case "finished":
                # With no turn open it is a late word about one that is already over.
                return self._end(finished(line, "".join(self._said))) if self._own or self._owed else []
            case _:
                return [Unrecognised(kind=kind)]

    def _text(self, delta: str) -> list[AgentEvent]:
        if not delta or not (self._own or self._owed):
            return []
        self._said.append(delta)
        return [TextSaid(delta=delta)]

    def _begin_own(self, line: Fields) -> list[AgentEvent]:
        events: list[AgentEvent] = []
        if self._own:  # it never said how the one before ended
            error = "The agent began another turn before it ended this one."
            events += self._end(Finished(ok=False, answer="".join(self._said), error=error))
        self._own, self._said = True, []
        return [*events, TurnBegan(reason=text(line, "reason"), steer_id=text(line, "steer_id"))]
