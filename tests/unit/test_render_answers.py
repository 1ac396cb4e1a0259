"""Nasty answers come out as it is written down, and Telegram's own parser takes every beginning of them."""

import os
from pathlib import Path

import pytest

from bot.render.entities import MAX_ENTITIES, MAX_TEXT_UNITS
from bot.render.growing import render_growing
from bot.render.markdown import parse_and_render
from bot.render.split import split
from tests.unit.fixtures.answer_corpus import ANSWERS, GOLDEN, source_of, written
from tests.unit.fixtures.telegram_parser import assert_taken_unchanged

STEPS = 120
"""So many beginnings of an answer are tried, of a short one all."""

in_each_answer = pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.stem)


@in_each_answer
def test_an_answer_becomes_what_is_written_down(answer: Path) -> None:
    """Texts, entities and cuts are as in tests/golden/answers; UPDATE_GOLDEN=1 writes them anew."""
    found = written(split(parse_and_render(source_of(answer))))
    golden = GOLDEN / f"{answer.stem}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8")


def test_nothing_is_written_down_that_is_not_there() -> None:
    """Each golden file has its answer, and there are enough of them."""
    assert {path.stem for path in GOLDEN.glob("*.txt")} == {path.stem for path in ANSWERS}
    assert len(ANSWERS) >= 30


@in_each_answer
def test_telegram_takes_all_parts(answer: Path) -> None:
    """Unchanged, none too long, none with entities that would be ignored, none that begins with an empty line."""
    for part in split(parse_and_render(source_of(answer))):
        assert_taken_unchanged(part)
        assert part.units <= MAX_TEXT_UNITS
        assert len(part.entities) <= MAX_ENTITIES
        assert part.text.split("\n", 1)[0].strip()


@in_each_answer
def test_telegram_takes_every_beginning(answer: Path) -> None:
    """An answer may be shown at any moment while it is written, plain or with what is open closed."""
    source = source_of(answer)
    for length in range(0, len(source), max(1, len(source) // STEPS)):
        for rendered in (parse_and_render(source[:length]), render_growing(source[:length])):
            for part in split(rendered):
                assert_taken_unchanged(part)
