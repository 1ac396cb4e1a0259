"""The stop ladder as a decision: who gets which signal when."""

import signal

from cli_runner.supervisor import ladder
from cli_runner.supervisor.ladder import Ladder, Signals
from cli_runner.supervisor.process_table import Process

PROGRAM = Process(pid=10, ppid=1, start=100)
TOOL = Process(pid=11, ppid=10, start=101)
STOPPED = Process(pid=12, ppid=10, start=102, stopped=True)


def sent(signals: Signals) -> list[tuple[int, str]]:
    return [(process.pid, signal.Signals(signo).name) for process, signo in signals]


def test_without_politeness_all_get_term_at_once_and_only_once() -> None:
    """A second look sends nothing to those who have it already."""
    stop = Ladder(0.0, polite_s=0.0, grace_s=5.0)
    assert sent(stop.step(0.0, [PROGRAM, TOOL], PROGRAM.key)) == [(10, "SIGTERM"), (11, "SIGTERM")]
    assert sent(stop.step(0.1, [PROGRAM, TOOL], PROGRAM.key)) == []


def test_a_stopped_process_is_continued_so_that_it_can_act_on_term() -> None:
    """SIGTERM alone would wait until somebody else continues it."""
    stop = Ladder(0.0, polite_s=0.0, grace_s=5.0)
    assert sent(stop.step(0.0, [STOPPED], None)) == [(12, "SIGTERM"), (12, "SIGCONT")]


def test_newcomers_get_term_too() -> None:
    """A process that was forked during the grace is asked like the others."""
    stop = Ladder(0.0, polite_s=0.0, grace_s=5.0)
    stop.step(0.0, [PROGRAM], PROGRAM.key)
    assert sent(stop.step(1.0, [PROGRAM, TOOL], PROGRAM.key)) == [(11, "SIGTERM")]


def test_a_pid_that_was_given_to_another_process_is_a_newcomer() -> None:
    """Processes are told apart by their start."""
    stop = Ladder(0.0, polite_s=0.0, grace_s=5.0)
    stop.step(0.0, [PROGRAM, TOOL], PROGRAM.key)
    assert sent(stop.step(1.0, [Process(pid=11, ppid=10, start=999)], None)) == [(11, "SIGTERM")]


def test_the_polite_phase_spares_the_program_and_after_a_moment_nobody_else() -> None:
    """Tools get SIGTERM 0.2 s after the stop, the program when its time is over."""
    stop = Ladder(0.0, polite_s=3.0, grace_s=5.0)
    assert sent(stop.step(0.0, [PROGRAM, TOOL], PROGRAM.key)) == []
    assert stop.next_at == ladder.TOOLS_AFTER_S
    assert sent(stop.step(0.2, [PROGRAM, TOOL], PROGRAM.key)) == [(11, "SIGTERM")]
    assert stop.next_at <= 0.4
    assert sent(stop.step(3.0, [PROGRAM, TOOL], PROGRAM.key)) == [(10, "SIGTERM"), (11, "SIGTERM")]


def test_the_polite_phase_ends_with_the_program() -> None:
    """What the program leaves gets SIGTERM without waiting for anything."""
    stop = Ladder(0.0, polite_s=3.0, grace_s=5.0)
    stop.step(0.0, [PROGRAM, TOOL], PROGRAM.key)
    assert sent(stop.step(0.05, [TOOL], None)) == [(11, "SIGTERM")]


def test_hurrying_ends_the_polite_phase_and_nothing_else() -> None:
    """It neither shortens nor prolongs the grace of a stop that is past politeness."""
    stop = Ladder(0.0, polite_s=3.0, grace_s=5.0)
    stop.hurry(1.0)
    assert stop.next_at == 1.0
    stop.step(1.0, [PROGRAM], PROGRAM.key)
    stop.hurry(4.0)
    assert sent(stop.step(5.9, [PROGRAM], PROGRAM.key)) == []
    assert sent(stop.step(6.0, [PROGRAM], PROGRAM.key)) == [(10, "SIGSTOP")]


def test_the_rest_is_frozen_until_nobody_new_turns_up_and_then_killed() -> None:
    """A process that forks between a look and a kill would otherwise always be one ahead."""
    stop = Ladder(0.0, polite_s=0.0, grace_s=0.0)
    assert sent(stop.step(0.0, [PROGRAM], None)) == [(10, "SIGSTOP")]
    assert stop.next_at == 0.0
    assert sent(stop.step(0.1, [PROGRAM, TOOL], None)) == [(11, "SIGSTOP")]
    assert sent(stop.step(0.2, [PROGRAM, TOOL], None)) == [(10, "SIGKILL"), (11, "SIGKILL")]


def test_endless_newcomers_do_not_put_off_the_kill() -> None:
    """After some looks those that were found are killed, and it begins again."""
    stop = Ladder(0.0, polite_s=0.0, grace_s=0.0)
    living: list[Process] = []
    for number in range(ladder.LOOKS_FROZEN):
        living.append(Process(pid=100 + number, ppid=1, start=number))
        assert {signo for _, signo in stop.step(0.0, living, None)} == {signal.SIGSTOP}
    living.append(TOOL)
    assert {signo for _, signo in stop.step(0.0, living, None)} == {signal.SIGKILL}


def test_it_is_done_after_two_looks_that_find_nothing() -> None:
    """One look may miss a process that forked while it was taken."""
    stop = Ladder(0.0, polite_s=0.0, grace_s=5.0)
    stop.step(0.0, [], None)
    assert not stop.done
    stop.step(0.0, [], None)
    assert stop.done
    assert stop.survivors == []


def test_a_process_between_two_empty_looks_counts() -> None:
    """The two looks have to follow one another."""
    stop = Ladder(0.0, polite_s=0.0, grace_s=5.0)
    for living in ([], [TOOL], []):
        stop.step(0.0, living, None)
    assert not stop.done


def test_what_withstands_everything_is_reported() -> None:
    """The kill is bounded; nobody waits for an uninterruptible process for ever."""
    stop = Ladder(0.0, polite_s=0.0, grace_s=0.0)
    stop.step(0.0, [TOOL], None)
    stop.step(1.0, [TOOL], None)
    stop.step(ladder.KILL_FOR_S, [TOOL], None)
    assert stop.done
    assert stop.survivors == [TOOL]
    assert stop.next_at == ladder.NEVER
