"""Claude Code: one process for many turns, over its stdio control protocol.

Written against the recorded output of 2.1.197 and 2.1.329; lines of other kinds become `Unrecognised`.
"""

from collections.abc import Callable, Mapping, Sequence
from uuid import uuid4

from cli_runner.agents import claude_result, claude_wire
from cli_runner.agents.claude_approvals import Approvals
from cli_runner.agents.claude_limits import limit_words
from cli_runner.agents.claude_orders import Orders
from cli_runner.agents.claude_speech import SpeechReader
from cli_runner.agents.claude_steers import Steers
from cli_runner.agents.claude_system import system_events
from cli_runner.agents.claude_tasks import Tasks
from cli_runner.agents.claude_tools import ToolCalls
from cli_runner.agents.claude_turns import TurnWatch
from cli_runner.agents.claude_updates import in_force
from cli_runner.agents.claude_usage import context_limit_of
from cli_runner.agents.json_lines import Fields, decode_line, inner, objects, text, texts
from cli_runner.agents.simplest import SimplestCodec
from cli_runner.lines import Framed, LineFramer
from orchestrator.domain.agent_events import AgentEvent, Garbled, Noticed, SessionStarted, Unrecognised
from orchestrator.domain.agents import AgentSpec, Attachment, Codec, Conversation, Exit
from orchestrator.domain.states import Mode


class ClaudeAgent:
    """The protocol `claude`."""

    def open(self, spec: AgentSpec, conversation: Conversation, prompt: str) -> Codec:
        """Make the codec of a new run; the prompt goes to stdin."""
        return ClaudeCodec(spec, conversation)

    def new_session_id(self) -> str:
        """A UUID: the CLI takes no other form."""
        return str(uuid4())


class ClaudeCodec(SimplestCodec):
    """Encodes and decodes one Claude Code process."""

    def __init__(self, spec: AgentSpec, conversation: Conversation) -> None:
        self._argv = claude_wire.arguments(spec, conversation)
        self._framer = LineFramer()
        self._steers = Steers()
        self._tasks = Tasks()
        self._watch = TurnWatch(self._steers, self._tasks)
        self._tools = ToolCalls()
        self._orders = Orders(spec, conversation)
        self._approvals = Approvals(conversation.directory, in_force(conversation.mode, conversation.rules))
        self._speech = SpeechReader(self._watch)
        self._replies: list[bytes] = []
        self._cost_usd = 0.0
        self._limit_told = ""
        self._garbage = ""
        self._readers: Mapping[str, Callable[[Fields], list[AgentEvent]]] = {
            "system": self._system,
            "stream_event": self._speech.stream_event,
            "assistant": self._assistant,
            "user": self._user,
            "control_request": self._control_request,
            "control_cancel_request": self._approvals.cancelled,
            "control_response": self._orders.answered,
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
        return claude_wire.request(claude_wire.HELLO, "initialize")

    def begin_turn(self, prompt: str, attachments: Sequence[Attachment] = ()) -> bytes:
        """One message. Its id is new each time: the CLI drops a message whose id it has seen."""
        self._watch.prompt_given()
        return claude_wire.message(claude_wire.content_of(prompt, attachments), str(uuid4()))

    def interrupt(self) -> bytes | None:
        """Ask for the end of the running turn, which still says its `result`."""
        return claude_wire.request(claude_wire.INTERRUPT, "interrupt")

    def allow(self, request_id: str) -> bytes:
        """Echo the input, as the CLI demands."""
        return self._approvals.allow(request_id)

    def deny(self, request_id: str, reason: str, *, ends_turn: bool = False) -> bytes:
        """Refuse one tool call, or ask for a better plan; the turn goes on, unless it is to end."""
        return self._approvals.deny(request_id, reason, ends_turn=ends_turn)

    def choose(self, request_id: str, option_id: str) -> bytes:
        """Allow once or for the session, approve a plan, or refuse."""
        return self._approvals.choose(request_id, option_id)

    def reply(self, request_id: str, answers: Mapping[str, Sequence[str]]) -> bytes:
        """Answer questions."""
        return self._approvals.reply(request_id, answers)

    def steer(self, steer_id: str, text: str) -> bytes | None:
        """A message into the turn under way; if that is over meanwhile, the CLI makes a turn of it."""
        if not self._watch.is_open and not self._steers.given(steer_id):
            return None
        return self._steers.give(steer_id, text)

    def set_mode(self, mode: Mode) -> bytes | None:
        """At once, also in the middle of a turn. `all` has to be there from the process's beginning."""
        return self._orders.set_mode(mode)

    def set_model(self, model: str) -> bytes | None:
        """The CLI asks the model's API first whether there is such a model."""
        return self._orders.set_model(model)

    def stop_task(self, task_id: str) -> bytes | None:
        """A shell or an agent in the background."""
        return self._orders.stop_task(task_id) if self._tasks.runs(task_id) else None

    def feed(self, data: bytes) -> list[AgentEvent]:
        """Decode the next bytes of stdout."""
        return [event for framed in self._framer.push(data) for event in self._line(framed)]

    def replies(self) -> list[bytes]:
        """Refusals of what nobody here can fulfil or answer; an interrupt that came too early."""
        replies, self._replies = self._replies, []
        return replies

    def ended(self, exit_: Exit) -> list[AgentEvent]:
        """What the last, unfinished line says, and every `Finished` that is still owed."""
        events = [event for framed in self._framer.flush() for event in self._line(framed)]
        turns = self._watch.all_open()
        if turns:
            withdrawn, _ = self._approvals.withdraw_all()
            events += [*withdrawn, *self._steers.refuse_all()]
        for turn in turns:
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
        events = reader(line) if reader else [Unrecognised(kind=text(line, "type"))]
        return [*self._steers.told_late(), *events]

    def _system(self, line: Fields) -> list[AgentEvent]:
        match text(line, "subtype"):
            case "init":
                return self._init(line)
            case "task_started":
                return self._tasks.started(line)
            case "task_updated":
                return self._tasks.updated(line)
            case "task_notification":
                return self._tasks.notified(line)
            case _:
                return system_events(line)

    def _init(self, line: Fields) -> list[AgentEvent]:
        for uuid in texts(line, "user_message_uuids"):
            self._replies += self._orders.interrupt_again(uuid)
        events = self._watch.saw_init(line)
        turn = self._watch.current
        if turn is None:
            return events
        turn.session_named = True
        named, model = text(line, "session_id"), text(line, "model")
        return [*events, SessionStarted(cli_session_id=named, model=model, models=self._orders.models)]

    def _lifecycle(self, line: Fields) -> list[AgentEvent]:
        if text(line, "state") == "started":
            self._replies += self._orders.interrupt_again(text(line, "command_uuid"))
        return self._watch.saw_lifecycle(line)

    def _rate_limit(self, line: Fields) -> list[AgentEvent]:
        words = limit_words(line)
        told, self._limit_told = self._limit_told, words
        return [Noticed(text=words)] if words and words != told else []

    def _assistant(self, line: Fields) -> list[AgentEvent]:
        said = self._speech.assistant(line)
        started = self._tools.started(line)
        # A background agent works on between turns: nobody looks at its tools then.
        return said + (started if self._watch.current else [])

    def _user(self, line: Fields) -> list[AgentEvent]:
        turn = self._watch.current
        blocks = objects(inner(line, "message"), "content")
        if turn and any(text(block, "text").startswith(claude_result.INTERRUPTED) for block in blocks):
            turn.aborted = True
        events: list[AgentEvent] = []
        for finished in self._tools.finished(line):
            events += self._approvals.tool_ended(finished.tool_id)
            events += [finished] if turn else []
        return events

    def _control_request(self, line: Fields) -> list[AgentEvent]:
        request_id, wish = text(line, "request_id"), inner(line, "request")
        subtype = text(wish, "subtype")
        if subtype != "can_use_tool":
            self._replies.append(claude_wire.unsupported(request_id, subtype))
            return [Unrecognised(kind=f"control_request/{subtype}")]
        return [self._approvals.wanted(line, self._tools.input_of(text(wish, "tool_use_id")))]

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
        events, turn = self._watch.ends_with(line)
        if turn is None:
            told = text(line, "result")
            return [*events, Noticed(text=told)] if told.strip() else events
        limit = context_limit_of(line, turn.meter.model)
        self._speech.context_limit = limit or self._speech.context_limit
        end = claude_result.finished(line, turn, cost_usd=cost_usd, context_limit=self._speech.context_limit)
        withdrawn, refusals = self._approvals.withdraw_all()
        self._replies += refusals
        events += withdrawn
        session_id = text(line, "session_id")
        if session_id and end.ok and not turn.session_named:
            events.append(SessionStarted(cli_session_id=session_id))
        return [*events, end]
