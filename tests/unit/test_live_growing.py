"""Text that grows is shown without flicker: what is half there is shown as what it will be, or not yet."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.live.growing import settled, tail
from bot.live.measure import rows
from bot.render.entities import Kind
from bot.render.markdown import render_markdown


@pytest.mark.parametrize(
    ("half", "shown"),
    [
        ("this is **bo", "this is **bo**"),
        ("this is **", "this is"),
        ("this is **bold*", "this is **bold**"),
        ("this is **bold**", "this is **bold**"),
        ("both ***now", "both ***now***"),
        ("a name is _it", "a name is _it"),
        ("run `make te", "run `make te`"),
        ("run `", "run"),
        ("run ``a`b", "run ``a`b``"),
        ("see [the pa", "see the pa"),
        ("see [the page](https://exa", "see the page"),
        ("see [the page](https://example.org)", "see [the page](https://example.org)"),
        ("a title\n--", "a title"),
        ("so:\n\n-", "so:\n"),
        ("so:\n\n1.", "so:\n"),
        ("so:\n\n## ", "so:\n"),
        ("so:\n\n```py", "so:\n"),
        ("```\nx = 1\n``", "```\nx = 1"),
        ("so:\n| a | b |", "so:"),
        ("so:\n| a | b |\n|--", "so:"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 ", "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("2 * 3 and snake_case_name", "2 * 3 and snake_case_name"),
        ("a star * alone", "a star * alone"),
        ("the answer is 42", "the answer is 42"),
    ],
)
def test_what_is_half_there_is_shown_as_what_it_will_be(half: str, shown: str) -> None:
    """Or not at all, where that can't be known yet."""
    assert settled(half) == shown


ANSWER = """I looked at **all of it** and `make test` says _no_:

## What is wrong

1. The **first `thing`** is in [this file](https://example.org/a).
2. The other one ~~is~~ was not.

| file | lines |
|------|-------|
| a.py | 12    |
| b.py | 7     |

```python
x = a ** b
```

And ***so*** on.
"""


def test_no_mark_is_ever_seen_while_an_answer_grows() -> None:
    """However it is cut: each state is a beginning of the finished one, as people see it."""
    whole = render_markdown(ANSWER).text
    assert "**" in whole  # in the code
    for end in range(1, len(ANSWER)):
        shown = tail(ANSWER[:end], 100).text
        code = "x = a **" in shown
        for mark in ("**", "`", "](", "|--", "~~", "##"):
            assert code or mark not in shown, ANSWER[:end]


def test_a_long_text_is_cut_between_lines_and_stays_what_it_was() -> None:
    """Code stays code, a table keeps its head, a list is no code."""
    code = tail("```python\n" + "\n".join(f"x = {nth}" for nth in range(100)), 5)
    assert code.text == "…\n" + "\n".join(f"x = {nth}" for nth in range(95, 100))
    assert [(each.type, each.language) for each in code.entities] == [(Kind.PRE, "python")]
    table = tail("| n | square |\n|---|---|\n" + "".join(f"| {nth} | {nth * nth} |\n" for nth in range(30)), 4)
    assert "square" in table.text
    assert "841" in table.text
    assert "400" not in table.text
    deep = tail("- a\n" + "".join(f"    - item {nth}\n" for nth in range(30)), 4)
    assert all(each.type is not Kind.PRE for each in deep.entities)


def test_a_line_that_is_longer_than_all_room_is_shown_from_its_end() -> None:
    """From the beginning of a word on."""
    shown = tail("word " * 500 + "end", 4)
    assert shown.text.startswith("… word")
    assert shown.text.endswith("word end")
    assert rows(shown) <= 4


@settings(max_examples=150, deadline=None)
@given(text=st.text(alphabet="ab \n`*_#>-|1.[](~😀", max_size=300), most=st.integers(2, 12))
def test_it_takes_about_the_room_that_there_is(text: str, most: int) -> None:
    """Whatever the agent writes; markup may add a row here and there."""
    assert rows(tail(text, most)) <= 2 * most + 4
