"""What a person may allow for the rest of a session: Claude Code's permission updates.

An update is applied by the CLI when it comes with an answer, and given to later processes as arguments. Its
canonical JSON is the `rule` that the session keeps. A request that still offers an update which is in force
already is one that the update does not cover: two rules, or a rule and a directory, may be needed (2.1.329).
"""

import json
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from pathlib import PurePosixPath

from cli_runner.agents.json_lines import Fields, objects, text, texts
from orchestrator.domain.states import Mode

ACCEPT_EDITS = "acceptEdits"
SESSION = "session"
_HARMLESS = frozenset({"command", "description", "timeout", "run_in_background"})
_LONGEST_ARGUMENT = 100_000
"""Bytes. The system takes 128 KiB in one argument."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A permission update: as a rule to keep, in words, and as the CLI takes it (None: only the rule counts).

    One that puts the session into another `mode` is no rule that is kept: the mode is.
    """

    rule: str
    label: str
    wire: Fields | None
    mode: Mode | None = None


def canonical(value: Fields) -> str:
    """The same text for the same object."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def accept_edits() -> Fields:
    """Edits of files pass unasked for the rest of the session."""
    return {"type": "setMode", "mode": ACCEPT_EDITS, "destination": SESSION}


def _rules(update: Fields) -> list[dict[str, str]]:
    kept = []
    for rule in objects(update, "rules"):
        one = {"toolName": text(rule, "toolName")}
        if content := text(rule, "ruleContent"):
            one["ruleContent"] = content
        kept.append(one)
    return kept


def _named(rule: dict[str, str]) -> str:
    content = rule.get("ruleContent", "")
    return f"{rule['toolName']}({content})" if content else rule["toolName"]


def _as_rules(suggestion: Fields) -> Update | None:
    rules = _rules(suggestion)
    if text(suggestion, "behavior") != "allow" or not rules or not all(rule["toolName"] for rule in rules):
        return None
    wire = {"type": "addRules", "rules": rules, "behavior": "allow", "destination": SESSION}
    label = f"Allow {', '.join(map(_named, rules))} for this session"
    return Update(rule=canonical(wire), label=label, wire=wire)


def _is_below(path: str, directory: str) -> bool:
    return bool(directory) and PurePosixPath(path).is_relative_to(directory)


def _as_directories(suggestion: Fields, directory: str) -> Update | None:
    """None if the CLI works there already: it suggests that too, and it changes nothing."""
    added = [path for path in texts(suggestion, "directories") if not _is_below(path, directory)]
    if not added:
        return None
    wire = {"type": "addDirectories", "directories": added, "destination": SESSION}
    return Update(rule=canonical(wire), label=f"Work in {', '.join(added)} too, for this session", wire=wire)


def read_update(suggestion: Fields, directory: str) -> Update | None:
    """A suggestion of the CLI, made for the session. None if it is of no use or of an unknown kind."""
    match text(suggestion, "type"):
        case "addRules":
            return _as_rules(suggestion)
        case "addDirectories":
            return _as_directories(suggestion, directory)
        case "setMode" if text(suggestion, "mode") == ACCEPT_EDITS:
            wire = accept_edits()
            return Update(rule=canonical(wire), label="Accept edits from now on", wire=wire, mode=Mode.EDITS)
        case _:
            return None


def exactly(tool_name: str, tool_input: Fields) -> Update:
    """This call and no other, for the session. The CLI has no rule for that: `*` is a pattern in all of its rules.

    Nothing is sent to it: the one who keeps the rules answers the same call again. What the agent says about
    a call is no part of it.
    """
    call = {name: value for name, value in tool_input.items() if name != "description"}
    rule = canonical({"type": "call", "toolName": tool_name, "input": call})
    what = "command" if tool_name == "Bash" else "call"
    return Update(rule=rule, label=f"Allow this exact {what} for this session", wire=None)


def is_exactly(update: Update, tool_name: str, tool_input: Fields) -> bool:
    """Whether an update allows this very command and nothing else."""
    rules = _rules(update.wire or {})
    command = text(tool_input, "command")
    return (
        tool_name == "Bash"
        and rules == [{"toolName": "Bash", "ruleContent": command}]
        and "*" not in command
        and _HARMLESS.issuperset(tool_input)
    )


def suggested(suggestions: Iterable[Fields], directory: str) -> list[Update]:
    """What the CLI suggests to allow, as far as it is of use, in its order."""
    return [update for suggestion in suggestions if (update := read_update(suggestion, directory))]


def may_be_offered(update: Update, tool_name: str, tool_input: Fields, in_force: Set[str]) -> bool:
    """Whether a person may be offered it for this call.

    An equal rule answers later requests unasked. So nothing is offered that is in force and did not help,
    unless it says exactly what is asked for: else edits that were accepted here would allow one elsewhere.
    """
    return update.rule not in in_force or is_exactly(update, tool_name, tool_input)


def _escaped(rule: dict[str, str]) -> str:
    content = rule.get("ruleContent", "")
    for sign in ("\\", "(", ")"):
        content = content.replace(sign, f"\\{sign}")
    return _named({**rule, "ruleContent": content})


def _read_rule(rule: str) -> Fields:
    try:
        value = json.loads(rule)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def in_force(mode: Mode, rules: Sequence[str]) -> set[str]:
    """What a process allows from its beginning, as rules."""
    return {*rules, canonical(accept_edits())} if mode is Mode.EDITS else set(rules)


def arguments_for(rules: Sequence[str]) -> list[str]:
    """What makes a new process allow the same. Rules that are no updates need no argument."""
    argv = []
    for update in map(_read_rule, rules):
        match text(update, "type"):
            case "addRules" if text(update, "behavior") == "allow":
                argv += [f"--allowedTools={_escaped(rule)}" for rule in _rules(update) if rule["toolName"]]
            case "addDirectories":
                argv += [f"--add-dir={path}" for path in texts(update, "directories")]
            case _:
                pass
    fitting = [one for one in argv if "\0" not in one and len(one.encode()) <= _LONGEST_ARGUMENT]
    return list(dict.fromkeys(fitting))
