"""Steps that need permission: commands, edits, several at once."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cli_runner.demo_agent.inbox import Answer
from cli_runner.demo_agent.turn import Failed, Turn
from cli_runner.demo_agent.work import shell

SEVERAL = "echo one | echo two | echo three"
_LABEL_CHARS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Something that the agent wants to do.

    `rule` names what «for this session» allows: exactly this command, here; or edits of exactly this file.
    """

    tool: str
    title: str
    detail: str
    detail_is: str
    session_label: str
    rule: str
    plan: str
    act: Callable[[], None]


def ask(turn: Turn, command: str) -> None:
    """Run a command if the person allows it."""
    fulfil(turn, [_command(turn, command)])


def several(turn: Turn, argument: str) -> None:
    """Ask for several commands at once."""
    commands = [part.strip() for part in (argument.strip() or SEVERAL).split("|")]
    fulfil(turn, [_command(turn, command) for command in commands if command])


def edit(turn: Turn, argument: str) -> None:
    """Change a file below the directory: `FILE: OLD => NEW`, with `\\n` for line ends. Raises Failed."""
    name, colon, change = argument.partition(":")
    old, arrow, new = (part.strip(" ").replace("\\n", "\n") for part in change.partition("=>"))
    if not (colon and arrow and name.strip()):
        raise Failed("I want it as: edit FILE: OLD => NEW")
    path = _below_here(name.strip())
    shown = str(path.relative_to(Path.cwd().resolve()))
    wish = Wish(
        tool="edit",
        title=shown,
        detail=_diff(shown, path, old, new),
        detail_is="diff",
        session_label=_fitting(f"Allow edits of {shown} this session", "Allow edits of this file this session"),
        rule=f"edit {path}",
        plan=f"edit `{shown}`",
        act=partial(_write, turn, shown, path, old, new),
    )
    fulfil(turn, [wish])


def fulfil(turn: Turn, wishes: list[Wish]) -> None:
    """Do what is allowed, ask for the rest at once, and do each as it is allowed."""
    if turn.session.mode == "plan":
        turn.say("I only plan: I would " + ", then ".join(wish.plan for wish in wishes) + ".")
        return
    open_: dict[str, Wish] = {}
    for wish in wishes:
        if _is_free(turn, wish):
            wish.act()
        else:
            open_[_request(turn, wish)] = wish
    while open_:
        request_id, answer = turn.answer(*open_)
        _go_by(turn, open_.pop(request_id), answer)


def _is_free(turn: Turn, wish: Wish) -> bool:
    mode = turn.session.mode
    return mode == "all" or (mode == "edits" and wish.tool == "edit") or wish.rule in turn.session.rules


def _request(turn: Turn, wish: Wish) -> str:
    session = {"id": "session", "answer": "allow_always", "label": wish.session_label, "rule": wish.rule}
    return turn.request(
        name=wish.tool,
        title=wish.title,
        detail=wish.detail,
        detail_is=wish.detail_is,
        reason="It was in the prompt, and my mode is to ask first.",
        options=[
            {"id": "once", "answer": "allow_once", "label": "Allow once"},
            session,
            {"id": "deny", "answer": "reject_once", "label": "Deny"},
        ],
    )


def _go_by(turn: Turn, wish: Wish, answer: Answer) -> None:
    if answer.get("allow") is not True:
        turn.say(f"I was not allowed to {wish.plan}: {answer.get('reason') or 'no reason given'}")
        return
    if answer.get("option") == "session":
        turn.session.rules.add(wish.rule)
    wish.act()


def _command(turn: Turn, command: str) -> Wish:
    if not command.strip():
        raise Failed("I want a command after `ask`")
    return Wish(
        tool="shell",
        title=command,
        detail=command,
        detail_is="command",
        session_label="Allow this command for this session",
        rule=f"shell in {Path.cwd()}: {command}",
        plan=f"run `{command}`",
        act=partial(shell, turn, command),
    )


def _fitting(label: str, otherwise: str) -> str:
    return label if len(label) <= _LABEL_CHARS else otherwise


def _below_here(name: str) -> Path:
    here = Path.cwd().resolve()
    path = (here / name).resolve()
    if path == here or not path.is_relative_to(here):
        raise Failed(f"I edit files below {here} only, and {name} is not one")
    return path


def _changed(shown: str, path: Path, old: str, new: str) -> tuple[str, str]:
    """The file's text, now and afterwards. Raises Failed."""
    if not old:
        if path.exists():
            raise Failed(f"{shown} is there already: say what in it is to be replaced")
        return "", new + "\n"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"I cannot read {shown}: {getattr(error, 'strerror', None) or error}") from error
    if old not in text:
        raise Failed(f"There is no «{old}» in {shown}")
    return text, text.replace(old, new, 1)


def _diff(shown: str, path: Path, old: str, new: str) -> str:
    before, after = (text.splitlines(keepends=True) for text in _changed(shown, path, old, new))
    lines = difflib.unified_diff(before, after, f"a/{shown}" if before else "/dev/null", f"b/{shown}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _write(turn: Turn, shown: str, path: Path, old: str, new: str) -> None:
    """Look at the file again: it may have changed while a person thought."""
    _, text = _changed(shown, path, old, new)
    diff = _diff(shown, path, old, new)
    tool = turn.tool("edit", shown)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        tool.end(ok=False, summary=str(error))
        raise Failed(f"I cannot write {shown}: {error.strerror}") from error
    tool.end(summary="changed")
    turn.say(f"I changed `{shown}`:\n\n```diff\n{diff}```", word_s=0)
