"""Agents' Markdown becomes what people should see."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render.entities import Entity, Kind, RichText, utf16_len
from bot.render.markdown import language_of, parse_and_render, plain, render_markdown
from tests.unit.fixtures.render_cases import CASES, Case, Mark
from tests.unit.fixtures.render_strategies import LAYOUT, any_text, markdown


def marks(rich: RichText) -> tuple[Mark, ...]:
    return tuple(mark(rich, entity) for entity in rich.entities)


def mark(rich: RichText, entity: Entity) -> Mark:
    raw = rich.text.encode("utf-16-le")
    covered = raw[2 * entity.offset : 2 * entity.end].decode("utf-16-le")
    detail = entity.url or entity.language
    return (entity.type.value, covered, detail) if detail else (entity.type.value, covered)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_markdown_becomes_text_and_entities(case: Case) -> None:
    """Each case of the table comes out as the table says."""
    rich = parse_and_render(case.source)
    assert (rich.text, marks(rich)) == (case.text, case.marks)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_beginning_of_an_answer_can_be_shown(case: Case) -> None:
    """While an answer streams in, each beginning of it renders to something within its bounds."""
    for length in range(len(case.source)):
        assert_well_formed(parse_and_render(case.source[:length]))


@settings(max_examples=300, deadline=None)
@given(markdown)
def test_any_markdown_gives_well_formed_entities(source: str) -> None:
    """Entities are sorted, not empty, in range, trimmed, and never inside a surrogate pair."""
    assert_well_formed(parse_and_render(source))


@settings(max_examples=300, deadline=None)
@given(any_text)
def test_any_text_can_be_rendered(source: str) -> None:
    """Surrogates, controls, emoji, any script: nothing raises, and the result can be encoded."""
    assert_well_formed(parse_and_render(source))
    assert plain(source).entities == ()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(LAYOUT), max_size=25))
def test_no_word_is_lost(layout: list[str]) -> None:
    """Whatever stands between them, words stay: in broken tables, half links, nested blocks."""
    words = [f"w{number}w" for number in range(len(layout))]
    rich = parse_and_render("".join(piece for pair in zip(layout, words, strict=True) for piece in pair))
    shown = rich.text + " ".join(entity.url or "" for entity in rich.entities)
    assert [word for word in words if word not in shown] == []


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(whitelist_categories=("L", "N"), max_codepoint=0x24F), min_size=1))
def test_words_are_never_changed(word: str) -> None:
    """A text without any markup is what comes out, and nothing is marked."""
    assert render_markdown(word) == RichText(word)


def assert_well_formed(rich: RichText) -> None:
    raw = rich.text.encode("utf-16-le")
    assert rich.text == rich.text.rstrip()
    previous = (-1, 0)
    solid_end = 0
    for entity in rich.entities:
        assert 0 <= entity.offset < entity.end <= len(raw) // 2
        assert previous <= (entity.offset, -entity.length), "not sorted"
        previous = (entity.offset, -entity.length)
        covered = raw[2 * entity.offset : 2 * entity.end].decode("utf-16-le")
        assert covered == (covered.rstrip() if entity.type is Kind.PRE else covered.strip())
        if entity.type in {Kind.PRE, Kind.CODE}:
            assert entity.offset >= solid_end, "code overlaps"
        if entity.type in {Kind.PRE, Kind.CODE, Kind.LINK}:
            solid_end = entity.end


def test_plain_text_keeps_the_markup() -> None:
    """The fallback shows the source itself."""
    assert plain("  **a**\r\n`b`\x00 ") == RichText("**a**\n`b`")


@pytest.mark.parametrize(
    ("info", "language"),
    [
        ("", None),
        ("Python", "Python"),
        ("12:40:src/a.py", None),
        ("objective-c", "objective-c"),
        ("c#", "c#"),
        ("😀", None),
        ("x" * 40, None),
        ("py,ignore", "py"),
    ],
)
def test_language_of_a_fence(info: str, language: str | None) -> None:
    """Only what can be the name of a language is given to Telegram as one."""
    assert language_of(info) == language


HOSTILE = {
    "quotes": ">" * 10_000,
    "spaced quotes": "> " * 10_000 + "x",
    "lists": "- " * 10_000 + "x",
    "growing lists": "".join(" " * (2 * depth) + "- a\n" for depth in range(300)),
    "brackets": "[" * 10_000,
    "image brackets": "![" * 10_000,
    "closed brackets": "[" * 5_000 + "](a)" * 5_000,
    "closed images": "![" * 5_000 + "](a)" * 5_000,
    "stars": "*" * 10_000,
    "open emphasis": "**a *b " * 3_000,
    "closed emphasis": "**a *b " * 3_000 + "c* d**" * 3_000,
    "backticks": "".join("`" * length + " " for length in range(1, 300)),
    "dollars": "$a\\" * 10_000,
    "references": "&a" * 10_000,
    "pipes": "|" * 3_000 + "\n" + "|-" * 3_000 + "|\n" + "|x\n" * 300,
    "combining marks": "a" + "\u0301" * 10_000,
    "escape sequences": "\x1b]" * 10_000,
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_nesting_is_only_text(source: str) -> None:
    """Nothing that is nested ten thousand deep exhausts the stack, and no word of it is lost."""
    rich = parse_and_render(source)
    assert_well_formed(rich)
    assert ("x" in rich.text) == ("x" in source)


def test_speed(capsys: pytest.CaptureFixture[str]) -> None:
    """A hundred kilobytes are rendered; how long that takes is printed, not judged."""
    paragraph = "Some **bold** text, `code`, [a link](https://example.com/x) and *more*.\n- item\n\n"
    source = paragraph * (100_000 // len(paragraph))
    began = time.perf_counter()
    rich = parse_and_render(source)
    took_ms = (time.perf_counter() - began) * 1000
    with capsys.disabled():
        print(f"\n  {len(source)} characters → {len(rich.entities)} entities in {took_ms:.0f} ms")
    assert utf16_len(rich.text) > 50_000
