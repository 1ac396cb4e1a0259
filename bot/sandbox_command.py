"""`python -m bot sandbox`: a local Telegram, its page, and the bot in it, as processes of their own.

The bot is the real one, run with a configuration that is written for it; so it can be killed from the
page and started again while the sandbox, being Telegram, stays.
"""

import json
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import anyio

from bot.sandbox.main import serve
from bot.sandbox.world import ALICE_ID, BOB_ID, FLAT_GROUP_ID, WORKSHOP_ID

TOKEN = "424242:sandbox-token-for-this-machine-only-00"  # noqa: S105  opens nothing but the sandbox
_KNOWN_CLIS = {"claude": "claude"}
_MODES = ("edits", "all")


def run_sandbox(*, port: int, config: Path | None, environ: Mapping[str, str]) -> int:
    """Serve until told to end; the exit code. The bot's agents always end with it."""
    home = Path(environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "topicd-sandbox"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    workspace = home / "workspace"
    workspace.mkdir(exist_ok=True)
    if not _is_free(port):
        sys.stderr.write(f"Port {port} is in use. Choose another: python -m bot sandbox --port {port + 1}\n")
        return 1

    def bot_argv(url: str) -> list[str]:
        written = home / "config.toml"
        written.write_text(_config(url, home, workspace, config, environ), encoding="utf-8")
        written.chmod(0o600)
        return [sys.executable, "-m", "bot", "run", "--config", str(written)]

    anyio.run(_serve, port, bot_argv)
    return 0
