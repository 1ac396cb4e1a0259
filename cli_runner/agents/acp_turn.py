"""One turn of an ACP agent: what it says, what it costs, and how it ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cli_runner.agents.acp_errors import Greeted, error_of, failed
from cli_runner.agents.endings import one_line
from cli_runner.agents.json_lines import Fields, inner, number, objects, text, whole
from cli_runner.agents.speech import Speech
from orchestrator.domain.agent_events import Finished, Planned, PlanState, PlanStep, Usage

_PLAN_STEPS = 100
_STEP_CHARS = 300
_CUT_SHORT: Mapping[str, str] = MappingProxyType(
    {
        "max_tokens": "stopped: its answer reached the limit of tokens.",
        "max_turn_requests": "stopped at its limit of steps in one turn.",
        "refusal": "refuses to go on with this.",
    }
)
"""Why a turn ended that did not come to its end."""


@dataclass(slots=True)
class _Stream:
    """Text that comes in pieces of messages."""

    speech: Speech = field(default_factory=Speech)
    message: str = ""

    def add(self, text_: str, message: str) -> str:
        """What is to be appended: another message is kept apart from the one before."""
        if not text_:
            return ""
        if message != self.message:
            self.speech.block_began()
            self.message = message
        return self.speech.delta(text_)


@dataclass(slots=True, kw_only=True)
class Turn:
    """The turn that is owed a `Finished`. `number` is that of its request; `calls` counts its tool calls."""

    number: int
    named: bool = False
    calls: int = 0
    said: _Stream = field(default_factory=_Stream)
    thought: _Stream = field(default_factory=_Stream)

    def message_of(self, chunk: Fields) -> str:
        """What tells one message from the next: its id, or for agents without such that a tool ran between."""
        return text(chunk, "messageId") or f"after {self.calls}"


class Meter:
    """Tokens and money. Money is counted from the beginning of the session, by the agent."""

    def __init__(self) -> None:
        self._total_usd: float | None = 0.0
        self._before_usd: float | None = 0.0
        self._context_tokens: int | None = None
        self._context_limit: int | None = None

    def taken_up(self) -> None:
        """The session is an old one: what it cost before is not known."""
        self._total_usd = self._before_usd = None

    def turn_began(self) -> None:
        """What is spent from now on belongs to the next turn."""
        self._before_usd, self._context_tokens = self._total_usd, None

    def read(self, update: Fields) -> None:
        """A `usage_update`."""
        cost = inner(update, "cost")
        if text(cost, "currency") == "USD":
            self._total_usd = number(cost, "amount")
        self._context_tokens = whole(update, "used") or self._context_tokens
        self._context_limit = whole(update, "size") or self._context_limit

    def usage(self, result: Fields) -> Usage:
        """What a turn used, with what its answer says; Gemini CLI says it in a place of its own."""
        told, quota = inner(result, "usage"), inner(inner(inner(result, "_meta"), "quota"), "token_count")
        known = self._total_usd is not None and self._before_usd is not None
        spent = (self._total_usd or 0.0) - (self._before_usd or 0.0)
        return Usage(
            input_tokens=whole(told, "inputTokens") if told else whole(quota, "input_tokens"),
            output_tokens=whole(told, "outputTokens") if told else whole(quota, "output_tokens"),
            cost_usd=spent if known and spent > 0 else None,
            context_tokens=self._context_tokens,
            context_limit=self._context_limit,
        )


def shown(content: Fields) -> str:
    """A piece of content as text: what is no text is named."""
    kind = text(content, "type")
    match kind:
        case "text":
            return text(content, "text")
        case "resource_link":
            return f"{text(content, 'title') or text(content, 'name')} ({text(content, 'uri')})"
        case "resource":
            resource = inner(content, "resource")
            return text(resource, "text") or text(resource, "uri")
        case "image" | "audio":
            return f"[{kind}: {text(content, 'mimeType')}]"
        case _:
            return ""


def plan(update: Fields) -> Planned:
    """A `plan`, or a `plan_update` with steps: always the whole of it."""
    entries = objects(update, "entries") or objects(inner(update, "plan"), "entries")
    return Planned(steps=tuple(_step(entry) for entry in entries[:_PLAN_STEPS]))


def _step(entry: Fields) -> PlanStep:
    status = text(entry, "status")
    state = PlanState(status) if status in tuple(PlanState) else PlanState.PENDING
    return PlanStep(text=one_line(text(entry, "content"), _STEP_CHARS), state=state)


def finished(agent: Greeted, turn: Turn, answer: Fields, meter: Meter) -> Finished:
    """The end of a turn, from the answer to its prompt."""
    said = turn.said.speech.text
    if (error := error_of(answer)) is not None:
        return failed(agent, error, said=said)
    result = inner(answer, "result")
    usage, stop = meter.usage(result), text(result, "stopReason")
    match stop:
        case "end_turn" | "":
            return Finished(ok=True, answer=said, usage=usage)
        case "cancelled":
            line = f"{agent.name} was interrupted."
            return Finished(ok=False, answer=said, error=line, interrupted=True, usage=usage)
        case _:
            why = _CUT_SHORT.get(stop) or f"ended the turn with «{one_line(stop, 60)}»."
            return Finished(ok=False, answer=said, error=f"{agent.name} {why}", usage=usage)
