"""Codex: one process for many turns, over the JSON-RPC of `codex app-server`.

Written against the recorded output and the schemas of 0.169; messages of other kinds become
`Unrecognised`. A process serves one thread, which is the session.
"""

from collections.abc import Mapping, Sequence

from cli_runner.agents import codex_wire
from cli_runner.agents.codex_errors import error_line, finished_by_exit, refused
from cli_runner.agents.codex_greeting import Greeting
from cli_runner.agents.codex_notices import Notices
from cli_runner.agents.codex_requests import Requests
from cli_runner.agents.codex_steers import Steers
from cli_runner.agents.codex_story import Story
from cli_runner.agents.codex_turn import Turn
from cli_runner.agents.json_lines import Fields, decode_line, inner, text
from cli_runner.agents.simplest import SimplestCodec
from cli_runner.lines import Framed, LineFramer
from orchestrator.domain.agent_events import AgentEvent, Finished, Garbled, Noticed, Unrecognised
from orchestrator.domain.agents import AgentSpec, Attachment, Codec, Conversation, Exit
from orchestrator.domain.states import Mode

_ELICITATION = "mcpServer/elicitation/request"


class CodexAgent:
    """The protocol `codex`."""

    def open(self, spec: AgentSpec, conversation: Conversation, prompt: str) -> Codec:
        """Make the codec of a new run; the prompt goes to stdin."""
        thread = codex_wire.thread(spec, conversation)
        return CodexCodec(codex_wire.arguments(spec), thread, conversation.directory)

    def new_session_id(self) -> str:
        """None: Codex names its threads itself."""
        return ""


class CodexCodec(SimplestCodec):
    """Encodes and decodes one process of `codex app-server`."""

    def __init__(self, argv: tuple[str, ...], thread: bytes, directory: str) -> None:
        self._argv = argv
        self._framer = LineFramer()
        self._greeting = Greeting(thread)
        self._requests = Requests(directory)
        self._steers = Steers()
        self._notices = Notices()
        self._story = Story()
        self._owed = True
        self._turns = 0
        self._settings: Fields = {}
        self._replies: list[bytes] = []
        self._garbage = ""

    @property
    def argv(self) -> tuple[str, ...]:
        """The program and its arguments."""
        return self._argv

    @property
    def env(self) -> Mapping[str, str]:
        """No colours on stderr. CODEX_HOME is the user's own."""
        return {"NO_COLOR": "1"}

    @property
    def warm(self) -> bool:
        """The process takes further turns, if it took the thread."""
        return self._greeting.failure is None

    @property
    def ready(self) -> bool:
        """When the thread is there: a turn names it."""
        return self._greeting.done

    @property
    def hello(self) -> bytes:
        """`initialize`; what follows it is in `replies`."""
        return codex_wire.hello()

    def begin_turn(self, prompt: str, attachments: Sequence[Attachment] = ()) -> bytes:
        """`turn/start`. Its answer names the turn, by which all that follows is told from other turns.

        Pictures go with it by their paths; other files are named in the text.
        """
        self._story.turn, self._owed = Turn(), True
        self._turns += 1
        settings, self._settings = self._settings, {}
        return codex_wire.turn(self._turns, self._greeting.thread_id, prompt, settings, attachments)

    def interrupt(self) -> bytes | None:
        """End the running turn. Before `turn/started` Codex would refuse it and run the turn all the same."""
        turn = self._story.turn
        if turn is None or not turn.started:
            return None
        return codex_wire.interrupt(self._turns, self._greeting.thread_id, turn.turn_id)

    def steer(self, steer_id: str, text: str) -> bytes | None:
        """Say something into the running turn. None if there is none.

        The same again are the same bytes, and nothing once it is settled; Codex would hear it twice.
        """
        turn = self._story.turn
        if self._steers.is_settled(steer_id):
            return b""
        if turn is None or not turn.started:
            return None
        self._steers.said(steer_id)
        return codex_wire.steer(f"{codex_wire.STEER}{steer_id}", self._greeting.thread_id, turn.turn_id, text)

    def set_mode(self, mode: Mode) -> bytes | None:
        """Another mode, from the next turn on."""
        self._settings = {**self._settings, **codex_wire.turn_settings(mode=mode, model="")}
        return b""

    def set_model(self, model: str) -> bytes | None:
        """Another model, from the next turn on."""
        self._settings = {**self._settings, **codex_wire.turn_settings(mode=None, model=model)}
        return b""

    def stop_task(self, task_id: str) -> bytes | None:
        """End a command in the background. None for an agent of Codex's own."""
        process_id = self._story.tasks.process_of(task_id)
        return codex_wire.stop_task(task_id, self._greeting.thread_id, process_id) if process_id else None

    def allow(self, request_id: str) -> bytes:
        """Accept, once."""
        return self._requests.allow(request_id)

    def choose(self, request_id: str, option_id: str) -> bytes:
        """Answer with one of the `options` of an `ApprovalWanted`."""
        return self._requests.choose(request_id, option_id)

    def reply(self, request_id: str, answers: Mapping[str, Sequence[str]]) -> bytes:
        """Answer the `questions` of an `ApprovalWanted`, by their ids."""
        return self._requests.reply(request_id, answers)

    def deny(self, request_id: str, reason: str, *, ends_turn: bool = False) -> bytes:
        """Decline. Codex takes no reason with it, so the reason is said into the turn, behind it."""
        waiting, turn = self._requests.find(request_id), self._story.turn
        refusal = self._requests.deny(request_id, reason, ends_turn=ends_turn)
        if waiting is None or turn is None:
            return refusal
        is_of_turn = waiting.turn_id == turn.turn_id
        if ends_turn:
            cancels = is_of_turn and waiting.asked.ends_turn is not None
            return refusal if cancels else refusal + (self.interrupt() or b"")
        if not reason or waiting.is_question or not is_of_turn:
            return refusal
        said = codex_wire.steer(f"{codex_wire.REASON}{request_id}", self._greeting.thread_id, turn.turn_id, reason)
        return refusal + said

    def feed(self, data: bytes) -> list[AgentEvent]:
        """Decode the next bytes of stdout."""
        return [event for framed in self._framer.push(data) for event in self._line(framed)]

    def replies(self) -> list[bytes]:
        """The rest of the greeting, and refusals of requests that nobody here can answer."""
        replies, self._replies = self._replies, []
        return replies

    def ended(self, exit_: Exit) -> list[AgentEvent]:
        """What the last, unfinished line says, and the `Finished` that is still owed."""
        events = [event for framed in self._framer.flush() for event in self._line(framed)]
        if self._owed:
            said = turn.answer.said if (turn := self._story.turn) else ""
            events += self._end(finished_by_exit(exit_, said=said, printed=self._garbage))
        return events

    def _line(self, framed: Framed) -> list[AgentEvent]:
        line = decode_line(framed)
        if line is None:
            return []
        if isinstance(line, Garbled):
            self._garbage = line.excerpt
            return [line]
        if "method" not in line:
            return self._response(line)
        method, params = text(line, "method"), inner(line, "params")
        if line.get("id") is not None:
            return self._request(line)
        if method == "item/completed" and text(item := inner(params, "item"), "type") == "userMessage":
            return self._steers.taken(item)
        if reader := self._story.readers.get(method):
            return reader(params)
        if method == "turn/completed":
            end = self._story.end_of(params)
            return self._end(end) if end else []
        if method == "serverRequest/resolved":
            return self._requests.resolved(params.get("requestId"))
        if self._notices.knows(method):
            notice = self._notices.notice(method, params)
            return [Noticed(text=notice)] if notice else []
        return [Unrecognised(kind=method)]

    def _response(self, line: Fields) -> list[AgentEvent]:
        request_id = text(line, "id")
        if request_id in (codex_wire.HELLO, codex_wire.THREAD):
            return self._greeted(line)
        if request_id.startswith(codex_wire.TURN):
            return self._turn_answered(line)
        if request_id.startswith(codex_wire.STEER):
            return self._steers.answered(request_id, refused="error" in line)
        if request_id.startswith(codex_wire.TASK) and "error" in line:
            return [Noticed(text=f"Codex did not end its command: {error_line(inner(line, 'error'))}")]
        known = request_id.startswith((codex_wire.INTERRUPT, codex_wire.REASON, codex_wire.TASK))
        return [] if known else [Unrecognised(kind=f"response/{request_id}")]

    def _greeted(self, line: Fields) -> list[AgentEvent]:
        if following := self._greeting.answered(line):
            self._replies.append(following)
        self._story.thread_id, self._story.model = self._greeting.thread_id, self._greeting.model
        failure = self._greeting.failure
        return self._end(failure) if failure and self._owed else []

    def _turn_answered(self, line: Fields) -> list[AgentEvent]:
        turn = self._story.turn
        if turn is None or turn.turn_id:
            return []
        if "error" in line:
            return self._end(refused(inner(line, "error"), version=self._greeting.version))
        turn.turn_id = text(inner(inner(line, "result"), "turn"), "id")
        return []

    def _request(self, line: Fields) -> list[AgentEvent]:
        method, params = text(line, "method"), inner(line, "params")
        wanted = self._requests.wanted(line, self._story.item(text(params, "itemId")))
        if wanted is None and method == _ELICITATION:
            self._replies.append(codex_wire.answer(line.get("id"), {"action": "decline"}))
            server = text(params, "serverName")
            return [Noticed(text=f"The MCP server {server} wanted a form to be filled in, which cannot be done here.")]
        if wanted is None:
            self._replies.append(codex_wire.unsupported(line.get("id"), method))
            return [Unrecognised(kind=method)]
        if self._story.turn is None:
            _, refusals = self._requests.withdraw_all("")
            self._replies += refusals
            return []
        return [wanted]

    def _end(self, finished: Finished) -> list[AgentEvent]:
        turn_id = self._story.turn.turn_id if self._story.turn else ""
        events = self._story.close(ok=finished.ok)
        withdrawn, refusals = self._requests.withdraw_all(turn_id)
        self._replies += refusals
        self._owed = False
        return [*events, *withdrawn, *self._steers.turn_over(), finished]
