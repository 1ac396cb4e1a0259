"""The last state of a live message: one line, with the steps of the turn folded away. Pure."""

from collections.abc import Iterator

from bot.live.message import age_s
from bot.live.steps import groups, row
from bot.render import builder as b
from bot.render.entities import MAX_ENTITIES, MAX_TEXT_UNITS, RichText, utf16_len
from bot.requests import revealed
from bot.wording import duration, shortened
from bot.words.speech import say
from orchestrator.domain.agent_events import Usage
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.progress import Step
from orchestrator.domain.records import Turn
from orchestrator.domain.states import TurnState, Verbosity

_TITLE_CHARS = 70
_RESULT_CHARS = 80
_INDENT = "   "
_SPARE_UNITS = 80
"""For the line that says how many steps are left out."""

_MOST_MARKED = MAX_ENTITIES - 10


def ended(turn: Turn, live: LiveTurn | None, now_ms: int) -> RichText:
    """A turn that ended. After a restart there may be nobody who remembers its steps: `live` is None."""
    began = turn.created_at if turn.started_at is None else turn.started_at
    took = duration(((turn.ended_at or now_ms) - began) / 1000)
    match turn.state:
        case TurnState.DONE:
            head = say("live-done", took=took)
        case TurnState.FAILED:
            head = say("live-failed", took=took)
        case TurnState.LOST:
            head = say("live-interrupted", took=took)
        case _:
            head = say("live-ended", took=took)
    return _folded(head, live, now_ms)


def stop_requested(live: LiveTurn, now_ms: int) -> RichText:
    """A turn that is being stopped; it stays true for ever."""
    took = duration(age_s(live, now_ms))
    return _folded(say("live-stop-requested", took=took), live, now_ms)


def _folded(head: str, live: LiveTurn | None, now_ms: int) -> RichText:
    if live is None:
        return b.message(head)
    count = live.progress.tool_count
    line = " · ".join([head, *([say("live-steps", n=count)] if count else []), *_used(live.progress.usage)])
    if not count or live.verbosity is Verbosity.QUIET:
        return b.message(line)
    kept = _fitting(_rows(live, now_ms), MAX_TEXT_UNITS - utf16_len(line) - _SPARE_UNITS)
    left_out = count - len(kept)
    more = b.italic(say("live-steps-before", n=left_out)) if left_out else ""
    return b.message(line, "\n", b.quote(b.lines(more, *kept), expandable=True))


def _fitting(rows: list[RichText], units: int) -> list[RichText]:
    """The last steps for which there is room."""
    kept: list[RichText] = []
    for each in reversed(rows):
        units -= each.units + 1
        if units < 0:
            break
        kept.insert(0, each)
    return kept


def _rows(live: LiveTurn, now_ms: int) -> list[RichText]:
    """All steps that are known, those of sub-agents below the step that they belong to."""
    ordered = [(step, depth) for group in groups(live.progress) for step, depth in _with_depth(group.step, group.below)]
    first_marked = len(ordered) - _MOST_MARKED
    return [
        b.text(_INDENT * depth, row(step, live, now_ms, limit=_TITLE_CHARS, marked=nth >= first_marked), _result(step))
        for nth, (step, depth) in enumerate(ordered)
    ]


def _with_depth(step: Step, below: list[Step]) -> Iterator[tuple[Step, int]]:
    yield step, 0
    yield from ((each, 1) for each in below)


def _result(step: Step) -> str:
    return f" → {shortened(revealed(step.result), _RESULT_CHARS)}" if step.result.strip() else ""


def _used(used: Usage) -> list[str]:
    words = []
    total = (used.input_tokens or 0) + (used.output_tokens or 0)
    if total:
        words.append(say("live-tokens", n=_round(total)))
    if used.cost_usd:
        words.append(f"${used.cost_usd:.2f}" if used.cost_usd >= 0.01 else "<$0.01")
    return words


def _round(number: int) -> str:
    if number < 1000:
        return str(number)
    return f"{number / 1000:.1f}k" if number < 1_000_000 else f"{number / 1_000_000:.1f}M"
