"""What a turn of Codex consists of, in words: tool calls, and what is shown of them."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cli_runner.agents import unified
from cli_runner.agents.endings import one_line
from cli_runner.agents.json_lines import Fields, inner, number, objects, text, whole
from orchestrator.domain.agent_events import ToolFinished, ToolStarted

TITLE_CHARS = 200
_SHELLS = ("sh", "bash", "zsh", "dash", "ksh", "fish")
_SHELL_DIRECTORIES = ("/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")
"""Where a shell is what its name says. The model may name another, which then has to be seen."""
QUIET = frozenset({"userMessage", "hookPrompt", "functionCallOutput", "enteredReviewMode"})
"""Items that say nothing new."""
_FAILED = frozenset({"failed", "declined", "interrupted"})


def plain_command(command: str) -> str:
    """A command without the shell that Codex starts it with: `/bin/bash -lc 'make test'` is `make test`."""
    try:
        words = shlex.split(command)
    except ValueError:
        return command
    if len(words) != 3 or words[1] not in ("-c", "-lc", "-ic"):
        return command
    directory, _, name = words[0].rpartition("/")
    return words[2] if name in _SHELLS and directory in _SHELL_DIRECTORIES else command


def paths_of(item: Fields) -> list[str]:
    """The files of a change, one a line: what becomes of each, and where it is."""
    lines = []
    for change in objects(item, "changes"):
        kind = inner(change, "kind")
        line = f"{text(kind, 'type') or 'change'} {text(change, 'path')}"
        lines.append(f"{line} → {moved}" if (moved := text(kind, "move_path")) else line)
    return lines


def changed_files(item: Fields) -> list[str]:
    """The files of a change and what may become of each: it is written, moved, or goes."""
    files = set()
    for change in objects(item, "changes"):
        kind, path = inner(change, "kind"), text(change, "path")
        does = "delete" if text(kind, "type") == "delete" else "write"
        moved = text(kind, "move_path")
        files |= {f"move {path}", f"write {moved}"} if moved else {f"{does} {path}"}
    return sorted(files)


def _diff_of_file(change: Fields) -> str:
    """Codex tells a change by its hunks, and a file that is new or goes by its content."""
    kind, path, told = inner(change, "kind"), text(change, "path"), text(change, "diff")
    match text(kind, "type"):
        case "add":
            return unified.of_texts(path, None, told)
        case "delete":
            return unified.of_texts(path, told, None)
        case _:
            return unified.headed(path, text(kind, "move_path") or path, told)


def diff_of(item: Fields) -> str:
    """A change, whole, as a unified diff."""
    return "".join(_diff_of_file(change) for change in objects(item, "changes"))


def _mcp_name(item: Fields) -> str:
    return f"{text(item, 'server')}.{text(item, 'tool')}"


def _arguments(item: Fields) -> str:
    return " ".join(f"{name}={value}" for name, value in inner(item, "arguments").items())


def _searched(item: Fields) -> str:
    action = inner(item, "action")
    return text(item, "query") or text(action, "query") or text(action, "url") or text(action, "pattern")


def _first_line(said: str) -> str:
    return one_line(next((line for line in said.splitlines() if line.strip()), ""), TITLE_CHARS)


def _of_command(item: Fields) -> str:
    code = whole(item, "exitCode")
    if text(item, "status") == "failed" and code:
        said = _first_line(text(item, "aggregatedOutput"))
        return f"exit code {code}: {said}" if said else f"exit code {code}"
    return _first_line(text(item, "aggregatedOutput"))


def _of_mcp(item: Fields) -> str:
    said = [text(part, "text") for part in objects(inner(item, "result"), "content")]
    return _first_line(text(inner(item, "error"), "message") or "\n".join(said))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tool:
    """How one type of item is shown."""

    name: Callable[[Fields], str]
    title: Callable[[Fields], str]
    summary: Callable[[Fields], str] = lambda _: ""


def _called(name: str) -> Callable[[Fields], str]:
    return lambda _: name


_TOOLS: Mapping[str, _Tool] = {
    "commandExecution": _Tool(
        name=_called("shell"), title=lambda item: plain_command(text(item, "command")), summary=_of_command
    ),
    "fileChange": _Tool(name=_called("edit"), title=lambda item: ", ".join(paths_of(item))),
    "mcpToolCall": _Tool(name=_mcp_name, title=_arguments, summary=_of_mcp),
    "dynamicToolCall": _Tool(name=lambda item: text(item, "tool"), title=_arguments),
    "collabAgentToolCall": _Tool(
        name=lambda item: text(item, "tool") or "agent", title=lambda item: text(item, "prompt")
    ),
    "webSearch": _Tool(name=_called("web search"), title=_searched),
    "imageView": _Tool(name=_called("view image"), title=lambda item: text(item, "path")),
    "imageGeneration": _Tool(name=_called("make image"), title=lambda item: text(item, "revisedPrompt")),
    "sleep": _Tool(name=_called("wait"), title=lambda item: f"{(number(item, 'durationMs') or 0) / 1000:g} s"),
}


def is_tool(item: Fields) -> bool:
    """Whether an item is a tool call."""
    return text(item, "type") in _TOOLS


def is_command(item: Fields) -> bool:
    """Whether an item is a command, which can run on in the background when its turn is over."""
    return text(item, "type") == "commandExecution"


def tool_started(item: Fields) -> ToolStarted:
    """A tool call began."""
    tool = _TOOLS[text(item, "type")]
    title = one_line(tool.title(item), TITLE_CHARS)
    return ToolStarted(tool_id=text(item, "id"), name=tool.name(item), title=title)


def succeeded(item: Fields) -> bool:
    """Whether a tool call went well. Some types have no status, and then no failure either."""
    return text(item, "status") not in _FAILED and item.get("success") is not False


def tool_finished(item: Fields) -> ToolFinished:
    """A tool call ended."""
    declined = text(item, "status") == "declined"
    summary = "not allowed" if declined else _TOOLS[text(item, "type")].summary(item)
    return ToolFinished(tool_id=text(item, "id"), ok=succeeded(item), summary=summary)
