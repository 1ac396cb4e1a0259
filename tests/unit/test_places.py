"""Places for agents are given in order, and idle runs are kept by use."""

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.app.places import Places, WarmPool
from orchestrator.domain.ids import RunId, TurnId

A, B, C, D = (TurnId(number) for number in range(1, 5))


def nothing() -> None:
    """A grant that nobody waits for."""


def test_those_beyond_the_limit_wait_in_order() -> None:
    """A freed place goes to the one that waited longest."""
    places, granted = Places(1), list[TurnId]()
    assert places.take(A, nothing)
    assert not places.take(B, lambda: granted.append(B))
    assert not places.take(C, lambda: granted.append(C))
    assert (places.ahead(B), places.ahead(C), places.waiting) == (0, 1, 2)
    places.leave(A)
    assert granted == [B]
    places.leave(B)
    assert granted == [B, C]


def test_a_place_is_taken_once() -> None:
    """Asking again neither costs a second place nor the place in the queue."""
    places = Places(2)
    assert places.take(A, nothing)
    assert places.take(A, nothing)
    assert places.take(B, nothing)
    assert not places.take(C, nothing)
    assert not places.take(D, nothing)
    assert not places.take(C, nothing)
    assert places.ahead(D) == 1


def test_who_leaves_the_queue_is_not_called() -> None:
    """A cancelled prompt gets no place later."""
    places, granted = Places(1), list[TurnId]()
    places.take(A, nothing)
    places.take(B, lambda: granted.append(B))
    places.leave(B)
    places.leave(A)
    assert granted == []
    assert places.take(C, nothing)


def test_reattached_turns_have_their_places_whatever_the_limit() -> None:
    """After a restart nobody new starts until there is really room."""
    places = Places(1)
    places.take_anyway(A)
    places.take_anyway(B)
    granted = list[TurnId]()
    assert not places.take(C, lambda: granted.append(C))
    places.leave(A)
    assert granted == []
    places.leave(B)
    assert granted == [C]


@given(st.integers(1, 4), st.lists(st.tuples(st.booleans(), st.integers(1, 8)), max_size=60))
def test_there_are_never_more_than_the_limit_and_nobody_overtakes(limit: int, steps: list[tuple[bool, int]]) -> None:
    """Any mix of coming and leaving agrees with a plain queue."""
    places = Places(limit)
    inside, line = set[TurnId](), deque[TurnId]()

    def enter(turn_id: TurnId) -> None:
        inside.add(turn_id)

    for comes, number in steps:
        turn_id = TurnId(number)
        if comes and turn_id not in inside:
            free = len(inside) < limit and not line
            assert places.take(turn_id, lambda turn_id=turn_id: enter(turn_id)) is free  # type: ignore[misc]
            if free:
                inside.add(turn_id)
            elif turn_id not in line:
                line.append(turn_id)
        elif not comes:
            expected = inside - {turn_id}
            line = deque(each for each in line if each != turn_id)
            while line and len(expected) < limit:
                expected.add(line.popleft())
            inside.discard(turn_id)
            places.leave(turn_id)
            assert inside == expected
        assert len(inside) <= limit
        assert places.waiting == len(line)


class Idle:
    """An idle run that notes its end."""

    def __init__(self, name: str, retired: list[str]) -> None:
        self.run_id = RunId(name)
        self._retired = retired

    def retire(self) -> None:
        """Note it."""
        self._retired.append(self.run_id)


def test_the_least_recently_used_idle_run_goes_first() -> None:
    """Being kept again makes a run the newest; one that works again or is gone does not count."""
    retired = list[str]()
    one, two, three, four = (Idle(name, retired) for name in ("one", "two", "three", "four"))
    pool = WarmPool(2)
    for run in (one, two, one):
        pool.keep(run)
    pool.keep(three)
    assert retired == ["two"]
    pool.drop(one.run_id)
    pool.keep(four)
    assert retired == ["two"]
    pool.drop(RunId("unknown"))


def test_a_pool_of_none_keeps_none() -> None:
    """With `warm = 0` an idle run is let go at once."""
    retired = list[str]()
    WarmPool(0).keep(Idle("one", retired))
    assert retired == ["one"]


def test_with_little_memory_left_no_more_is_kept_than_has_to_be() -> None:
    """The one that was idle longest goes, each time that another is kept or started."""
    retired: list[str] = []
    left = 0.5
    pool = WarmPool(4, lambda: left)
    for name in ("one", "two", "three"):
        pool.keep(Idle(name, retired))
    pool.relieve()
    assert retired == []
    left = 0.05
    pool.relieve()
    pool.keep(Idle("four", retired))
    assert retired == ["one", "two"]
