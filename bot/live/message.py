"""The live message of a turn at work: what it does now, in a few calm lines. Pure.

Its regions come in a fixed order, and each is bounded: the head, the last steps, the plan, tasks in the
background, what the agent thinks, what it says, warnings, and what it used.
"""

from collections.abc import Sequence

from bot.asker import asked_by
from bot.live import growing, plan, steps
from bot.live.clock import clock, minutes
from bot.live.measure import MEASURES, ROW_CHARS, Measure, rows
from bot.render import builder as b
from bot.render.entities import RichText
from bot.requests import revealed
from bot.wording import shortened, usage
from bot.words.speech import say
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.states import TurnKind

_REASON_CHARS = 60
_WARNING_CHARS = 120
_TOOL_CHARS = 32


def draw(live: LiveTurn, now_ms: int, least_rows: int = 0) -> RichText:
    """A turn at work. It is made to take at least about `least_rows` rows where something stands below the gap."""
    measure = MEASURES.get(live.verbosity)
    if measure is None:
        return b.message(_line(live, now_ms))
    above = b.lines(_head(live, now_ms), *_above(live, now_ms, measure))
    below = _below(live, measure)
    if not below:
        return b.message(above)
    gap = max(0, least_rows - rows(above) - rows(below))
    return b.message(above, "\n" * (gap + 1), below)


def _above(live: LiveTurn, now_ms: int, measure: Measure) -> list[RichText]:
    progress = live.progress
    tasks = [shortened(revealed(title), ROW_CHARS) for title in list(progress.background.values())[: measure.tasks]]
    return [
        *steps.region(live, now_ms, measure),
        *plan.region(progress.plan, measure),
        *(b.text("⏳ ", b.italic(title)) for title in tasks),
    ]


def _below(live: LiveTurn, measure: Measure) -> RichText:
    """What stands at the bottom. The text is parted from what is above it, and from what is below."""
    progress = live.progress
    said = growing.tail(progress.tail, measure.tail_rows) if progress.text else RichText()
    thought = _thought(live, measure)
    words = _parted([part for part in (thought, said) if part])
    warnings = [b.italic(f"⚠ {shortened(revealed(each), _WARNING_CHARS)}") for each in _last(live, measure)]
    used = usage(progress.usage)
    foot = b.lines(*warnings, b.italic(used) if used else "")
    if not words:
        return foot
    return b.text("\n", _parted([words, foot]) if foot else words)


def _parted(parts: Sequence[RichText]) -> RichText:
    return b.text(*[piece for part in parts for piece in ("\n\n", part)][1:])


def _last(live: LiveTurn, measure: Measure) -> list[str]:
    return live.progress.notices[-measure.warnings :]


def _thought(live: LiveTurn, measure: Measure) -> RichText:
    progress = live.progress
    if not (measure.thought_rows and progress.thinking and progress.thought.strip()):
        return RichText()
    lines = [line for line in revealed(progress.thought).splitlines() if line.strip()]
    last = "\n".join(shortened(line, ROW_CHARS * 2) for line in lines[-measure.thought_rows // 2 :])
    return b.quote(b.italic(last))


def _head(live: LiveTurn, now_ms: int) -> RichText:
    return _headed(live, _doing(live), clock(age_s(live, now_ms)))


def _line(live: LiveTurn, now_ms: int) -> RichText:
    """All that a quiet message says: what tool is used, and whether it thinks or writes, is left out."""
    waiting = _waiting(live)
    return _headed(live, waiting or say("live-works", agent=live.agent), minutes(age_s(live, now_ms)))


def _headed(live: LiveTurn, doing: str, time: str) -> RichText:
    head = b.text(b.bold(f"{_sign(live)} {doing}"), f" · {time}" if time else "", *asked_by(live.turn))
    if live.turn.kind is TurnKind.TASK:
        return b.text(b.bold(say("live-task", id=str(live.turn.id))), " · ", head)
    return head


def age_s(live: LiveTurn, now_ms: int) -> float:
    """How long the turn works; 0 before it began."""
    began = live.turn.started_at
    return 0.0 if began is None else (now_ms - began) / 1000


def _sign(live: LiveTurn) -> str:
    if live.waits_for_person:
        return "🤔"
    return "⏳" if live.waits_for_place or live.progress.retrying else "⚙"


def _waiting(live: LiveTurn) -> str:
    if live.waits_for_person:
        return say("live-waits-person", agent=live.agent)
    if live.waits_for_place:
        return say("live-waits-place")
    reason = live.progress.retrying
    return say("live-waits-model", reason=shortened(revealed(reason), _REASON_CHARS)) if reason else ""


def _doing(live: LiveTurn) -> str:
    if waiting := _waiting(live):
        return waiting
    progress = live.progress
    step = progress.working
    if step is not None:
        return say("live-tool", agent=live.agent, tool=shortened(revealed(step.name), _TOOL_CHARS))
    if progress.text and not progress.thinking:
        return say("live-writes", agent=live.agent)
    thinks = progress.thinking or progress.steps
    return say("live-thinks" if thinks else "live-works", agent=live.agent)
