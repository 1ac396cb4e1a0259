"""What goes wrong with an ACP agent, in one line for a person."""

import json
from dataclasses import dataclass

from cli_runner.agents.ailments import ailment
from cli_runner.agents.endings import one_line
from cli_runner.agents.json_lines import Fields, inner, objects, text, whole
from cli_runner.agents.known_clis import cli_named
from orchestrator.domain.agent_events import Finished

AUTH_REQUIRED = -32000
NOT_FOUND = -32002
_UNTOLD = ("", "Internal error", "Invalid params", "Invalid request")
"""Messages that only name their code."""
_LOGIN_CHARS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeted:
    """What an agent says of itself in its answer to `initialize`. `sees` is whether it takes pictures."""

    name: str = "The agent"
    loads: bool = False
    resumes: bool = False
    forks: bool = False
    sees: bool = False
    logins: tuple[str, ...] = ()


def greeted(result: Fields) -> Greeted:
    """Read the answer to `initialize`."""
    info, capabilities = inner(result, "agentInfo"), inner(result, "agentCapabilities")
    sessions = inner(capabilities, "sessionCapabilities")
    return Greeted(
        name=one_line(text(info, "title") or text(info, "name"), 60) or "The agent",
        loads=capabilities.get("loadSession") is True,
        resumes=isinstance(sessions.get("resume"), dict),
        forks=isinstance(sessions.get("fork"), dict),
        sees=inner(capabilities, "promptCapabilities").get("image") is True,
        logins=tuple(_login(method) for method in objects(result, "authMethods")),
    )


def error_of(answer: Fields) -> Fields | None:
    """The error that an answer carries, or None."""
    return inner(answer, "error") if isinstance(answer.get("error"), dict) else None


def _login(method: Fields) -> str:
    """One way to log in, as the agent words it, with the environment variables that it takes."""
    told = text(method, "description") or text(method, "name") or text(method, "id")
    names = [name for variable in objects(method, "vars") if (name := text(variable, "name"))]
    return one_line(f"{told} ({', '.join(names)})" if names else told, 120)


def _message(error: Fields) -> str:
    """The words of an error. Some agents pass on the JSON of the model's API, or put them into `data`."""
    message = text(error, "message").strip()
    if message.startswith("{"):
        try:
            passed_on = json.loads(message)
        except (ValueError, RecursionError):
            passed_on = None
        if isinstance(passed_on, dict):
            message = text(inner(passed_on, "error"), "message") or text(passed_on, "message") or message
    message = message.removeprefix("Internal error: ")
    if message in _UNTOLD:
        data = inner(error, "data")
        message = text(data, "details") or text(data, "message") or text(error, "data") or message
    return message


def reason(error: Fields) -> str:
    """Why something failed, on one line; with its number, if that is one of HTTP."""
    told, code = one_line(_message(error)), whole(error, "code")
    if code is not None and 400 <= code < 600 and str(code) not in told:
        told = f"{told} ({code})" if told else f"error {code}"
    return told or (f"error {code}" if code is not None else "no reason given")


def needs_login(error: Fields) -> bool:
    """Whether the agent wants somebody to log in first."""
    return whole(error, "code") == AUTH_REQUIRED


def login(agent: Greeted) -> str:
    """The remedy."""
    line = (
        f"{agent.name} is not logged in. Log in once in a terminal as the bot's user, or give it its key in "
        "[agents.NAME] (env or pass_env)."
    )
    if agent.logins:
        line += f" It offers: {' · '.join(agent.logins)}"
    return one_line(line, _LOGIN_CHARS)


def failed(agent: Greeted, error: Fields, *, said: str = "", session_unusable: bool = False) -> Finished:
    """The end of a turn whose request was answered with an error."""
    if needs_login(error):
        return Finished(ok=False, answer=said, error=login(agent))
    told = reason(error)
    if whole(error, "code") in (401, 403):
        told = f"{told.removesuffix('.')}. Log in again, or correct its key."
    unknown = whole(error, "code") == NOT_FOUND or "session not found" in told.lower()
    line = ailment(told, cli=cli_named(agent.name), title=agent.name) or f"{agent.name}: {told}"
    return Finished(ok=False, answer=said, error=line, session_unusable=session_unusable or unknown)
