"""Pages of menus and their buttons: pure, short, readable again, and never about a place in a list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buttons import Press, Verb
from bot.menus.areas import AREAS
from bot.menus.page import Choice, Page, back, confirm, fitting, in_rows, marked, paged, pager
from bot.menus.topic_names import message_url
from bot.menus.way import MOST_AGE_MINUTES, Way, keyboard, number, room, token
from bot.render import builder as b

NOW = 1_800_000_000_000
MINUTE = 60_000
WORDS = st.lists(st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True), max_size=4).map(tuple)


def data(choice: Choice, thread: int | None = 7, at: int = NOW, area: str = "s") -> str:
    """A choice's callback data."""
    page = Page(text=b.message("x"), rows=((choice,),))
    [[made]] = keyboard(page, area, thread, at)
    return str(made["callback_data"])


@given(WORDS, st.booleans(), st.none() | st.integers(1, 2**31 - 1), st.integers(0, 10**14))
def test_a_button_says_the_same_when_it_comes_back(
    path: tuple[str, ...], acts: bool, thread: int | None, at: int
) -> None:
    """Area, path, whether it does something, topic, and when its page was made."""
    press = Press.parse(data(Choice(label="x", to=path, acts=acts), thread, at))
    assert press is not None
    assert (press.verb, press.thread_id) == (Verb.MENU, thread)
    way = Way.parse(press.argument)
    assert way == Way(area="s", path=path, acts=acts, minutes=at // MINUTE)


@given(st.text(max_size=50))
def test_foreign_arguments_never_raise(argument: str) -> None:
    """They are a way through some menu, or nothing."""
    way = Way.parse(argument)
    assert way is None or way.area.isalpha()


@pytest.mark.parametrize(
    "argument", ["", "s", "1.", "1.S", "1.s.", "1.s..x", "1.s.ü", "1?s.x", "12345678.s", "1.s.x\n", "²!s"]
)
def test_what_is_no_way_is_none(argument: str) -> None:
    """Nothing is guessed."""
    assert Way.parse(argument) is None


@pytest.mark.parametrize(
    ("minutes", "old"),
    [(0, False), (MOST_AGE_MINUTES, False), (MOST_AGE_MINUTES + 1, True), (-1, False), (-2, True), (10**9, True)],
)
def test_a_page_is_old_after_a_day_and_from_the_future(minutes: int, old: bool) -> None:
    """The clock may go back by a minute, but no page is made tomorrow."""
    way = Way(area="s", path=(), acts=True, minutes=NOW // MINUTE - minutes)
    assert way.is_old(NOW) is old


def test_a_path_that_does_not_come_back_is_refused_at_once() -> None:
    """Where it is made, not where it is pressed."""
    for path in (("a b",), ("",), ("ä",), ("x" * 60,)):
        with pytest.raises(ValueError, match=r"read again|64 bytes"):
            data(Choice(label="x", to=path))
    assert room("s", ("x" * 30,), 2**31 - 1)
    assert not room("s", ("x" * 60,), None)


def test_ids_of_any_size_fit_and_forged_ones_are_none() -> None:
    """What the store can't hold is no id."""
    assert data(Choice(label="x", to=("switch", str(2**53)), acts=True), 2**31 - 1, area="settings")
    assert number("17") == 17
    assert [number(word) for word in ("", "-1", "²", "1.5", "9" * 30)] == [None] * 5
    assert token("a model/with:everything") == token("a model/with:everything") != token("another")


@given(st.lists(st.integers(), max_size=40), st.integers(-3, 50), st.integers(1, 7))
def test_pages_show_everything_once(things: list[int], page: int, size: int) -> None:
    """A page that is not there any more is the last one."""
    part, shown = paged(things, page, size)
    assert 1 <= shown.page <= shown.pages
    assert len(part) <= size
    assert [each for nth in range(1, shown.pages + 1) for each in paged(things, nth, size)[0]] == things


def test_the_pager_goes_round() -> None:
    """From the last page to the first; with one page there is none."""
    _, shown = paged(list(range(10)), 3, 4)
    before, here, after = pager(shown, ("h",))
    assert isinstance(before, Choice)
    assert isinstance(here, Choice)
    assert isinstance(after, Choice)
    assert (before.to, here.label, after.to) == (("h", "2"), "3/3", ("h", "1"))
    assert pager(paged([1], 1, 4)[1]) == ()


def test_the_small_pieces() -> None:
    """Rows, marks, labels that phones show whole, and a question with a way out."""
    one, two, three = (Choice(label=each) for each in "abc")
    assert in_rows([one, two, three]) == ((one, two), (three,))
    assert (marked("ask", chosen=True), marked("ask", chosen=False)) == ("✓ ask", "ask")
    assert len(fitting("x" * 100)) == 48
    assert back(("h", "1")) == (Choice(label="‹ Back", to=("h", "1")),)
    page = confirm(b.message("Sure?"), yes="Delete", no="Keep", act=("delete", "1"), keep=("i", "1"))
    assert page.rows == (
        (
            Choice(label="Delete", to=("delete", "1"), acts=True, style="danger"),
            Choice(label="‹ Keep", to=("i", "1")),
        ),
    )


def test_addresses_of_messages() -> None:
    """Supergroups have them, with the topic where there is one; other chats have none."""
    assert message_url(-1002000000001, 5, 17) == "https://t.me/c/2000000001/5/17"
    assert message_url(-1002000000001, None, 17) == "https://t.me/c/2000000001/17"
    assert message_url(-4711, None, 17) == ""
    assert message_url(111, None, 17) == ""


def test_every_area_has_a_name_of_its_own_that_can_stand_in_a_button() -> None:
    """A lost one would be a menu that does nothing."""
    for name, area in AREAS.items():
        assert name == area.name
        assert Way.parse(f"1.{name}.x") is not None
