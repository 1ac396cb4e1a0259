"""Resumed turns come one after the other, a few at a time, in the order in which they asked."""

import heapq
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.app.resume_gate import ResumeGate
from orchestrator.domain.ids import TurnId

APART_MS = 2_000


@dataclass
class Crowd:
    """Turns that want to be resumed, each of which asks again whenever it is told to."""

    gate: ResumeGate
    now_ms: int = 0
    went_in: list[tuple[TurnId, int]] = field(default_factory=list)
    timers: list[tuple[int, TurnId]] = field(default_factory=list)
    gone: set[TurnId] = field(default_factory=set)

    def ask(self, turn_id: TurnId) -> None:
        """As a lane does it."""
        if turn_id in self.gone or turn_id in [each for each, _ in self.went_in]:
            return
        if self.gate.enter(turn_id, self.now_ms, partial(self._again, turn_id)):
            self.went_in.append((turn_id, self.now_ms))

    def _again(self, turn_id: TurnId, wait_s: float) -> None:
        heapq.heappush(self.timers, (self.now_ms + round(wait_s * 1000), turn_id))

    def leave(self, turn_id: TurnId) -> None:
        """It is over, or was stopped."""
        self.gone.add(turn_id)
        self.gate.leave(turn_id)

    def wait(self, ms: int) -> None:
        """Time goes by."""
        until = self.now_ms + ms
        while self.timers and self.timers[0][0] <= until:
            self.now_ms, turn_id = heapq.heappop(self.timers)
            self.ask(turn_id)
        self.now_ms = until


def a_crowd(concurrent: int = 2) -> Crowd:
    """Before an open gate."""
    crowd = Crowd(ResumeGate(concurrent))
    crowd.gate.open(0)
    return crowd


def test_they_go_in_one_by_one_two_seconds_apart() -> None:
    """The first a moment after the gate is opened, so that what people wrote meanwhile comes before it."""
    crowd = a_crowd(concurrent=3)
    for number in range(1, 4):
        crowd.ask(TurnId(number))
    assert crowd.went_in == []
    crowd.wait(10_000)
    assert crowd.went_in == [(1, 2_000), (2, 4_000), (3, 6_000)]


def test_no_more_than_allowed_are_inside() -> None:
    """The next goes in when one leaves, and knows how many it waits for."""
    crowd = a_crowd(concurrent=1)
    for number in range(1, 4):
        crowd.ask(TurnId(number))
    crowd.wait(60_000)
    assert [each for each, _ in crowd.went_in] == [1]
    assert [crowd.gate.ahead(TurnId(number)) for number in range(1, 4)] == [0, 1, 2]
    crowd.leave(TurnId(2))
    crowd.leave(TurnId(1))
    crowd.wait(0)
    assert [each for each, _ in crowd.went_in] == [1, 3]


def test_a_closed_gate_lets_nobody_in() -> None:
    """Until everything that lives was found."""
    crowd = Crowd(ResumeGate(2))
    crowd.ask(TurnId(1))
    crowd.wait(60_000)
    assert crowd.went_in == []
    crowd.gate.open(crowd.now_ms)
    crowd.wait(2_000)
    assert [each for each, _ in crowd.went_in] == [1]


def test_those_who_were_inside_before_count() -> None:
    """A resumed turn that is found at work has its place, even beyond the limit."""
    crowd = a_crowd(concurrent=1)
    crowd.gate.enter_anyway(TurnId(8))
    crowd.gate.enter_anyway(TurnId(9))
    crowd.ask(TurnId(1))
    crowd.wait(10_000)
    assert crowd.gate.ahead(TurnId(1)) == 2
    crowd.leave(TurnId(8))
    crowd.leave(TurnId(9))
    crowd.wait(0)
    assert [each for each, _ in crowd.went_in] == [1]


def test_a_clock_that_is_put_back_holds_nobody_up() -> None:
    """It waits no longer than turns are apart."""
    crowd = a_crowd()
    crowd.ask(TurnId(1))
    crowd.wait(2_000)
    crowd.now_ms -= 3_600_000
    crowd.ask(TurnId(2))
    crowd.wait(2_000)
    assert [each for each, _ in crowd.went_in] == [1, 2]


@given(st.integers(1, 3), st.lists(st.tuples(st.sampled_from("aalw"), st.integers(0, 3_000)), max_size=40))
def test_whatever_happens_all_get_in_in_order_never_too_many_never_too_soon(
    concurrent: int, happens: list[tuple[str, int]]
) -> None:
    """`a` asks, `l` leaves (the oldest inside, or who waits first), `w` waits."""
    crowd, asked = a_crowd(concurrent), 0
    for what, ms in happens:
        if what == "a":
            asked += 1
            crowd.ask(TurnId(asked))
        elif what == "l" and asked:
            inside = sorted(crowd.gate.inside) or [
                TurnId(number) for number in range(1, asked + 1) if TurnId(number) not in crowd.gone
            ]
            if inside:
                crowd.leave(inside[0])
        crowd.wait(ms)
        assert len(crowd.gate.inside) <= concurrent
    crowd.wait(10 * APART_MS)
    while left := sorted(crowd.gate.inside):
        crowd.leave(left[0])
        crowd.wait(APART_MS + 1)
    order = [each for each, _ in crowd.went_in]
    assert order == sorted(order)
    assert {*order, *crowd.gone} == {TurnId(number) for number in range(1, asked + 1)}
    times = [at for _, at in crowd.went_in]
    assert all(after - before >= APART_MS for before, after in pairwise(times))
