"""How much of each region a live message shows, by how much a topic wants to see."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.render.entities import RichText
from orchestrator.domain.states import Verbosity

ROW_CHARS = 48
"""About as many characters as stand in a row of a message on a telephone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What the regions may take: steps, plan, tasks and warnings in entries, text in rows of `ROW_CHARS`.

    With `results` a step is followed by what it returned.
    """

    steps: int
    sub_steps: int
    plan: int
    tasks: int
    warnings: int
    thought_rows: int
    tail_rows: int
    title_chars: int
    results: bool


MEASURES: Mapping[Verbosity, Measure] = MappingProxyType(
    {
        Verbosity.NORMAL: Measure(
            steps=4,
            sub_steps=1,
            plan=5,
            tasks=3,
            warnings=2,
            thought_rows=0,
            tail_rows=10,
            title_chars=44,
            results=False,
        ),
        Verbosity.FULL: Measure(
            steps=10,
            sub_steps=3,
            plan=12,
            tasks=6,
            warnings=4,
            thought_rows=4,
            tail_rows=20,
            title_chars=80,
            results=True,
        ),
    }
)
"""`quiet` shows no regions."""


def rows_of(text: str) -> int:
    """About how many rows a text takes."""
    return sum(max(1, -(-len(line) // ROW_CHARS)) for line in text.split("\n"))


def rows(rich: RichText) -> int:
    """The same of a piece of a message; nothing takes none."""
    return rows_of(rich.text) if rich else 0
