"""The steps of a turn: tool calls of the agent, and below them those of its sub-agents. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.live.clock import took
from bot.live.measure import Measure
from bot.live.titles import title_of
from bot.render import builder as b
from bot.render.entities import RichText
from bot.requests import revealed
from bot.wording import shortened
from bot.words.speech import say, say_rich
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.progress import TOLD, Progress, Step

_SIGNS = {None: "▸", True: "✓", False: "✗"}
_INDENT = "   "
_NAME_CHARS = 32


@dataclass(slots=True, kw_only=True)
class Group:
    """A step of the agent's own, with those that its sub-agents made of it, however deep."""

    step: Step
    below: list[Step] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many steps it is."""
        return 1 + len(self.below)


def groups(progress: Progress) -> list[Group]:
    """The steps that are kept, in order; one whose parent is not kept stands for itself."""
    made: dict[str, Group] = {}
    for step in progress.steps.values():
        above = made.get(step.parent_id)
        if above is None:
            made[step.tool_id] = Group(step=step)
        else:
            above.below.append(step)
            made[step.tool_id] = above
    return list({id(each): each for each in made.values()}.values())


def region(live: LiveTurn, now_ms: int, measure: Measure) -> list[RichText]:
    """The last steps and those at work, with how many there were before."""
    whole = groups(live.progress)
    shown = _chosen(whole, measure.steps)
    hidden = live.progress.tool_count - sum(group.size for group in shown)
    before = b.italic(say("live-steps-before", n=hidden)) if hidden > 0 else RichText()
    return [before, *(row for group in shown for row in _group(group, live, now_ms, measure))]


def _chosen(whole: Sequence[Group], most: int) -> list[Group]:
    """What works is not left out for what is over."""
    at_work = [group for group in whole if _works(group)][-most:]
    room = most - len(at_work)
    over = [group for group in whole if not _works(group)][-room:] if room else []
    wanted = {id(group) for group in (*at_work, *over)}
    return [group for group in whole if id(group) in wanted]


def _works(group: Group) -> bool:
    return group.step.ok is None or any(step.ok is None for step in group.below)


def _group(group: Group, live: LiveTurn, now_ms: int, measure: Measure) -> Iterator[RichText]:
    beside = say("live-steps", n=len(group.below)) if group.below else ""
    yield row(group.step, live, now_ms, limit=measure.title_chars, beside=beside)
    if measure.results and group.step.result:
        yield _result(group.step, _INDENT, measure.title_chars)
    if not _works(group):
        return
    for step in group.below[-measure.sub_steps :]:
        yield b.text(_INDENT, row(step, live, now_ms, limit=measure.title_chars))


def _result(step: Step, indent: str, limit: int) -> RichText:
    return b.text(f"{indent}↳ ", b.italic(shortened(revealed(step.result), limit)))


def row(step: Step, live: LiveTurn, now_ms: int, *, limit: int, beside: str = "", marked: bool = True) -> RichText:
    """One step: how it went, the tool, what it works on, how long it takes."""
    title = title_of(step.name, step.title, live.directory, limit)
    what = b.code(title) if marked else b.text(title)
    if step.name == TOLD:
        return say_rich("live-told", text=what)
    seconds = ((step.ended_ms or now_ms) - step.began_ms) / 1000
    time = "" if live.progress.read_again else took(seconds)
    tail = " · ".join(word for word in (time, beside) if word)
    name = shortened(revealed(step.name), _NAME_CHARS)
    return b.text(f"{_SIGNS[step.ok]} {name}", *((" ", what) if title else ()), f" {tail}" if tail else "")
