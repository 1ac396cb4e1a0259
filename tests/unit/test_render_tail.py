"""The end of a Markdown text: as much as fits, and still the text that it was."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render.entities import Kind
from bot.render.tail import markdown_tail


def test_a_short_text_is_whole() -> None:
    """With its markup."""
    rich = markdown_tail("**bold** and `code`", 100)
    assert rich.text == "bold and code"
    assert [each.type for each in rich.entities] == [Kind.BOLD, Kind.CODE]


def test_a_long_text_is_cut_between_lines() -> None:
    """What is left out is an ellipsis; the end is there."""
    rich = markdown_tail("\n".join(f"line {number}" for number in range(100)), 60)
    assert rich.units <= 60
    assert rich.text.startswith("…")
    assert rich.text.splitlines()[1].startswith("line ")
    assert rich.text.endswith("line 99")


def test_a_code_block_that_is_cut_stays_one() -> None:
    """What comes after it is no code."""
    source = "```\n" + "x = 1\n" * 50 + "```\n\nand **then**"
    rich = markdown_tail(source, 80)
    assert [each.type for each in rich.entities] == [Kind.PRE, Kind.BOLD]
    assert rich.text.endswith("and then")


@settings(max_examples=100, deadline=None)
@given(
    source=st.text(alphabet="ab \n`*_#>-|1.😀[]()", max_size=400),
    units=st.integers(0, 200),
)
def test_it_never_takes_more_room_than_there_is(source: str, units: int) -> None:
    """Whatever the markup makes of it."""
    assert markdown_tail(source, units).units <= units
