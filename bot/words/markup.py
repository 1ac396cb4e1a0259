"""The light markup of the sentences: **bold**, _italic_, `code`; and what is put into them afterwards.

A sentence comes here with a slot in place of each argument: one character that stands nowhere else.
So the markup is read before anything foreign is in the text, and nothing foreign is ever markup.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from bot.render.cleaning import cleaned
from bot.render.entities import Kind, RichText
from bot.render.spans import Span, finished, to_spans

Text: TypeAlias = str | RichText

_FIRST_SLOT = 0xF0000
MOST_SLOTS = 64

_SLOTS = re.compile(f"[{chr(_FIRST_SLOT)}-{chr(_FIRST_SLOT + MOST_SLOTS - 1)}]")
_MARKED = re.compile(r"\*\*(?P<bold>.+?)\*\*|`(?P<code>[^`\n]+)`|(?<!\w)_(?=\S)(?P<italic>.+?)(?<=\S)_(?!\w)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its marks read: text with slots, and its spans."""

    text: str
    spans: tuple[Span, ...]


def slot(nth: int) -> str:
    """The character in place of an argument."""
    return chr(_FIRST_SLOT + nth)


def filled(sentence: str, values: Sequence[Text]) -> str:
    """The text with its arguments, without what is marked in it."""
    sentence = _read(sentence).text
    if not values:
        return sentence
    return _SLOTS.sub(lambda found: _plain(values[ord(found.group()) - _FIRST_SLOT]), sentence)


def rich(sentence: str, values: Sequence[Text]) -> RichText:
    """The text with its markup and its arguments, as a message of its own."""
    read = _read(sentence)
    pieces: list[str] = []
    inside: list[Span] = []
    moved: list[tuple[int, int]] = []  # from which character of the sentence on, how far everything moves
    taken = length = 0
    for found in _SLOTS.finditer(read.text):
        value = values[ord(found.group()) - _FIRST_SLOT]
        before = read.text[taken : found.start()]
        length += len(before)
        text = _plain(value)
        if isinstance(value, RichText):
            inside.extend(span.shifted(length) for span in to_spans(value))
        pieces += (before, text)
        length += len(text)
        taken = found.end()
        moved.append((taken, length - taken))
    pieces.append(read.text[taken:])
    outside = [Span(span.kind, _place(span.start, moved), _place(span.end, moved)) for span in read.spans]
    return finished("".join(pieces), [*outside, *inside])


def _plain(value: Text) -> str:
    return value.text if isinstance(value, RichText) else cleaned(value)


def _place(index: int, moved: list[tuple[int, int]]) -> int:
    """Where a character of the sentence is when the slots before it are filled."""
    distance = 0
    for start, by in moved:
        if index < start:
            break
        distance = by
    return index + distance


@lru_cache(maxsize=256)
def _read(sentence: str) -> Sentence:
    pieces: list[str] = []
    spans: list[Span] = []
    _read_into(sentence, pieces, spans, 0)
    return Sentence("".join(pieces), tuple(spans))


def _read_into(source: str, pieces: list[str], spans: list[Span], length: int) -> int:
    """Add what a piece of source says; return the new length of the text."""
    taken = 0
    for found in _MARKED.finditer(source):
        before = source[taken : found.start()]
        pieces.append(before)
        start = length = length + len(before)
        kind = found.lastgroup or ""
        inner = found.group(kind)
        if kind == "code":
            pieces.append(inner)
            length += len(inner)
        else:
            length = _read_into(inner, pieces, spans, length)
        spans.append(Span(Kind(kind), start, length))
        taken = found.end()
    pieces.append(source[taken:])
    return length + len(source) - taken
