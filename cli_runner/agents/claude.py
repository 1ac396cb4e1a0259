"""Claude Code: one process for many turns, over its stdio control protocol.

Written against the recorded output of 2.1.197 and 2.1.329; lines of other kinds become `Unrecognised`.
"""

from collections.abc import Callable, Mapping, Sequence
from uuid import uuid4

from cli_runner.agents import claude_result, claude_wire
from cli_runner.agents.claude_approvals import Approvals
from cli_runner.agents.claude_system import system_events
from cli_runner.agents.claude_tools import result_summary, short_title
from cli_runner.agents.claude_turns import Turn, TurnWatch
from cli_runner.agents.json_lines import Fields, decode_line, flag, inner, objects, text, texts
from cli_runner.agents.simplest import SimplestCodec
from cli_runner.lines import Framed, LineFramer
from orchestrator.domain.agent_events import (
    AgentEvent,
    Finished,
    Garbled,
    Noticed,
    SessionStarted,
    TaskEnded,
    TextSaid,
    Thought,
    ToolFinished,
    ToolStarted,
    Unrecognised,
)
from orchestrator.domain.agents import AgentSpec, Attachment, Codec, Conversation, Exit


class ClaudeAgent:
    """The protocol `claude`."""

    def open(self, spec: AgentSpec, conversation: Conversation, prompt: str) -> Codec:
        """Make the codec of a new run; the prompt goes to stdin."""
        return ClaudeCodec(claude_wire.arguments(spec, conversation))

    def new_session_id(self) -> str:
        """A UUID: the CLI takes no other form."""
        return str(uuid4())


class ClaudeCodec(SimplestCodec):
    """Encodes and decodes one Claude Code process."""

    def __init__(self, argv: tuple[str, ...]) -> None:
        self._argv = argv
        self._framer = LineFramer()
        self._watch = TurnWatch()
        self._approvals = Approvals()
        self._ended_tasks: set[str] = set()
        self._tool_inputs: dict[str, Fields] = {}
        self._replies: list[bytes] = []
        self._cost_usd = 0.0
        self._garbage = ""
        self._readers: Mapping[str, Callable[[Fields], list[AgentEvent]]] = {
            "system": self._system,
            "stream_event": self._stream_event,
            "assistant": self._assistant,
            "user": self._user,
            "control_request": self._control_request,
            "control_cancel_request": self._approvals.cancelled,
            "control_response": self._control_response,
            "command_lifecycle": self._lifecycle,
            "rate_limit_event": self._rate_limit,
            "result": self._result,
            "keep_alive": lambda _: [],
            "tool_progress": lambda _: [],
        }

    @property
    def argv(self) -> tuple[str, ...]:
        """The program and its arguments."""
        return self._argv

    @property
    def warm(self) -> bool:
        """The process takes further turns."""
        return True

    @property
    def hello(self) -> bytes:
        """`initialize`; its answer is not waited for."""
        return claude_wire.request("hello", "initialize")

    def begin_turn(self, prompt: str, attachments: Sequence[Attachment] = ()) -> bytes:
        """One message. Its id is new each time: the CLI may drop a message whose id it has seen."""
        self._watch.turn = Turn()
        return claude_wire.prompt(prompt, str(uuid4()))

    def interrupt(self) -> bytes | None:
        """Ask for the end of the running turn, which still says its `result`."""
        return claude_wire.request(claude_wire.INTERRUPT, "interrupt")

    def allow(self, request_id: str) -> bytes:
        """Echo the input, as the CLI demands."""
        return self._approvals.allow(request_id)

    def deny(self, request_id: str, reason: str, *, ends_turn: bool = False) -> bytes:
        """Refuse one tool call; the turn goes on, unless it is to end."""
        return self._approvals.deny(request_id, reason, ends_turn=ends_turn)

    def feed(self, data: bytes) -> list[AgentEvent]:
        """Decode the next bytes of stdout."""
        return [event for framed in self._framer.push(data) for event in self._line(framed)]

    def replies(self) -> list[bytes]:
        """Refusals of requests that nobody here can fulfil; an interrupt that came too early."""
        replies, self._replies = self._replies, []
        return replies

    def ended(self, exit_: Exit) -> list[AgentEvent]:
        """What the last, unfinished line says, and the `Finished` that is still owed."""
        events = [event for framed in self._framer.flush() for event in self._line(framed)]
        if turn := self._watch.turn:
            self._watch.turn = None
            events += self._approvals.withdraw_all()
            events.append(claude_result.finished_by_exit(exit_, said=turn.speech.text, printed=self._garbage))
        return events

    def _line(self, framed: Framed) -> list[AgentEvent]:
        line = decode_line(framed)
        if line is None:
            return []
        if isinstance(line, Garbled):
            self._garbage = line.excerpt
            return [line]
        reader = self._readers.get(text(line, "type"))
        return reader(line) if reader else [Unrecognised(kind=text(line, "type"))]

    def _system(self, line: Fields) -> list[AgentEvent]:
        if text(line, "subtype") != "init":
            return [event for event in system_events(line) if self._is_news(event)]
        self._watch.saw_init(line)
        self._interrupt_if_early()
        turn = self._watch.mine
        if turn is None:
            return []
        turn.session_named = True
        return [SessionStarted(cli_session_id=text(line, "session_id"), model=text(line, "model"))]

    def _is_news(self, event: AgentEvent) -> bool:
        """A task's end is told twice, as `task_updated` and as `task_notification`; once is enough."""
        if not isinstance(event, TaskEnded):
            return True
        told = event.task_id in self._ended_tasks
        self._ended_tasks.add(event.task_id)
        return not told

    def _lifecycle(self, line: Fields) -> list[AgentEvent]:
        self._watch.saw_lifecycle(line)
        self._interrupt_if_early()
        return []

    def _control_response(self, line: Fields) -> list[AgentEvent]:
        """Note an interrupt that came before its turn had begun: the CLI then runs the turn all the same."""
        response, turn = inner(line, "response"), self._watch.turn
        if turn and text(response, "request_id") == claude_wire.INTERRUPT:
            turn.interrupt_again = bool(texts(inner(response, "response"), "still_queued"))
        return []

    def _interrupt_if_early(self) -> None:
        turn = self._watch.mine
        if turn and turn.begun and turn.interrupt_again:
            turn.interrupt_again = False
            self._replies.append(claude_wire.request(f"{claude_wire.INTERRUPT}-again", "interrupt"))

    def _rate_limit(self, line: Fields) -> list[AgentEvent]:
        status = text(inner(line, "rate_limit_info"), "status")
        return [] if status in ("", "allowed") else [Noticed(text=f"Claude's rate limit: {status}")]

    def _stream_event(self, line: Fields) -> list[AgentEvent]:
        if text(line, "parent_tool_use_id"):
            return []
        self._watch.saw_content()
        turn = self._watch.mine
        if turn is None:
            return []
        event = inner(line, "event")
        match text(event, "type"):
            case "content_block_start":
                turn.speech.block_began()
                turn.thoughts.block_began()
            case "content_block_delta":
                return self._delta(turn, inner(event, "delta"))
            case _:
                pass
        return []

    def _delta(self, turn: Turn, delta: Fields) -> list[AgentEvent]:
        match text(delta, "type"):
            case "text_delta":
                said = turn.speech.delta(text(delta, "text"))
                return [TextSaid(delta=said)] if said else []
            case "thinking_delta":
                thought = turn.thoughts.delta(text(delta, "thinking"))
                return [Thought(delta=thought)] if thought else []
            case _:
                return []

    def _assistant(self, line: Fields) -> list[AgentEvent]:
        sub_agent = bool(text(line, "parent_tool_use_id"))
        if not sub_agent:
            self._watch.saw_content()
        turn = self._watch.mine
        message = inner(line, "message")
        synthetic = flag(line, "is_api_error_message") or text(message, "model") == "<synthetic>"
        events: list[AgentEvent] = []
        for block in objects(message, "content"):
            if text(block, "type") == "tool_use":
                events.append(self._tool_started(block))
            elif turn and synthetic:
                turn.synthetic += text(block, "text")
            elif turn and not sub_agent:
                events += self._said(turn, block)
        if turn and not sub_agent and not synthetic:
            turn.context_tokens = claude_result.tokens_in(inner(message, "usage")) or turn.context_tokens
        return events

    def _said(self, turn: Turn, block: Fields) -> list[AgentEvent]:
        match text(block, "type"):
            case "text":
                said = turn.speech.whole(text(block, "text"))
                return [TextSaid(delta=said)] if said else []
            case "thinking":
                thought = turn.thoughts.whole(text(block, "thinking"))
                return [Thought(delta=thought)] if thought else []
            case _:
                return []

    def _tool_started(self, block: Fields) -> ToolStarted:
        tool_id, tool_input = text(block, "id"), inner(block, "input")
        self._tool_inputs[tool_id] = tool_input
        return ToolStarted(tool_id=tool_id, name=text(block, "name"), title=short_title(tool_input))

    def _user(self, line: Fields) -> list[AgentEvent]:
        events: list[AgentEvent] = []
        turn = self._watch.mine
        for block in objects(inner(line, "message"), "content"):
            if turn and text(block, "text").startswith(claude_result.INTERRUPTED):
                turn.aborted = True
            if text(block, "type") == "tool_result":
                tool_id = text(block, "tool_use_id")
                self._tool_inputs.pop(tool_id, None)
                events += self._approvals.tool_ended(tool_id)
                ok = not flag(block, "is_error")
                events.append(ToolFinished(tool_id=tool_id, ok=ok, summary=result_summary(block)))
        return events

    def _control_request(self, line: Fields) -> list[AgentEvent]:
        request_id, wish = text(line, "request_id"), inner(line, "request")
        subtype = text(wish, "subtype")
        if subtype != "can_use_tool":
            self._replies.append(claude_wire.unsupported(request_id, subtype))
            return [Unrecognised(kind=f"control_request/{subtype}")]
        called_with = self._tool_inputs.get(text(wish, "tool_use_id"), {})
        return [self._approvals.wanted(line, called_with)]

    def _cost_of(self, result: Fields) -> float | None:
        """What this turn cost: `total_cost_usd` counts from the start of the process."""
        total = claude_result.total_cost(result)
        since = claude_result.cost_since_last(result)
        if since is None and total is not None:
            since = max(0.0, total - self._cost_usd)
        self._cost_usd = total if total is not None else self._cost_usd
        return since

    def _result(self, line: Fields) -> list[AgentEvent]:
        if claude_result.is_compaction(line):
            return []
        cost_usd = self._cost_of(line)
        turn = self._watch.ends_with(line)
        if turn is None:
            told = text(line, "result")
            return [Noticed(text=told)] if told.strip() else []
        end: Finished = claude_result.finished(
            line,
            said=turn.speech.text,
            synthetic=turn.synthetic,
            aborted=turn.aborted,
            cost_usd=cost_usd,
            context=turn.context_tokens,
        )
        events = self._approvals.withdraw_all()
        session_id = text(line, "session_id")
        if session_id and end.ok and not turn.session_named:
            events.append(SessionStarted(cli_session_id=session_id))
        return [*events, end]
