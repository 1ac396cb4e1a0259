"""What Claude Code asks to do, whole: the command, the change as a diff, or the input as it is."""

import difflib
import json
from dataclasses import dataclass

from cli_runner.agents.json_lines import Fields, clean, flag, objects, text
from orchestrator.domain.agent_events import DetailKind

_MAX_CELLS = 4_000_000
"""Comparing takes time with the product of both texts' lines; beyond this many the change is one block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """Everything that a person decides by, and `notes` on what it does not show."""

    text: str
    kind: DetailKind
    notes: tuple[str, ...] = ()


def _name(path: str) -> str:
    """On one line: a name with a line end in it could pass for another part of the diff."""
    return path if path.isprintable() else repr(path)


def _hunk(old: str, new: str) -> list[str]:
    """All lines of both. No line numbers: where in the file they stand is not said."""
    before, after = (text.split("\n") if text else [] for text in (old, new))
    if len(before) * len(after) > _MAX_CELLS:
        return ["@@ @@", *(f"-{line}" for line in before), *(f"+{line}" for line in after)]
    changes = difflib.unified_diff(before, after, n=len(before) + len(after), lineterm="")
    return ["@@ @@", *([*changes][3:] or [f" {line}" for line in before])]


def _edits(path: str, edits: list[Fields]) -> Detail:
    lines = [f"--- {_name(path)}", f"+++ {_name(path)}"]
    for edit in edits:
        lines += _hunk(text(edit, "old_string"), text(edit, "new_string"))
    everywhere = any(flag(edit, "replace_all") for edit in edits)
    notes = ("Wherever it stands in the file.",) if everywhere else ()
    return Detail(text="\n".join(lines), kind=DetailKind.DIFF, notes=notes)


def _written(heading: str, content: str) -> Detail:
    """What a file becomes. Whether there is one already is not said."""
    added = content.removesuffix("\n").split("\n") if content else []
    return Detail(text="\n".join([f"+++ {heading}", "@@ @@", *(f"+{line}" for line in added)]), kind=DetailKind.DIFF)


def _notebook(tool_input: Fields) -> Detail:
    doing = text(tool_input, "edit_mode") or "replace"
    cell = text(tool_input, "cell_id")
    kind = text(tool_input, "cell_type")
    words = " ".join(word for word in (doing, kind, "cell", cell) if word)
    return _written(f"{_name(text(tool_input, 'notebook_path'))} ({_name(words)})", text(tool_input, "new_source"))


def _command(tool_input: Fields) -> Detail:
    notes = []
    if flag(tool_input, "dangerouslyDisableSandbox"):
        notes.append("Outside of the sandbox.")
    if flag(tool_input, "run_in_background"):
        notes.append("In the background.")
    return Detail(text=text(tool_input, "command"), kind=DetailKind.COMMAND, notes=tuple(notes))


def _data(tool_input: Fields) -> Detail:
    return Detail(text=clean(json.dumps(tool_input, ensure_ascii=False, indent=2)), kind=DetailKind.DATA)


def detail_of(name: str, tool_input: Fields) -> Detail:
    """The detail of a call. What lacks the members that are known of its tool is shown as data."""
    path = text(tool_input, "file_path")
    match name:
        case "Bash" if text(tool_input, "command"):
            return _command(tool_input)
        case "Edit" if path:
            return _edits(path, [tool_input])
        case "MultiEdit" if path:
            return _edits(path, objects(tool_input, "edits"))
        case "Write" if path:
            return _written(_name(path), text(tool_input, "content"))
        case "NotebookEdit" if text(tool_input, "notebook_path"):
            return _notebook(tool_input)
        case "WebFetch" if text(tool_input, "url"):
            said = (text(tool_input, "url"), text(tool_input, "prompt"))
            return Detail(text="\n\n".join(part for part in said if part), kind=DetailKind.TEXT)
        case _:
            return _data(tool_input)
