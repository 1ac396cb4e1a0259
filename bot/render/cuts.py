"""Where a long text is best cut, in points: the fewer, the less a reader notices. Pure.

A cut between blocks is free, one in a sentence is dear, one that tears a code block which would fit into
the next message is dearest. A heading, or a line that announces what follows, does not end a message; a
message is rather full than not, and the last one is not two words.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from bot.render.entities import MONOSPACED, QUOTES, Kind, UnitIndex
from bot.render.graphemes import may_cut
from bot.render.spans import Span

_NEWLINE = re.compile(r"\n")
_SPACES_SEEN = 64
_ENOUGH = 0.25
_TAIL_UNITS = 300
_SENTENCE_ENDS = frozenset(".!?…。！？;:")

_BETWEEN_LINES, _INTO_A_LIST, _BETWEEN_SENTENCES, _BETWEEN_WORDS, _IN_A_WORD = 8.0, 14.0, 30.0, 36.0, 80.0
_EMPTY, _NEARLY_EMPTY = 40.0, 60.0
_TEARS_A_BLOCK, _TEARS_A_LONG_BLOCK, _TEARS_A_LINK, _TEARS_A_QUOTE = 110.0, 12.0, 60.0, 6.0
_LONE_HEADING, _LONE_ANNOUNCEMENT, _LONE_END = 60.0, 25.0, 30.0


class Cuts:
    """The places in one text; all in string indices."""

    def __init__(self, text: str, spans: Sequence[Span], index: UnitIndex) -> None:
        self._text = text
        self._index = index
        self._whole = [span for span in spans if span.kind in MONOSPACED or span.kind is Kind.LINK]
        self._whole_starts = [span.start for span in self._whole]
        self._quotes = [span for span in spans if span.kind in QUOTES]
        self._quote_starts = [span.start for span in self._quotes]
        self._bold = [span for span in spans if span.kind is Kind.BOLD]
        self._bold_starts = [span.start for span in self._bold]

    def best(self, start: int, end: int, limit: int) -> int:
        """The best end, at most `end`, of a part that begins at `start` and has at most `limit` units."""
        hard = next((cut for cut in range(end, (start + end) // 2, -1) if may_cut(self._text, cut)), end)
        places = [*self._between(start, end), hard]
        return min(places, key=lambda cut: (self._points(cut, start, end, limit, is_hard=cut == hard), -cut))

    def torn(self, cut: int) -> Span | None:
        """The code or link that a cut would tear. Canonical spans of these kinds never overlap each other."""
        return _across(self._whole, self._whole_starts, cut)

    def _between(self, start: int, end: int) -> Iterator[int]:
        yield from (match.start() for match in _NEWLINE.finditer(self._text, start + 1, end + 1))
        space, least = end + 1, (start + end) // 2
        for _ in range(_SPACES_SEEN):
            space = self._text.rfind(" ", least, space)
            if space <= start:
                return
            yield space

    def _points(self, cut: int, start: int, end: int, limit: int, *, is_hard: bool) -> float:
        full = (cut - start) / max(1, end - start)
        points = _EMPTY * (1 - full) + _NEARLY_EMPTY * max(0.0, 1 - full / _ENOUGH)
        points += self._points_of_place(cut, is_hard=is_hard)
        torn = self.torn(cut)
        if torn is not None and torn.kind is Kind.PRE:
            units = self._index.units(torn.end) - self._index.units(torn.start)
            points += _TEARS_A_BLOCK if units <= limit else _TEARS_A_LONG_BLOCK
        elif torn is not None:
            points += _TEARS_A_LINK
        elif _across(self._quotes, self._quote_starts, cut):
            points += _TEARS_A_QUOTE
        left = len(self._text) - cut
        tail = min(_TAIL_UNITS, limit // 8)
        if left < tail:
            points += _LONE_END * (1 - left / tail)
        return points

    def _points_of_place(self, cut: int, *, is_hard: bool) -> float:
        text = self._text
        match text[cut : cut + 1]:
            case "\n":
                after = text[cut + 1 : cut + 2]
                points = 0.0 if after == "\n" or text[cut - 1] == "\n" else _BETWEEN_LINES
                if after == " ":
                    points = _INTO_A_LIST
                return points + self._points_of_last_line(cut)
            case " ":
                return _BETWEEN_SENTENCES if text[cut - 1] in _SENTENCE_ENDS else _BETWEEN_WORDS
            case _:
                return _IN_A_WORD if is_hard else _BETWEEN_WORDS

    def _points_of_last_line(self, cut: int) -> float:
        end = cut
        while end > 0 and self._text[end - 1] == "\n":
            end -= 1
        start = self._text.rfind("\n", 0, end) + 1
        if self.torn(end - 1) is None and self._is_bold(start) and self._is_bold(end - 1):
            return _LONE_HEADING
        return _LONE_ANNOUNCEMENT if self._text[end - 1 : end] in {":", "："} else 0.0

    def _is_bold(self, place: int) -> bool:
        position = bisect_right(self._bold_starts, place) - 1
        return position >= 0 and self._bold[position].end > place


def _across(spans: Sequence[Span], starts: Sequence[int], cut: int) -> Span | None:
    position = bisect_left(starts, cut) - 1
    return spans[position] if position >= 0 and spans[position].end > cut else None
