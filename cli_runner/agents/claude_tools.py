"""Claude Code's tool calls in words: a title for the live message, the whole truth for an approval."""

import json

from cli_runner.agents.endings import one_line
from cli_runner.agents.json_lines import Fields, clean, objects, text

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


def full_title(name: str, tool_input: Fields) -> str:
    """What a person is asked to allow, uncut: nobody may have to allow half a command."""
    match name:
        case "ExitPlanMode":
            return "Carry out the plan"
        case _:
            return _subject(tool_input) or name


def _shown(value: object) -> str:
    if isinstance(value, str):
        return clean(value)
    return clean(json.dumps(value, ensure_ascii=False, indent=2))


def _question(question: Fields) -> str:
    lines = [text(question, "question")]
    for option in objects(question, "options"):
        description = text(option, "description")
        lines.append(f"• {text(option, 'label')}" + (f": {description}" if description else ""))
    return "\n".join(lines)


def full_input(name: str, tool_input: Fields) -> str:
    """The whole input, readable: one member a line, longer ones below their name."""
    if name == "AskUserQuestion":
        return "\n\n".join(_question(question) for question in objects(tool_input, "questions"))
    if name == "ExitPlanMode":
        return text(tool_input, "plan")
    lines = []
    for key, value in tool_input.items():
        shown = _shown(value)
        lines.append(f"{clean(key)}:\n{shown}" if "\n" in shown else f"{clean(key)}: {shown}")
    return "\n".join(lines)


def result_summary(block: Fields) -> str:
    """The first line of what a tool returned."""
    said = text(block, "content") or " ".join(text(part, "text") for part in objects(block, "content"))
    return one_line(next((line for line in said.splitlines() if line.strip()), ""), TITLE_CHARS)
