"""What the demo agent shows beside its answers: steering, background tasks, plans, sub-agents, files, usage."""

from pathlib import Path

from orchestrator.domain.agent_events import (
    Finished,
    Planned,
    PlanState,
    SessionStarted,
    SteerRefused,
    SteerTaken,
    TaskEnded,
    TaskStarted,
    TextSaid,
    Thought,
    ToolFinished,
    ToolStarted,
    TurnBegan,
    Used,
)
from orchestrator.domain.agents import Attachment
from tests.integration.demo_talk import DEADLINE_S, answer, talking
from tests.unit.transcripts import endings, said


def test_what_is_said_meanwhile_is_taken_in_between_two_steps(tmp_path: Path) -> None:
    """Once, though it was given twice."""
    with talking(tmp_path) as agent:
        agent.write(agent.codec.begin_turn("wait 1\nsay done"))
        agent.next(ToolStarted)
        agent.write(agent.codec.steer("s1", "hurry up"))
        agent.write(agent.codec.steer("s1", "hurry up"))
        events = agent.ends()
        assert [event for event in events if isinstance(event, SteerTaken)] == [SteerTaken(steer_id="s1")]
        assert answer(events) == "Waited 1 s.\n\nYou said meanwhile: hurry up\n\ndone"
        assert agent.codec.steer("s2", "too late") is None


def test_what_comes_too_late_is_a_turn_of_its_own(tmp_path: Path) -> None:
    """It is its prompt, and is done like one."""
    with talking(tmp_path) as agent:
        agent.write(agent.codec.begin_turn("say first"))
        late = agent.codec.steer("s1", "say second")
        agent.ends()
        agent.write(late)
        assert agent.next(TurnBegan).steer_id == "s1"
        assert answer(agent.ends()) == "second"
        assert "2. say second" in answer(agent.turn("recall"))


def test_what_was_said_to_a_turn_that_was_interrupted_is_refused(tmp_path: Path) -> None:
    """It would have been about that turn."""
    with talking(tmp_path) as agent:
        agent.write(agent.codec.begin_turn("wait 60"))
        agent.next(Thought)
        agent.write(agent.codec.steer("s1", "and then?"))
        agent.write(agent.codec.interrupt())
        assert endings(agent.ends())[0].interrupted
        assert agent.next(SteerRefused).steer_id == "s1"


def test_a_background_task_outlasts_its_turn_and_speaks_up(tmp_path: Path) -> None:
    """The turn ends before it; when it ends, the agent begins a turn of its own."""
    with talking(tmp_path) as agent:
        events = agent.turn("background 1 say the build is through")
        (task,) = [event for event in events if isinstance(event, TaskStarted)]
        assert task.can_stop
        assert task.title == "say the build is through"
        assert answer(agent.turn("say meanwhile")) == "meanwhile"
        assert agent.next(TaskEnded) == TaskEnded(task_id=task.task_id, ok=True)
        began = agent.next(TurnBegan)
        assert "say the build is through" in began.reason
        assert not began.steer_id
        assert answer(agent.ends()) == "the build is through"
        assert agent.codec.stop_task(task.task_id) is None


def test_a_background_task_is_stopped_alone(tmp_path: Path) -> None:
    """Another goes on, and no turn follows the stopped one."""
    with talking(tmp_path) as agent:
        events = agent.turn("background 60 never\nbackground 1 soon")
        never, soon = (event.task_id for event in events if isinstance(event, TaskStarted))
        agent.write(agent.codec.stop_task(never))
        assert agent.next(TaskEnded) == TaskEnded(task_id=never, ok=False)
        assert agent.next(TaskEnded) == TaskEnded(task_id=soon, ok=True)
        assert "soon" in agent.next(TurnBegan).reason
        assert answer(agent.ends()) == "My background task is done: soon"
        assert agent.codec.stop_task("no such task") is None


def test_a_turn_of_its_own_is_interrupted_like_any(tmp_path: Path) -> None:
    """And the next prompt has a turn of its own."""
    with talking(tmp_path) as agent:
        agent.turn("background 0 wait 60")
        agent.next(TurnBegan)
        agent.next(Thought)
        agent.write(agent.codec.interrupt())
        assert endings(agent.ends())[0].interrupted
        assert answer(agent.turn("say on")) == "on"


def test_at_the_end_of_stdin_background_tasks_are_seen_through(tmp_path: Path) -> None:
    """Then it exits."""
    with talking(tmp_path) as agent:
        agent.turn("background 1 say bye")
        assert agent.process.stdin is not None
        agent.process.stdin.close()
        agent.next(TurnBegan)
        assert answer(agent.ends()) == "bye"
        assert agent.process.wait(DEADLINE_S) == 0


def test_steps_of_a_plan_are_shown_as_they_are_done(tmp_path: Path) -> None:
    """One at a time is being worked on."""
    with talking(tmp_path) as agent:
        plans = [event for event in agent.turn("todo a | b") if isinstance(event, Planned)]
    letters = {PlanState.PENDING: "p", PlanState.IN_PROGRESS: "i", PlanState.COMPLETED: "c"}
    assert ["".join(letters[step.state] for step in plan.steps) for plan in plans] == ["ip", "ci", "cc"]
    assert [step.text for step in plans[0].steps] == ["a", "b"]


def test_a_sub_agent_has_tools_of_its_own(tmp_path: Path) -> None:
    """Each names the call that it belongs to, and all of them end."""
    (tmp_path / "notes.txt").write_text("12345")
    with talking(tmp_path) as agent:
        events = agent.turn("agent find the notes")
    outer, *inner = (event for event in events if isinstance(event, ToolStarted))
    assert (outer.title, outer.parent_id) == ("find the notes", "")
    assert [tool.title for tool in inner] == [".", "notes.txt"]
    assert {tool.parent_id for tool in inner} == {outer.tool_id}
    ended = {event.tool_id for event in events if isinstance(event, ToolFinished)}
    assert ended == {tool.tool_id for tool in (outer, *inner)}


def test_usage_is_told_while_it_works_and_at_the_end(tmp_path: Path) -> None:
    """With how much of the context is filled, which lasts."""
    with talking(tmp_path) as agent:
        (used,) = [event.usage for event in agent.turn("tokens 1234 5000") if isinstance(event, Used)]
        assert (used.input_tokens, used.context_tokens, used.context_limit) == (1234, 1234, 5000)
        (end,) = endings(agent.turn("say more"))
        assert (end.usage.context_tokens, end.usage.context_limit) == (1234, 5000)


def test_files_that_come_along_are_named(tmp_path: Path) -> None:
    """With type and size; one that is not there is no end of the turn, and a prompt may be nothing but files."""
    (tmp_path / "photo.png").write_bytes(b"12345678")
    here = Attachment(path=str(tmp_path / "photo.png"), media_type="image/png", data=b"12345678")
    gone = Attachment(path=str(tmp_path / "gone.pdf"), media_type="application/pdf")
    with talking(tmp_path) as agent:
        told = answer(agent.turn("", [here, gone]))
        assert told == "I got:\n- `photo.png` (image/png, 8 bytes)\n" + (
            "- `gone.pdf` (application/pdf, which I cannot read: No such file or directory)"
        )
        assert answer(agent.turn("say seen", [here])).endswith("8 bytes)\n\nseen")


def test_a_model_that_was_changed_is_told_with_the_next_turn(tmp_path: Path) -> None:
    """As the name of what answers."""
    with talking(tmp_path) as agent:
        agent.write(agent.codec.set_model("big"))
        events = agent.turn("say hi")
    assert [event.model for event in events if isinstance(event, SessionStarted)] == ["big"]
    assert said(events) == "".join(event.delta for event in events if isinstance(event, TextSaid)) == "hi"
    assert isinstance(events[-1], Finished)
