"""Whether somebody is logged in to an agent, found out without asking anybody outside of this machine.

Claude Code, Codex and OpenCode tell it themselves; of Gemini CLI the files and variables are looked at that it
would look at. None means that it cannot be told, which is no fault.
"""

import json
import re
import tomllib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import anyio.to_thread

from cli_runner.agents.known_clis import Cli

_MAX_FILE_BYTES = 1024 * 1024
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_FOUND = re.compile(r"(\d+) (?:credential|environment variable)")
_CHOOSES_PROVIDER = re.compile(r"model_provider|^--?p(?:rofile)?\b|^--oss\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a program printed. `code` is None if it took too long and was killed."""

    code: int | None
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """`logged_in` is None where it cannot be told. `missing_key` is the variable that should hold the key."""

    logged_in: bool | None = None
    missing_key: str = ""


Ask: TypeAlias = Callable[[Sequence[str]], Awaitable[Said]]
"""Run the agent's program with these arguments."""


async def login_of(cli: Cli, ask: Ask, *, options: Sequence[str], env: Mapping[str, str]) -> Login:
    """What can be told. `options` are those that the agent is configured with, `env` what it would have."""
    match cli:
        case Cli.CLAUDE:
            return Login(logged_in=_claude(await ask((*options, "auth", "status"))))
        case Cli.CODEX:
            return await _codex(ask, options, env)
        case Cli.GEMINI:
            return Login(logged_in=await anyio.to_thread.run_sync(_gemini, env))
        case Cli.OPENCODE:
            return Login(logged_in=_opencode(await ask(("auth", "list"))))
        case Cli.OTHER:
            return Login()


def _claude(said: Said) -> bool | None:
    """Claude Code 2.1 prints a JSON object with `loggedIn`."""
    logged_in = _object(said.stdout).get("loggedIn")
    return logged_in if isinstance(logged_in, bool) else None


async def _codex(ask: Ask, options: Sequence[str], env: Mapping[str, str]) -> Login:
    """Codex 0.169: `login status` ends with 0, or with 1 and «Not logged in».

    That is about OpenAI's account. A provider of the configuration's own has its key in a variable, or needs none.
    """
    if any(_CHOOSES_PROVIDER.search(option) for option in options):
        return Login()
    provider = await anyio.to_thread.run_sync(_codex_provider, env)
    if provider is not None:
        key = provider.get("env_key")
        missing = key if isinstance(key, str) and not env.get(key) else ""
        return Login(missing_key=missing) if provider.get("requires_openai_auth") is not True else Login()
    said = await ask((*options, "login", "status"))
    if said.code == 0:
        return Login(logged_in=True)
    return Login(logged_in=False if "not logged in" in f"{said.stdout}{said.stderr}".lower() else None)


def _codex_provider(env: Mapping[str, str]) -> Mapping[str, Any] | None:
    """The provider that Codex's own configuration chooses in OpenAI's place; None if it does not."""
    home = env.get("CODEX_HOME") or str(Path(env.get("HOME", "/"), ".codex"))
    try:
        config = tomllib.loads(_read(Path(home, "config.toml")))
    except (OSError, ValueError):
        return None
    name, providers = config.get("model_provider"), config.get("model_providers")
    if not isinstance(name, str) or name == "openai":
        return None
    provider = providers.get(name) if isinstance(providers, dict) else None
    return provider if isinstance(provider, dict) else {}


def _gemini(env: Mapping[str, str]) -> bool | None:
    """Gemini CLI 0.61: what its settings choose, else what its variables mean.

    A key may be in a variable, in one of its `.env` files, or in its own store; a login with Google leaves a file.
    """
    home = Path(env.get("GEMINI_CLI_HOME") or env.get("HOME", "/"))
    own = home / ".gemini"
    auth: object = _object_in(own / "settings.json")
    for part in ("security", "auth", "selectedType"):
        auth = auth.get(part) if isinstance(auth, dict) else None
    stored = (own / "gemini-credentials.json").exists()
    with_env_file = (own / ".env").exists() or (home / ".env").exists()
    if env.get("GOOGLE_GENAI_USE_GCA") == "true" or auth == "oauth-personal":
        return (own / "oauth_creds.json").exists() or stored
    if auth == "gemini-api-key" or (auth is None and env.get("GEMINI_API_KEY")):
        return bool(env.get("GEMINI_API_KEY")) or (None if stored or with_env_file else False)
    elsewhere = ("GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GEMINI_BASE_URL", "CLOUD_SHELL", "GEMINI_CLI_USE_COMPUTE_ADC")
    if auth is not None or with_env_file or stored or any(env.get(name) for name in elsewhere):
        return None
    return False


def _opencode(said: Said) -> bool | None:
    """OpenCode 1.18 counts its credentials and the keys in variables. Without any it has its free models, and what
    its configuration names."""
    counts = [int(number) for number in _FOUND.findall(_COLOUR.sub("", said.stdout))]
    return True if sum(counts) else None


def _object_in(path: Path) -> Mapping[str, Any]:
    try:
        return _object(_read(path))
    except (OSError, ValueError):
        return {}


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MAX_FILE_BYTES).decode()
