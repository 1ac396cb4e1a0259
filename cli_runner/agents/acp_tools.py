"""An ACP agent's tool calls: reported piece by piece, and told as one start and one end."""

from dataclasses import dataclass, field

from cli_runner.agents.endings import one_line
from cli_runner.agents.json_lines import Fields, inner, objects, text, texts
from orchestrator.domain.agent_events import AgentEvent, ToolFinished, ToolStarted

TITLE_CHARS = 200
_ENDED = {"completed": True, "failed": False, "cancelled": False}
_TOLD = ("title", "kind", "rawInput", "content", "locations")


@dataclass(slots=True)
class Call:
    """One tool call, with all that was said of it so far; `told` is whether its start was.

    `inputs` are all members of its input that were ever told. `is_told` is whether it was told what the call
    would do: by the agent's reports, or by a request for permission that was the first to speak of it.
    """

    tool_id: str
    fields: dict[str, object]
    inputs: dict[str, object] = field(default_factory=dict)
    told: bool = False
    is_told: bool = False

    @property
    def name(self) -> str:
        """The protocol has no name for a tool, only its kind."""
        kind = text(self.fields, "kind")
        return "tool" if kind in ("", "other") else kind

    @property
    def title(self) -> str:
        """What it does, uncut: a command in full, and the file where the agent's own title leaves it out."""
        told, given = text(self.fields, "title").strip(), inner(self.fields, "rawInput")
        if command := text(given, "command") or " ".join(texts(given, "command")):
            return command
        paths = [path for location in objects(self.fields, "locations") if (path := text(location, "path"))]
        if paths and self.name != "execute" and paths[0].rpartition("/")[2] not in told:
            return f"{told} {paths[0]}".strip()
        return told


def _says_something(report: Fields) -> bool:
    """Whether a report tells what the call would do, and not only where: OpenCode does that first."""
    given = inner(report, "rawInput")
    return any(value for name, value in given.items() if name != "cwd") or bool(objects(report, "content"))


def _summary(report: Fields) -> str:
    """The first line of what came of a call, from the report of its end: those before say what it would do."""
    found = [text(inner(part, "content"), "text") for part in objects(report, "content")]
    output = inner(report, "rawOutput")
    found += [text(output, "error"), text(output, "output")]
    found += [text(part, "path") for part in objects(report, "content")]
    lines = (line for said in found for line in said.splitlines() if any(map(str.isalnum, line)))
    return one_line(next(lines, ""), TITLE_CHARS)


class ToolCalls:
    """The tool calls of one turn.

    A call that is `pending` waits for its input or for permission, and its title may still be empty of
    meaning: its start is told when it works, is asked about, or is over.
    """

    def __init__(self) -> None:
        self._open: dict[str, Call] = {}
        self._over: set[str] = set()

    def reported(self, report: Fields) -> list[AgentEvent]:
        """A `tool_call` or a `tool_call_update`."""
        tool_id, status = text(report, "toolCallId"), text(report, "status")
        if tool_id in self._over:
            return []
        call = self._merged(tool_id, report)
        if status in _ENDED:
            return [*self._started(call), self._ended(call, ok=_ENDED[status], summary=_summary(report))]
        return self._started(call) if status == "in_progress" else []

    def asked_about(self, report: Fields) -> tuple[Call, list[AgentEvent]]:
        """The call that a request for permission names. Some agents tell of it here for the first time."""
        tool_id = text(report, "toolCallId")
        is_first = tool_id not in self._open
        call = self._merged(tool_id, report, asks=True)
        call.is_told = call.is_told or (is_first and _says_something(report))
        return call, self._started(call)

    def close(self) -> list[AgentEvent]:
        """The turn is over: so is what was left open."""
        events: list[AgentEvent] = []
        for call in [*self._open.values()]:
            end = self._ended(call, ok=False, summary="")
            events += [end] if call.told else []
        self._over = set()
        return events

    def call(self, tool_id: str) -> Call | None:
        """A call that is not over."""
        return self._open.get(tool_id)

    def _merged(self, tool_id: str, report: Fields, *, asks: bool = False) -> Call:
        call = self._open.setdefault(tool_id, Call(tool_id, {}))
        call.fields.update({name: value for name in _TOLD if (value := report.get(name))})
        call.inputs.update(inner(report, "rawInput"))
        call.is_told = call.is_told or (not asks and _says_something(report))
        return call

    def _started(self, call: Call) -> list[AgentEvent]:
        if call.told:
            return []
        call.told = True
        return [ToolStarted(tool_id=call.tool_id, name=call.name, title=one_line(call.title, TITLE_CHARS))]

    def _ended(self, call: Call, *, ok: bool, summary: str) -> ToolFinished:
        del self._open[call.tool_id]
        self._over.add(call.tool_id)
        return ToolFinished(tool_id=call.tool_id, ok=ok, summary=summary)
