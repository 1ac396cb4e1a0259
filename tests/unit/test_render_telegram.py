"""Telegram's own parser takes what we render, and changes nothing in it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render.builder import link
from bot.render.entities import Entity, Kind, RichText
from bot.render.links import telegram_url
from bot.render.markdown import parse_and_render, plain
from bot.render.split import split
from tests.unit.fixtures.render_cases import CASES, Case
from tests.unit.fixtures.render_strategies import any_text, markdown
from tests.unit.fixtures.telegram_parser import RefusedError, assert_taken_unchanged, telegram_takes


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rendered_case_is_taken_unchanged(case: Case) -> None:
    """Telegram keeps text and entities of every case of the table as we send them."""
    assert_taken_unchanged(parse_and_render(case.source))


@settings(max_examples=300, deadline=None)
@given(markdown, st.integers(min_value=2, max_value=60))
def test_any_markdown_is_taken_unchanged(source: str, limit: int) -> None:
    """So is anything else that can be written, whole and in parts of any size."""
    rich = parse_and_render(source)
    assert_taken_unchanged(rich)
    for part in split(rich, limit):
        assert_taken_unchanged(part)


@settings(max_examples=200, deadline=None)
@given(any_text)
def test_any_text_is_taken_unchanged(source: str) -> None:
    """Texts of any characters need no further cleaning."""
    assert_taken_unchanged(parse_and_render(source))
    assert_taken_unchanged(plain(source))


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=40),
        st.text(alphabet=":/?#@[].%-_ \\1aé", max_size=20).map("https://e.com".__add__),
        st.text(alphabet=":/?#@[].%-_ \\1aé", max_size=20).map("http://".__add__),
    )
)
def test_urls_that_we_accept_are_accepted(url: str) -> None:
    """No URL passes our filter that Telegram refuses, since it would refuse the message with it."""
    if telegram_url(url) is not None:
        assert_taken_unchanged(link("label", url))


@pytest.mark.parametrize(
    "entity",
    [
        Entity(type=Kind.BOLD, offset=1, length=1),
        Entity(type=Kind.BOLD, offset=0, length=9),
        Entity(type=Kind.LINK, offset=0, length=3, url="http://localhost:8000"),
        Entity(type=Kind.LINK, offset=0, length=3, url="src/a.py"),
    ],
    ids=["inside a surrogate pair", "out of range", "localhost", "relative"],
)
def test_telegram_refuses_what_we_avoid(entity: Entity) -> None:
    """The judge does judge: each of these would cost the whole message."""
    with pytest.raises(RefusedError):
        telegram_takes(RichText("😀b", (entity,)))


def test_telegram_would_change_what_we_avoid() -> None:
    """The judge notices changes: style in code is cut out."""
    overlapping = RichText(
        "abc", (Entity(type=Kind.BOLD, offset=0, length=3), Entity(type=Kind.CODE, offset=1, length=1))
    )
    with pytest.raises(AssertionError):
        assert_taken_unchanged(overlapping)
