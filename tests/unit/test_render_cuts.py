"""Long answers are cut where a reader notices it least."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render.entities import MAX_TEXT_UNITS, Kind
from bot.render.markdown import parse_and_render
from bot.render.split import split

PROSE = "A sentence of some words, which goes on for a while. "


def parts_of(source: str, limit: int = MAX_TEXT_UNITS) -> list[str]:
    return [part.text for part in split(parse_and_render(source), limit)]


def code(lines: int, name: str = "echo") -> str:
    return "```sh\n" + "".join(f"{name} {n:04}\n" for n in range(lines)) + "```\n"


def test_a_code_block_that_fits_into_the_next_message_stays_whole() -> None:
    """Although most of it would have fitted into this one."""
    first, second = parts_of(f"{PROSE * 30}\n\n{code(300)}")
    assert "echo" not in first
    assert second.startswith("echo 0000")
    assert second.endswith("echo 0299")


def test_a_code_block_that_fits_nowhere_fills_its_messages() -> None:
    """It begins where it stands, and every part is code of its language."""
    parts = split(parse_and_render(f"{PROSE}\n\n{code(1000)}"))
    assert parts[0].text.startswith("A sentence")
    assert "echo 0100" in parts[0].text
    assert [[(e.type, e.language) for e in part.entities] for part in parts] == [[(Kind.PRE, "sh")]] * len(parts)


def test_a_heading_goes_with_what_it_is_of() -> None:
    """It is never the last line of a message; neither is a line that announces something."""
    for length in range(3600, 4100, 20):
        filler = (PROSE * 100)[:length].rstrip()
        for line in ("### The next part", "Like this:"):
            first = parts_of(f"{filler}\n\n{line}\n\n- {PROSE}\n- {PROSE * 12}")[0]
            assert not first.endswith(("The next part", "Like this:"))


def test_the_last_message_is_not_two_words() -> None:
    """Where a little would be left over, the cut is made earlier."""
    paragraph = PROSE * 6
    source = "\n\n".join([paragraph] * 13)[: MAX_TEXT_UNITS - 10] + ".\n\nTwo words."
    assert len(parts_of(source)[-1]) > 200


def test_items_stay_together() -> None:
    """A list is rather cut between its items than between the lines of one."""
    source = "".join(f"- item {n}\n  - inner {n} {PROSE}\n" for n in range(120))
    assert all(part.startswith("• item") for part in parts_of(source))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.integers(1, 60).map(lambda n: PROSE * n),
            st.integers(1, 250).map(code),
            st.integers(1, 60).map(lambda n: "".join(f"- {PROSE}\n" for _ in range(n))),
            st.just("## A heading"),
            st.integers(1, 20).map(lambda n: "> " + PROSE * n),
        ),
        max_size=12,
    )
)
def test_whole_and_in_order(blocks: list[str]) -> None:
    """Every part fits and begins with words; together they are the text, but for white space at cuts."""
    whole = parse_and_render("\n\n".join(blocks))
    place = 0
    for part in split(whole):
        assert part.units <= MAX_TEXT_UNITS
        assert part.text.split("\n", 1)[0].strip()
        found = whole.text.index(part.text, place)
        assert not whole.text[place:found].strip()
        place = found + len(part.text)
    assert not whole.text[place:].strip()
