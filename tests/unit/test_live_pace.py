"""The pace of live edits: quick at first, then even, and never a long silence after a burst."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.budget import Budget
from bot.live_pace import even_gap_s, gap_s
from orchestrator.domain.states import Priority

GROUP, PERSON = -100, 300


def edits(budget: Budget, chat_id: int, until_s: float, *, begin: float = 0.0) -> list[float]:
    """When a turn that always has news is edited; each call takes a tenth of a second."""
    times: list[float] = []
    now = begin
    while now < until_s:
        delay = budget.wait(chat_id, Priority.LIVE, now, of_live=True)
        if delay > 0:
            now += delay
            continue
        times.append(now)
        now += 0.1
        budget.spend(chat_id, now, Priority.LIVE, of_live=True)
    return times


def test_one_busy_turn_never_stands_still() -> None:
    """In a group: three seconds apart at first, five later; nothing is burnt in the first half of a minute."""
    times = edits(Budget(group_per_minute=20), GROUP, 300)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps[0] < 4
    assert max(gaps) < 6.5
    assert len(times) >= 52, "and the room for live edits is used"


def test_in_private_the_interval_is_the_pace() -> None:
    """Sixty a minute are more than anybody can read."""
    gaps = [later - earlier for earlier, later in pairwise(edits(Budget(group_per_minute=20), PERSON, 120))]
    assert max(gaps) < 3.2


def test_what_little_room_a_long_answer_leaves_is_spread() -> None:
    """Eight messages of others in nine seconds leave room for three edits in the next 48: they do not come at once."""
    budget = Budget(group_per_minute=20)
    for nth in range(8):
        budget.spend(GROUP, 1.1 * nth, Priority.ANSWER)
    times = edits(budget, GROUP, 80, begin=12.0)
    assert times[0] == 12.0
    assert max(later - earlier for earlier, later in pairwise(times)) < 20


PLACES = st.lists(st.floats(0.0, 60.0), max_size=20).map(sorted)


@settings(max_examples=200, deadline=None)
@given(PLACES, st.integers(1, 20), st.floats(0.1, 30.0))
def test_the_even_gap_is_just_long_enough(free_at: list[float], room: int, interval: float) -> None:
    """Going on at it, one never finds the room used up; at any shorter gap one would, sooner or later."""
    taken = free_at[:room]
    gap = even_gap_s(taken, room, 0.0)
    free = room - len(taken)
    for nth in range(1, len(taken) + 1):
        assert gap * (free + nth) >= taken[nth - 1] - 1e-6
    assert gap == 0 or any(gap * (free + nth) <= at + 1e-6 for nth, at in enumerate(taken, 1))
    assert interval <= gap_s(taken, room, interval, 0.0) <= max(interval, gap) + 1e-9
