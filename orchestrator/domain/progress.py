"""A running turn as a person wants to see it: a fold of agent events."""

from collections import deque
from dataclasses import dataclass, field, replace
from typing import assert_never

from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalWanted,
    ApprovalWithdrawn,
    FileAsked,
    Finished,
    Garbled,
    Noticed,
    Planned,
    PlanStep,
    Retrying,
    SessionStarted,
    SteerRefused,
    SteerTaken,
    TaskEnded,
    TaskStarted,
    TextSaid,
    Thought,
    ToolFinished,
    ToolStarted,
    TurnBegan,
    Unrecognised,
    Usage,
    Used,
)

TOLD = "↪ You said"
"""The name of a step that is no tool call: something that a person said into the turn."""

_STEPS_KEPT = 200
_TEXT_KEPT = 16_000
_THOUGHT_KEPT = 2_000
_RESULT_KEPT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One tool call. `ok` is None while it works; `parent_id` is that of the sub-agent that makes it.

    `result` is a line of what it returned, of up to 200 characters.
    """

    tool_id: str
    name: str
    title: str
    began_ms: int
    ended_ms: int | None = None
    ok: bool | None = None
    parent_id: str = ""
    result: str = ""


@dataclass(slots=True)
class Progress:
    """What is known of a running turn. Changed only by `take`; bounded, whatever an agent prints.

    `read_again` says that it is folded from a spool after a restart: then it is known what happened,
    but not when.
    """

    steps: dict[str, Step] = field(default_factory=dict)
    steps_dropped: int = 0
    text: deque[str] = field(default_factory=deque)
    text_length: int = 0
    thinking: bool = False
    thought: str = ""
    retrying: str = ""
    notices: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    background: dict[str, str] = field(default_factory=dict)
    plan: tuple[PlanStep, ...] = ()
    usage: Usage = field(default_factory=Usage)
    garbled: int = 0
    last_sign_ms: int = 0
    read_again: bool = False

    @property
    def tool_count(self) -> int:
        """How many tool calls there were."""
        return len(self.steps) + self.steps_dropped

    @property
    def working(self) -> Step | None:
        """The tool call that began last among those that work now."""
        return next((step for step in reversed(self.steps.values()) if step.ok is None), None)

    @property
    def tail(self) -> str:
        """The end of what was said so far (up to 16,000 characters)."""
        return "".join(self.text)[-_TEXT_KEPT:]

    def take(self, event: AgentEvent, at_ms: int) -> None:
        """Fold one event."""
        self.last_sign_ms = at_ms
        match event:
            case TextSaid():
                self._say(event.delta)
            case Thought():
                self._think(event.delta)
            case ToolStarted():
                self._begin(event, at_ms)
            case ToolFinished():
                self._end(event, at_ms)
            case Retrying():
                self.retrying = event.reason
                return
            case TaskStarted() | TaskEnded():
                self._background(event)
            case Planned():
                self.plan = event.steps
            case Noticed():
                self.notices = [*self.notices[-9:], event.text]
            case Used() | Finished():
                self._count(event)
            case Garbled():
                self.garbled += 1
            case (
                ApprovalWanted()
                | ApprovalWithdrawn()
                | FileAsked()
                | SteerTaken()
                | SteerRefused()
                | (SessionStarted() | TurnBegan() | Unrecognised())
            ):
                pass
            case _:
                assert_never(event)
        self.retrying = ""

    def was_told(self, steer_id: str, text: str, at_ms: int) -> None:
        """A person said something meanwhile, and the agent took it in: shown where that was."""
        self._begin(ToolStarted(tool_id=steer_id, name=TOLD, title=text), at_ms)
        self._end(ToolFinished(tool_id=steer_id), at_ms)

    def _count(self, event: Used | Finished) -> None:
        self.usage = event.usage.over(self.usage) if isinstance(event, Finished) else event.usage

    def _say(self, delta: str) -> None:
        self.thinking = False
        kept = delta[-_TEXT_KEPT:]
        self.text.append(kept)
        self.text_length += len(kept)
        while len(self.text) > 1 and self.text_length - len(self.text[0]) >= _TEXT_KEPT:
            self.text_length -= len(self.text.popleft())

    def _think(self, delta: str) -> None:
        """Only what it thinks now is kept: the end of it, of up to 2,000 characters."""
        self.thought = ((self.thought if self.thinking else "") + delta)[-_THOUGHT_KEPT:]
        self.thinking = True

    def _background(self, event: TaskStarted | TaskEnded) -> None:
        if isinstance(event, TaskStarted):
            self.background[event.task_id] = event.title
        else:
            self.background.pop(event.task_id, None)

    def _begin(self, event: ToolStarted, at_ms: int) -> None:
        self.thinking = False
        self.steps[event.tool_id] = Step(
            tool_id=event.tool_id, name=event.name, title=event.title, began_ms=at_ms, parent_id=event.parent_id
        )
        if len(self.steps) > _STEPS_KEPT:
            self.steps.pop(next(iter(self.steps)))
            self.steps_dropped += 1

    def _end(self, event: ToolFinished, at_ms: int) -> None:
        step = self.steps.get(event.tool_id)
        if step is not None:
            result = event.summary[:_RESULT_KEPT]
            self.steps[event.tool_id] = replace(step, ended_ms=at_ms, ok=event.ok, result=result)
