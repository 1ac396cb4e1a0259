"""One stop, one notice: when everything that it took is gone."""

from orchestrator.app.stop_ticket import StopTicket
from orchestrator.domain.ids import RunId, TurnId
from orchestrator.domain.notices import StopDone, StopFoundNothing
from orchestrator.domain.run_events import ProcessNote
from tests.builders import TOPIC, a_turn

A, B = TurnId(1), TurnId(2)


def ticket(lanes: int = 1) -> StopTicket:
    """A stop that began at 1 s."""
    return StopTicket(topic=TOPIC, reply_to=5, lanes=lanes, began_ms=1_000)


def test_it_is_complete_once_every_lane_spoke_and_everything_is_gone() -> None:
    """The last one to go ends it; nobody is told before, nor twice."""
    stop = ticket(lanes=2)
    stop.join([A], [], [])
    stop.gone(A)
    assert not stop.complete
    stop.join([], [B], [RunId("r")])
    stop.gone(B, (ProcessNote(pid=9, command="dd"),), 2)
    assert not stop.complete
    stop.gone(RunId("r"), ended_tools=1)
    assert stop.complete
    notice = stop.notice(1_400)
    assert isinstance(notice, StopDone)
    assert (notice.turns, notice.tasks, notice.took_s, notice.ended_tools) == ((A,), (B,), 0.4, 3)
    assert [each.pid for each in notice.survivors] == [9]
    stop.told = True
    assert not stop.complete


def test_a_stop_that_took_nothing_says_so() -> None:
    """With what waits and what goes on."""
    stop = ticket()
    stop.join([], [], [])
    stop.held, stop.tasks_left, stop.finished_just_now = 2, [a_turn()], True
    assert stop.complete
    expected = StopFoundNothing(topic=TOPIC, reply_to=5, held=2, tasks_left=(a_turn(),), finished=True)
    assert stop.notice(1_100) == expected


def test_dropped_prompts_and_strays_are_something() -> None:
    """A stop that only cancelled what waited, or ended what was left running, did stop something."""
    dropped, strays = ticket(), ticket()
    dropped.dropped = 1
    dropped.join([], [], [])
    strays.join([], [], [RunId("r")])
    assert not dropped.found_nothing
    assert not strays.found_nothing
    assert isinstance(dropped.notice(1_100), StopDone)


def test_what_was_said_in_a_change_that_was_refused_is_taken_back() -> None:
    """Said again, it counts once, and people are told."""
    stop = ticket()
    before = stop.mark()
    for _ in range(2):
        stop.back_to(before)
        stop.join([A], [], [])
        stop.gone(A)
        stop.told = True
    stop.told = False
    notice = stop.notice(1_400)
    assert isinstance(notice, StopDone)
    assert notice.turns == (A,)
    stop.back_to(before)
    assert (stop.turns, stop.pending, stop.told, stop.complete) == ([], set(), False, False)
