"""Tables: aligned in monospaced text where a phone can show it, else as records."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.render.entities import Kind
from bot.render.graphemes import columns
from bot.render.spans import Fragment, Span
from bot.render.writer import Writer

MAX_COLUMNS = 42
"""Widest monospaced line that a phone shows without breaking it, about."""

_BORDER = " │ "
_NOTHING = "–"
_RULE, _RULE_BORDER = "─", "─┼─"


class Align(StrEnum):
    """Where the text of a column stands."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A parsed table; all rows have as many cells as the header."""

    header: tuple[Fragment, ...]
    rows: tuple[tuple[Fragment, ...], ...]
    aligns: tuple[Align, ...]


def write_table(writer: Writer, table: Table) -> None:
    """Write a table in the form that suits it."""
    drawn = _aligned(table)
    if drawn is None:
        writer.write_fragment(_records(table))
        return
    start = writer.begin_own_line()
    writer.write_fragment(Fragment(drawn))
    writer.add_span(Kind.PRE, start)


def _aligned(table: Table) -> str | None:
    """Draw the table, or return None if it is too wide or would lose a link or a line break."""
    rows = (table.header, *table.rows)
    for cell in (cell for row in rows for cell in row):
        if "\n" in cell.text or any(span.kind is Kind.LINK for span in cell.spans):
            return None
    widths = [max(columns(cell.text) for cell in column) for column in zip(*rows, strict=True)]
    if sum(widths) + len(_BORDER) * (len(widths) - 1) > MAX_COLUMNS:
        return None
    lines = [
        _BORDER.join(
            _padded(cell.text, width, align) for cell, width, align in zip(row, widths, table.aligns, strict=True)
        ).rstrip()
        for row in rows
    ]
    lines.insert(1, _RULE_BORDER.join(_RULE * width for width in widths))
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


def _records(table: Table) -> Fragment:
    """Write one block for each row with a line `header: value` for each cell that says something.

    A column that says nothing in any row is named once, in the first.
    """
    if not table.rows:
        return _joined(" · ", [_bold(cell) for cell in table.header if cell.text])
    unsaid = [not any(cell.text for cell in column) for column in zip(*table.rows, strict=True)]
    first = tuple(Fragment(_NOTHING) if empty else cell for cell, empty in zip(table.rows[0], unsaid, strict=True))
    blocks = [_record(table.header, row) for row in (first, *table.rows[1:])]
    return _joined("\n\n", [block for block in blocks if block.text])


def _record(header: Sequence[Fragment], row: Sequence[Fragment]) -> Fragment:
    lines = [
        _joined(": ", [_bold(name), value]) if name.text else value
        for name, value in zip(header, row, strict=True)
        if value.text and (name.text or value.text != _NOTHING)
    ]
    return _joined("\n", lines)


def _bold(cell: Fragment) -> Fragment:
    return Fragment(cell.text, (*cell.spans, Span(Kind.BOLD, 0, len(cell.text))))


def _joined(separator: str, fragments: Sequence[Fragment]) -> Fragment:
    pieces: list[str] = []
    spans: list[Span] = []
    length = 0
    for fragment in fragments:
        if pieces:
            pieces.append(separator)
            length += len(separator)
        pieces.append(fragment.text)
        spans.extend(span.shifted(length) for span in fragment.spans)
        length += len(fragment.text)
    return Fragment("".join(pieces), tuple(spans))
