"""What people watch while an answer is written does not jump."""

import pytest
from hypothesis import given, settings

from bot.render.entities import Kind
from bot.render.growing import closed, render_growing
from bot.render.markdown import render_markdown
from tests.unit.fixtures.render_strategies import markdown

PARAGRAPHS = [
    "This is **very *important* indeed**, says `make test` and ~~nobody~~ else.",
    "See [the **docs**](https://example.com/a?b=c) and [more](https://example.com), please.",
    "- **One**: the first\n- **Two**: `second` of\n  - [x] three\n\n1. **Four**\n\n## Five `six`\n\nSeven",
    "Half of ``a `b` c`` is ***both***.",
]


@pytest.mark.parametrize("source", PARAGRAPHS)
def test_no_sign_is_shown_that_will_vanish(source: str) -> None:
    """Each state is a beginning of the next one: no stars, backticks or addresses come and go."""
    shown = ""
    for length in range(len(source) + 1):
        now = render_growing(source[:length]).text
        assert now.startswith(shown.rstrip()) or shown.startswith(now), (shown, now)
        shown = now
    assert shown == render_markdown(source).text


def test_half_of_bold_is_bold() -> None:
    """What is open is closed, innermost first, and bold at once."""
    assert closed("a **b *c") == "a **b *c***"
    [mark] = render_growing("so **very").entities
    assert (mark.type, mark.offset, mark.length) == (Kind.BOLD, 3, 4)


@pytest.mark.parametrize("source", ["a\n```py\nx = **", "2*3 and f(*args", "a_b and __init", "5 * 3", "done.", ""])
def test_what_is_not_open_stays(source: str) -> None:
    """Code, products and what is only an asterisk are not touched."""
    assert render_growing(source).text == render_markdown(source).text


@settings(max_examples=200, deadline=None)
@given(markdown)
def test_anything_can_be_closed(source: str) -> None:
    """Whatever there is, something is shown of it, and it does not raise."""
    assert bool(render_growing(source + "\n\nx").text)
