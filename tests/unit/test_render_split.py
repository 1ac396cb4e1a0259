"""Long texts become messages that Telegram takes, and nothing is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render.builder import bold, code, link, pre, text
from bot.render.entities import MAX_ENTITIES, MAX_TEXT_UNITS, Kind, RichText, utf16_len
from bot.render.markdown import parse_and_render
from bot.render.split import split
from tests.unit.fixtures.render_strategies import any_text, markdown


def texts(parts: list[RichText]) -> list[str]:
    return [part.text for part in parts]


@settings(max_examples=300, deadline=None)
@given(st.one_of(markdown, any_text), st.integers(min_value=2, max_value=100))
def test_parts_fit_and_nothing_is_lost(source: str, limit: int) -> None:
    """No part is over the limit in UTF-16 units; the parts are the text, but for white space at cuts."""
    whole = parse_and_render(source)
    parts = split(whole, limit)
    place = 0
    for part in parts:
        assert 0 < utf16_len(part.text) <= limit
        found = whole.text.find(part.text, place)
        assert found >= 0
        assert not whole.text[place:found].strip()
        place = found + len(part.text)
    assert not whole.text[place:].strip()
    assert parts == split(whole, limit)


@settings(max_examples=200, deadline=None)
@given(markdown, st.integers(min_value=2, max_value=100))
def test_entities_continue_across_cuts(source: str, limit: int) -> None:
    """Every visible character is marked in its part as it was in the whole text."""
    whole = parse_and_render(source)
    parts = split(whole, limit)
    assert [mark for part in parts for mark in visible(part)] == visible(whole)


def visible(rich: RichText) -> list[tuple[str, frozenset[str]]]:
    """Each character that is not white space, with the types, URLs and languages that cover it."""
    covers: list[set[str]] = [set() for _ in range(rich.units)]
    for entity in rich.entities:
        for unit in range(entity.offset, entity.end):
            covers[unit].add(f"{entity.type} {entity.url} {entity.language}")
    result = []
    unit = 0
    for char in rich.text:
        if not char.isspace():
            result.append((char, frozenset(covers[unit])))
        unit += utf16_len(char)
    return result


def test_a_short_text_is_one_part() -> None:
    """What fits is not touched."""
    rich = text("a ", bold("b"))
    assert split(rich) == [rich]


def test_nothing_has_no_parts() -> None:
    """An empty text gives no message at all."""
    assert split(RichText()) == []
    assert split(RichText(" \n ")) == []


def test_a_limit_below_one_character_is_refused() -> None:
    """A limit that an emoji would break is the caller's mistake."""
    with pytest.raises(ValueError, match="1 UTF-16 units"):
        split(RichText("a"), 1)


def test_the_limit_counts_utf16_units() -> None:
    """Of emoji, half as many fit as of letters."""
    parts = split(RichText("😀" * 3000))
    assert [part.units for part in parts] == [MAX_TEXT_UNITS, 6000 - MAX_TEXT_UNITS]


@pytest.mark.parametrize(
    ("source", "limit", "expected"),
    [
        ("aaaa bb\n\ncc dd ee", 12, ["aaaa bb", "cc dd ee"]),
        ("aaaa bb\ncc dd ee", 12, ["aaaa bb", "cc dd ee"]),
        ("aaaa bb cc dd ee", 12, ["aaaa bb cc", "dd ee"]),
        ("aaaabbccddee", 5, ["aaaab", "bccdd", "ee"]),
        ("a\n\nbbbb cccc dddd", 12, ["a\n\nbbbb cccc", "dddd"]),
        ("👨‍👩‍👧👨‍👩‍👧", 10, ["👨‍👩‍👧", "👨‍👩‍👧"]),
        ("🇩🇪🇫🇷🇮🇹", 6, ["🇩🇪", "🇫🇷", "🇮🇹"]),
        ("aae\u0301bb", 3, ["aa", "e\u0301b", "b"]),
        ("☀️☀️", 3, ["☀️", "☀️"]),
        ("👍🏽👍🏽", 7, ["👍🏽", "👍🏽"]),
    ],
    ids=["blank line", "newline", "space", "no place", "not too short", "family", "flags", "accent", "variant", "skin"],
)
def test_where_cuts_are_made(source: str, limit: int, expected: list[str]) -> None:
    """The best place in the second half of what fits, and never inside a visible character."""
    assert texts(split(RichText(source), limit)) == expected


def test_a_mark_pile_longer_than_a_message_is_cut() -> None:
    """One «character» of thousands of marks can't be kept whole, but is delivered."""
    pile = "a" + "\u0301" * 5000
    assert "".join(texts(split(RichText(pile)))) == pile


def test_a_code_block_goes_on_as_one() -> None:
    """Both parts are code of the same language, and the second keeps its indentation."""
    parts = split(pre("if x:\n    a()\n    b()", language="py"), 15)
    assert texts(parts) == ["if x:\n    a()", "    b()"]
    for part in parts:
        (block,) = part.entities
        assert (block.type, block.offset, block.length) == (Kind.PRE, 0, part.units)
        assert block.language == "py"


def test_code_is_rather_not_cut() -> None:
    """A newline before a code block is a better place than one inside of it."""
    rich = text("some words here\nand more\n", pre("x\ny\nz z z z z"))
    assert texts(split(rich, 30)) == ["some words here\nand more", "x\ny\nz z z z z"]


def test_links_are_rather_not_cut() -> None:
    """A space before a link is a better place than one in its label."""
    rich = text("some words here ", link("of a link", "https://e.com"))
    assert texts(split(rich, 20)) == ["some words here", "of a link"]


def test_looks_give_way_where_entities_are_too_many() -> None:
    """Telegram honours 100 entities: links stay, then code, then bold; the text is still one part."""
    rich = text(
        *(piece for n in range(60) for piece in (bold(f"b{n}"), " ", code("c"), " ", link("l", "https://e.com"), " "))
    )
    (part,) = split(rich)
    kinds = [entity.type for entity in part.entities]
    assert len(kinds) == MAX_ENTITIES
    assert (kinds.count(Kind.LINK), kinds.count(Kind.CODE), kinds.count(Kind.BOLD)) == (60, 40, 0)


def test_too_many_links_make_a_part_shorter() -> None:
    """No link is ever left out."""
    parts = split(text(*(piece for n in range(250) for piece in (link(f"l{n}", "https://e.com"), " "))))
    assert all(len(part.entities) <= MAX_ENTITIES for part in parts)
    assert sum(len(part.entities) for part in parts) == 250
    assert " ".join(texts(parts)) == " ".join(f"l{n}" for n in range(250))
