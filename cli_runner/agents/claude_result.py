"""Claude Code's `result` line and its exit, in words."""

from cli_runner.agents.ailments import ailment
from cli_runner.agents.claude_turns import Turn
from cli_runner.agents.claude_usage import tokens_in
from cli_runner.agents.endings import explain, one_line
from cli_runner.agents.json_lines import Fields, flag, inner, number, text, texts, whole
from cli_runner.agents.known_clis import Cli
from orchestrator.domain.agent_events import Finished, Usage
from orchestrator.domain.agents import Exit

UNKNOWN_SESSION = "No conversation found with session ID"
INTERRUPTED = "[Request interrupted by user"
SESSION_IN_USE = "is already in use"
_LOGIN = (
    "Claude Code is not logged in. Run `claude` once in a terminal as the bot's user and log in, or set "
    'ANTHROPIC_API_KEY in [agents.NAME.env] (or pass it on with pass_env = ["ANTHROPIC_*"]).'
)
_BY_STATUS = {
    401: "Claude's API refuses the login or key (401). Log in again, or correct the key in [agents.NAME.env].",
    403: "Claude's API forbids this account or key what it asked for (403).",
    429: "Claude's API limits this account's rate or usage (429). Try again later.",
    529: "Claude's API is overloaded (529). This is usually short; try again in a moment.",
}
_BY_SUBTYPE = {
    "error_max_turns": "Claude Code stopped at its limit of steps (max turns).",
    "error_max_budget_usd": "Claude Code stopped at its limit of money (max budget).",
}
_BY_STDERR = {
    "cannot be used with root/sudo": (
        'Claude Code refuses mode "all" as root. Set IS_SANDBOX = "1" in [agents.NAME.env] if this machine '
        'is a sandbox, or use mode "edits".'
    ),
    UNKNOWN_SESSION: "Claude Code no longer knows this conversation. /new starts a fresh one.",
    SESSION_IN_USE: "Claude Code says that this conversation's id is already in use. /new starts a fresh one.",
    "Not logged in": _LOGIN,
    "Invalid API key": _BY_STATUS[401],
}
_UNUSABLE = (UNKNOWN_SESSION, SESSION_IN_USE)


def is_compaction(result: Fields) -> bool:
    """Whether a `result` only says that the conversation was shortened; the turn goes on."""
    return text(result, "subtype") in ("compact", "compaction")


def total_cost(result: Fields) -> float | None:
    """What was spent since the process began, in dollars."""
    return number(result, "total_cost_usd")


def cost_since_last(result: Fields) -> float | None:
    """What was spent since the process's last `result`, where the CLI says so (2.1.329 does)."""
    models = inner(result, "model_usage_since_last_result")
    if "model_usage_since_last_result" not in result:
        return None
    costs = [number(inner(models, model), "costUSD") for model in models]
    return sum(cost for cost in costs if cost is not None)


def _session_is_unknown(result: Fields) -> bool:
    return any(UNKNOWN_SESSION in line for line in (*texts(result, "errors"), text(result, "result")))


def _error_line(result: Fields, said: str) -> str:
    """One line for a person. `is_error` decides that there is one: `subtype` says `success` even then."""
    errors = texts(result, "errors")
    if _session_is_unknown(result):
        return _BY_STDERR[UNKNOWN_SESSION]
    if (status := whole(result, "api_error_status")) in _BY_STATUS:
        return _BY_STATUS[status]
    told = text(result, "result") or said
    if "/login" in told:
        return _LOGIN
    if known := _BY_SUBTYPE.get(text(result, "subtype")):
        return known
    plain = [error for error in errors if not error.startswith("[ede_diagnostic]")]
    why = told or " · ".join(plain)
    return ailment(why, cli=Cli.CLAUDE) or one_line(why) or "Claude Code ended the turn with an error and no reason."


def finished(result: Fields, turn: Turn, *, cost_usd: float | None, context_limit: int | None) -> Finished:
    """The end of a turn. Versions without `terminal_reason` write down that they were interrupted."""
    said = turn.speech.text
    usage = inner(result, "usage")
    failed = flag(result, "is_error")
    interrupted = failed and (turn.aborted or text(result, "terminal_reason").startswith("aborted"))
    answer = text(result, "result")
    if failed or not answer.strip():
        answer = said.strip() and said
    error = ""
    if failed:
        error = "Claude Code was interrupted." if interrupted else _error_line(result, turn.synthetic)
    return Finished(
        ok=not failed,
        answer=answer,
        error=error,
        interrupted=interrupted,
        session_unusable=failed and _session_is_unknown(result),
        usage=Usage(
            input_tokens=tokens_in(usage),
            output_tokens=whole(usage, "output_tokens"),
            cost_usd=cost_usd,
            context_tokens=turn.meter.context_tokens,
            context_limit=context_limit,
        ),
    )


def finished_by_exit(exit_: Exit, *, said: str, printed: str) -> Finished:
    """The end of a turn whose program is gone without a `result`."""
    known = next((line for mark, line in _BY_STDERR.items() if mark in exit_.stderr_tail), "")
    return Finished(
        ok=False,
        answer=said,
        error=known or explain("Claude Code", exit_, printed=printed),
        session_unusable=any(mark in exit_.stderr_tail for mark in _UNUSABLE),
    )
