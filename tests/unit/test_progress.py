"""Progress is a fold of agent events: true, and bounded whatever an agent prints."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalWanted,
    ApprovalWithdrawn,
    Finished,
    Garbled,
    Noticed,
    Planned,
    PlanState,
    PlanStep,
    Retrying,
    SessionStarted,
    TaskEnded,
    TaskStarted,
    TextSaid,
    Thought,
    ToolFinished,
    ToolStarted,
    Unrecognised,
    Usage,
)
from orchestrator.domain.progress import Progress


def folded(*events: AgentEvent) -> Progress:
    """Progress after events that came 100 ms apart, the first at 100 ms."""
    progress = Progress()
    for nth, event in enumerate(events, 1):
        progress.take(event, nth * 100)
    return progress


def test_the_tool_that_began_last_is_the_one_at_work() -> None:
    """Of several tools the newest that has not ended is shown, with its times."""
    progress = folded(
        ToolStarted(tool_id="a", name="Bash", title="make"),
        ToolStarted(tool_id="b", name="Read"),
        ToolFinished(tool_id="b", ok=False),
    )
    assert progress.working is not None
    assert progress.working.tool_id == "a"
    assert (progress.steps["b"].began_ms, progress.steps["b"].ended_ms, progress.steps["b"].ok) == (200, 300, False)
    progress.take(ToolFinished(tool_id="a"), 400)
    assert progress.working is None


def test_the_end_of_an_unknown_tool_changes_nothing() -> None:
    """An agent may report the end of a tool that it never began."""
    assert folded(ToolFinished(tool_id="x")).steps == {}


def test_text_is_kept_in_order_and_ends_thinking() -> None:
    """What is said is joined as it comes."""
    progress = folded(Thought(delta="hm"), TextSaid(delta="Hel"), TextSaid(delta="lo"))
    assert (progress.tail, progress.thinking) == ("Hello", False)
    assert folded(TextSaid(delta="x"), Thought(delta="hm")).thinking


def test_any_other_event_ends_a_retry() -> None:
    """«Waits» is shown only while the agent waits."""
    assert folded(Retrying(attempt=1, reason="overloaded")).retrying == "overloaded"
    assert folded(Retrying(attempt=1, reason="overloaded"), TextSaid(delta="x")).retrying == ""


def test_every_event_is_a_sign_of_life() -> None:
    """The silence limit counts from the last event, of whatever kind."""
    for event in (
        SessionStarted(cli_session_id="s"),
        ApprovalWanted(request_id="1", tool_name="Bash", title="rm"),
        ApprovalWithdrawn(request_id="1"),
        Unrecognised(kind="new"),
        Retrying(attempt=1, reason="x"),
    ):
        assert folded(Thought(delta=""), event).last_sign_ms == 200


def test_background_notices_usage_and_garbled_lines_are_counted() -> None:
    """Each kind of event has its place."""
    usage = Usage(input_tokens=5)
    progress = folded(
        TaskStarted(task_id="1", title="serve"),
        TaskStarted(task_id="2"),
        TaskEnded(task_id="2"),
        TaskEnded(task_id="9"),
        Noticed(text="low on context"),
        Garbled(excerpt="?", reason="not JSON"),
        Finished(ok=True, usage=usage),
    )
    assert progress.background == {"1": "serve"}
    assert (progress.notices, progress.garbled, progress.usage) == (["low on context"], 1, usage)


def test_dropped_steps_are_still_counted() -> None:
    """A turn of a thousand tool calls keeps the last ones and says how many there were."""
    progress = folded(*(ToolStarted(tool_id=str(number), name="Bash") for number in range(1000)))
    assert progress.tool_count == 1000
    assert list(progress.steps)[-1] == "999"
    assert len(progress.steps) < 300


@given(st.lists(st.tuples(st.integers(0, 40_000), st.sampled_from("abc")), max_size=12))
def test_the_tail_is_the_end_of_what_was_said_and_bounded(deltas: list[tuple[int, str]]) -> None:
    """However much is said, in however large pieces, at most its last 16,000 characters are shown and few kept."""
    said = [letter * length for length, letter in deltas]
    progress = folded(*(TextSaid(delta=each) for each in said))
    assert progress.tail == "".join(said)[-16_000:]
    assert sum(map(len, progress.text)) <= 32_000
    assert progress.text_length == sum(map(len, progress.text))


def test_notices_are_bounded() -> None:
    """An agent that warns without end does not fill the memory."""
    progress = folded(*(Noticed(text=str(number)) for number in range(100)))
    assert progress.notices[-1] == "99"
    assert len(progress.notices) == 10


def test_the_newest_plan_is_the_plan() -> None:
    """A plan is told whole each time; an empty one takes it back."""
    steps = (PlanStep(text="read", state=PlanState.COMPLETED), PlanStep(text="write", state=PlanState.PENDING))
    assert folded(Planned(steps=steps[:1]), Planned(steps=steps)).plan == steps
    assert folded(Planned(steps=steps), Planned(steps=())).plan == ()
