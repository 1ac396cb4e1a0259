"""Figures: what was measured, what it was to be, and how the two are printed."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_COLUMNS = ("figure", "unit", "n", "median", "p90", "p99", "target", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Samples of one quantity; `is_floor` marks what the machine alone costs.

    Targets hold for the median, or for the p99 where `target_is_for_p99`.
    """

    name: str
    samples: tuple[float, ...]
    unit: str = "ms"
    at_most: float | None = None
    at_least: float | None = None
    is_floor: bool = False
    target_is_for_p99: bool = False

    @property
    def median(self) -> float:
        """The middle of the samples."""
        return statistics.median(self.samples)

    @property
    def p90(self) -> float:
        """What nine of ten samples stay within, on the bad side."""
        return self._within(90)

    @property
    def p99(self) -> float:
        """What 99 of 100 samples stay within; the worst of fewer than that."""
        return self._within(99)

    def _within(self, percent: int) -> float:
        ordered = sorted(self.samples, reverse=self.unit == "per s")
        return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None without one."""
        judged = self.p99 if self.target_is_for_p99 else self.median
        if self.at_most is not None:
            return judged <= self.at_most
        return None if self.at_least is None else judged >= self.at_least

    def as_json(self) -> dict[str, object]:
        """For the file of results."""
        return {
            "name": self.name,
            "unit": self.unit,
            "median": round(self.median, 3),
            "p90": round(self.p90, 3),
            "p99": round(self.p99, 3),
            "at_most": self.at_most,
            "at_least": self.at_least,
            "is_met": self.is_met,
            "target_is_for_p99": self.target_is_for_p99,
            "is_floor": self.is_floor,
            "samples": [round(each, 3) for each in self.samples],
        }


def table(figures: Iterable[Figure]) -> str:
    """Figures as lines of text, in columns."""
    rows = [_COLUMNS, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    return "\n".join(_line(row, widths) for row in rows)


def _row(figure: Figure) -> tuple[str, ...]:
    target = "machine" if figure.is_floor else ""
    if figure.at_most is not None:
        target = f"≤ {figure.at_most:g}"
    if figure.at_least is not None:
        target = f"≥ {figure.at_least:g}"
    if figure.target_is_for_p99:
        target = f"p99 {target}"
    verdict = {None: "", True: "ok", False: "MISSED"}[figure.is_met]
    numbers = (_number(each) for each in (figure.median, figure.p90, figure.p99))
    return (figure.name, figure.unit, str(len(figure.samples)), *numbers, target, verdict)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [row[0].ljust(widths[0]), row[1].ljust(widths[1])]
    cells += [row[column].rjust(widths[column]) for column in range(2, len(row) - 1)]
    return "  ".join([*cells, row[-1]]).rstrip()
