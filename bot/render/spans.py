"""Marked ranges of a text while it is being put together, and their canonical form.

Spans count string indices, entities UTF-16 units: all work is done on spans, and the conversion
happens once, at the end. The canonical form is what TDLib itself makes of a list of entities (its
`fix_entities`), so nothing that we send is changed on the way.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.render.entities import MONOSPACED, QUOTES, RANKS, STYLES, Entity, Kind, RichText, UnitIndex


@dataclass(frozen=True, slots=True)
class Span:
    """A marked range; `start` and `end` are string indices."""

    kind: Kind
    start: int
    end: int
    url: str | None = None
    language: str | None = None

    def shifted(self, distance: int) -> "Span":
        """Return the same span `distance` characters later."""
        return replace(self, start=self.start + distance, end=self.end + distance)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of text with its spans, not yet canonical."""

    text: str = ""
    spans: tuple[Span, ...] = ()


def finished(text: str, spans: Iterable[Span]) -> RichText:
    """Make a message of a text and its spans: trimmed, canonical, in UTF-16 units."""
    spans = list(spans)
    start, end = outer_bounds(text, spans)
    kept = [
        replace(span, start=max(span.start, start) - start, end=min(span.end, end) - start)
        for span in spans
        if span.start < end and span.end > start
    ]
    text = text[start:end]
    return to_rich(text, canonical(text, kept))


def outer_bounds(text: str, spans: Iterable[Span]) -> tuple[int, int]:
    """Return the range that is left when the white space around a message is trimmed.

    The indentation of a code block at the very beginning stays.
    """
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    for span in spans:
        if span.kind is Kind.PRE and span.start <= start < span.end:
            start = max(span.start, text.rfind("\n", 0, start) + 1)
    return min(start, end), end


def to_rich(text: str, spans: Iterable[Span]) -> RichText:
    """Convert canonical spans to entities."""
    index = UnitIndex(text)
    entities = []
    for span in spans:
        offset = index.units(span.start)
        length = index.units(span.end) - offset
        entities.append(Entity(type=span.kind, offset=offset, length=length, url=span.url, language=span.language))
    return RichText(text, tuple(entities))


def to_spans(rich: RichText) -> list[Span]:
    """Convert entities to spans."""
    index = UnitIndex(rich.text)
    return [
        Span(entity.type, index.index(entity.offset), index.index(entity.end), entity.url, entity.language)
        for entity in rich.entities
    ]


def canonical(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return sorted, trimmed, properly nested spans that mean the same.

    Block quotes never nest. Code and links never overlap each other; of two that do, the one that
    says more stays: `pre`, then the link, then `code`. Styles are cut at the borders of quotes,
    links and code and where another style begins, and never lie in code.
    """
    quotes = _united([span for span in trimmed(text, spans) if span.kind in QUOTES])
    solid = _solid(text, spans, _Cutter(quotes))
    unions = [
        union
        for kind in sorted(STYLES)
        for union in _united([span for span in trimmed(text, spans) if span.kind is kind])
    ]
    cutter = _Cutter([*quotes, *solid], starts=[union.start for union in unions])
    styles = [piece for union in unions for piece in cutter.pieces(union)]
    code = _Cover([span for span in solid if span.kind in MONOSPACED])
    pieces = trimmed(text, [piece for piece in styles if not code.overlaps(piece)])
    return in_order([*quotes, *solid, *pieces])


def in_order(spans: Iterable[Span]) -> list[Span]:
    """Sort spans: by beginning, the longer ones first, then the outer kinds first."""
    return sorted(spans, key=lambda span: (span.start, -span.end, RANKS[span.kind]))


def trimmed(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield the spans without white space at their ends, leaving out what is empty then.

    Code blocks keep the indentation of their first line.
    """
    for span in spans:
        marked = text[span.start : span.end]
        end = span.start + len(marked.rstrip())
        start = span.end - len(marked.lstrip())
        if span.kind is Kind.PRE and start < end:
            start = max(span.start, text.rfind("\n", span.start, start) + 1)
        if start < end:
            yield span if (start, end) == (span.start, span.end) else replace(span, start=start, end=end)


class _Cover:
    """Answers whether a span overlaps one of many that don't overlap each other."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = sorted(spans, key=lambda span: span.start)
        self._starts = [span.start for span in self._spans]

    def overlaps(self, span: Span) -> bool:
        position = bisect_right(self._starts, span.end - 1)
        return position > 0 and self._spans[position - 1].end > span.start


class _Cutter:
    """Cuts spans at the borders of others."""

    def __init__(self, spans: Iterable[Span], *, starts: Iterable[int] = ()) -> None:
        self._borders = sorted({*starts, *(border for span in spans for border in (span.start, span.end))})

    def pieces(self, span: Span) -> Iterator[Span]:
        start = span.start
        position = bisect_right(self._borders, start)
        while position < len(self._borders) and self._borders[position] < span.end:
            yield replace(span, start=start, end=self._borders[position])
            start = self._borders[position]
            position += 1
        yield replace(span, start=start)


def _united(spans: Sequence[Span]) -> list[Span]:
    """Join spans that overlap; the first one says what the union is. Quotes that only touch stay apart."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        touching = joined and span.kind not in QUOTES and span.start == joined[-1].end
        if joined and (span.start < joined[-1].end or touching):
            joined[-1] = replace(joined[-1], end=max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _solid(text: str, spans: Sequence[Span], cutter: _Cutter) -> list[Span]:
    """Choose the code and links that stay."""
    chosen: list[Span] = []
    for kind in (Kind.PRE, Kind.LINK, Kind.CODE):
        cover = _Cover(chosen)
        own_end = 0
        candidates = [piece for span in spans if span.kind is kind for piece in cutter.pieces(span)]
        for span in sorted(trimmed(text, candidates), key=lambda span: (span.start, -span.end)):
            if span.start >= own_end and not cover.overlaps(span):
                chosen.append(span)
                own_end = span.end
    return chosen
