"""What an agent can say: one closed union for all protocols.

Past tense: each event is a fact that the agent's own output states. Decoders never raise on foreign
input; what they do not know becomes `Unrecognised`, what they cannot read becomes `Garbled`.
"""

from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TypeAlias

from orchestrator.domain.states import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens and money of one turn; None where the agent does not say.

    `context_tokens` is how much of the model's context the session fills now, `context_limit` how much there is.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    context_tokens: int | None = None
    context_limit: int | None = None

    def over(self, before: "Usage") -> "Usage":
        """The same, with what it does not say as it was known before."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(before, **{name: value for name, value in named.items() if value is not None})


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOffer:
    """A model that an agent has. `name` chooses it, `about` is a few words about it."""

    name: str
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted:
    """The agent named its session. Comes again with each turn of a warm process.

    `models` are those that can be chosen, in the agent's own order; empty where it does not tell.
    """

    cli_session_id: str
    model: str = ""
    models: tuple[ModelOffer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSaid:
    """Text of the answer, as it grows. `delta` is appended to what was said before."""

    delta: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    """Text that is not part of the answer."""

    delta: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolStarted:
    """A tool call began. `title` is one short line for a person, such as the command.

    `parent_id` is the tool call of the sub-agent that makes it, empty for the agent's own.
    """

    tool_id: str
    name: str
    title: str = ""
    parent_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFinished:
    """A tool call ended."""

    tool_id: str
    ok: bool = True
    summary: str = ""


class ApprovalAnswer(StrEnum):
    """What an answer to a request for permission means."""

    ALLOW_ONCE = "allow_once"  # this call
    ALLOW_ALWAYS = "allow_always"  # this and what is like it, as the agent understands it
    REJECT_ONCE = "reject_once"  # not this call
    REJECT_ALWAYS = "reject_always"  # neither this nor what is like it


class DetailKind(StrEnum):
    """What the text of a request for permission is."""

    COMMAND = "command"  # of a shell
    DIFF = "diff"  # unified, of one file or several
    PLAN = "plan"  # Markdown
    DATA = "data"  # JSON: the input of a tool of which no more is known
    TEXT = "text"  # plain


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalOption:
    """An answer that a request takes, in words for a button.

    `rule` is what an `ALLOW_ALWAYS` allows for the rest of the session: opaque outside of the codec, equal
    where the same is allowed, and given to later processes of the session (`Conversation.rules`). Empty where
    the answer makes no rule that can be kept. With it the session is in `mode`, if that is given.
    """

    option_id: str
    answer: ApprovalAnswer
    label: str
    rule: str = ""
    mode: Mode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionChoice:
    """An answer that a question offers: its `label` is the answer."""

    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that the agent wants to know. `question_id` answers it, within its request."""

    question_id: str
    text: str
    header: str = ""
    choices: tuple[QuestionChoice, ...] = ()
    takes_text: bool = True
    takes_several: bool = False
    is_secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalWanted:
    """The agent asks for permission and waits. `request_id` answers it.

    `title` is one line; `detail` is all of what is asked for, never shortened: a person decides by it. It is
    to be read as `detail_is` says. `directory` is where it would happen, `reason` the agent's own words for it.

    `options` in the agent's own order; empty where there are only «yes, once» and «no». With `questions`
    it is not permission that is asked for, but answers. A plan that is to be approved is a `detail` of kind
    `PLAN`; a denial with words asks for its revision.
    """

    request_id: str
    tool_name: str
    title: str
    detail: str = ""
    detail_is: DetailKind = DetailKind.TEXT
    directory: str = ""
    reason: str = ""
    tool_id: str = ""
    raw_input: str = "{}"
    options: tuple[ApprovalOption, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalWithdrawn:
    """The agent no longer waits for `request_id`; it must not be answered."""

    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAsked:
    """The agent wants a text file read or, with `text`, written for it, and waits. `request_id` answers it.

    `path` is as the agent says it, and to be trusted in nothing. `limit` lines from the `line`th on (the first is 1)
    are wanted of a file that is read; None: all.
    """

    request_id: str
    path: str
    text: str | None = None
    line: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SteerTaken:
    """The agent took what a person said meanwhile (`Codec.steer`) into the turn that it works on."""

    steer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SteerRefused:
    """The agent did not take it in, for its turn was over, and never will: it has to be asked anew."""

    steer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnBegan:
    """The agent began a turn that it was not asked for with `begin_turn`; all up to the next `Finished` is of it.

    It may come before the turn of a prompt that was given already, which then follows. `steer_id` is what
    came too late for the turn that it was meant for, and is the prompt of this one; else a background task
    ended, or the like: `reason` says what, in a few words.
    """

    reason: str = ""
    steer_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What the turn used so far."""

    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStarted:
    """The agent began work of its own in the background. `Codec.stop_task` ends it, where it can be ended alone."""

    task_id: str
    title: str = ""
    can_stop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEnded:
    """Background work of the agent ended."""

    task_id: str
    ok: bool = True


class PlanState(StrEnum):
    """How far a step of a plan is."""

    PENDING = "pending"  # not begun
    IN_PROGRESS = "in_progress"  # being worked on
    COMPLETED = "completed"  # done


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One step of the agent's plan."""

    text: str
    state: PlanState


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The agent's plan as it stands now. It takes the place of the one before; no steps: there is none."""

    steps: tuple[PlanStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """The agent waits before it calls its model again. `delay_s` in seconds, None if it does not say."""

    attempt: int
    reason: str
    delay_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The turn is over, well or badly. The last event of a turn.

    `ok` is false for every kind of error; `error` is then one line for a person. `interrupted` says
    that it ended because it was told to.
    """

    ok: bool
    answer: str = ""
    error: str = ""
    interrupted: bool = False
    session_unusable: bool = False
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """Something a person should see that changes nothing: a warning of the agent."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrecognised:
    """A well-formed line of a kind that the codec does not know."""

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbled:
    """A line that is not of the protocol. `excerpt` is at most 200 characters of it."""

    excerpt: str
    reason: str


AgentEvent: TypeAlias = (
    SessionStarted
    | TextSaid
    | Thought
    | ToolStarted
    | ToolFinished
    | ApprovalWanted
    | ApprovalWithdrawn
    | FileAsked
    | SteerTaken
    | SteerRefused
    | TurnBegan
    | Used
    | TaskStarted
    | TaskEnded
    | Planned
    | Retrying
    | Finished
    | Noticed
    | Unrecognised
    | Garbled
)
