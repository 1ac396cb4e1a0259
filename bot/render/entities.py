"""Text with entities, as the Bot API takes it: offsets and lengths in UTF-16 units."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

MAX_TEXT_UNITS = 4096
"""Longest text of one message, in UTF-16 units (Bot API, `sendMessage`)."""

MAX_ENTITIES = 100
"""How many entities of a message Telegram honours, by common experience; the others are ignored silently."""


class Kind(StrEnum):
    """Types of `MessageEntity` that we send."""

    QUOTE = "blockquote"
    EXPANDABLE_QUOTE = "expandable_blockquote"
    PRE = "pre"
    CODE = "code"
    LINK = "text_link"
    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    STRIKE = "strikethrough"
    SPOILER = "spoiler"


QUOTES = frozenset({Kind.QUOTE, Kind.EXPANDABLE_QUOTE})
MONOSPACED = frozenset({Kind.PRE, Kind.CODE})
STYLES = frozenset({Kind.BOLD, Kind.ITALIC, Kind.UNDERLINE, Kind.STRIKE, Kind.SPOILER})

RANKS = {kind: rank for rank, kind in enumerate(Kind)}
"""Which comes first of two entities with the same range: the outer one. TDLib has the same order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One `MessageEntity`. `url` belongs to links, `language` to `pre`."""

    type: Kind
    offset: int
    length: int
    url: str | None = None
    language: str | None = None

    @property
    def end(self) -> int:
        return self.offset + self.length

    def shifted(self, units: int) -> "Entity":
        """Return the same entity `units` later."""
        return replace(self, offset=self.offset + units)

    def to_dict(self) -> dict[str, str | int]:
        """Return the object that the Bot API takes."""
        fields: dict[str, str | int] = {"type": self.type.value, "offset": self.offset, "length": self.length}
        if self.url is not None:
            fields["url"] = self.url
        if self.language is not None:
            fields["language"] = self.language
        return fields


@dataclass(frozen=True, slots=True)
class RichText:
    """Text as Telegram would keep it, with its entities.

    The functions of this package return it in canonical form (`spans.canonical`): entities sorted,
    not empty, in range, outside of surrogate pairs, nested properly, `code` and `pre` alone.
    """

    text: str = ""
    entities: tuple[Entity, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def units(self) -> int:
        """Length as Telegram counts it."""
        return utf16_len(self.text)

    def entity_dicts(self) -> list[dict[str, str | int]]:
        """Return the `entities` parameter of the Bot API's methods."""
        return [entity.to_dict() for entity in self.entities]


def utf16_len(text: str) -> int:
    """Return the length of `text` in UTF-16 units."""
    if text.isascii():
        return len(text)
    return len(text) + sum(char > "\uffff" for char in text)


class UnitIndex:
    """Converts between indices of a string and UTF-16 units, in logarithmic time."""

    __slots__ = ("_astral", "_astral_units")

    def __init__(self, text: str) -> None:
        self._astral = [] if text.isascii() else [i for i, char in enumerate(text) if char > "\uffff"]
        self._astral_units = [index + nth for nth, index in enumerate(self._astral)]

    def units(self, index: int) -> int:
        """Return how many units stand before `text[index]`."""
        return index + bisect_left(self._astral, index)

    def index(self, units: int) -> int:
        """Return the index at a unit; inside of a surrogate pair it is the character's."""
        return units - bisect_left(self._astral_units, units)


def shifted(entities: Iterable[Entity], units: int) -> tuple[Entity, ...]:
    """Return the same entities `units` later."""
    return tuple(entity.shifted(units) for entity in entities)


def clipped(entities: Iterable[Entity], start: int, end: int) -> tuple[Entity, ...]:
    """Return what of the entities lies in units `start` to `end`, counted from `start`."""
    return tuple(
        replace(
            entity, offset=max(entity.offset, start) - start, length=min(entity.end, end) - max(entity.offset, start)
        )
        for entity in entities
        if entity.offset < end and entity.end > start
    )
