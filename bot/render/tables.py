"""Tables: drawn in monospaced text where a phone can show it, else as records."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.render.entities import Kind
from bot.render.spans import Fragment, Span
from bot.render.table_drawing import Align, drawn
from bot.render.writer import Writer

_NOTHING = "–"
_ITEM = "• "


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A parsed table; all rows have as many cells as the header."""

    header: tuple[Fragment, ...]
    rows: tuple[tuple[Fragment, ...], ...]
    aligns: tuple[Align, ...]


def write_table(writer: Writer, table: Table) -> None:
    """Write a table in the form that suits it."""
    lines = _drawn(table)
    if lines is None:
        writer.write_fragment(_records(table))
        return
    start = writer.begin_own_line()
    writer.write_fragment(Fragment(lines))
    writer.add_span(Kind.PRE, start)


def _drawn(table: Table) -> str | None:
    """Draw the table, or return None if it is too wide or would lose a link or a line break."""
    rows = (table.header, *table.rows)
    for cell in (cell for row in rows for cell in row):
        if "\n" in cell.text or any(span.kind is Kind.LINK for span in cell.spans):
            return None
    return drawn([[cell.text for cell in row] for row in rows], table.aligns)


def _records(table: Table) -> Fragment:
    """Write one block for each row: its first cell as a title, then `header: value` for what else it says.

    A column that says nothing in any row is named once, in the first.
    """
    if not table.rows:
        return _joined(" · ", [_bold(cell) for cell in table.header if cell.text])
    if len(table.header) == 1:
        return _column(table)
    unsaid = [not any(cell.text for cell in column) for column in zip(*table.rows, strict=True)]
    first = tuple(Fragment(_NOTHING) if empty else cell for cell, empty in zip(table.rows[0], unsaid, strict=True))
    blocks = [_record(table.header, row) for row in (first, *table.rows[1:])]
    return _joined("\n\n", [block for block in blocks if block.text])


def _column(table: Table) -> Fragment:
    """Write a table of one column as a list."""
    items = [_joined("", [Fragment(_ITEM), row[0]]) for row in table.rows if row[0].text]
    return _joined("\n", [_bold(table.header[0]), *items] if table.header[0].text else items)


def _record(header: Sequence[Fragment], row: Sequence[Fragment]) -> Fragment:
    pairs = [
        _joined(": ", [name, value]) if name.text else value
        for name, value in zip(header, row, strict=True)
        if value.text and (name.text or value.text != _NOTHING)
    ]
    return _joined("\n", [_bold(pairs[0]), *pairs[1:]] if row[0].text and pairs else pairs)


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
