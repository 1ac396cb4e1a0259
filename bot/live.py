"""The live message: what a turn does now, in a few calm lines. Pure."""

from bot.buttons import Keyboard, stop_button
from bot.render import builder as b
from bot.render.entities import RichText
from bot.render.markdown import render_markdown
from bot.wording import count, duration, shortened, usage
from orchestrator.domain.agent_events import PlanState
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.progress import Progress, Step
from orchestrator.domain.records import Turn
from orchestrator.domain.states import TurnKind, TurnState

_STEPS_SHOWN = 4
_TAIL_LINES = 12
_TAIL_CHARS = 900
_TITLE = 90
_PLAN_SHOWN = 6
_PLAN_SIGNS = {PlanState.PENDING: "☐", PlanState.IN_PROGRESS: "▸", PlanState.COMPLETED: "☑"}


def working(live: LiveTurn, now_ms: int) -> tuple[RichText, Keyboard]:
    """A turn at work: a head line, the last steps, the end of what it says; with its Stop button."""
    turn, progress = live.turn, live.progress
    seconds = (now_ms - (turn.started_at or now_ms)) // 1000
    elapsed = duration(seconds) if seconds > 0 else ""
    head = b.text(b.bold(f"{_sign(live)} {_doing(live)}"), f" · {elapsed}" if elapsed else "")
    if turn.kind is TurnKind.TASK:
        head = b.text(b.bold(f"Task {turn.id}"), " · ", head)
    steps = [_step_line(step, now_ms, progress) for step in list(progress.steps.values())[-_STEPS_SHOWN:]]
    hidden = progress.tool_count - len(steps)
    tail = _tail(progress)
    body = b.lines(
        head,
        b.italic(f"… {count(hidden, 'step')} before") if hidden > 0 else "",
        *steps,
        *_plan(progress),
        *(b.text("⏳ ", b.italic(shortened(title, _TITLE))) for title in list(progress.background.values())[:3]),
        b.text("\n", tail) if tail else "",
        *(b.italic(f"⚠ {shortened(each, 120)}") for each in progress.notices[-2:]),
        b.italic(filled) if (filled := usage(progress.usage)) else "",
    )
    return b.message(body), [[stop_button(turn.id, turn.topic.thread_id)]]


def _sign(live: LiveTurn) -> str:
    if live.waits_for_person:
        return "🤔"
    return "⏳" if live.waits_for_place or live.progress.retrying else "⚙"


def _doing(live: LiveTurn) -> str:
    progress = live.progress
    if live.waits_for_person:
        return f"{live.agent} waits for you"
    if live.waits_for_place:
        return "Waits for a free place"
    if progress.retrying:
        return f"Waits: {shortened(progress.retrying, 60)}"
    step = progress.working
    if step is not None:
        return f"{live.agent}: {step.name}"
    if progress.text and not progress.thinking:
        return f"{live.agent} writes"
    return f"{live.agent} thinks" if progress.thinking or progress.steps else f"{live.agent} works"


def _step_line(step: Step, now_ms: int, progress: Progress) -> RichText:
    sign = {None: "▸", True: "✓", False: "✗"}[step.ok]
    took = ((step.ended_ms or now_ms) - step.began_ms) / 1000
    title = shortened(step.title, _TITLE)
    depth = "   " if step.parent_id else ""
    return b.text(
        f"{depth}{sign} {step.name} ",
        b.code(title) if title else "",
        f" {duration(int(took))}" if took >= 2 and not progress.read_again else "",
    )


def _plan(progress: Progress) -> list[RichText]:
    """The steps of the agent's plan around the one that it works on."""
    steps = progress.plan
    if not steps:
        return []
    done = sum(step.state is PlanState.COMPLETED for step in steps)
    first = max(0, min(done - 1, len(steps) - _PLAN_SHOWN))
    shown = [
        b.text(f"{_PLAN_SIGNS[step.state]} ", shortened(step.text, _TITLE))
        for step in steps[first : first + _PLAN_SHOWN]
    ]
    return [b.text("\n", b.bold(f"Plan: {done} of {len(steps)} done")), *shown]


def _tail(progress: Progress) -> RichText:
    said = progress.tail.strip()
    if not said:
        return RichText()
    cut = said[-_TAIL_CHARS:]
    if len(cut) < len(said):
        cut = "…" + cut.split("\n", 1)[-1] if "\n" in cut else "…" + cut
    return render_markdown("\n".join(cut.splitlines()[-_TAIL_LINES:]))


def stop_requested(live: LiveTurn, now_ms: int) -> RichText:
    """The last state of a live message whose turn is being stopped; stays true for ever."""
    took = (now_ms - (live.turn.started_at or now_ms)) / 1000
    return b.message(b.text("⏹ Stop requested after ", duration(took), _record(live.progress, now_ms)))


def ended(turn: Turn, live: LiveTurn | None, now_ms: int) -> RichText:
    """The last state of a live message: one line, with the steps folded away."""
    took = ((turn.ended_at or now_ms) - (turn.started_at or turn.created_at)) / 1000
    match turn.state:
        case TurnState.DONE:
            head = f"✓ Done in {duration(took)}"
        case TurnState.FAILED:
            head = f"✗ Failed after {duration(took)}"
        case TurnState.LOST:
            head = f"⚡ Interrupted after {duration(took)}"
        case _:
            head = f"⏹ Ended after {duration(took)}"
    return b.message(b.text(head, _record(live.progress, now_ms) if live else ""))


def _record(progress: Progress, now_ms: int) -> RichText:
    if not progress.tool_count:
        return RichText()
    steps = list(progress.steps.values())[-30:]
    return b.text(
        f" · {count(progress.tool_count, 'step')}\n",
        b.quote(b.lines(*(_step_line(step, now_ms, progress) for step in steps)), expandable=True),
    )
