"""Tables drawn in monospaced text, no wider than a phone shows them. Pure."""

from collections.abc import Sequence
from enum import StrEnum

from bot.render.graphemes import columns

MAX_COLUMNS = 38
"""Widest monospaced line that a phone shows without breaking it, about."""

_MAX_LINES = 3
"""A cell of more lines is better read in a record."""

_BORDER = " │ "
_RULE, _RULE_BORDER = "─", "─┼─"


class Align(StrEnum):
    """Where the text of a column stands."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


def drawn(rows: Sequence[Sequence[str]], aligns: Sequence[Align]) -> str | None:
    """The table as lines, its cells wrapped if it is too wide; None if even that is not readable.

    The first row is the header.
    """
    room = MAX_COLUMNS - len(_BORDER) * (len(aligns) - 1)
    natural = [max(columns(cell) for cell in column) for column in zip(*rows, strict=True)]
    if sum(natural) <= room:
        return _lines([[[cell] for cell in row] for row in rows], natural, aligns, is_parted=False)
    widths = _shrunk(rows, natural, room)
    if widths is None:
        return None
    wrapped = [[_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    if max(len(cell) for row in wrapped for cell in row) > _MAX_LINES:
        return None
    return _lines(wrapped, widths, aligns, is_parted=True)


def _shrunk(rows: Sequence[Sequence[str]], natural: Sequence[int], room: int) -> list[int] | None:
    """Widths that tear no word and together fit; None if there are none."""
    widths = [
        max((columns(word) for cell in column for word in cell.split()), default=1)
        for column in zip(*rows, strict=True)
    ]
    if sum(widths) > room:
        return None
    for _ in range(room - sum(widths)):
        tightest = max(range(len(widths)), key=lambda nth: natural[nth] / max(1, widths[nth]))
        widths[tightest] += 1
    return widths


def _wrapped(cell: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in cell.split():
        if lines and columns(lines[-1]) + 1 + columns(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def _lines(
    rows: Sequence[Sequence[Sequence[str]]], widths: Sequence[int], aligns: Sequence[Align], *, is_parted: bool
) -> str:
    rule = _RULE_BORDER.join(_RULE * width for width in widths)
    lines: list[str] = []
    for nth, row in enumerate(rows):
        if nth == 1 or (is_parted and nth):
            lines.append(rule)
        for level in range(max(len(cell) for cell in row)):
            cells = [cell[level] if level < len(cell) else "" for cell in row]
            padded = [_padded(*each) for each in zip(cells, widths, aligns, strict=True)]
            lines.append(_BORDER.join(padded).rstrip())
    if len(rows) == 1:
        lines.append(rule)
    return "\n".join(lines)


def _padded(text: str, width: int, align: Align) -> str:
    missing = width - columns(text)
    match align:
        case Align.LEFT:
            before = 0
        case Align.RIGHT:
            before = missing
        case Align.CENTER:
            before = missing // 2
    return " " * before + text + " " * (missing - before)
