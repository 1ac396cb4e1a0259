"""Codex's errors and its exit, in words: one line with a remedy."""

import json
import re

from cli_runner.agents.ailments import ailment
from cli_runner.agents.endings import explain, one_line
from cli_runner.agents.json_lines import Fields, inner, text, whole
from cli_runner.agents.known_clis import Cli
from orchestrator.domain.agent_events import Finished, Retrying
from orchestrator.domain.agents import Exit

_LOGIN = (
    "Codex is not logged in, or its login or key is refused (401). Run `codex login` as the bot's user; for a "
    'provider with a key of its own, pass the key on: pass_env = ["NAME_OF_THE_KEY"] in [agents.NAME].'
)
_OLD = "This Codex is too old for topicd{version}: update it with npm install -g @openai/codex."
_UNKNOWN_THREAD = "Codex no longer knows this conversation. /new starts a fresh one."
_BY_KIND = {
    "unauthorized": _LOGIN,
    "usageLimitExceeded": "Codex has used up what its account may use for now; try again when that begins anew.",
    "rateLimitExceeded": "The model's API limits how fast Codex may call it. Try again in a moment.",
    "sessionBudgetExceeded": "Codex has used up what this conversation may cost. /new starts a fresh one.",
    "contextWindowExceeded": "This conversation has become too long for the model. /new starts a fresh one.",
    "serverOverloaded": "The model's API is overloaded. This is usually short; try again in a moment.",
    "modelNotFound": "The model is not known to Codex's provider. /model chooses another.",
    "sandboxError": "Codex's sandbox does not work here; `codex doctor` says more.",
}
_BY_STATUS = {401: "unauthorized", 429: "rateLimitExceeded", 503: "serverOverloaded", 529: "serverOverloaded"}
_UNKNOWN = ("no rollout found", "thread not found", "invalid session id", "invalid thread id")
_OLD_MARKS = ("unknown variant", "unknown field", "missing field", "method not found")
_OLD_EXITS = ("stdin is not a terminal", "unrecognized subcommand")
"""What versions without `app-server` say: they take the word for a prompt."""
_MISSING_KEY = re.compile(r"Missing environment variable: `?(\w+)`?")
_ATTEMPT = re.compile(r"(\d+)/\d+")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_URL = re.compile(r", url: \S+")
_NO_NEWS = "could not find bubblewrap"
"""Logged at every start, and no reason for anything."""


def _message(error: Fields) -> str:
    """The message; where it is the body of an answer of the model's API, the message in that."""
    said = text(error, "message")
    try:
        body = json.loads(said)
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict):
        said = text(inner(body, "error"), "message") or text(body, "detail") or text(body, "message") or said
    return one_line(_URL.sub("", said))


def _kind(error: Fields) -> str:
    """Codex's own word for it, or what an HTTP status means."""
    info = error.get("codexErrorInfo")
    if isinstance(info, str):
        return info
    details = info if isinstance(info, dict) else {}
    statuses = [whole(inner(details, name), "httpStatusCode") for name in details]
    return next((_BY_STATUS[status] for status in statuses if status in _BY_STATUS), "")


def error_line(error: Fields) -> str:
    """One line for a person about the error of a turn."""
    said = _message(error)
    if missing := _MISSING_KEY.search(said):
        name = missing.group(1)
        return (
            f"Codex has no key: the variable {name} is not set for it. Pass it on from the bot's environment with "
            f'pass_env = ["{name}"] in [agents.NAME], or set it in [agents.NAME.env].'
        )
    remedy = _BY_KIND.get(_kind(error), "")
    if remedy and remedy != _LOGIN and said:
        return f"{remedy} It says: {said}"
    return remedy or ailment(said, cli=Cli.CODEX) or said or "Codex ended the turn with an error and no reason."


def retrying(error: Fields) -> Retrying:
    """Codex will call the model again: «Reconnecting... 2/5»."""
    attempt = _ATTEMPT.search(text(error, "message"))
    reason = one_line(_URL.sub("", text(error, "additionalDetails"))) or _message(error)
    return Retrying(attempt=int(attempt.group(1)[:6]) if attempt else 1, reason=reason or "the model did not answer")


def refused(error: Fields, *, version: str) -> Finished:
    """The end of a turn that could not begin: the greeting, the thread or the turn was refused."""
    said = _message(error)
    unknown = any(mark in said for mark in _UNKNOWN)
    if unknown:
        line = _UNKNOWN_THREAD
    elif any(mark in said.lower() for mark in _OLD_MARKS):
        line = _OLD.format(version=f" ({version})" if version else "")
    else:
        line = f"Codex did not begin. It says: {said or 'nothing'}"
    return Finished(ok=False, error=line, session_unusable=unknown)


def finished_by_exit(exit_: Exit, *, said: str, printed: str) -> Finished:
    """The end of a turn whose program is gone without saying one."""
    lines = [line for line in _COLOUR.sub("", exit_.stderr_tail).splitlines() if _NO_NEWS not in line]
    tail = "\n".join(lines)
    if any(mark in tail for mark in _OLD_EXITS):
        return Finished(ok=False, answer=said, error=_OLD.format(version=""))
    plain = Exit(code=exit_.code, signal=exit_.signal, stderr_tail=tail)
    return Finished(ok=False, answer=said, error=explain("Codex", plain, printed=printed))
