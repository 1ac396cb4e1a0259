"""Pages of menus: text and buttons that say where they lead. Pure; how a button is written is in `way`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from bot.render.entities import RichText
from bot.words.speech import say

Path: TypeAlias = tuple[str, ...]
"""Where one is in an area's menus, below the area: `("i", "17")`. Parts are words of letters, digits, `-` and `_`;
they name things by id, never by their place in a list."""

Thing = TypeVar("Thing")

_LABEL = 48
"""Characters of a label; phones cut longer ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A button that leads to another page of the same area, or, if it `acts`, does something.

    `style` is `danger`, `success` or `primary`.
    """

    label: str
    to: Path = ()
    acts: bool = False
    style: str = ""


Button: TypeAlias = Choice | dict[str, Any]
"""A dict is a button of another kind, such as one that opens a link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a menu shows. One that `hears` takes answers to its message."""

    text: RichText
    rows: tuple[tuple[Button, ...], ...] = ()
    hears: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The part of a list that one page shows. `page` counts from 1."""

    page: int
    pages: int


def paged(things: Sequence[Thing], page: int, size: int) -> tuple[Sequence[Thing], Shown]:
    """The things of a page; of one that is not there any more, the last."""
    pages = max(1, -(-len(things) // size))
    page = min(max(page, 1), pages)
    return things[(page - 1) * size : page * size], Shown(page=page, pages=pages)


def pager(shown: Shown, base: Path = ()) -> tuple[Button, ...]:
    """Buttons to the pages before and after, `base` + number each; none where there is one page."""
    if shown.pages == 1:
        return ()
    before = shown.page - 1 or shown.pages
    after = shown.page % shown.pages + 1
    return (
        Choice(label="◀", to=(*base, str(before))),
        Choice(label=f"{shown.page}/{shown.pages}", to=(*base, str(shown.page))),
        Choice(label="▶", to=(*base, str(after))),
    )


def back(to: Path = (), label: str = "") -> tuple[Button, ...]:
    """A row that leads back."""
    return (Choice(label=f"‹ {label or say('menu-back')}", to=to),)


def confirm(text: RichText, *, yes: str, no: str, act: Path, keep: Path) -> Page:
    """A page that asks before something is done that can't be undone."""
    return Page(
        text=text, rows=((Choice(label=yes, to=act, acts=True, style="danger"), Choice(label=f"‹ {no}", to=keep)),)
    )


def marked(label: str, *, chosen: bool) -> str:
    """A label that says whether it is what holds now."""
    return f"✓ {label}" if chosen else label


def in_rows(buttons: Sequence[Button], width: int = 2) -> tuple[tuple[Button, ...], ...]:
    """Buttons side by side, `width` in a row."""
    return tuple(tuple(buttons[at : at + width]) for at in range(0, len(buttons), width))


def fitting(label: str) -> str:
    """A label that phones show whole."""
    line = " ".join(label.split())
    return line if len(line) <= _LABEL else line[: _LABEL - 1].rstrip() + "…"
