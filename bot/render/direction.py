"""Right-to-left text beside code.

A client takes the direction of a line from its first letter, and that of brackets from what stands around
them: a Hebrew sentence that begins with `git` would run from left to right, and the brackets of `run()`
would land on the wrong side. Invisible marks, outside of the code itself, set that right.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from bot.render.entities import MONOSPACED, Kind
from bot.render.spans import Fragment, Span

_RIGHT = "\u200f"
_LEFT = "\u200e"
_MARKS = frozenset(_LEFT + _RIGHT)
_RIGHT_LETTERS = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LINE = re.compile(r"[^\n]+")


def runs_right_to_left(text: str) -> bool:
    """Whether most of a text does."""
    right = sum(1 for _ in _RIGHT_LETTERS.finditer(text))
    return right > sum(char.isalpha() for char in text) // 2


def directed(fragment: Fragment) -> Fragment:
    """The fragment with what its right-to-left lines need."""
    text = fragment.text
    if not _RIGHT_LETTERS.search(text):
        return fragment
    solid = sorted(
        (span for span in fragment.spans if span.kind in MONOSPACED or span.kind is Kind.LINK),
        key=lambda span: (span.start, -span.end),
    )
    starts = [span.start for span in solid]
    marks: list[tuple[int, str]] = []
    for line in _LINE.finditer(text):
        if not _RIGHT_LETTERS.search(line.group()):
            continue
        first, last = bisect_left(starts, line.start()), bisect_left(starts, line.end())
        before = solid[first - 1] if first else None
        within = solid[first:last]
        covered = before is not None and before.end > line.start()
        if not covered and not any(span.kind is Kind.PRE for span in within):
            marks += _marks(text, line.start(), line.end(), _apart(within))
    return _inserted(fragment, marks) if marks else fragment


def _apart(spans: Sequence[Span]) -> list[Span]:
    """The spans without those inside of others."""
    kept: list[Span] = []
    for span in spans:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _marks(text: str, start: int, end: int, foreign: Sequence[Span]) -> list[tuple[int, str]]:
    """The marks of one line, by their place."""
    marks: list[tuple[int, str]] = []
    prose = "".join(
        text[a:b]
        for a, b in zip([start, *(s.end for s in foreign)], [*(s.start for s in foreign), end], strict=True)
        if a < b
    )
    right = sum(1 for _ in _RIGHT_LETTERS.finditer(prose))
    left = sum(char.isascii() and char.isalpha() for char in prose)
    if right <= left:
        return []
    if _first_strong(text[start:end]) == "L":
        marks.append((start, _RIGHT))
    for span in foreign:
        if not _RIGHT_LETTERS.search(text, span.start, span.end):
            marks += [(span.start, _LEFT), (span.end, _LEFT)]
    # Of marks that touch, Telegram spoils all but the last.
    apart = [each for nth, each in enumerate(marks) if not nth or each[0] != marks[nth - 1][0]]
    return [(place, mark) for place, mark in apart if not _MARKS & {*text[max(0, place - 1) : place + 1]}]


def _first_strong(line: str) -> str:
    for char in line:
        found = unicodedata.bidirectional(char)
        if found in {"L", "R", "AL"}:
            return found
    return ""


def _inserted(fragment: Fragment, marks: Sequence[tuple[int, str]]) -> Fragment:
    """Insert marks; one at the border of a span stays outside of it."""
    places = [place for place, _ in marks]
    pieces: list[str] = []
    at = 0
    for place, mark in marks:
        pieces += [fragment.text[at:place], mark]
        at = place
    pieces.append(fragment.text[at:])
    spans = []
    for span in fragment.spans:
        is_foreign = span.kind in MONOSPACED or span.kind is Kind.LINK
        start = span.start + (bisect_right if is_foreign else bisect_left)(places, span.start)
        end = span.end + bisect_left(places, span.end)
        spans.append(Span(span.kind, start, end, span.url, span.language))
    return Fragment("".join(pieces), tuple(spans))
