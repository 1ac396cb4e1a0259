"""The command line: `python -m bot run | sandbox | check | runs | --version`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.version import VERSION


def parser() -> argparse.ArgumentParser:
    """The arguments."""
    made = argparse.ArgumentParser(prog="python -m bot", description="topicd: coding agents in Telegram topics.")
    made.add_argument("--version", action="version", version=f"topicd {VERSION}")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="the bot; without any configuration, the sandbox")
    run.add_argument("--config", type=Path, metavar="FILE")
    sandbox = commands.add_parser("sandbox", help="a local Telegram with a page in the browser, and the bot in it")
    sandbox.add_argument("--port", type=int, default=8484, metavar="N", help="of the page (default 8484)")
    sandbox.add_argument("--config", type=Path, metavar="FILE")
    check = commands.add_parser("check", help="is everything set up? one line each, with what to do")
    check.add_argument("--config", type=Path, metavar="FILE")
    check.add_argument("--offline", action="store_true", help="leave out what needs Telegram")
    runs = commands.add_parser("runs", help="the runs that live on this machine; needs no bot")
    runs.add_argument("--config", type=Path, metavar="FILE")
    runs.add_argument("--stop", metavar="ID|all", help="end one, or all, the way /stop does")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    chosen = parser().parse_args(arguments)
    # Imported late: a command pays only for what it needs, and settings are read before Telegram.
    from bot import commands

    return commands.execute(chosen, dict(os.environ), Path.cwd())


if __name__ == "__main__":
    sys.exit(main())
