"""What refusals teach: tighter limits where Telegram says so, slowly given back, and never more than documented."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.budget import Budget
from bot.flood_lessons import LEAST_SHARE, RECOVERY_S, Lesson
from bot.telegram import RetryAfterError, _read
from orchestrator.domain.states import Priority

GROUP, OTHER, THIRD, FOURTH, PERSON = -100, -200, -300, -400, 300

REFUSALS = st.lists(st.tuples(st.floats(0.1, 7200.0), st.floats(0.0, 4000.0)), max_size=30)


@settings(max_examples=200, deadline=None)
@given(REFUSALS)
def test_a_share_is_always_one_that_can_be_lived_with(refusals: list[tuple[float, float]]) -> None:
    """Each refusal leaves less or equal, time only gives back, and all of it is back after an hour of calm."""
    lesson, now = Lesson(), 0.0
    for pause, seconds in refusals:
        now += pause
        before = lesson.at(now)
        lesson.refused(seconds, now)
        assert LEAST_SHARE <= lesson.at(now) <= before
        assert lesson.at(now + seconds) == lesson.at(now), "silence is no calm"
        assert lesson.at(now) <= lesson.at(now + 1000.0) <= 1.0
    assert lesson.at(now + 4000.0 + 60.0 + RECOVERY_S) == 1.0


def full_speed(
    budget: Budget, chat_id: int, begin: float, count: int, priority: Priority = Priority.URGENT
) -> list[float]:
    """When so many calls may be made one after the other."""
    times: list[float] = []
    now = begin
    while len(times) < count:
        if (delay := budget.wait(chat_id, priority, now)) > 0:
            now += delay
            continue
        budget.spend(chat_id, now, priority)
        times.append(now)
    return times


def test_a_chat_that_refuses_close_calls_gets_them_further_apart() -> None:
    """We kept a second, so a second is too little there; elsewhere it is not."""
    budget = Budget(group_per_minute=20)
    full_speed(budget, GROUP, 0.0, 3)
    budget.refused(GROUP, 4.0, 2.1)
    first, second = full_speed(budget, GROUP, 2.1, 2)
    assert first >= 6.1
    assert second - first >= 1.3
    one, two = full_speed(budget, OTHER, 2.1, 2)
    assert two - one < 1.1


def test_a_chat_that_refuses_a_call_that_came_alone_gets_fewer_a_minute() -> None:
    """The call before it was long ago: its spacing is not to blame."""
    budget = Budget(group_per_minute=20)
    for at in range(0, 50, 5):
        budget.spend(GROUP, float(at))
    budget.refused(GROUP, 30.0, 50.0)
    times = full_speed(budget, GROUP, 200.0, 11)
    assert times[9] - times[0] < 12
    assert times[10] - times[0] >= 60
    assert full_speed(budget, GROUP, 200.0 + 2 * RECOVERY_S, 20)[19] < 200.0 + 2 * RECOVERY_S + 25


def test_the_same_silence_is_one_lesson() -> None:
    """What was under way when Telegram asked for silence teaches nothing more, but a longer silence counts."""
    budget = Budget(group_per_minute=20)
    budget.refused(GROUP, 10.0, 100.0)
    shares = [budget.room(GROUP, 300.0)]
    budget.refused(GROUP, 20.0, 101.0)
    shares.append(budget.room(GROUP, 300.0))
    assert shares[0] == shares[1]
    assert budget.wait(GROUP, Priority.URGENT, 101.0) == pytest.approx(20.0)


@pytest.mark.parametrize("seconds", [0.0, 0.25, 3.0, 35.5, 13_938.0, 1e12])
def test_silence_is_as_long_as_was_asked_for(seconds: float) -> None:
    """Fractions and hours are obeyed exactly, in the chat that they were said in and in no other."""
    budget = Budget(group_per_minute=20)
    budget.refused(GROUP, seconds, 100.0)
    for priority in Priority:
        assert budget.wait(GROUP, priority, 100.0) == pytest.approx(seconds)
        assert budget.wait(OTHER, priority, 100.0) == 0
    assert budget.room(GROUP, 100.0) == (0 if seconds else 15)


def test_several_chats_within_a_moment_mean_all_of_them() -> None:
    """Three at once is the bot, not the chats: for a while the others are silent too, and get less; two are two."""
    budget = Budget(group_per_minute=20)
    budget.refused(GROUP, 20.0, 100.0)
    budget.refused(OTHER, 12.0, 100.5)
    assert budget.wait(PERSON, Priority.URGENT, 101.0) == 0
    budget.refused(THIRD, 40.0, 101.0)
    assert budget.wait(PERSON, Priority.URGENT, 101.0) == pytest.approx(12.0)
    assert budget.wait(THIRD, Priority.URGENT, 101.0) == pytest.approx(40.0)
    for chat_id in range(1, 16):
        assert budget.wait(chat_id, Priority.URGENT, 120.0) == 0
        budget.spend(chat_id, 120.0)
    assert budget.wait(99, Priority.URGENT, 120.0) > 0.9, "fifteen a second, for now"


def test_refusals_that_are_far_apart_are_their_own_chats_matter() -> None:
    """A chat now and another one minutes later say nothing about all."""
    budget = Budget(group_per_minute=20)
    for nth, chat_id in enumerate((GROUP, OTHER, THIRD, FOURTH)):
        budget.refused(chat_id, 300.0, 100.0 + 3 * nth)
    assert budget.wait(PERSON, Priority.URGENT, 110.0) == 0


@pytest.mark.parametrize(
    ("parameters", "seconds"),
    [
        (b'{"retry_after": 7}', 7.0),
        (b'{"retry_after": 2.5}', 2.5),
        (b'{"retry_after": "3"}', 3.0),
        (b'{"retry_after": 13938}', 13_938.0),
        (b'{"retry_after": null}', 5.0),
        (b'{"retry_after": -1}', 5.0),
        (b'{"retry_after": NaN}', 5.0),
        (b'{"retry_after": "soon"}', 5.0),
        (b"{}", 5.0),
        (b"[]", 5.0),
        (b"null", 5.0),
    ],
)
def test_whatever_a_429_says_is_a_time(parameters: bytes, seconds: float) -> None:
    """Documented are whole seconds; a missing or senseless number is a few of them, and no crash."""
    raw = b'{"ok": false, "error_code": 429, "description": "Too Many Requests", "parameters": ' + parameters + b"}"
    with pytest.raises(RetryAfterError) as error:
        _read(429, raw)
    assert error.value.seconds == seconds
    assert math.isfinite(error.value.seconds)
