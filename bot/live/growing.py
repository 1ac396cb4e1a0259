"""The end of a text that still grows, without flicker. Pure.

What is half there (`**bo`, a link without its address, the head of a table) would be shown as it is written
now, and as what it means a moment later. So it is shown as what it will be, or not before it is whole.
"""

import re
import textwrap

from bot.live.measure import ROW_CHARS, rows_of
from bot.render.entities import RichText
from bot.render.growing import closed
from bot.render.markdown import render_markdown

_SEEN = 4_000
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_FENCE_BEGUN = re.compile(r"^ {0,3}(`+|~+)\s*$")
_ONLY_MARKS = re.compile(r"^\s*([-=*_#>+|`~:\s]+|\d+[.)])\s*$")
_RULER = re.compile(r"^\s*\|?[\s:|-]*-[\s:|-]*$")


def tail(text: str, most_rows: int) -> RichText:
    """The end of a Markdown text, rendered, in about `most_rows` rows; an ellipsis stands for what is left out."""
    source = text[-_SEEN:].lstrip("\n").rstrip()
    if len(text) > len(source) and "\n" in source and len(source) >= _SEEN - 2:
        source = source.partition("\n")[2]
    lines = settled(source).rstrip().split("\n")
    start, last = len(lines), 0
    while start and last + (more := rows_of(lines[start - 1])) <= most_rows:
        start, last = start - 1, last + more
    if start == len(lines):
        return render_markdown("… " + _end_of(lines[-1], (most_rows - 1) * ROW_CHARS)) if lines[-1] else RichText()
    shown = lines[start:]
    if start:
        shown = [*_opening(lines, start), *_undented(lines, start)]
    cut = "…\n" if start or len(source) < len(text.strip()) else ""
    return render_markdown(cut + "\n".join(shown))


def _end_of(line: str, chars: int) -> str:
    """The end of a line that is too long for itself, from the beginning of a word on."""
    return line[-chars:].partition(" ")[2] or line[-chars:]


def _undented(lines: list[str], start: int) -> list[str]:
    if _fence_before(lines, start):
        return lines[start:]
    shown = textwrap.dedent("\n".join(lines[start:])).split("\n")
    # What was below something else would be a block of code.
    return [shown[0].lstrip(), *shown[1:]]


def _opening(lines: list[str], start: int) -> list[str]:
    """What makes the rest what it was: the fence of a block of code, the head of a table."""
    if fence := _fence_before(lines, start):
        return [fence]
    if not lines[start].lstrip().startswith("|"):
        return []
    head = start
    while head and lines[head - 1].lstrip().startswith("|"):
        head -= 1
    if start - head >= 2 and _RULER.match(lines[head + 1]):
        return lines[head : head + 2]
    return []


def _fence_before(lines: list[str], start: int) -> str:
    """The line that opens the block of code which line `start` is in; empty if it is in none."""
    opened = ""
    for line in lines[:start]:
        match = _FENCE.match(line)
        if match is None:
            continue
        if not opened:
            opened = line
        elif match[1].startswith((_FENCE.match(opened) or match)[1]) and not line.strip().strip("`~"):
            opened = ""
    return opened


def settled(source: str) -> str:
    """A text that still grows, without what may mean something else in a moment."""
    lines = source.split("\n")
    if _fence_before(lines, len(lines)):
        if _FENCE.match(lines[-1]) or _FENCE_BEGUN.match(lines[-1]):
            lines.pop()  # a fence that is not whole, or has nothing in it yet
        return "\n".join(lines)
    if _ONLY_MARKS.match(lines[-1]):
        lines.pop()
    return closed("\n".join(_without_half_table(lines)))


def _without_half_table(lines: list[str]) -> list[str]:
    """A table is one from its second line on, and its rows are whole."""
    head = len(lines)
    while head and lines[head - 1].lstrip().startswith("|"):
        head -= 1
    rows = lines[head:]
    if not rows:
        return lines
    if len(rows) < 2 or not (_RULER.match(rows[1]) and rows[1].count("|") >= rows[0].rstrip().rstrip("|").count("|")):
        return lines[:head]
    return lines if rows[-1].rstrip().endswith("|") else lines[:-1]
