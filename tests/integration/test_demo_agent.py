"""The demo agent as a real process, driven through its codec: words, work, sessions and bad endings."""

import os
import signal
import time
from pathlib import Path

from cli_runner.demo_agent.steps import STEPS
from orchestrator.domain.agent_events import (
    Finished,
    Garbled,
    Noticed,
    SessionStarted,
    Thought,
    ToolFinished,
    ToolStarted,
)
from tests.integration.demo_talk import DEADLINE_S, answer, talking
from tests.unit.transcripts import endings, said


def test_what_is_no_command_gets_a_friendly_streamed_answer(tmp_path: Path) -> None:
    """It names the directory, comes in many pieces, and takes about two seconds."""
    with talking(tmp_path) as agent:
        agent.turn("say warm")
        began = time.monotonic()
        events = agent.turn("how are you?")
        assert 1.0 < time.monotonic() - began < 6.0
    assert isinstance(events[0], SessionStarted)
    assert "how are you?" in answer(events)
    assert str(tmp_path) in answer(events)
    assert len(events) > 10
    assert said(events).strip() == answer(events)


def test_a_command_runs_in_a_session_of_its_own_and_its_output_is_the_answer(tmp_path: Path) -> None:
    """As the real CLIs do; the exit code decides whether the tool went well."""
    with talking(tmp_path) as agent:
        events = agent.turn("run ps -o sid= -p $$; echo $$; exit 3")
    assert [event.title for event in events if isinstance(event, ToolStarted)] == ["ps -o sid= -p $$; echo $$; exit 3"]
    assert [event.ok for event in events if isinstance(event, ToolFinished)] == [False]
    sid, pid = answer(events).split()[1:3]
    assert sid == pid
    assert "exit code 3" in answer(events)


def test_a_session_is_remembered_by_the_next_process(tmp_path: Path) -> None:
    """What was asked and what is to be remembered."""
    with talking(tmp_path) as agent:
        agent.turn("remember the colour is blue")
    with talking(tmp_path, resume=True) as agent:
        recalled = answer(agent.turn("recall"))
    assert "the colour is blue" in recalled
    assert "1. remember the colour is blue" in recalled
    assert "2. recall" in recalled


def test_an_unknown_session_cannot_be_resumed(tmp_path: Path) -> None:
    """Each turn says so; the process lives."""
    with talking(tmp_path, "nobody", resume=True) as agent:
        for _ in range(2):
            (end,) = endings(agent.turn("recall"))
            assert (end.ok, end.session_unusable) == (False, True)


def test_an_interrupt_ends_the_turn_at_once_and_the_next_one_runs(tmp_path: Path) -> None:
    """Also one that follows the prompt immediately."""
    with talking(tmp_path) as agent:
        agent.write(agent.codec.begin_turn("wait 60"))
        agent.until(lambda event: isinstance(event, Thought))
        began = time.monotonic()
        agent.write(agent.codec.interrupt())
        (end,) = endings(agent.until(lambda event: isinstance(event, Finished)))
        assert (end.ok, end.interrupted) == (False, True)
        assert time.monotonic() - began < 2
        agent.write(agent.codec.begin_turn("wait 60") + (agent.codec.interrupt() or b""))
        (end,) = endings(agent.until(lambda event: isinstance(event, Finished)))
        assert end.interrupted
        assert answer(agent.turn("say still here")) == "still here"


def test_sigterm_is_obeyed_at_once_in_the_middle_of_a_tool(tmp_path: Path) -> None:
    """The process is gone; its tool is the supervisor's business."""
    with talking(tmp_path) as agent:
        agent.write(agent.codec.begin_turn("run sleep 3"))
        agent.until(lambda event: isinstance(event, ToolStarted))
        began = time.monotonic()
        agent.process.send_signal(signal.SIGTERM)
        assert agent.process.wait(DEADLINE_S) == -signal.SIGTERM
        assert time.monotonic() - began < 1


def test_a_process_is_left_running_on_purpose(tmp_path: Path) -> None:
    """It outlives turn and agent, in a session of its own."""
    with talking(tmp_path) as agent:
        told = answer(agent.turn("leave tail -f /dev/null"))
        pid = int(told.rstrip(".").rpartition(" ")[2])
        assert os.getsid(pid) != os.getsid(agent.process.pid)
    group = os.getpgid(pid)
    os.killpg(group, 0)  # it still lives
    os.killpg(group, signal.SIGKILL)


def test_it_fails_and_dies_and_babbles_as_asked(tmp_path: Path) -> None:
    """Each kind of bad ending can be tried."""
    with talking(tmp_path) as agent:
        (end,) = endings(agent.turn("say first\nfail no disk"))
        assert (end.ok, end.answer, end.error) == (False, "first", "no disk")
        babble = agent.turn("garbage")
        assert [event for event in babble if isinstance(event, Garbled)]
        assert answer(babble) == "That was garbage."
        (end,) = endings(agent.turn("crash"))
        assert not end.ok
        assert "exit code 3" in end.error


def test_steps_stand_on_lines_and_help_names_them_all(tmp_path: Path) -> None:
    """A prompt may hold several; what is none is said."""
    with talking(tmp_path) as agent:
        events = agent.turn("think hm\nnotice mind the gap\nlong 120\nand this too")
        assert [event.text for event in events if isinstance(event, Noticed)] == ["mind the gap"]
        assert answer(events).endswith("word120\n\nand this too")
        told = answer(agent.turn("help"))
        assert answer(agent.turn("markdown")).count("```") == 4
    for word in STEPS:
        assert f"`{word}" in told, word


def test_the_end_of_stdin_ends_it_after_its_turn(tmp_path: Path) -> None:
    """Nothing is left behind when its supervisor closes the pipe."""
    with talking(tmp_path) as agent:
        agent.write(agent.codec.begin_turn("say bye"))
        assert agent.process.stdin is not None
        agent.process.stdin.close()
        assert answer(agent.until(lambda event: isinstance(event, Finished))) == "bye"
        assert agent.process.wait(DEADLINE_S) == 0


def test_a_number_that_is_none_is_an_error_that_says_what_is_wanted(tmp_path: Path) -> None:
    """One line, and the process lives."""
    with talking(tmp_path) as agent:
        (end,) = endings(agent.turn("wait a while"))
        assert (end.ok, end.error) == (False, "I want a number of seconds, not «a while»")
        assert answer(agent.turn("say on")) == "on"
