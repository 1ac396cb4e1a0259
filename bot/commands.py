"""What the commands of the shell do, and how their failures become exit codes."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.log import configure_logging
from bot.settings import Settings
from bot.settings_errors import SettingsError
from bot.settings_file import find_config, is_configured, load_settings

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_CONFIGURATION = 2
EXIT_IN_USE = 3
EXIT_TOKEN = 4


def execute(chosen: argparse.Namespace, environ: Mapping[str, str], cwd: Path) -> int:
    """Run one command of the shell; its exit code."""
    try:
        config = find_config(chosen.config, environ, cwd, Path.home())
        if chosen.command == "sandbox" or (chosen.command == "run" and not is_configured(config, environ)):
            return _sandbox(chosen, environ, config)
        settings = load_settings(config, environ)
    except SettingsError as error:
        for line in error.errors:
            sys.stderr.write(f"{line}\n")
        return EXIT_CONFIGURATION
    configure_logging(settings.log.format, settings.log.level, settings.secrets())
    match chosen.command:
        case "run":
            return _run(settings, environ, config)
        case "runs":
            from bot.runs_command import show_or_stop

            return show_or_stop(settings.state.directory, chosen.stop)
        case _:
            from bot.check_command import check

            return check(settings, environ, offline=chosen.offline)


def _run(settings: Settings, environ: Mapping[str, str], config: Path | None) -> int:
    from bot.lazy_models import import_aiogram

    import_aiogram()
    import anyio

    from bot.app import App
    from bot.intake import TokenRefusedError
    from orchestrator.domain.errors import StateDirectoryInUse, StoreError

    def fault() -> str:
        try:
            load_settings(config, environ)
        except SettingsError as error:
            return "\n".join(error.errors)
        return ""

    app = App(settings, environ, fault=fault)
    failure: BaseException | None = None
    try:
        anyio.run(app.run)
    except* TokenRefusedError as group:
        failure = _first(group)
    except* (StateDirectoryInUse, StoreError, OSError) as group:
        failure = failure or _first(group)
    match failure:
        case None if app.restarts:
            return _start_anew()
        case None:
            return EXIT_OK
        case TokenRefusedError():
            sys.stderr.write(
                f"Telegram refused the token ({failure}). Ask @BotFather for the right one and set it as "
                "[telegram] token.\n"
            )
            return EXIT_TOKEN
        case StateDirectoryInUse():
            sys.stderr.write(f"{failure}\n")
            return EXIT_IN_USE
        case _:
            sys.stderr.write(f"{failure}\n")
            return EXIT_FAILED


def _start_anew() -> int:
    from bot.restarting import start_anew

    try:
        start_anew()
    except OSError as error:
        sys.stderr.write(f"Could not start the bot anew: {error}\n")
        return EXIT_FAILED


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found


def _sandbox(chosen: argparse.Namespace, environ: Mapping[str, str], config: Path | None) -> int:
    from bot.sandbox_command import PORT, run_sandbox

    if chosen.command == "run":
        sys.stderr.write(
            "No configuration found (config.toml, $TOPICD_CONFIG): starting the sandbox instead, "
            "a Telegram on this machine only.\n"
        )
    return run_sandbox(port=getattr(chosen, "port", PORT), config=config, environ=environ)
