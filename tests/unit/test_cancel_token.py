"""Cooperative cancellation: a state that everything done for a turn can ask for."""

import anyio
import pytest

from orchestrator.domain.cancel_token import CancelToken, CancelTokens, TurnStopped, bound, should_stop
from orchestrator.domain.ids import TurnId

ONE, TWO, THREE = TurnId(1), TurnId(2), TurnId(3)


def test_a_stop_is_a_state_that_every_later_boundary_sees() -> None:
    """Not an event that one of them may miss; it is never taken back."""
    token = CancelToken(ONE)
    with bound(token):
        should_stop()
        token.stop()
        for _ in range(3):
            with pytest.raises(TurnStopped) as caught:
                should_stop()
    assert caught.value.turn_id == ONE
    token.unfence()
    assert token.fenced
    should_stop()  # nothing is bound here


def test_code_that_survives_every_error_does_not_survive_a_stop() -> None:
    """It is no Exception; clean-up runs all the same."""
    token, cleaned = CancelToken(ONE), []
    token.stop()
    with bound(token), pytest.raises(TurnStopped):
        try:
            should_stop()
        except Exception:  # noqa: BLE001 - that is the point
            pytest.fail("a stop was swallowed")
        finally:
            cleaned.append("done")
    assert cleaned == ["done"]


def test_a_fence_keeps_things_from_beginning_and_can_come_down() -> None:
    """While the stop is being committed; a stop that could not be committed did not happen."""
    token = CancelToken(ONE)
    token.fence()
    with bound(token), pytest.raises(TurnStopped):
        should_stop()
    assert not token.stopped
    token.unfence()
    with bound(token):
        should_stop()


def test_a_stop_goes_down_the_tree_and_not_up() -> None:
    """What a turn started stops with it, and what that started too."""
    tokens = CancelTokens()
    parent = tokens.of(ONE)
    child, grandchild = tokens.of(TWO, ONE), tokens.of(THREE, TWO)
    child.stop()
    assert (parent.stopped, child.stopped, grandchild.stopped) == (False, True, True)
    parent.fence()
    assert grandchild.fenced


def test_hooks_are_called_once_and_at_once_where_the_stop_came_before() -> None:
    """Nobody waits for an event that is over."""
    parent = CancelToken(ONE)
    child, called = CancelToken(TWO, parent), []
    with child.on_stop(lambda: called.append("a")):
        parent.stop()
        child.stop()
    with child.on_stop(lambda: called.append("b")):
        pass
    quiet = CancelToken(THREE)
    with quiet.on_stop(lambda: called.append("c")):
        pass
    quiet.stop()
    assert called == ["a", "b"]


async def test_a_wait_without_a_boundary_is_ended_by_a_hook() -> None:
    """Such as a directory that does not answer."""
    token = CancelToken(ONE)

    async def wait() -> None:
        with anyio.CancelScope() as scope, token.on_stop(scope.cancel):
            await anyio.sleep_forever()
        with bound(token), pytest.raises(TurnStopped):
            should_stop()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        token.stop()


async def test_tasks_started_for_a_turn_carry_its_token() -> None:
    """And those that were not, do not."""
    token, seen = CancelToken(ONE), []
    token.stop()

    async def work(name: str) -> None:
        try:
            should_stop()
        except TurnStopped:
            seen.append(name)

    async with anyio.create_task_group() as tasks:
        with bound(token):
            tasks.start_soon(work, "mine")
        tasks.start_soon(work, "other")
    assert seen == ["mine"]


def test_tokens_of_ended_turns_are_forgotten_but_stops_are_not() -> None:
    """A late letter of a stopped turn still finds its token."""
    tokens = CancelTokens()
    tokens.of(ONE)
    tokens.of(TWO).stop()
    tokens.over(ONE)
    tokens.over(TWO)
    found = tokens.find(TWO)
    assert tokens.find(ONE) is None
    assert tokens.find(None) is None
    assert found is not None
    assert found.stopped


def test_a_turn_that_takes_up_a_lost_one_goes_on_with_its_token() -> None:
    """What the lost one had started stops with its successor, through turns that are over."""
    tokens = CancelTokens()
    tokens.of(ONE)
    task = tokens.of(TWO, ONE)
    tokens.succeed(THREE, ONE)
    tokens.over(ONE)
    assert task.line == {TWO, ONE, THREE}
    tokens.of(THREE).stop()
    assert task.stopped


def test_tokens_that_others_descend_from_are_kept() -> None:
    """A task that was started by a task that has ended since still stops with the first turn."""
    tokens = CancelTokens()
    tokens.of(ONE)
    tokens.of(TWO, ONE)
    grandchild = tokens.of(THREE, TWO)
    tokens.over(TWO)
    assert grandchild.line == {ONE, TWO, THREE}
    tokens.of(ONE).stop()
    assert grandchild.stopped


def test_a_turn_that_goes_on_after_a_stop_is_not_stopped() -> None:
    """Somebody says «continue» after a time-out."""
    tokens = CancelTokens()
    tokens.of(ONE).stop()
    tokens.succeed(TWO, ONE)
    assert not tokens.of(TWO).fenced
