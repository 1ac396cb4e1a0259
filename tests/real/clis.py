"""The real agent CLIs: where each is, and what it needs to talk to a scripted model only."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.real import install, model_anthropic
from tests.real.model_anthropic import AnthropicApi
from tests.real.model_gemini import GeminiApi
from tests.real.model_openai import OpenAiApi
from tests.real.model_server import ModelServer

CODEX_MODEL = "gpt-5.5"
"""In Codex's own catalogue; its tools are plain functions."""
CODEX_SCRIPT_MODEL = "gpt-6-sol"
"""Like all newer ones it calls its tools from a script (code mode)."""
GEMINI_MODEL = "gemini-2.5-pro"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cli:
    """One CLI. `prepare` writes its configuration under a home and says what its environment needs."""

    package: str
    program: tuple[str, ...]
    model: type[ModelServer]
    prepare: Callable[[Path, str], dict[str, str]]
    needs_node: bool = True

    def absent(self) -> str:
        """Why it cannot be run here; empty if it can."""
        if wanted := install.missing(self.package):
            return f"{wanted[0]} is not installed: run python -m tests.real.install"
        if self.needs_node and shutil.which("node") is None:
            return f"{self.package} needs node, which was not found"
        return ""

    def environment(self, home: Path, url: str) -> dict[str, str]:
        """The whole environment, with all of the CLI's files under `home`. Makes `work` and `tmp` there."""
        for name in ("work", "tmp"):
            (home / name).mkdir(exist_ok=True)
        base = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home / "tmp"), "LANG": "C.UTF-8"}
        return {**base, **self.prepare(home, url)}


def _claude(home: Path, url: str) -> dict[str, str]:
    return {**model_anthropic.environment(str(home), url), "CLAUDE_CODE_MAX_RETRIES": "1", "IS_SANDBOX": "1"}


def _codex(home: Path, url: str) -> dict[str, str]:
    directory = home / "codex"
    directory.mkdir(exist_ok=True)
    (directory / "config.toml").write_text(
        f'model = "{CODEX_MODEL}"\n'
        'model_provider = "scripted"\n'
        "check_for_update_on_startup = false\n"
        "[analytics]\n"
        "enabled = false\n"
        "[features]\n"
        "plugins = false\n"
        "apps = false\n"
        "[model_providers.scripted]\n"
        'name = "scripted"\n'
        f'base_url = "{url}/v1"\n'
        'env_key = "SCRIPTED_KEY"\n'
        'wire_api = "responses"\n'
        "request_max_retries = 1\n"
        "stream_max_retries = 1\n",
        encoding="utf-8",
    )
    return {"CODEX_HOME": str(directory), "SCRIPTED_KEY": "scripted"}


def _gemini(home: Path, url: str) -> dict[str, str]:
    directory = home / ".gemini"
    directory.mkdir(exist_ok=True)
    settings = {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "privacy": {"usageStatisticsEnabled": False},
        "general": {"disableAutoUpdate": True, "disableUpdateNag": True, "enableAutoUpdate": False, "maxAttempts": 1},
    }
    (directory / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    return {"GEMINI_API_KEY": "scripted", "GOOGLE_GEMINI_BASE_URL": url}


def _opencode(home: Path, url: str) -> dict[str, str]:
    directory = home / ".config" / "opencode"
    directory.mkdir(parents=True, exist_ok=True)
    limits = {"context": 100_000, "output": 8_000}
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "options": {"baseURL": f"{url}/v1", "apiKey": "scripted"},
        "models": {"scripted": {"name": "Scripted", "limit": limits, "reasoning": True, "tool_call": True}},
    }
    config = {
        "autoupdate": False,
        "share": "disabled",
        "model": "scripted/scripted",
        "small_model": "scripted/scripted",
        "enabled_providers": ["scripted"],
        "provider": {"scripted": provider},
    }
    (directory / "opencode.json").write_text(json.dumps(config), encoding="utf-8")
    return {"OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1"}


CLAUDE = Cli(
    package=install.CLAUDE_CODE,
    program=(str(install.CLAUDE),),
    model=AnthropicApi,
    prepare=_claude,
    needs_node=False,
)
CODEX = Cli(package="@openai/codex", program=(str(install.CODEX),), model=OpenAiApi, prepare=_codex)
GEMINI = Cli(package="@google/gemini-cli", program=(str(install.GEMINI),), model=GeminiApi, prepare=_gemini)
OPENCODE = Cli(
    package="opencode-ai",
    program=(str(install.OPENCODE),),
    model=OpenAiApi,
    prepare=_opencode,
    needs_node=False,
)
