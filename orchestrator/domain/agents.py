"""What the orchestrator asks of an agent: a codec, without I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from orchestrator.domain.agent_events import AgentEvent
from orchestrator.domain.states import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSpec:
    """One configured agent (`[agents.NAME]`).

    `session_args` and `resume_args` are of programs that know nothing of us (protocol `text`): what names a new
    conversation to them, and one to go on with; empty for those that keep none.
    """

    name: str
    protocol: str
    command: tuple[str, ...]
    model: str = ""
    mode: Mode = Mode.ASK
    env: Mapping[str, str] = field(default_factory=dict)
    pass_env: tuple[str, ...] = ()
    serve_files: bool = False
    session_args: tuple[str, ...] = ()
    resume_args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What a codec must know of a session to start or continue it.

    `cli_session_id` is the CLI's own id: chosen by us where the CLI takes one, empty where it has
    none yet. `resume` says that the CLI already knows it, `fork` that a copy of that one is to be continued,
    which the CLI names. `rules` are what the session's person allowed for the rest of it (`ApprovalOption.rule`).
    """

    directory: str
    model: str
    mode: Mode
    cli_session_id: str
    resume: bool
    fork: bool = False
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that a prompt brings along. `path` is absolute; of an image, `data` is what stands in it."""

    path: str
    media_type: str
    data: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How an agent's program ended. `stderr_tail` is the end of what it wrote there."""

    code: int | None
    signal: int | None
    stderr_tail: str = ""


class Codec(Protocol):
    """One run's codec: encodes for its stdin, decodes its stdout. Stateful, without I/O or clock.

    A turn is `begin_turn`, then `feed` until a `Finished` comes (exactly one a turn, the last event
    of it), or `ended` when the program is gone, which yields the `Finished` that is still owed.
    """

    @property
    def argv(self) -> tuple[str, ...]:
        """The program and its arguments."""
        ...

    @property
    def env(self) -> Mapping[str, str]:
        """Variables that the protocol itself needs, beside the agent's configured ones."""
        ...

    @property
    def warm(self) -> bool:
        """Whether the program takes further turns after the first."""
        ...

    @property
    def ready(self) -> bool:
        """Whether a prompt can be given now. Some programs have to answer `hello` first; may turn true in `feed`."""
        ...

    @property
    def hello(self) -> bytes:
        """What is written to stdin once, before the first prompt; may be empty."""
        ...

    def begin_turn(self, prompt: str, attachments: Sequence[Attachment] = ()) -> bytes:
        """Begin a turn and return what gives its prompt to the program's stdin."""
        ...

    @property
    def closes_stdin(self) -> bool:
        """Whether stdin is closed after the prompt."""
        ...

    def interrupt(self) -> bytes | None:
        """What asks the program to end the running turn, or None if there is no such thing now.

        Changes nothing here: it is asked for beforehand, whenever it may have changed, and written by
        somebody else.
        """
        ...

    def deny(self, request_id: str, reason: str, *, ends_turn: bool = False) -> bytes:
        """The answer «no» to an `ApprovalWanted`; `reason` reaches the model.

        With `ends_turn` the agent is to do nothing else either, where its protocol can say so.
        Empty if nobody waits for this answer any more; the same holds for `allow`.
        """
        ...

    def allow(self, request_id: str) -> bytes:
        """The answer «yes, once» to an `ApprovalWanted`."""
        ...

    def choose(self, request_id: str, option_id: str) -> bytes:
        """Answer an `ApprovalWanted` with one of its options. Empty if that was not offered."""
        ...

    def reply(self, request_id: str, answers: Mapping[str, Sequence[str]]) -> bytes:
        """Answer an `ApprovalWanted` with questions: to each `question_id` the labels or the words."""
        ...

    def served(self, request_id: str, text: str = "") -> bytes:
        """A `FileAsked` was done; `text` is what was read. Empty if nobody waits for it any more."""
        ...

    def refuse_service(self, request_id: str, why: str, *, missing: bool = False) -> bytes:
        """It was not; `missing` says that there is no such file. The same holds."""
        ...

    def steer(self, steer_id: str, text: str) -> bytes | None:
        """Say something to the agent while it works on a turn; None where it does not listen now.

        `SteerTaken` tells that it took this in, `SteerRefused` that it never will, `TurnBegan` that it made a
        turn of it. The same `steer_id` may be given again: that changes nothing.
        """
        ...

    def set_mode(self, mode: Mode) -> bytes | None:
        """Change the mode of the session under way, at once or from the next turn on. None: it needs a new process."""
        ...

    def set_model(self, model: str) -> bytes | None:
        """The same for the model."""
        ...

    def stop_task(self, task_id: str) -> bytes | None:
        """End one of the agent's background tasks. None where it can't be ended alone."""
        ...

    def feed(self, data: bytes) -> list[AgentEvent]:
        """Decode the next bytes of stdout, cut anywhere."""
        ...

    def replies(self) -> list[bytes]:
        """What the protocol itself owes the program, for its stdin; drained after every `feed`.

        Not of a person's making: such as the refusal of a request that nobody here can answer, for
        which the program would wait for ever. Harmless to send again, or to leave out, after a replay.
        """
        ...

    def ended(self, exit_: Exit) -> list[AgentEvent]:
        """The program is gone and all of its stdout was fed."""
        ...


class Agent(Protocol):
    """A protocol: makes a codec for one run of one session."""

    def open(self, spec: AgentSpec, conversation: Conversation, prompt: str) -> Codec:
        """Make the codec of a new run. `prompt` is there for programs that take it as an argument."""
        ...

    def new_session_id(self) -> str:
        """An id for a new session where the CLI lets us choose one, else an empty string."""
        ...
