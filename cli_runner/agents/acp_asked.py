"""What an ACP agent asks permission for, from all that it told of the tool call."""

import json
import posixpath
import re
import shlex
from dataclasses import dataclass

from cli_runner.agents import unified
from cli_runner.agents.acp_tools import Call
from cli_runner.agents.json_lines import Fields, clean, inner, objects, text, texts
from orchestrator.domain.agent_events import DetailKind

_PLACE = re.compile(r"\[current working directory (?P<directory>[^\n]*?)\](?: \((?P<reason>.*)\))?", re.DOTALL)
"""How Gemini CLI says where a command would run, and why."""
_SAID_ELSEWHERE = ("cwd", "description", "workdir")
"""Members of a command's input that are its directory and its reason."""
_PLAN_KIND, _SHELL_KIND = "switch_mode", "execute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person decides on. `rule` is empty where another call could come out the same."""

    detail: str
    detail_is: DetailKind
    directory: str
    reason: str
    rule: str


def asked_about(call: Call, directory: str) -> Asked:
    """Read a call; `directory` is the session's."""
    given, content = inner(call.fields, "rawInput"), objects(call.fields, "content")
    told = [said for part in content if (said := text(inner(part, "content"), "text"))]
    place = _PLACE.fullmatch(told[0]) if told else None
    where = place["directory"] if place else text(call.inputs, "cwd") or directory
    where = posixpath.join(where, text(call.inputs, "workdir")).rstrip("/") or "/"
    detail, kind = _detail(call, given, content, told[1:] if place else told)
    return Asked(
        detail=detail,
        detail_is=kind,
        directory=where,
        reason=(place["reason"] or "") if place else text(call.inputs, "description"),
        rule=_rule(call, given, content, where) if call.is_told else "",
    )


def command_of(given: Fields) -> str:
    """The command in a tool's input, as it is; of words, as a shell would have to be told them."""
    return text(given, "command") or shlex.join(texts(given, "command"))


def _detail(call: Call, given: Fields, content: list[Fields], told: list[str]) -> tuple[str, DetailKind]:
    diffs = "".join(map(_diff, _changes(content)))
    if not call.is_told and not told and not any(value for name, value in given.items() if name != "cwd"):
        return "The agent does not say what it would do.", DetailKind.TEXT
    if command := command_of(given):
        more = {name: value for name, value in given.items() if value and name not in (*_SAID_ELSEWHERE, "command")}
        remarks = [f"# {line}" for line in _as_json(more).splitlines()] if more else []
        return "\n".join((*remarks, command)), DetailKind.COMMAND
    if diffs:
        return diffs, DetailKind.DIFF
    if call.name == _PLAN_KIND and (plan := text(given, "plan") or "\n\n".join(told)):
        return plan, DetailKind.PLAN
    if any(given.values()):
        return _as_json(given), DetailKind.DATA
    if call.name == _SHELL_KIND and not told:
        return text(call.fields, "title"), DetailKind.COMMAND
    return "\n\n".join((text(call.fields, "title"), *told)).strip(), DetailKind.TEXT


def _as_json(value: Fields) -> str:
    return clean(json.dumps(value, ensure_ascii=False, indent=2))


def _changes(content: list[Fields]) -> list[Fields]:
    return [part for part in content if text(part, "type") == "diff"]


def _diff(change: Fields) -> str:
    """The protocol tells a file that is new by leaving the old text out, Gemini CLI by an empty one and a word."""
    old = text(change, "oldText") if isinstance(change.get("oldText"), str) else None
    is_new = not old and text(inner(change, "_meta"), "kind") == "add"
    return unified.of_texts(text(change, "path"), None if is_new else old, text(change, "newText"))


def _rule(call: Call, given: Fields, content: list[Fields], where: str) -> str:
    """The very same call: whatever could tell two of them apart stands in it, but for the agent's own words."""
    is_command = bool(command_of(given)) or call.name == _SHELL_KIND
    words = _SAID_ELSEWHERE if is_command else ()
    parts = [part for part in content if not (is_command and _PLACE.fullmatch(text(inner(part, "content"), "text")))]
    meaning = {
        "kind": call.name,
        "title": text(call.fields, "title"),
        "input": {name: value for name, value in given.items() if name not in words},
        "content": parts,
        "paths": sorted(text(location, "path") for location in objects(call.fields, "locations")),
        "directory": where,
    }
    return json.dumps(meaning, sort_keys=True, separators=(",", ":"))
