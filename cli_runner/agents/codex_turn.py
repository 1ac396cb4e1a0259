"""One turn of Codex: what was said in it, what works, what it used."""

from dataclasses import dataclass, field

from cli_runner.agents.json_lines import Fields, inner, objects, text, texts, whole
from cli_runner.agents.speech import Speech
from orchestrator.domain.agent_events import Planned, PlanState, PlanStep, Usage

_FINAL = ("final_answer", "partial_answer")
_REMARK = "commentary"
_PLAN_STATES = {
    "pending": PlanState.PENDING,
    "inProgress": PlanState.IN_PROGRESS,
    "completed": PlanState.COMPLETED,
}


class Answer:
    """The messages of a turn. Each comes in pieces and once more as a whole, or only as a whole.

    All of them are streamed; the answer is what the model calls final, or else the last one: those before
    are remarks between two steps.
    """

    def __init__(self) -> None:
        self._speech = Speech()
        self._current = ""
        self._begun: set[str] = set()
        self._messages: dict[str, tuple[str, str]] = {}

    @property
    def said(self) -> str:
        """All that was streamed."""
        return self._speech.text

    @property
    def text(self) -> str:
        """The answer, if the turn ends well."""
        if not self._messages:
            return self.said
        messages = [*self._messages.values()]
        final = [said for said, phase in messages if phase in _FINAL]
        last, phase = messages[-1]
        if not final or (phase not in _FINAL and phase != _REMARK):
            final.append(last)
        return "\n\n".join(final)

    def delta(self, item_id: str, text: str) -> str:
        """A piece of a message. Returns what is to be appended."""
        self._enter(item_id)
        return self._speech.delta(text)

    def whole(self, item_id: str, text: str, phase: str) -> str:
        """A message, whole. Returns what is to be appended."""
        if text.strip():
            self._messages[item_id] = (text, phase)
        if item_id in self._begun and item_id != self._current:
            return ""  # another one began meanwhile: it was streamed
        self._enter(item_id)
        said = self._speech.whole(text)
        self._current = ""
        return said

    def _enter(self, item_id: str) -> None:
        if item_id != self._current:
            self._current = item_id
            self._begun.add(item_id)
            self._speech.block_began()


class Tokens:
    """What a turn used. Codex counts from the thread's beginning and says what the last call added."""

    def __init__(self) -> None:
        self._before: tuple[int, int] | None = None
        self._usage = Usage()

    @property
    def usage(self) -> Usage:
        """Of this turn; `context_tokens` is what the last call had, its answer included."""
        return self._usage

    def updated(self, token_usage: Fields) -> None:
        """A `thread/tokenUsage/updated` of this turn."""
        total, last = inner(token_usage, "total"), inner(token_usage, "last")
        if self._before is None:
            self._before = (
                (whole(total, "inputTokens") or 0) - (whole(last, "inputTokens") or 0),
                (whole(total, "outputTokens") or 0) - (whole(last, "outputTokens") or 0),
            )
        taken, given = whole(total, "inputTokens"), whole(total, "outputTokens")
        self._usage = Usage(
            input_tokens=None if taken is None else max(0, taken - self._before[0]),
            output_tokens=None if given is None else max(0, given - self._before[1]),
            context_tokens=whole(last, "totalTokens"),
            context_limit=whole(token_usage, "modelContextWindow"),
        )


def thoughts_of(item: Fields) -> str:
    """What a whole `reasoning` item says: its summary, or else its text."""
    return "\n\n".join(texts(item, "summary") or texts(item, "content"))


@dataclass(slots=True, kw_only=True)
class Turn:
    """The turn that is owed a `Finished`. Its `turn_id` is known when Codex has answered.

    `working` are the tool calls that have not ended, with their titles; `commands` are those of them that
    may run on when the turn is over.
    """

    turn_id: str = ""
    started: bool = False
    answer: Answer = field(default_factory=Answer)
    thoughts: Speech = field(default_factory=Speech)
    thought_items: set[str] = field(default_factory=set)
    tokens: Tokens = field(default_factory=Tokens)
    working: dict[str, str] = field(default_factory=dict)
    commands: set[str] = field(default_factory=set)


def last_message(turn: Fields) -> str:
    """The message in the end of a turn, which repeats its last one."""
    said = [text(item, "text") for item in objects(turn, "items") if text(item, "type") == "agentMessage"]
    return said[-1] if said else ""


def plan_of(params: Fields) -> Planned:
    """A plan as it stands."""
    steps = objects(params, "plan")
    return Planned(
        steps=tuple(
            PlanStep(text=text(step, "step"), state=_PLAN_STATES.get(text(step, "status"), PlanState.PENDING))
            for step in steps
        )
    )
