"""A sentence that a person is to read, by its name and what it is about; whoever shows it words it."""

import json
from dataclasses import dataclass
from typing import TypeAlias, Union

Argument: TypeAlias = Union[str, int, float, "Words"]

_MARK = "\x02"
"""Begins a stored text that names a sentence; no program's output is stored with it."""


@dataclass(frozen=True, slots=True)
class Words:
    """`id` names a sentence, `arguments` are what it is about; one of them may be words itself."""

    id: str
    arguments: tuple[tuple[str, Argument], ...] = ()

    def __str__(self) -> str:
        """For logs: the name and what it is about."""
        about = ", ".join(f"{name}={value}" for name, value in self.arguments)
        return f"{self.id} ({about})" if about else self.id

    def stored(self) -> str:
        """As a text that `said` reads, for where a text of somebody else can stand as well."""
        return _MARK + json.dumps(_plain(self), ensure_ascii=False)


def words(id: str, /, **arguments: Argument) -> Words:  # noqa: A002 -- the word for it
    """Name a sentence."""
    return Words(id, tuple(arguments.items()))


def said(text: str) -> Words | str:
    """What a stored text says: words if it was stored as such, else the text as it is."""
    if not text.startswith(_MARK):
        return text
    try:
        return _read(json.loads(text[len(_MARK) :]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return text.replace(_MARK, "")


def _plain(named: Words) -> dict[str, object]:
    arguments = {name: _plain(value) if isinstance(value, Words) else value for name, value in named.arguments}
    return {"id": named.id, "about": arguments}


def _read(found: object) -> Words:
    if not isinstance(found, dict) or not isinstance(found["id"], str):
        raise TypeError("not words")
    return Words(found["id"], tuple((name, _argument(value)) for name, value in found["about"].items()))


def _argument(value: object) -> Argument:
    return value if isinstance(value, str | int | float) else _read(value)
