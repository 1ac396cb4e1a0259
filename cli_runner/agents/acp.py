"""Any agent of the Agent Client Protocol (version 1) over stdio: one process for many turns.

Written against the recorded output of Gemini CLI 0.61 and OpenCode 1.18, and the protocol's own words;
what neither knows becomes `Unrecognised`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cli_runner.agents import acp_wire
from cli_runner.agents.acp_files import WRITE, FileRequests
from cli_runner.agents.acp_greeting import Greeting
from cli_runner.agents.acp_permissions import Permissions
from cli_runner.agents.acp_tools import ToolCalls
from cli_runner.agents.acp_turn import Meter, Turn, finished, plan, shown
from cli_runner.agents.endings import explain, one_line
from cli_runner.agents.json_lines import Fields, decode_line, inner, text
from cli_runner.agents.simplest import SimplestCodec
from cli_runner.lines import Framed, LineFramer
from orchestrator.domain.agent_events import (
    AgentEvent,
    FileAsked,
    Finished,
    Garbled,
    Noticed,
    SessionStarted,
    TextSaid,
    Thought,
    Unrecognised,
    Used,
)
from orchestrator.domain.agents import AgentSpec, Attachment, Codec, Conversation, Exit
from orchestrator.domain.errors import Refusal
from orchestrator.domain.states import Mode

_QUIET = frozenset(
    {
        "available_commands_update",
        "config_option_update",
        "plan_removed",
        "session_info_update",
        "user_message_chunk",
    }
)
_GEMINI_MODE = "[MODE_UPDATE] "
"""How Gemini CLI tells of a mode: as if the model had said it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcpAgent:
    """The protocol `acp`: `command` is the whole command, such as `["gemini", "--acp"]`."""

    serves_files: bool = False
    """Whether its codecs offer the agent to read and write text files for it (`FileAsked`)."""

    def open(self, spec: AgentSpec, conversation: Conversation, prompt: str) -> Codec:
        """Make the codec of a new run; the prompt goes to stdin. Raises Refusal without a command."""
        if not spec.command:
            raise Refusal("refusal-no-command", agent=spec.name, protocol="acp")
        model = conversation.model or spec.model
        return AcpCodec(spec.command, conversation, model, serves_files=self.serves_files)

    def new_session_id(self) -> str:
        """None: the agent chooses it."""
        return ""


class AcpCodec(SimplestCodec):
    """Encodes and decodes one process of an ACP agent.

    What belongs to no turn is told to nobody: least of all the history of a session that was taken up.
    """

    def __init__(
        self, argv: tuple[str, ...], conversation: Conversation, model: str, *, serves_files: bool = False
    ) -> None:
        self._argv = argv
        self._framer = LineFramer()
        self._greeting = Greeting(conversation, model)
        self._tools = ToolCalls()
        self._permissions = Permissions(conversation.directory)
        self._serves_files = serves_files
        self._files = FileRequests()
        self._meter = Meter()
        if self._greeting.resumed:
            self._meter.taken_up()
        self._turn: Turn | None = None
        self._next = acp_wire.FIRST_PROMPT
        self._first_is_owed = True
        self._replies: list[bytes] = []
        self._garbage = ""
        self._updates: Mapping[str, Callable[[Turn, Fields], list[AgentEvent]]] = {
            "agent_message_chunk": self._message,
            "agent_thought_chunk": self._thought,
            "tool_call": self._tool,
            "tool_call_update": self._tool,
            "plan": lambda _turn, update: [plan(update)],
            "plan_update": lambda _turn, update: [plan(update)],
            "current_mode_update": lambda _turn, update: [_mode_is(text(update, "currentModeId"))],
        }

    @property
    def argv(self) -> tuple[str, ...]:
        """The command, as it was configured."""
        return self._argv

    @property
    def warm(self) -> bool:
        """The process takes further turns, unless it could not even begin."""
        return self._greeting.failure is None

    @property
    def ready(self) -> bool:
        """Once there is a session, in the mode that is wanted."""
        return self._greeting.ready

    @property
    def hello(self) -> bytes:
        """`initialize`."""
        return acp_wire.hello(serves_files=self._serves_files)

    def begin_turn(self, prompt: str, attachments: Sequence[Attachment] = ()) -> bytes:
        """One request, whose answer is the end of the turn. Files go along as links, pictures as they are."""
        self._turn = Turn(number=self._next)
        self._next += 1
        self._first_is_owed = False
        self._meter.turn_began()
        greeting = self._greeting
        return acp_wire.prompt(
            self._turn.number, greeting.session_id, prompt, attachments, pictures=greeting.agent.sees
        )

    def interrupt(self) -> bytes | None:
        """End the turn, which is then answered with `cancelled`; what waits for permission gives up, too."""
        session_id = self._greeting.session_id
        return acp_wire.cancel(session_id) + self._permissions.abandoned() if session_id else None

    def allow(self, request_id: str) -> bytes:
        """«Yes, once»."""
        return self._permissions.allow(request_id)

    def choose(self, request_id: str, option_id: str) -> bytes:
        """One of the options that the agent offered. What «always» means to it, it decides, for its own process."""
        return self._permissions.choose(request_id, option_id)

    def served(self, request_id: str, text: str = "") -> bytes:
        """The file that was asked for, or that it was written."""
        return self._files.served(request_id, text)

    def refuse_service(self, request_id: str, why: str, *, missing: bool = False) -> bytes:
        """No file, and why."""
        return self._files.refused(request_id, why, missing=missing)

    def set_mode(self, mode: Mode) -> bytes | None:
        """Another mode, at once. None if the agent offers none that is this one; a refusal comes as `Noticed`."""
        return self._greeting.change_mode(mode)

    def set_model(self, model: str) -> bytes | None:
        """The same for the model."""
        return self._greeting.change_model(model)

    def deny(self, request_id: str, reason: str, *, ends_turn: bool = False) -> bytes:
        """«No». The protocol has no place for a reason. With `ends_turn` the turn is cancelled as well."""
        if not ends_turn:
            return self._permissions.deny(request_id)
        answer = self._permissions.abandon(request_id)
        return acp_wire.cancel(self._greeting.session_id) + answer if answer else b""

    def feed(self, data: bytes) -> list[AgentEvent]:
        """Decode the next bytes of stdout."""
        return [event for framed in self._framer.push(data) for event in self._line(framed)]

    def replies(self) -> list[bytes]:
        """The next request of the greeting; refusals of requests that nobody here can fulfil."""
        replies, self._replies = self._replies, []
        return replies

    def ended(self, exit_: Exit) -> list[AgentEvent]:
        """What the last, unfinished line says, and the `Finished` that is still owed.

        It is owed to the first prompt even if there was no time to give it.
        """
        events = [event for framed in self._framer.flush() for event in self._line(framed)]
        if self._turn or self._first_is_owed:
            said = self._turn.said.speech.text if self._turn else ""
            error = explain(self._greeting.agent.name, exit_, printed=self._garbage)
            events += self._end(Finished(ok=False, answer=said, error=error))
        return events

    def _line(self, framed: Framed) -> list[AgentEvent]:
        line = decode_line(framed)
        if line is None:
            return []
        if isinstance(line, Garbled):
            self._garbage = line.excerpt
            return [line]
        return [*self._named(), *self._said(line)]

    def _named(self) -> list[AgentEvent]:
        """What begins a turn, told with the first thing that the agent says in it."""
        turn, greeting = self._turn, self._greeting
        if turn is None or turn.named or not greeting.session_id:
            return []
        turn.named = True
        remarks, greeting.remarks = greeting.remarks, []
        return [
            SessionStarted(cli_session_id=greeting.session_id, model=greeting.model, models=greeting.models),
            *(Noticed(text=remark) for remark in remarks),
        ]

    def _said(self, line: Fields) -> list[AgentEvent]:
        method, number = text(line, "method"), acp_wire.rpc_id(line)
        if not method:
            return self._answer(number, line) if isinstance(number, int) else [Unrecognised(kind="message")]
        params = inner(line, "params")
        match method:
            case "session/update":
                return self._update(params)
            case "session/request_permission" if number is not None:
                return self._asked(number, params)
            case "fs/read_text_file" | "fs/write_text_file" if number is not None and self._serves_files:
                return self._file_asked(number, method, params)
            case "$/cancel_request":
                return self._permissions.cancelled(params)
            case _:
                if number is not None:
                    self._replies.append(acp_wire.unsupported(number, method))
                return [Unrecognised(kind=one_line(method, 80))]

    def _asked(self, number: acp_wire.RpcId, params: Fields) -> list[AgentEvent]:
        call, events = self._tools.asked_about(inner(params, "toolCall"))
        wanted, written = self._permissions.wanted(number, params, call)
        self._replies += [written] if written else []
        return [*events, *wanted]

    def _file_asked(self, number: acp_wire.RpcId, method: str, params: Fields) -> list[AgentEvent]:
        if self._turn is None or text(params, "sessionId") != self._greeting.session_id:
            refusal = acp_wire.file_refused(number, "Files are served in a turn of the session only.")
        elif method == WRITE and self._greeting.plans:
            refusal = acp_wire.file_refused(number, "Nothing is written in the planning mode.")
        elif isinstance(asked := self._files.asked(number, method, params), FileAsked):
            return [asked]
        else:
            refusal = asked
        self._replies.append(refusal)
        return []

    def _answer(self, number: int, line: Fields) -> list[AgentEvent]:
        if number > acp_wire.FIRST_PING:
            return self._permissions.echoed(number - acp_wire.FIRST_PING)
        if number in (acp_wire.NEXT_MODE, acp_wire.NEXT_MODEL):
            refusal = self._greeting.changed(number, line)
            return [Noticed(text=refusal)] if refusal else []
        if number < acp_wire.FIRST_PROMPT:
            self._replies += self._greeting.answered(number, line)
            failure = self._greeting.failure
            return self._end(failure) if failure and (self._first_is_owed or self._turn) else []
        turn = self._turn
        if turn is None or number < turn.number:
            return []  # a late word about a turn that is over
        # A prompt that was counted and never given has no answer: the next one's is further on.
        self._next = number + 1
        return self._end(finished(self._greeting.agent, turn, line, self._meter))

    def _end(self, end: Finished) -> list[AgentEvent]:
        self._turn, self._first_is_owed = None, False
        self._replies += self._files.drop_all()
        return [*self._permissions.withdraw_all(), *self._tools.close(), end]

    def _update(self, params: Fields) -> list[AgentEvent]:
        update, session_id = inner(params, "update"), text(params, "sessionId")
        kind = text(update, "sessionUpdate")
        if session_id not in ("", self._greeting.session_id):
            return []
        if kind == "usage_update":
            self._meter.read(update)
            return [Used(usage=self._meter.usage({}))] if self._turn else []
        reader = self._updates.get(kind)
        if reader is None:
            return [] if kind in _QUIET else [Unrecognised(kind=f"session/update {one_line(kind, 60)}")]
        return reader(self._turn, update) if self._turn else []

    def _message(self, turn: Turn, chunk: Fields) -> list[AgentEvent]:
        said = shown(inner(chunk, "content"))
        if said.startswith(_GEMINI_MODE):
            return [_mode_is(said.removeprefix(_GEMINI_MODE))]
        said = turn.said.add(said, turn.message_of(chunk))
        return [TextSaid(delta=said)] if said else []

    def _thought(self, turn: Turn, chunk: Fields) -> list[AgentEvent]:
        thought = turn.thought.add(shown(inner(chunk, "content")), turn.message_of(chunk))
        return [Thought(delta=thought)] if thought else []

    def _tool(self, turn: Turn, report: Fields) -> list[AgentEvent]:
        events = self._tools.reported(report)
        turn.calls += bool(events)
        ended = text(report, "status") in ("completed", "failed")
        of_requests = self._permissions.tool_ended if ended else self._permissions.told_of
        return [*of_requests(text(report, "toolCallId")), *events]


def _mode_is(mode: str) -> Noticed:
    return Noticed(text=f"The agent's mode is now «{one_line(mode, 60)}».")
