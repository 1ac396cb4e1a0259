"""The bot's own messages are put together from typed pieces."""

from bot.render.builder import bold, code, italic, lines, link, message, pre, quote, spoiler, strike, text, underline
from bot.render.entities import Entity, Kind, RichText, clipped, shifted
from tests.unit.fixtures.telegram_parser import assert_taken_unchanged


def test_pieces_join_with_true_offsets() -> None:
    """Offsets count UTF-16 units over all pieces."""
    rich = text("😀 ", bold("Stopped"), " in ", code("/srv/ü"), ".")
    assert rich.text == "😀 Stopped in /srv/ü."
    assert rich.entity_dicts() == [
        {"type": "bold", "offset": 3, "length": 7},
        {"type": "code", "offset": 14, "length": 6},
    ]


def test_every_kind_is_taken_by_telegram() -> None:
    """Each function makes an entity that Telegram keeps."""
    rich = lines(
        bold("a", italic("b")),
        underline("c"),
        strike("d"),
        spoiler("e"),
        link("f", "https://e.com"),
        quote("g\n", pre("h", language="py"), expandable=True),
        quote("i", code("j")),
    )
    assert len(rich.entities) == 11
    assert_taken_unchanged(rich)


def test_nothing_in_a_string_is_markup() -> None:
    """Names of topics and files come out as they are."""
    assert text("**a** <b> `c`") == RichText("**a** <b> `c`")


def test_file_names_that_are_no_text_are_cleaned() -> None:
    """Undecodable bytes and control characters don't reach Telegram."""
    assert code("a\udcff\x1b[31m\nb").text == "a\ufffd\nb"


def test_empty_pieces_leave_no_entities() -> None:
    """Nothing and white space can't be marked."""
    assert text(bold(""), code(" "), "x") == RichText(" x")


def test_code_in_bold_stands_alone() -> None:
    """Bold is cut around code, as Telegram would do it."""
    assert_taken_unchanged(bold("a ", code("b"), " c", link("d", "https://e.com")))


def test_crossing_quotes_and_links_are_cut() -> None:
    """Even nesting that makes no sense gives something that Telegram takes unchanged."""
    assert_taken_unchanged(link(text("a\n", quote("b"), "\nc"), "https://e.com"))
    assert_taken_unchanged(quote("a\n", quote("b"), pre("c")))


def test_a_bad_url_leaves_the_label() -> None:
    """A link that Telegram would refuse is text."""
    assert link("page", "http://localhost:8080") == RichText("page")


def test_a_message_is_trimmed() -> None:
    """White space around a message goes, and the entities move with the text."""
    rich = message("\n ", bold("a"), " \n")
    assert rich == RichText("a", (Entity(type=Kind.BOLD, offset=0, length=1),))


def test_lines_leave_out_what_is_empty() -> None:
    """Optional lines need no care."""
    assert lines("a", "", RichText(), bold("b")).text == "a\nb"


def test_entities_can_be_moved_and_clipped() -> None:
    """Both count in units; what lies outside is gone."""
    entities = (
        Entity(type=Kind.BOLD, offset=0, length=4),
        Entity(type=Kind.PRE, offset=6, length=4, language="py"),
    )
    assert [entity.offset for entity in shifted(entities, 5)] == [5, 11]
    assert clipped(entities, 4, 8) == (Entity(type=Kind.PRE, offset=2, length=2, language="py"),)
    assert clipped(entities, 2, 6) == (Entity(type=Kind.BOLD, offset=0, length=2),)
