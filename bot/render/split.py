"""Cuts a text into messages.

Cuts are made where they hurt least (`cuts.py`); never inside a visible character, unless that alone is
longer than half a message. An entity that goes across a cut continues in the next part: a code block
stays a code block of its language.

Joined, the parts are the original, but for the white space at each cut. Inside of a code block only
newlines go at the beginning of a part, so that its indentation stays.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace

from bot.render.cuts import Cuts
from bot.render.entities import MAX_ENTITIES, MAX_TEXT_UNITS, MONOSPACED, STYLES, Entity, Kind, RichText, UnitIndex
from bot.render.spans import Span, canonical, finished, to_spans

_DISPENSABLE = STYLES | {Kind.CODE}
"""What may be left out of a part with too many entities: it changes the looks only."""

_MAX_OPEN_LASTING = 2
"""How many spans that must stay can go across one point: a quote, and a link or code block in it."""

_NEWLINES = re.compile(r"\n*")
_WHITE_SPACE = re.compile(r"\s*")


def split(text: RichText, limit: int = MAX_TEXT_UNITS) -> list[RichText]:
    """Return parts of at most `limit` UTF-16 units and `MAX_ENTITIES` entities each.

    A text of nothing but white space has no parts. Where a part has too many entities, those that
    change the looks only are left out, styles before code and the last ones first; if links and
    blocks alone are too many, the part becomes shorter.
    """
    if limit < 2:
        raise ValueError(f"cannot split into parts of {limit} UTF-16 units: one character may need 2")
    return [_with_bearable_entities(part) for part in _parts(_Source(text), limit) if part]


class _Source:
    """The text to split; everything in string indices."""

    def __init__(self, rich: RichText) -> None:
        self.text = rich.text
        self.spans = canonical(rich.text, to_spans(rich))
        self._index = UnitIndex(rich.text)
        self._lasting_starts = [span.start for span in self.spans if span.kind not in _DISPENSABLE]
        self._whole_starts = [span.start for span in self.spans if span.kind in MONOSPACED or span.kind is Kind.LINK]
        self.cuts = Cuts(rich.text, self.spans, self._index)

    def furthest(self, start: int, limit: int) -> int:
        """Return the largest end of a part that Telegram would take whole."""
        end = min(self._index.index(self._index.units(start) + limit), len(self.text))
        too_many = bisect_left(self._lasting_starts, start) + MAX_ENTITIES - _MAX_OPEN_LASTING
        return min([end, *self._lasting_starts[too_many : too_many + 1]])

    def resume(self, cut: int) -> int:
        """Return where the next part begins."""
        around = self.cuts.torn(cut)
        if around and around.kind is Kind.PRE:
            return _end_of(_NEWLINES, self.text, cut)
        nearest = bisect_left(self._whole_starts, cut)
        following = self._whole_starts[nearest : nearest + 1]
        return min([_end_of(_WHITE_SPACE, self.text, cut), *following])


def _end_of(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def _parts(source: _Source, limit: int) -> Iterator[RichText]:
    start, taken = 0, 0
    near: list[Span] = []
    while start < len(source.text):
        end = source.furthest(start, limit)
        cut = end if end == len(source.text) else source.cuts.best(start, end, limit)
        while taken < len(source.spans) and source.spans[taken].start < cut:
            near.append(source.spans[taken])
            taken += 1
        spans = [
            replace(span, start=max(span.start, start) - start, end=min(span.end, cut) - start)
            for span in near
            if span.start < cut and span.end > start
        ]
        yield finished(source.text[start:cut], spans)
        start = source.resume(cut)
        near = [span for span in near if span.end > start]


def _with_bearable_entities(part: RichText) -> RichText:
    if len(part.entities) <= MAX_ENTITIES:
        return part
    by_worth = sorted(part.entities, key=_worth)
    kept = set(by_worth[:MAX_ENTITIES])
    return RichText(part.text, tuple(entity for entity in part.entities if entity in kept))


def _worth(entity: Entity) -> int:
    """Order entities by what is lost without them; equals stay in the order of the text."""
    if entity.type in STYLES:
        return 2
    return 1 if entity.type in _DISPENSABLE else 0
