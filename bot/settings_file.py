"""Finding and reading the configuration: a TOML file and the environment, which wins."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from pydantic_settings.sources import InitSettingsSource

from bot.redaction import redactor
from bot.settings import Settings
from bot.settings_environment import EnvironmentSettings, is_setting, read_environment
from bot.settings_errors import SettingsError, sentences
from bot.settings_keys import KeyPath, dotted
from bot.settings_rules import contradictions
from bot.settings_values import bot_token

__all__ = ["SettingsError", "find_config", "is_configured", "load_settings"]

_MAX_TOKEN_FILE_BYTES = 4096


def find_config(argument: Path | None, environ: Mapping[str, str], cwd: Path, home: Path) -> Path | None:
    """The file to read: the argument, `$TOPICD_CONFIG`, `./config.toml`, `~/.config/topicd/config.toml`.

    The first two must exist: SettingsError. None if there is none.
    """
    if argument is not None:
        return _existing(cwd / argument.expanduser(), "--config")
    if named := environ.get("TOPICD_CONFIG"):
        return _existing(cwd / Path(named).expanduser(), "TOPICD_CONFIG")
    usual = (cwd / "config.toml", home / ".config" / "topicd" / "config.toml")
    return next((path for path in usual if os.path.exists(path)), None)  # noqa: PTH110 - this one never raises


def is_configured(config: Path | None, environ: Mapping[str, str]) -> bool:
    """Whether there is any configuration at all, right or wrong."""
    return config is not None or any(map(is_setting, environ))


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read and check everything; `token` is there afterwards, from wherever it comes.

    Raises SettingsError with everything that was found wrong. No error contains a secret.
    """
    given = read_environment(environ)
    from_file: dict[str, Any] = {}
    file_error: tuple[str, ...] = ()
    try:
        from_file = _read_toml(path) if path is not None else {}
    except SettingsError as error:
        file_error = error.errors
    redact = redactor(_secrets_in(from_file) + _secrets_in(given.tree))
    if file_error or given.errors:
        raise SettingsError(*(_one_line(redact(error)) for error in (*file_error, *given.errors)))
    try:
        settings = _merged(from_file, given.tree)
        complaints = contradictions(settings)
    except ValidationError as error:
        complaints = sentences(error)
    if complaints:
        lines = (f"{_where(key, path, given)}: {what}" for key, what in complaints)
        # `from None`, for the context would show the values.
        raise SettingsError(*(_one_line(redact(line)) for line in lines)) from None
    return _with_voice_key(_with_token(settings, path, given), path, given).read_from(path)


def _merged(from_file: dict[str, Any], from_environment: dict[str, Any]) -> Settings:
    class Sourced(Settings):
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *_: object, **__: object
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return tuple(
                InitSettingsSource(settings_cls, init_kwargs=tree)
                for tree in (from_environment, _without_the_other_token(from_file, from_environment))
            )

    return Sourced()


def _without_the_other_token(from_file: dict[str, Any], from_environment: dict[str, Any]) -> dict[str, Any]:
    """A token in the environment replaces the file's `token_file`, and the other way round."""
    telegram, given = from_file.get("telegram"), from_environment.get("telegram")
    if not isinstance(telegram, dict) or not isinstance(given, dict) or not given.keys() & _TOKEN_KEYS:
        return from_file
    return {**from_file, "telegram": {key: telegram[key] for key in telegram.keys() - _TOKEN_KEYS}}


_TOKEN_KEYS = frozenset({"token", "token_file"})


def _existing(path: Path, given_by: str) -> Path:
    if not os.path.exists(path):  # noqa: PTH110 - this one never raises
        raise SettingsError(_one_line(f"{given_by}: {path} does not exist; allowed: a TOML file"))
    return path


def _read_toml(path: Path) -> dict[str, Any]:
    """Raises SettingsError."""
    try:
        # Editors on other systems write a byte order mark, which tomllib refuses.
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except IsADirectoryError:
        problem = "is a directory; allowed: a TOML file"
    except OSError as error:
        problem = f"cannot be read ({error.strerror}); allowed: a TOML file that this user may read"
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problem = f"line {line}: is not UTF-8; allowed: TOML in UTF-8"
    except tomllib.TOMLDecodeError as error:
        problem = f"is not TOML: {error}; allowed: TOML, as in config.example.toml"
    except RecursionError:
        problem = "is nested too deeply; allowed: TOML, as in config.example.toml"
    raise SettingsError(f"{path}: {problem}") from None


def _with_token(settings: Settings, path: Path | None, given: EnvironmentSettings) -> Settings:
    """Fill `telegram.token` from `telegram.token_file`. Raises SettingsError."""
    telegram = settings.telegram
    if telegram.token_file is None:
        return settings
    where = _where(("telegram", "token_file"), path, given)
    try:
        with telegram.token_file.open("rb") as file:
            text = file.read(_MAX_TOKEN_FILE_BYTES).decode().strip()
    except OSError as error:
        raise SettingsError(
            _one_line(
                f"{where}: {telegram.token_file} cannot be read ({error.strerror}); allowed: a file with the token"
            )
        ) from None
    except UnicodeDecodeError:
        text = ""
    try:
        token = bot_token(SecretStr(text or "-"))
    except ValueError as error:
        raise SettingsError(_one_line(f"{where}: what is in {telegram.token_file} {error}")) from None
    return settings.model_copy(update={"telegram": telegram.model_copy(update={"token": token})})


def _with_voice_key(settings: Settings, path: Path | None, given: EnvironmentSettings) -> Settings:
    """Fill `voice.api_key` from `voice.api_key_file`. Raises SettingsError."""
    voice = settings.voice
    if voice.api_key_file is None or voice.api_key.get_secret_value():
        return settings
    try:
        with voice.api_key_file.open("rb") as file:
            key = file.read(_MAX_TOKEN_FILE_BYTES).decode(errors="replace").strip()
    except OSError as error:
        where = _where(("voice", "api_key_file"), path, given)
        problem = f"{voice.api_key_file} cannot be read ({error.strerror}); allowed: a file with the key"
        raise SettingsError(_one_line(f"{where}: {problem}")) from None
    return settings.model_copy(update={"voice": voice.model_copy(update={"api_key": SecretStr(key)})})


def _where(key: KeyPath, path: Path | None, given: EnvironmentSettings) -> str:
    """The variable that set a key, something in it or all around it, else the file; and the key."""
    for place, variable in reversed(given.variables.items()):
        shorter = min(len(place), len(key))
        if place[:shorter] == key[:shorter]:
            return f"{variable}: {dotted(key)}"
    return f"{path or 'no configuration file'}: {dotted(key)}"


def _secrets_in(tree: Mapping[str, Any]) -> tuple[str, ...]:
    """What is written where secrets belong, right or wrong."""
    telegram, voice = tree.get("telegram"), tree.get("voice")
    telegram = telegram if isinstance(telegram, dict) else {}
    webhook = telegram.get("webhook")
    found = (
        telegram.get("token"),
        webhook.get("secret") if isinstance(webhook, dict) else None,
        voice.get("api_key") if isinstance(voice, dict) else None,
    )
    return tuple(secret for secret in found if isinstance(secret, str))


def _one_line(text: str) -> str:
    return " ".join(text.split("\n")).replace("\r", " ")
