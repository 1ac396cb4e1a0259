"""One language's sentences: the Fluent files of its directory.

Read when it is first spoken, each sentence compiled when it is first said. Sentences refer to their
arguments only, never to each other.
"""

from collections.abc import Mapping
from functools import cached_property

from babel import Locale
from fluent.runtime import FluentResource
from fluent.runtime.resolver import Pattern
from fluent.runtime.types import FluentFloat, FluentInt, FluentType
from fluent.syntax import ast

from bot.render.entities import RichText
from bot.words.errors import Unsayable
from bot.words.markup import MOST_SLOTS, Text, slot
from bot.words.numbers import SmallBundle
from bot.words.sources import sources

_EMPTY = "none"
_NAMES = frozenset({"id", "pid", "code"})
"""Arguments that are no amounts, even where they are numbers: «1234», not «1,234»."""

Value = str | int | float | RichText


class _Slot(FluentType):
    """A text among the arguments: shown as its slot, and chosen by as what it is."""

    def __init__(self, text: str, mark: str) -> None:
        self._text = text
        self._mark = mark

    def format(self, locale: Locale) -> str:
        return self._mark

    def __eq__(self, other: object) -> bool:
        """Whether a variant's key is this text; an empty one is chosen by `none`."""
        return other == (self._text or _EMPTY)

    def __hash__(self) -> int:
        return hash(self._text)


class Language:
    """Formats sentences; `name` is the language's code and its directory's name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._sources = sources(name)
        self._plain: dict[str, str] = {}
        self._patterns: dict[str, Pattern] = {}

    def sentence(self, name: str, arguments: Mapping[str, Value]) -> tuple[str, list[Text]]:
        """A sentence with slots in place of its texts, and the texts. Raises Unsayable."""
        if name not in self._plain and name not in self._patterns:
            self._learn(name)
        plain = self._plain.get(name)
        if plain is not None:
            return plain, []
        texts: list[Text] = []
        said, errors = self._bundle.format_pattern(self._patterns[name], _fluent(arguments, texts))
        if errors or not isinstance(said, str):
            raise Unsayable(f"{name} in «{self.name}»: {errors}")
        return said, texts

    def _learn(self, name: str) -> None:
        source = self._sources.get(name)
        if source is None:
            raise Unsayable(f"{name} is no sentence of «{self.name}»")
        resource = FluentResource(source)
        entry = resource.body[0]
        if not isinstance(entry, ast.Message) or entry.value is None:
            raise Unsayable(f"{name} is not written as Fluent wants it in «{self.name}»")
        elements = entry.value.elements
        if all(isinstance(element, ast.TextElement) for element in elements):
            self._plain[name] = "".join(element.value for element in elements if isinstance(element, ast.TextElement))
            return
        self._bundle.add_resource(resource)
        pattern = self._bundle.get_message(name).value
        assert pattern is not None  # noqa: S101 -- it was there before it was compiled
        self._patterns[name] = pattern

    @cached_property
    def _bundle(self) -> SmallBundle:
        return SmallBundle(self.name)


def _fluent(arguments: Mapping[str, Value], texts: list[Text]) -> dict[str, FluentType]:
    """The arguments as Fluent takes them; what is text is added to `texts`, its slot stands for it."""
    found: dict[str, FluentType] = {}
    for name, value in arguments.items():
        match value:
            case bool():
                found[name] = _Slot("yes" if value else "no", slot(MOST_SLOTS - 1))
            case int() if name not in _NAMES:
                found[name] = FluentInt(value)
            case float():
                found[name] = FluentFloat(value)
            case _:
                text = str(value) if isinstance(value, int) else value
                found[name] = _Slot(text if isinstance(text, str) else text.text, slot(len(texts)))
                texts.append(text)
    return found
