"""When a turn is warned, given more time, and ended: whatever happens when, nobody is taken by surprise."""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain import deadline as rules
from orchestrator.domain.deadline import Calm, Deadline, End, Extend, Limit, Limits, Rest, Step, Warn

S = 1_000
MIN = 60 * S
LIMITS = Limits(
    total_ms=60 * MIN,
    silence_ms=20 * MIN,
    warn_before_ms=(60 * S, 10 * S),
    extend_by_ms=10 * MIN,
    max_extensions=2,
)
FRESH = rules.begun(LIMITS, 0)


@dataclass
class Played:
    """A turn as it is looked after: each time something is due it is done, as the lane does it."""

    limits: Limits
    deadline: Deadline
    sign: int = 0
    done: list[tuple[int, Step]] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        return bool(self.done) and isinstance(self.done[-1][1], End)

    def look(self, now: int) -> None:
        """Do all that is due now."""
        for _ in range(10):
            step = rules.due(self.deadline, self.limits, self.sign, now)
            match step:
                case Rest():
                    assert step.until is None or step.until > now
                    return
                case Warn():
                    self.deadline = replace(rules.warned(self.deadline, step), letter_open=True)
                case Calm():
                    self.deadline = replace(rules.calmed(self.deadline), letter_open=False)
                case Extend():
                    self.deadline = replace(rules.extended(self.deadline, self.limits, now), letter_open=False)
                case End():
                    pass
            self.done.append((now, step))
            if self.ended:
                return
        raise AssertionError(f"always something to do: {self.done}")

    def until(self, now: int, most: int) -> int:
        """Sleep as the watch does, and do what is due, until then."""
        while not self.ended:
            self.look(now)
            step = rules.due(self.deadline, self.limits, self.sign, now)
            if not isinstance(step, Rest) or step.until is None or step.until > most:
                break
            now = step.until
        return now


def kinds(played: Played) -> list[tuple[int, str]]:
    """What was done when, in seconds."""
    return [(at // S, type(step).__name__) for at, step in played.done]


def test_a_turn_without_a_sign_of_life_is_warned_twice_and_ended_for_its_silence() -> None:
    """A minute before the end, ten seconds before it, and then."""
    played = Played(LIMITS, FRESH)
    played.until(0, 100 * MIN)
    assert kinds(played) == [(19 * 60, "Warn"), (19 * 60 + 50, "Warn"), (20 * 60, "End")]
    assert [step.limit for _, step in played.done if isinstance(step, Warn | End)] == [Limit.SILENCE] * 3


def test_a_turn_at_work_gets_more_time_as_often_as_allowed_and_is_then_ended() -> None:
    """It is warned each time, although it will be extended: people may want to stop it."""
    played = Played(LIMITS, FRESH)
    now = 0
    while not played.ended:
        now += 30 * S
        played.sign = now - 1
        played.until(now, now + 30 * S - 1)
    assert [kind for _, kind in kinds(played)] == ["Warn", "Warn", "Extend"] * 2 + ["Warn", "Warn", "End"]
    assert played.done[-1] == (80 * MIN, End(limit=Limit.TIMEOUT))


def test_a_turn_that_was_at_work_long_ago_is_not_extended() -> None:
    """Its last sign of life has to be in the last twelfth of its time."""
    limits = replace(LIMITS, silence_ms=50 * MIN)
    quiet = Played(limits, FRESH, sign=55 * MIN - 1)
    quiet.until(55 * MIN, 100 * MIN)
    assert kinds(quiet)[-1] == (60 * 60, "End")
    busy = Played(limits, FRESH, sign=55 * MIN)
    busy.until(55 * MIN, 60 * MIN)
    assert kinds(busy)[-1] == (60 * 60, "Extend")


def test_a_sign_of_life_calms() -> None:
    """What was warned of for silence is put off, and the turn is warned anew the next time."""
    played = Played(LIMITS, FRESH)
    played.until(0, 19 * MIN)
    played.sign = 19 * MIN + 5 * S
    played.until(19 * MIN + 6 * S, 50 * MIN)
    assert [kind for _, kind in kinds(played)] == ["Warn", "Calm", "Warn", "Warn", "End"]
    assert played.done[-1] == (39 * MIN + 5 * S, End(limit=Limit.SILENCE))


def test_a_person_puts_off_both_ends() -> None:
    """The button is worth its minutes, whichever end it was that was near."""
    played = Played(LIMITS, FRESH)
    played.until(0, 20 * MIN - 1)
    played.deadline = rules.extended_by_person(played.deadline, LIMITS, 0, 19 * MIN + 55 * S)
    assert rules.nearest(played.deadline, LIMITS, 0) == (Limit.SILENCE, 30 * MIN)
    assert played.deadline.total_at == 70 * MIN
    assert played.deadline.extensions == 1


def test_while_a_person_is_awaited_no_time_goes_by() -> None:
    """An answer that takes a day costs nothing, and silence counts from it."""
    day = 24 * 60 * MIN
    waiting = rules.paused(FRESH, 5 * MIN)
    assert rules.due(waiting, LIMITS, 0, day) == Rest(until=None)
    assert rules.paused(waiting, 9 * MIN) == waiting
    back = rules.resumed(waiting, LIMITS, 5 * MIN + day)
    assert (back.total_at, back.silence_at) == (60 * MIN + day, 25 * MIN + day)
    assert rules.resumed(back, LIMITS, 2 * day) == back


def test_time_without_the_bot_counts_but_its_return_is_no_surprise() -> None:
    """Whoever was away says what is about to happen, and waits as long as its last warning promises."""
    for away in (59 * MIN + 55 * S, 60 * MIN, 600 * MIN):
        for known in (FRESH, replace(FRESH, warned=2, warned_end=FRESH.total_at, letter_open=True)):
            played = Played(LIMITS, rules.restored(known, LIMITS, away))
            played.until(away, 1000 * MIN)
            assert kinds(played) == [(away // S, "Warn"), (away // S + 10, "End")], away
    early = Played(LIMITS, rules.restored(FRESH, LIMITS, 30 * MIN))
    early.until(30 * MIN, 1000 * MIN)
    assert early.done[-1] == (50 * MIN, End(limit=Limit.SILENCE))


def test_what_is_read_again_is_no_sign_of_life() -> None:
    """A restarted bot reads the whole run; that a turn worked once does not extend it."""
    played = Played(LIMITS, rules.restored(FRESH, LIMITS, 60 * MIN), sign=60 * MIN + S)
    played.until(60 * MIN, 100 * MIN)
    assert kinds(played)[-1] == (60 * 60 + 10, "End")


@pytest.mark.parametrize(
    ("limit", "allowed_ms", "warnings"),
    [
        (Limit.TIMEOUT, 2 * S, [S]),
        (Limit.TIMEOUT, S, []),
        (Limit.TIMEOUT, 600 * S, [60 * S, 10 * S, S]),
        (Limit.SILENCE, 119 * S, [10 * S, S]),
        (Limit.SILENCE, 120 * S, [60 * S, 10 * S, S]),
    ],
)
def test_warnings_that_make_no_sense_are_left_out(limit: Limit, allowed_ms: int, warnings: list[int]) -> None:
    """None before the turn began, and none at every pause."""
    limits = Limits(total_ms=allowed_ms, silence_ms=allowed_ms, warn_before_ms=(S, 60 * S, 10 * S, 10 * S))
    assert limits.warnings(limit) == warnings


LIMITS_OF_ALL_KINDS = st.builds(
    Limits,
    total_ms=st.integers(1, 100),
    silence_ms=st.integers(1, 100),
    warn_before_ms=st.lists(st.integers(1, 60), max_size=3),
    extend_by_ms=st.integers(1, 50),
    max_extensions=st.integers(0, 3),
)
WHAT_HAPPENS = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["sleep", "sign", "press", "ask", "answer", "restart", "stall"])),
    max_size=40,
)


@given(limits=LIMITS_OF_ALL_KINDS, happens=WHAT_HAPPENS)
def test_whatever_happens_no_turn_ends_unwarned_or_works_for_ever(
    limits: Limits, happens: list[tuple[int, str]]
) -> None:
    """Warnings, extensions, pauses, restarts, and a lane that was held up, in any order."""
    played = Played(limits, rules.begun(limits, 0))
    now, waited, asked_at, delays = 0, 0, None, 0
    for after, what in [*happens, (10_000, "answer"), (10_000, "sleep")]:
        then = now + after
        if what != "stall":  # the lane is not held up: it does what is due when it is due
            played.until(now, then)
        else:
            delays += after
        now = then
        if played.ended:
            break
        match what:
            case "sign":
                played.sign = now
            case "press" if rules.may_extend(played.deadline, limits) and asked_at is None:
                played.deadline = replace(
                    rules.extended_by_person(played.deadline, limits, played.sign, now), letter_open=False
                )
            case "ask" if asked_at is None:
                asked_at, played.deadline = now, rules.paused(played.deadline, now)
            case "answer" if asked_at is not None:
                waited += now - asked_at
                asked_at, played.deadline = None, rules.resumed(played.deadline, limits, now)
            case "restart":
                played.deadline = rules.restored(played.deadline, limits, now)
                delays += 60 + 2_000
            case _:
                pass
        played.look(now)
    assert played.ended, "it works for ever"
    at, end = played.done[-1]
    assert isinstance(end, End)
    _assert_warned(limits, played, at, end)
    assert played.deadline.extensions <= limits.max_extensions
    grace = 60 * (2 + len(happens))  # a warning that comes late moves the end
    assert at <= limits.total_ms + limits.max_extensions * limits.extend_by_ms + waited + delays + grace


def _assert_warned(limits: Limits, played: Played, at: int, end: End) -> None:
    """The last warning came as long before the end as it said, and was of this end."""
    warnings = limits.warnings(end.limit)
    if not warnings:
        return
    before, last = played.done[-2]
    assert isinstance(last, Warn)
    assert last.limit is end.limit
    assert at - before >= warnings[-1]
    assert last.end <= at
    numbers = [step.number for _, step in played.done if isinstance(step, Warn) and step.end == last.end]
    assert all(earlier < later for earlier, later in pairwise(numbers))


@given(limits=LIMITS_OF_ALL_KINDS, sign=st.integers(0, 300), now=st.integers(0, 300), total_at=st.integers(1, 300))
def test_nobody_who_gives_signs_of_life_ends_for_silence(limits: Limits, sign: int, now: int, total_at: int) -> None:
    """An end for silence is never sooner after a sign than the limit says."""
    deadline = Deadline(total_at=total_at, silence_at=0)
    step = rules.due(deadline, limits, sign, now)
    if isinstance(step, End) and step.limit is Limit.SILENCE:
        assert now >= sign + limits.silence_ms
