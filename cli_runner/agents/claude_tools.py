"""Claude Code's tool calls, in one line each."""

from cli_runner.agents.endings import one_line
from cli_runner.agents.json_lines import Fields, flag, inner, objects, text
from orchestrator.domain.agent_events import AgentEvent, ToolFinished, ToolStarted

TITLE_CHARS = 200
_TELLING = (
    "command",
    "file_path",
    "notebook_path",
    "pattern",
    "url",
    "query",
    "description",
    "skill",
    "path",
    "prompt",
    "plan",
)
"""Members of a tool's input that say best what it does, best first."""


def _subject(tool_input: Fields) -> str:
    for name in _TELLING:
        if value := text(tool_input, name):
            return value
    questions = [text(question, "question") for question in objects(tool_input, "questions")]
    return " / ".join(question for question in questions if question)


def short_title(tool_input: Fields) -> str:
    """One short line: the command, the file, the pattern."""
    return one_line(_subject(tool_input), TITLE_CHARS)


def _summary(block: Fields) -> str:
    """The first line of what a tool returned."""
    said = text(block, "content") or " ".join(text(part, "text") for part in objects(block, "content"))
    return one_line(next((line for line in said.splitlines() if line.strip()), ""), TITLE_CHARS)


class ToolCalls:
    """Remembers the input of each call under way: a request for permission may come without it."""

    def __init__(self) -> None:
        self._inputs: dict[str, Fields] = {}

    def started(self, line: Fields) -> list[AgentEvent]:
        """The calls in an `assistant` line, the agent's own or a sub-agent's."""
        parent_id = text(line, "parent_tool_use_id")
        events: list[AgentEvent] = []
        for block in objects(inner(line, "message"), "content"):
            if text(block, "type") == "tool_use":
                tool_id, tool_input = text(block, "id"), inner(block, "input")
                self._inputs[tool_id] = tool_input
                title, name = short_title(tool_input), text(block, "name")
                events.append(ToolStarted(tool_id=tool_id, name=name, title=title, parent_id=parent_id))
        return events

    def finished(self, line: Fields) -> list[ToolFinished]:
        """The calls whose results are in a `user` line."""
        events = []
        for block in objects(inner(line, "message"), "content"):
            if text(block, "type") == "tool_result":
                tool_id = text(block, "tool_use_id")
                self._inputs.pop(tool_id, None)
                events.append(ToolFinished(tool_id=tool_id, ok=not flag(block, "is_error"), summary=_summary(block)))
        return events

    def input_of(self, tool_id: str) -> Fields:
        """The input of a call under way, empty if it is not known."""
        return self._inputs.get(tool_id, {})
