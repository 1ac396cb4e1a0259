"""Record `tests/unit/fixtures/transcripts/claude` again: `python -m tests.real.record_claude [NAME…]`.

The codec itself speaks with the real Claude Code here, so that what it writes is recorded too.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from orchestrator.domain.agent_events import TaskEnded, TextSaid, ToolStarted, TurnBegan
from orchestrator.domain.states import Mode
from tests.real import install
from tests.real.claude_talk import Talk, talk, tool
from tests.real.model_anthropic import AnthropicApi

TRANSCRIPTS = install.ROOT / "tests" / "unit" / "fixtures" / "transcripts" / "claude"
SESSION = "00000000-0000-4000-8000-000000000001"
_LONG = ("tools", "slash_commands", "terminal_slash_commands", "agents", "skills", "plugins")
_SECOND = "true; timeout 1 tail -f /dev/null"


def permissions(cli: Talk, home: Path) -> None:
    """A command allowed for the session, edits accepted, a directory added, a command without suggestion refused."""
    bash = tool("Bash", command="npm run x", description="run it")
    cli.choose(cli.asked(bash), "Allow Bash(npm run *)")
    cli.finish()
    cli.choose(cli.asked(tool("Write", file_path=str(home / "work" / "new"), content="a\nb")), "Accept edits")
    cli.finish()
    cli.choose(cli.asked(tool("Write", file_path=str(home / "other" / "new"), content="a")), "Work in")
    cli.finish()
    cli.choose(cli.asked(tool("Read", file_path="/opt/notes")), "Allow once")
    cli.finish()
    wanted = cli.asked(tool("Bash", command='echo "$(date)"', description="tell the time"))
    cli.write(cli.codec.deny(wanted.request_id, "too late"))
    cli.finish()


def questions(cli: Talk, _home: Path) -> None:
    """Two questions, one of them with several answers."""
    options = [{"label": "Red", "description": "warm"}, {"label": "Blue", "description": "cold"}]
    asked = [
        {"question": "Which colour?", "header": "Colour", "options": options, "multiSelect": False},
        {"question": "Which others?", "header": "More", "options": options, "multiSelect": True},
    ]
    wanted = cli.asked(tool("AskUserQuestion", questions=asked))
    cli.write(cli.codec.reply(wanted.request_id, {"0": ["green"], "1": ["Red", "Blue"]}))
    cli.finish()


def plan(cli: Talk, home: Path) -> None:
    """A plan sent back once, then approved with edits accepted, and the first of these edits."""
    wanted = cli.asked(tool("ExitPlanMode", plan="# Plan\n1. leap"))
    cli.write(cli.codec.deny(wanted.request_id, "look first"))
    cli.finish()
    wanted = cli.asked(
        f"{tool('ExitPlanMode', plan='1. look')}\n{tool('Write', file_path=str(home / 'work/x'), content='y')}"
    )
    cli.choose(wanted, "Approve, accept edits")
    cli.finish()


def steer(cli: Talk, _home: Path) -> None:
    """Said during a tool, said too late, and each said twice."""
    cli.begin(f"@@ bash: {_SECOND}")
    cli.until(lambda event: isinstance(event, ToolStarted))
    for _ in range(2):
        cli.write(cli.codec.steer("in-time", "mind the gap"))
    cli.finish()
    cli.begin("@@ slow 1: one two three")
    cli.until(lambda event: isinstance(event, TextSaid))
    for _ in range(2):
        cli.write(cli.codec.steer("too-late", "@@ say: four"))
    cli.finish()
    cli.finish()


def background(cli: Talk, _home: Path) -> None:
    """Two turns of its own, after a shell and after an agent; a prompt is taken into the second."""
    cli.turn("@@ bashbg: timeout 1 tail -f /dev/null\n@@ say: first\n@@ say: the shell ended")
    cli.until(lambda event: isinstance(event, TaskEnded))
    cli.finish()
    below = "@@ bash: echo below\n@@ say: from below"
    agent = tool(
        "Agent", description="look around", subagent_type="general-purpose", prompt=below, run_in_background=True
    )
    cli.turn(f"{agent}\n@@ say: second\n@@ bash: {_SECOND}\n@@ say: both")
    cli.until(lambda event: isinstance(event, TurnBegan))
    cli.until(lambda event: isinstance(event, ToolStarted) and not event.parent_id)
    cli.begin("@@ say: mine")
    cli.finish()
    cli.finish()


SCENES: dict[Callable[[Talk, Path], None], Mode] = {
    permissions: Mode.ASK,
    questions: Mode.ASK,
    plan: Mode.PLAN,
    steer: Mode.ALL,
    background: Mode.ALL,
}


def _short(row: str) -> str:
    mark, value = row[:2], json.loads(row[2:])
    response = value.get("response")
    if isinstance(response, dict) and response.get("request_id") == "hello":
        response["response"] = {"trimmed": True}
    if value.get("subtype") == "init":
        value = {name: member[:2] if name in _LONG else member for name, member in value.items()}
    return mark + json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _neutral(text: str, home: Path) -> str:
    for mine, anybodys in (
        (str(home / "work"), "/srv/api"),
        (str(home / "work").replace("/", "-").replace("_", "-"), "-srv-api"),
        (str(home), "/home/dev"),
    ):
        text = text.replace(mine, anybodys)
    return text


def record(scene: Callable[[Talk, Path], None], home: Path) -> Path:
    """Play a scene in an empty home; the path of the file that was written."""
    model = AnthropicApi()
    with model, talk(home, model.environment(str(home)), session_id=SESSION, mode=SCENES[scene]) as cli:
        scene(cli, home)
        # Pieces of a tool's input say nothing that the whole call does not, and cut paths in two.
        rows = [_short(row) for row in cli.lines if '"input_json_delta"' not in row]
    head = [f"# {install.CLAUDE_CODE} {install.PACKAGES[install.CLAUDE_CODE]}, with a scripted model"]
    head.append(f"# {(scene.__doc__ or '').strip()}")
    path = TRANSCRIPTS / f"{scene.__name__}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_neutral("\n".join([*head, *rows, "= None", ""]), home), encoding="utf-8")
    return path


def main(names: list[str]) -> None:
    """The command."""
    for scene in SCENES:
        if not names or scene.__name__ in names:
            with tempfile.TemporaryDirectory(prefix="recording-") as home:
                path = record(scene, Path(home).resolve())
            print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
