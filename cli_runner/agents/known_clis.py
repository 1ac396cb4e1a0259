"""The agent CLIs that topicd knows: how each is installed and logged in, and which versions it was tested with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from types import MappingProxyType

from orchestrator.domain.agents import AgentSpec

_VERSION = re.compile(r"\d+(?:\.\d+){1,3}")


class Cli(StrEnum):
    """Whose words and remedies are meant."""

    CLAUDE = "claude"  # Claude Code
    CODEX = "codex"  # Codex
    GEMINI = "gemini"  # Gemini CLI
    OPENCODE = "opencode"  # OpenCode
    OTHER = "other"  # any other program


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCli:
    """What is known of one. `oldest` to `tested` are the versions that topicd was tested with.

    `login` is the remedy where nobody is logged in, with `{name}` for the agent's name in the configuration.
    """

    title: str
    login: str
    package: str = ""
    oldest: str = ""
    tested: str = ""

    @property
    def install(self) -> str:
        """The command that installs the version that is known to work; empty where there is none to name."""
        return f"npm install -g {self.package}@{self.tested}" if self.package else ""


KNOWN: Mapping[Cli, KnownCli] = MappingProxyType(
    {
        Cli.CLAUDE: KnownCli(
            title="Claude Code",
            package="@anthropic-ai/claude-code",
            oldest="2.1.197",
            tested="2.1.329",
            login="Run `claude` once in a terminal as the bot's user and log in with /login, or give it a key: "
            'pass_env = ["ANTHROPIC_*"] or env in [agents.{name}].',
        ),
        Cli.CODEX: KnownCli(
            title="Codex",
            package="@openai/codex",
            oldest="0.169.0",
            tested="0.169.0",
            login="Run `codex login` as the bot's user; for a provider with a key of its own, pass that on: "
            'pass_env = ["NAME_OF_THE_KEY"] in [agents.{name}].',
        ),
        Cli.GEMINI: KnownCli(
            title="Gemini CLI",
            package="@google/gemini-cli",
            oldest="0.61.0",
            tested="0.61.0",
            login="Run `gemini` once in a terminal as the bot's user and log in, or pass a key on: "
            'pass_env = ["GEMINI_API_KEY"] in [agents.{name}].',
        ),
        Cli.OPENCODE: KnownCli(
            title="OpenCode",
            package="opencode-ai",
            oldest="1.18.33",
            tested="1.18.33",
            login="Run `opencode auth login` as the bot's user, or pass the provider's key on: "
            "pass_env in [agents.{name}].",
        ),
        Cli.OTHER: KnownCli(
            title="The agent",
            login="Log in once in a terminal as the bot's user, or give it its key in [agents.{name}] "
            "(env or pass_env).",
        ),
    }
)


def cli_of(spec: AgentSpec) -> Cli:
    """The CLI that a configured agent starts, by its protocol or its program's name."""
    if spec.protocol in (Cli.CLAUDE, Cli.CODEX):
        return Cli(spec.protocol)
    return cli_named(PurePath(spec.command[0]).name) if spec.protocol == "acp" and spec.command else Cli.OTHER


def cli_named(name: str) -> Cli:
    """The CLI that a program's name or title belongs to."""
    lower = name.lower()
    return next((cli for cli in Cli if cli is not Cli.OTHER and cli in lower), Cli.OTHER)


def version_in(said: str) -> str:
    """The first version number in what a program says of itself; empty if there is none."""
    found = _VERSION.search(said)
    return found[0] if found else ""


def odd_version(cli: Cli, version: str) -> str:
    """What to know of a version that is not among those that topicd was tested with: the rest of a sentence that
    begins with the program. Empty if it is among them, or cannot be told.

    Of newer ones only another series (the first two numbers) counts: within one, releases come every few days.
    """
    known = KNOWN[cli]
    if not known.tested or not version:
        return ""
    parts = _parts(version)
    if parts < _parts(known.oldest):
        return (
            f"is version {version}, older than any that topicd was tested with. Known to work is "
            f"{known.tested}: {known.install}"
        )
    if parts[:2] > _parts(known.tested)[:2]:
        return (
            f"is version {version}, newer than any that topicd was tested with. Should it misbehave, known to work is "
            f"{known.tested}: {known.install}"
        )
    return ""


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part[:9]) for part in version.split("."))
