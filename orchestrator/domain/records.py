"""What is remembered of chats, topics, sessions, turns and owed messages, as values."""

from dataclasses import dataclass

from orchestrator.domain.ids import RunId, SessionId, TopicKey, TurnId, UserId
from orchestrator.domain.lane import WhenBusy
from orchestrator.domain.prompt_parts import PromptPart
from orchestrator.domain.states import (
    LetterState,
    Mode,
    Priority,
    RunState,
    SteerState,
    StopCause,
    TakenUp,
    TurnKind,
    TurnState,
    Verbosity,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat as last seen. `approved_by` is the admin who let the bot work there, if anyone did."""

    chat_id: int
    type: str
    title: str = ""
    is_forum: bool = False
    approved_by: UserId | None = None
    asked: bool = False
    migrated_to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic and what was chosen for it; an empty choice means the default."""

    key: TopicKey
    name: str = ""
    project: str = ""
    agent: str = ""
    model: str = ""
    mode: Mode | None = None
    directory: str = ""
    current_session_id: SessionId | None = None
    condition: str = "open"
    verbosity: Verbosity | None = None
    when_busy: WhenBusy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRule:
    """What a person allowed for the rest of a session. `rule` means something to its agent's codec alone."""

    rule: str
    label: str
    by: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One conversation with one agent. `begun` says that the CLI knows `cli_session_id`, `fork` that it is to go
    on with a copy of that."""

    id: SessionId
    topic: TopicKey
    kind: TurnKind
    name: str
    agent: str
    directory: str
    model: str
    mode: Mode
    cli_session_id: str
    begun: bool
    created_at: int
    used_at: int
    rules: tuple[SessionRule, ...] = ()
    fork: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRef:
    """A file that came with a prompt, as Telegram names it. `size` in bytes, 0 if it is not known.

    What is `spoken` is written down before the turn begins: `stand_in` is where its words go in the prompt, and
    `heard` says that they are there.
    """

    file_id: str
    name: str
    media_type: str
    size: int
    spoken: bool = False
    stand_in: str = ""
    heard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One prompt and what came of it. Times are UTC epoch milliseconds.

    One that takes up a lost turn has the prompt of that, its `resumes_id`, and `taken_up` says who wanted it;
    `attempts` is how often the prompt was resumed by itself, this turn included. `afresh`: the agent's old
    session could not be continued. One that is `by_agent` was begun by the agent itself; its prompt says why.
    `several` says that others had asked in its topic before.
    """

    id: TurnId
    session_id: SessionId
    topic: TopicKey
    kind: TurnKind
    parent_id: TurnId | None
    state: TurnState
    held: bool
    cause: StopCause | None
    prompt: str
    message_id: int | None
    reply_to: int | None
    sender_id: UserId | None
    sender_name: str
    run_id: RunId | None
    resumes_id: TurnId | None
    created_at: int
    started_at: int | None
    ended_at: int | None
    answer: str
    error: str
    live_message_id: int | None
    live_open: bool
    taken_up: TakenUp | None = None
    attempts: int = 0
    afresh: bool = False
    by_agent: bool = False
    files: tuple[FileRef, ...] = ()
    several: bool = False
    position: int | None = None
    unlisted: bool = False

    @property
    def place(self) -> int:
        """Where it stands among the waiting prompts of its topic: those with smaller ones go first."""
        return self.id if self.position is None else self.position

    @property
    def asked_in(self) -> int | None:
        """The message that asked for it; of one that takes up a lost turn, for that."""
        return self.message_id if self.taken_up is None else self.reply_to


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTurn:
    """A turn that is to be stored."""

    session_id: SessionId
    topic: TopicKey
    kind: TurnKind
    prompt: str
    message_id: int | None = None
    reply_to: int | None = None
    sender_id: UserId | None = None
    sender_name: str = ""
    parent_id: TurnId | None = None
    resumes_id: TurnId | None = None
    taken_up: TakenUp | None = None
    attempts: int = 0
    afresh: bool = False
    by_agent: bool = False
    files: tuple[FileRef, ...] = ()
    parts: tuple[PromptPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSteer:
    """Something that is to be said into a running turn."""

    turn_id: TurnId
    run_id: RunId
    chat_id: int
    message_id: int | None
    sender_id: UserId | None
    sender_name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Steer(NewSteer):
    """The same as it is stored."""

    id: int
    state: SteerState


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run as the store knows it."""

    id: RunId
    session_id: SessionId
    state: RunState
    agent: str
    directory: str
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One Bot API call that is owed to a chat.

    `body` is the call as the bot wrote it; nobody else reads it. A `fenced` letter is void once its
    turn is stopped. With `edits_id` the call edits the message that that letter became.
    """

    topic: TopicKey
    priority: Priority
    body: str
    turn_id: TurnId | None = None
    fenced: bool = False
    edits_id: int | None = None


@dataclass(frozen=True, slots=True)
class SentSince:
    """What a chat was sent of late: when each letter was settled, in UTC epoch milliseconds, oldest first.

    Calls for live messages are not recorded: `live_from` is since when there may have been some, None if there
    were none; `live_steps` is how many turns began or ended since then, each with a first or last state to show.
    """

    ended: list[int]
    live_from: int | None = None
    live_steps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLetter:
    """A letter with its place in the outbox: behind the one that it follows, where there is one."""

    id: int
    letter: Letter
    state: LetterState
    attempts: int
    created_at: int
    follows_id: int | None = None

    @property
    def order(self) -> tuple[int, int]:
        """What letters of one topic are sorted by."""
        return (self.id if self.follows_id is None else self.follows_id, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUpdate:
    """A raw update in the inbox."""

    update_id: int
    raw: str
    attempts: int
    received_at: int
