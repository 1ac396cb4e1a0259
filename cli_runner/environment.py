"""What of the bot's environment an agent gets: an allow-list.

All agent CLIs hand their whole environment to the tools they run, so whatever is passed here can be read
by the model.
"""

from collections.abc import Collection, Iterable, Mapping
from fnmatch import fnmatchcase

from orchestrator.domain.agents import AgentSpec

BASE = (
    # who and where
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "XDG_*",
    # language, time, terminal
    "LANG",
    "LANGUAGE",
    "LC_*",
    "TZ",
    "TERM",
    "COLORTERM",
    # how to reach the network, which keys may sign and push
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "SSH_AUTH_SOCK",
)
"""Passed on to every agent. `TMPDIR` is not: each run has its own."""

NEVER = (
    "TOPICD_*",  # the bot's own settings, its token among them
    "CLAUDECODE",  # Claude Code takes itself for nested and refuses
    "CLAUDE_CODE_ENTRYPOINT",
    # between the bot and its service manager: whoever has them can speak for the bot, or read its secrets
    "NOTIFY_SOCKET",
    "WATCHDOG_*",
    "LISTEN_*",
    "CREDENTIALS_DIRECTORY",
)
"""Passed on to nobody, whatever is configured."""

MIN_SECRET_CHARS = 6
"""A shorter «secret» would be found in innocent values."""


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def agent_environment(environ: Mapping[str, str], spec: AgentSpec, secrets: Collection[str]) -> dict[str, str]:
    """The environment of an agent: the base list, its `pass_env`, and its `env`, which wins.

    A variable in whose value one of `secrets` occurs is left out, whatever its name and wherever it
    comes from.
    """
    passed = {name: value for name, value in environ.items() if _matches(name, (*BASE, *spec.pass_env))}
    hidden = [secret for secret in secrets if len(secret) >= MIN_SECRET_CHARS]
    return {
        name: value
        for name, value in {**passed, **spec.env}.items()
        if not _matches(name, NEVER) and not any(secret in value for secret in hidden)
    }
