"""What people are told of a turn whose time is nearly up, and when it rings."""

from dataclasses import replace

import pytest

from bot import deadline_texts
from bot.buttons import Keyboard, Press, Verb
from bot.letters import Letters
from bot.wording import span
from orchestrator.domain.deadline import Limit
from orchestrator.domain.notices import DeadlineOver, DeadlinePutOff, Notice, PutOff
from orchestrator.domain.records import Letter
from orchestrator.domain.states import Priority, TurnKind
from tests.builders import a_turn, a_warning
from tests.unit.telegram_limits import body_of

STOP_WORDS = ("stopped", "nothing is running", "queued", "resumed", "interrupted", "still running")


def presses(keyboard: Keyboard) -> list[Press | None]:
    """What buttons ask for."""
    return [Press.parse(each["callback_data"]) for row in keyboard for each in row]


def letter(notice: Notice) -> Letter:
    """The one letter of a notice."""
    [made] = Letters(lambda _: True).compose(notice)
    return made


def put_off(why: PutOff, by: str = "") -> DeadlinePutOff:
    """The first extension of six, told where the end was told."""
    return DeadlinePutOff(turn=a_turn(), why=why, extend_by_s=600.0, extensions=1, max_extensions=6, edits=4, by=by)


def test_a_warning_says_how_long_is_left_and_what_can_be_done() -> None:
    """More time, or the end; both name the turn."""
    text, keyboard = deadline_texts.near(a_warning())
    assert text.text.startswith("⏱ 1 min left: it took 59 min 00 s so far.")
    assert [each["text"] for row in keyboard for each in row] == ["+10 min", "⏹ Stop"]
    assert presses(keyboard) == [Press(Verb.EXTEND, "7", 42), Press(Verb.STOP, "7", 42)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"at_work": True, "extensions": 1}, "it then gets 10 min more by itself (extension 2 of 6)"),
        ({"limit": Limit.SILENCE}, "A sign of life is enough, or the button."),
        ({"limit": Limit.SILENCE}, "no sign of life for 59 min 00 s"),
        ({"extensions": 6}, "It had 6 extensions, which is the most."),
        ({"max_extensions": 0}, "Then it ends, and its session is kept."),
        ({"left_s": 0.4}, "0.4 s left"),
        ({"turn": a_turn(kind=TurnKind.TASK)}, "⏱ Task 7 · 1 min left"),
    ],
)
def test_a_warning_says_what_happens_then(changes: dict[str, object], said: str) -> None:
    """Whether it goes on by itself, and when there is no more time to be had."""
    text, keyboard = deadline_texts.near(a_warning(**changes))
    assert said in text.text
    near = a_warning(**changes)
    assert any(press and press.verb is Verb.EXTEND for press in presses(keyboard)) == (
        near.extensions < near.max_extensions
    )


def test_what_is_put_off_says_why_and_how_often_that_can_be() -> None:
    """By work, by somebody, by a sign of life."""
    assert deadline_texts.put_off(put_off(PutOff.WORK)).text == "⏱ 10 min more: it is at work (extension 1 of 6)."
    assert deadline_texts.put_off(put_off(PutOff.PERSON, "Bo")).text == "⏱ 10 min more, from Bo (extension 1 of 6)."
    assert deadline_texts.put_off(put_off(PutOff.SIGN)).text == "⏱ It gave a sign of life, and goes on."


def test_a_warning_rings_and_is_void_with_its_turn_and_the_rest_edits_it() -> None:
    """What is left of a warning when its turn is over is an edit that is made at once or never."""
    first = letter(a_warning())
    assert "disable_notification" not in body_of(first).params
    assert (first.priority, first.turn_id, first.fenced, first.edits_id) == (Priority.URGENT, 7, True, None)
    assert letter(a_warning(edits=4)).edits_id == 4
    done = letter(put_off(PutOff.WORK))
    assert (done.fenced, done.edits_id, "reply_markup" in body_of(done).params) == (True, 4, False)
    over = letter(DeadlineOver(turn=a_turn(), late=False, edits=4))
    assert (over.fenced, over.edits_id, body_of(over).fleeting) == (False, 4, True)
    assert "reply_markup" not in body_of(over).params
    assert not body_of(done).fleeting


def test_no_warning_looks_like_the_notice_of_a_stop() -> None:
    """Programs and people look for those words."""
    turn = a_turn()
    texts = [deadline_texts.near(a_warning(limit=limit, at_work=work))[0] for limit in Limit for work in (True, False)]
    texts += [deadline_texts.near(a_warning(extensions=6))[0]]
    texts += [deadline_texts.put_off(put_off(why)) for why in PutOff]
    texts += [deadline_texts.over(DeadlineOver(turn=replace(turn), late=late, edits=1)) for late in (True, False)]
    for text in texts:
        assert not [word for word in STOP_WORDS if word in text.text.lower()]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "0.4 s"),
        (1.0, "1 s"),
        (9.99, "10 s"),
        (60.0, "1 min"),
        (90.0, "1 min 30 s"),
        (600, "10 min"),
        (7200, "2 h"),
    ],
)
def test_a_time_that_was_set_is_said_as_it_was_set(seconds: float, said: str) -> None:
    """Round numbers stay round."""
    assert span(seconds) == said
