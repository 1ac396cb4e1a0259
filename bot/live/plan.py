"""The agent's plan, or its list of things to do. Pure."""

from bot.live.measure import ROW_CHARS, Measure
from bot.render import builder as b
from bot.render.entities import RichText
from bot.requests import revealed
from bot.wording import shortened
from bot.words.speech import say
from orchestrator.domain.agent_events import PlanState, PlanStep

_SIGNS = {PlanState.PENDING: "☐", PlanState.IN_PROGRESS: "▸", PlanState.COMPLETED: "☑"}


def region(steps: tuple[PlanStep, ...], measure: Measure) -> list[RichText]:
    """How far it is, and its steps around the one that is worked on."""
    if not steps:
        return []
    done = sum(step.state is PlanState.COMPLETED for step in steps)
    now = next((nth for nth, step in enumerate(steps) if step.state is not PlanState.COMPLETED), len(steps))
    first = max(0, min(now - measure.plan // 2, len(steps) - measure.plan))
    shown = steps[first : first + measure.plan]
    return [b.bold(say("live-plan", done=done, all=len(steps))), *(_row(step) for step in shown)]


def _row(step: PlanStep) -> RichText:
    words = shortened(revealed(step.text), ROW_CHARS)
    return b.text(f"{_SIGNS[step.state]} ", b.bold(words) if step.state is PlanState.IN_PROGRESS else words)
