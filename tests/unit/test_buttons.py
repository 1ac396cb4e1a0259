"""Buttons: what they carry fits, survives a restart, and is read with distrust."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buttons import Press, Verb, button, fits, held_buttons, stop_button
from orchestrator.domain.ids import TurnId

THREADS = st.none() | st.integers(1, 2**31 - 1)


def has_long_number(argument: str) -> bool:
    """Whether it has a number that the store could not take."""
    return any(part.isdecimal() and len(part) > 18 for part in re.split("[.:]", argument))


@given(st.sampled_from(Verb), st.text(max_size=40).filter(lambda text: not has_long_number(text)), THREADS)
def test_what_fits_comes_back_and_what_does_not_is_no_button(verb: Verb, argument: str, thread: int | None) -> None:
    """64 bytes is all that Telegram keeps; anything longer is refused before it is sent."""
    press = Press(verb, argument, thread)
    try:
        data = press.data()
    except ValueError:
        assert not fits(press)
        return
    assert fits(press)
    assert 1 <= len(data.encode()) <= 64
    assert Press.parse(data) == press


@pytest.mark.parametrize("data", ["stop||{}", "ask||1.2.{}", "stop|{}|1"])
def test_a_number_that_no_store_could_take_means_nothing(data: str) -> None:
    """It can only be forged."""
    assert Press.parse(data.format("1" * 19)) is None


@given(st.text(max_size=64))
def test_foreign_data_never_raises(data: str) -> None:
    """Anything that a client sends is either one of our presses or nothing."""
    press = Press.parse(data)
    assert press is None or press.data()


@pytest.mark.parametrize(
    "data",
    [
        None,
        "",
        "stop",
        "stop|1",
        "shutdown||1",
        "STOP||1",
        "stop|x|1",
        "stop|-1|1",
        "stop|1.5|1",
        "stop|²|1",
        "stop|99999999999999999999999|1",
    ],
)
def test_forged_data_means_nothing(data: str | None) -> None:
    """An unknown verb, a thread that is no number, or one that no store could hold."""
    assert Press.parse(data) is None


def test_the_largest_ids_fit() -> None:
    """A turn's button works in any topic, however many there were."""
    made = stop_button(TurnId(2**53), 2**31 - 1)
    assert Press.parse(made["callback_data"]) == Press(Verb.STOP, str(2**53), 2**31 - 1)
    assert (made["text"], made["style"]) == ("⏹ Stop", "danger")


def test_what_rests_can_be_run_or_dropped() -> None:
    """The label says how many there are."""
    run, drop = held_buttons(3, 42)
    assert run["text"] == "▶ Run the 3 waiting"
    assert Press.parse(run["callback_data"]) == Press(Verb.RUN_HELD, "", 42)
    assert Press.parse(drop["callback_data"]) == Press(Verb.DROP_HELD, "", 42)
    assert held_buttons(1, None)[0]["text"] == "▶ Run it"


def test_a_plain_button_has_no_style() -> None:
    """Older servers need not know the word."""
    assert button("x", Press(Verb.SET, "mode:all")) == {"text": "x", "callback_data": "set||mode:all"}
