"""What ails an agent, recognised by what it says when it fails: one line with the remedy.

The texts are those of the CLIs themselves and of the model APIs behind them, as recorded from Claude Code 2.1,
Codex 0.169, Gemini CLI 0.61 and OpenCode 1.18, and from what those APIs document. Only for what is told as an
error: an agent that works may well speak of rate limits.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from cli_runner.agents.known_clis import KNOWN, Cli

_MAX_CHARS = 200
_LOOKED_AT = 20_000
"""How much of the end of a text is looked at."""


class Ailment(StrEnum):
    """What can be wrong with an agent, that a person can do something about."""

    ROOT = "root"  # it refuses to work as root without asking
    MISSING_KEY = "missing key"  # the variable that should hold its key is not set
    LOGGED_OUT = "logged out"  # nobody is logged in
    REFUSED = "refused"  # its login or key is not accepted
    FORBIDDEN = "forbidden"  # the account may not do this
    QUOTA = "quota"  # the account has used up what it may use
    RATE = "rate"  # too much in too short a time
    OVERLOADED = "overloaded"  # the model's API cannot keep up
    UNREACHABLE = "unreachable"  # the model's API does not answer
    UNTRUSTED = "untrusted"  # the directory is not one that it trusts
    NODE = "node"  # it needs Node.js, or a newer one
    NOT_INSTALLED = "not installed"  # its program, or part of it, is not there
    VERSION = "version"  # it does not understand us: too old, or too new


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sign:
    """How an ailment shows. `quotes`: the line that shows it holds something more to know, such as when it ends."""

    ailment: Ailment
    words: re.Pattern[str]
    quotes: bool = False


def _sign(ailment: Ailment, *words: str, quotes: bool = False) -> _Sign:
    return _Sign(ailment=ailment, words=re.compile("|".join(words), re.IGNORECASE), quotes=quotes)


def _status(number: int, words: str) -> str:
    """An HTTP status as such: not the line of a program, nor a number of tokens."""
    named = rf"\b(?:(?:http)?status|code|error|http(?:/[\d.]+)?)[\"':=]{{0,3}} {{0,2}}(?:code\W{{0,3}})?{number}\b"
    return rf"{named}|\({number}\)|\b{number} (?:{words})"


_SIGNS = (
    _sign(Ailment.ROOT, r"cannot be used with root/sudo"),
    _sign(Ailment.MISSING_KEY, r"missing environment variable: `?\w+"),
    _sign(
        Ailment.LOGGED_OUT,
        r"not logged in",
        r"please run /login",
        r"must specify the \w*API_KEY",
        r"please set an auth method",
        r"authentication required",
        r"api key is missing",
        r"no api key (?:found|provided|was)",
        r"could not load the default credentials",
        r"login required",
        r"(?:token|session|login) (?:has )?expired",
    ),
    _sign(
        Ailment.REFUSED,
        _status(401, "unauthori[sz]ed|invalid"),
        r"authentication_(?:error|failed)",
        r"invalid (?:x-)?api[- ]key",
        r"incorrect api key",
        r"api key not valid",
        r"api_key_invalid",
    ),
    _sign(Ailment.RATE, r"temporarily limiting requests", quotes=True),
    _sign(
        Ailment.QUOTA,
        r"usage[_ ]?limit",
        r"(?:hit|reached) your .{0,30}limit",
        r"limit reached",
        r"credit balance is too low",
        r"insufficient[_ ](?:quota|credits?|balance|funds)",
        r"exceeded your (?:current |daily |monthly )?quota",
        r"quota (?:exceeded|exhausted)",
        r"exhausted your (?:daily )?(?:quota|capacity)",
        r"out of (?:credits|quota)",
        r"payment required",
        quotes=True,
    ),
    _sign(
        Ailment.RATE,
        _status(429, "too many"),
        r"too many requests",
        r"rate[-_ ]?limit",
        r"resource[_ ]exhausted",
        quotes=True,
    ),
    _sign(
        Ailment.OVERLOADED,
        _status(529, "overloaded"),
        _status(503, "service"),
        _status(500, "internal"),
        r"overloaded",
        r"service unavailable",
        r"(?:at|high) (?:capacity|demand)",
        quotes=True,
    ),
    _sign(Ailment.FORBIDDEN, _status(403, "forbidden"), r"permission_(?:denied_)?error", quotes=True),
    _sign(
        Ailment.UNREACHABLE,
        r"ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET",
        r"fetch failed",
        r"connection error\b",
        r"error sending request",
        r"stream disconnected before completion",
        r"could not resolve host",
        r"certificate (?:verify failed|has expired)|self[- ]signed certificate",
        quotes=True,
    ),
    _sign(Ailment.UNTRUSTED, r"not running in a trusted directory"),
    _sign(
        Ailment.NODE,
        r"env: [‘'`]?node[’'`]?: no such file",
        r"node: (?:command )?not found",
        r"(?:requires?|needs?) node(?:\.js)?\b",
        r"node(?:\.js)? version .{0,40}(?:required|not supported|or (?:higher|newer|later))",
        r"unsupported engine|EBADENGINE",
    ),
    _sign(
        Ailment.NOT_INSTALLED,
        r"native binary (?:is )?(?:missing|not (?:found|installed))",
        r"missing optional dependency",
        r"cannot find module|ERR_MODULE_NOT_FOUND",
        r"\bthe program .{1,200} was not found",
        r"command not found",
        quotes=True,
    ),
    _sign(
        Ailment.VERSION,
        r"unrecogni[sz]ed subcommand",
        r"stdin is not a terminal",
        r"unknown (?:option|argument|command|flag)",
        r"unexpected argument '",
        r"method not found",
        r"unknown (?:variant|field) `",
        r"unsupported protocol version",
        r"(?:needs?|requires?) (?:an update|to be updated)",
        r"version .{0,40}(?:no longer supported|too old)",
        quotes=True,
    ),
)
"""In this order: the first that shows is taken. A login that is needed comes before the number that says so."""

_OF_KNOWN_CLIS = (Ailment.UNTRUSTED, Ailment.NODE, Ailment.NOT_INSTALLED, Ailment.VERSION)
"""Said by any other program, these may be about what it works on."""

_BY_CODE = {
    (Cli.GEMINI, 41): Ailment.LOGGED_OUT,
    (Cli.GEMINI, 55): Ailment.UNTRUSTED,
    (Cli.OTHER, 127): Ailment.NOT_INSTALLED,
}
"""Exit codes that mean one thing; 127 is a shell's."""

_MISSING = re.compile(r"missing environment variable: `?(\w+)", re.IGNORECASE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was recognised; `line` is the one that showed it, if there is more in it than that."""

    ailment: Ailment
    line: str = ""


def recognised(said: str, *, cli: Cli = Cli.OTHER, code: int | None = None) -> Ailment | None:
    """What ails a program that failed with these words, and perhaps this exit code."""
    found = _found(said, cli, code)
    return found.ailment if found else None


def ailment(
    said: str, *, cli: Cli = Cli.OTHER, code: int | None = None, name: str = "NAME", title: str = ""
) -> str | None:
    """One line for a person about what ails an agent, with the remedy; None if that is not recognised.

    `said` is what it gave as its error, `name` what it is called in the configuration, `title` what a program is to
    be called that is none of the known ones.
    """
    found = _found(said, cli, code)
    if found is None:
        return None
    called = title if title and cli is Cli.OTHER else KNOWN[cli].title
    missing = _MISSING.search(said)
    line = _line(found.ailment, cli, called, name, key=missing[1] if missing else "NAME_OF_THE_KEY")
    return f"{line} It says: {found.line}" if found.line else line


def _found(said: str, cli: Cli, code: int | None) -> _Found | None:
    tail = _COLOUR.sub("", said[-_LOOKED_AT:])
    for sign in _SIGNS:
        if (cli is Cli.OTHER and sign.ailment in _OF_KNOWN_CLIS) or not (shown := sign.words.search(tail)):
            continue
        start, end = tail.rfind("\n", 0, shown.start()) + 1, tail.find("\n", shown.end())
        line = tail[start : end if end >= 0 else None] if sign.quotes else ""
        return _Found(ailment=sign.ailment, line=_cut(line))
    by_code = None if code is None else _BY_CODE.get((cli, code))
    return _Found(ailment=by_code, line=_cut(tail.strip().rpartition("\n")[2])) if by_code else None


def _cut(line: str) -> str:
    flat = " ".join(line.split())
    return flat if len(flat) <= _MAX_CHARS else flat[: _MAX_CHARS - 1] + "…"


def _line(found: Ailment, cli: Cli, title: str, name: str, *, key: str) -> str:
    login = KNOWN[cli].login.format(name=name)
    match found:
        case Ailment.ROOT:
            return (
                f'{title} refuses mode "all" as root. If this machine is a sandbox, set '
                f'env = {{ IS_SANDBOX = "1" }} in [agents.{name}]; else use another mode or another account.'
            )
        case Ailment.MISSING_KEY:
            return (
                f"{title} has no key: the variable {key} is not set for it. Pass it on from the bot's environment with "
                f'pass_env = ["{key}"] in [agents.{name}], or set it in [agents.{name}.env].'
            )
        case Ailment.LOGGED_OUT:
            return f"{title} is not logged in. {login}"
        case Ailment.REFUSED:
            return f"The login or key of {_inside(title)} is refused (401). {login}"
        case Ailment.FORBIDDEN:
            return f"The account of {_inside(title)} may not do that (403)."
        case Ailment.QUOTA:
            return f"{title} has used up what its account may use for now: wait until that begins anew, or add credit."
        case Ailment.RATE:
            return f"The model's API limits how fast {_inside(title)} may call it (429). Try again in a moment."
        case Ailment.OVERLOADED:
            return "The model's API is overloaded or in trouble. This is usually short; try again in a moment."
        case Ailment.UNREACHABLE:
            return f"{title} cannot reach its model. Is the network there, and a proxy set if one is needed?"
        case Ailment.UNTRUSTED | Ailment.NODE | Ailment.NOT_INSTALLED | Ailment.VERSION:
            return _of_installation(found, cli, title, name)
        case _:
            assert_never(found)


def _of_installation(found: Ailment, cli: Cli, title: str, name: str) -> str:
    known = KNOWN[cli]
    if found is Ailment.UNTRUSTED:
        remedy = "Add --skip-trust to command in" if cli is Cli.GEMINI else "Let it trust the directory, in"
        return f"{title} does not trust this directory. {remedy} [agents.{name}]."
    if found is Ailment.NODE:
        return f"{title} needs Node.js, or a newer one than it finds in the PATH of [agents.{name}]."
    if found is Ailment.NOT_INSTALLED:
        by = f": {known.install}" if known.install else ""
        return f"{title} is not installed, or not completely. Install it{by}, or correct [agents.{name}] command."
    works = f" {known.tested}: {known.install}." if known.tested else " what speaks its protocol as documented."
    return f"{title} does not understand topicd: it is too old, or too new. Known to work is{works}"


def _inside(title: str) -> str:
    """The title in the middle of a sentence."""
    return "the agent" if title == KNOWN[Cli.OTHER].title else title
