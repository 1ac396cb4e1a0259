"""`python -m bot sandbox`: a local Telegram, its page, and the real bot in it, as a process of its own.

What a configuration says of agents, projects and limits holds; Telegram, the people and the state
directory are the sandbox's own. Its Telegram begins anew each time, and so does the bot's state.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import anyio

from bot.sandbox.main import serve
from bot.sandbox.seed import ALICE, BOB, FLAT_GROUP_ID, WORKSHOP_ID
from bot.sandbox.server import DEFAULT_TOKEN

PORT = 8484
_CLIS = {"claude": "edits"}
"""Agent CLIs that are offered when they are installed, with the mode that they get."""

_OVERRIDDEN = ("TOPICD_TELEGRAM__", "TOPICD_ACCESS__", "TOPICD_STATE__", "TOPICD_SHUTDOWN__")
_QUIET = {"TOPICD_LOG__LEVEL": "warning"}
_PROJECTS = ("api", "website")
_README = "# A place to try things\n\nMade by the topicd sandbox. Everything here goes when the sandbox ends.\n"


def run_sandbox(*, port: int, config: Path | None, environ: Mapping[str, str]) -> int:
    """Serve until told to end; the exit code. The bot's agents end with it."""
    home = Path(tempfile.mkdtemp(prefix="topicd-sandbox-"))
    try:
        code = anyio.run(_serve, port, config or _write_config(home), home, environ)
    except OSError as error:
        sys.stderr.write(
            f"Cannot serve on port {port}: {error.strerror or error}. Try: python -m bot sandbox --port {port + 1}\n"
        )
        return 1
    finally:
        shutil.rmtree(home, ignore_errors=True)
    sys.stderr.write("The sandbox has ended, and its agents with it.\n")
    return code


async def _serve(port: int, config: Path, home: Path, environ: Mapping[str, str]) -> int:
    """The bot's address is known only once the port is; so it is told by its environment."""
    inherited = {name: value for name, value in environ.items() if not name.startswith(_OVERRIDDEN)}
    bot = [sys.executable, "-m", "bot", "run", "--config", str(config)]
    return await serve(
        port=port,
        bot_argv=lambda url: ["/usr/bin/env", f"TOPICD_TELEGRAM__API_URL={url}", *bot],
        bot_env={**_QUIET, **inherited, **_own_settings(home)},
    )


def _own_settings(home: Path) -> dict[str, str]:
    """What the sandbox sets over any configuration: its own Telegram, people and state."""
    return {
        "TOPICD_TELEGRAM__TOKEN": DEFAULT_TOKEN,
        "TOPICD_ACCESS__USERS": json.dumps([ALICE.id, BOB.id]),
        "TOPICD_ACCESS__ADMINS": json.dumps([ALICE.id]),
        "TOPICD_ACCESS__CHATS": json.dumps([WORKSHOP_ID, FLAT_GROUP_ID]),
        "TOPICD_STATE__DIRECTORY": str(home / "state"),
        "TOPICD_SHUTDOWN__AGENTS": "stop",
    }


def _write_config(home: Path) -> Path:
    """A configuration with the demo agent and every known agent CLI that is installed."""
    work = home / "work"
    for place in (work, *(work / name for name in _PROJECTS)):
        place.mkdir(parents=True)
        (place / "README.md").write_text(_README, encoding="utf-8")
    for name in _PROJECTS:
        _make_repository(work / name)
    lines = ["[agents.demo]", 'protocol = "demo"', 'mode = "ask"', ""]
    for name, mode in _CLIS.items():
        if shutil.which(name):
            lines += [f"[agents.{name}]", f'protocol = "{name}"', f'mode = "{mode}"', ""]
    lines += ["[defaults]", 'agent = "demo"', f"directory = {json.dumps(str(work))}", ""]
    for name in _PROJECTS:
        lines += [f"[projects.{name}]", f"path = {json.dumps(str(work / name))}", ""]
    config = home / "config.toml"
    config.write_text("\n".join(lines), encoding="utf-8")
    return config


def _make_repository(place: Path) -> None:
    """A git repository with a first commit, so that `/diff` and `/worktree` can be tried; nothing without git."""
    git = shutil.which("git")
    if git is None:
        return
    for words in (
        ["-c", "init.defaultBranch=main", "init", "--quiet"],
        ["config", "user.name", "Sandbox"],
        ["config", "user.email", "sandbox@localhost"],
        ["add", "--all"],
        ["commit", "--quiet", "--no-gpg-sign", "--message", "A place to try things"],
    ):
        subprocess.run([git, "-C", str(place), *words], check=False, capture_output=True, timeout=20)
