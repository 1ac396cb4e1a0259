"""A live message is calm: it does not get lower, and does not change where nothing but time went by."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.live.frame import Frame, working
from bot.live.measure import rows
from bot.live.record import ended
from bot.live.titles import title_of
from bot.render.entities import MAX_TEXT_UNITS
from orchestrator.domain.agent_events import (
    AgentEvent,
    Noticed,
    Planned,
    PlanState,
    PlanStep,
    TaskEnded,
    TaskStarted,
    TextSaid,
    Thought,
    ToolFinished,
    ToolStarted,
    Usage,
    Used,
)
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.states import TurnState, Verbosity
from tests.builders import a_turn

HOUR_MS = 3_600_000


def a_live(verbosity: Verbosity = Verbosity.NORMAL) -> LiveTurn:
    """A turn that began at 0 in `/srv/api`."""
    return LiveTurn(turn=a_turn(started_at=0), agent="claude", directory="/srv/api", verbosity=verbosity)


def texts_of(live: LiveTurn, frame: Frame, until_ms: int, *, every_ms: int = 1000) -> list[str]:
    """The different texts that somebody sees who looks once a second."""
    seen: list[str] = []
    for now in range(0, until_ms, every_ms):
        text = working(live, now, frame)[0].text
        if not seen or seen[-1] != text:
            seen.append(text)
    return seen


def test_an_hour_in_which_nothing_happens_costs_few_edits() -> None:
    """The time is brought up to date four times in the first minute, then less and less often."""
    live = a_live()
    live.progress.take(ToolStarted(tool_id="1", name="Bash", title="make"), 0)
    assert len(texts_of(live, Frame(), 60_000)) <= 5
    assert len(texts_of(live, Frame(), HOUR_MS, every_ms=5_000)) <= 80


def test_something_new_brings_the_time_along() -> None:
    """What is shown is never older than the last thing that happened."""
    live, frame = a_live(), Frame()
    assert working(live, 3_000, frame)[0].text == "⚙ claude works · 3 s"
    assert working(live, 9_000, frame)[0].text == "⚙ claude works · 3 s"
    live.progress.take(Thought(delta="hm"), 9_000)
    assert working(live, 9_000, frame)[0].text == "⚙ claude thinks · 9 s"


def test_a_quiet_message_changes_once_a_minute() -> None:
    """Whatever the agent does; but that it waits for a person is seen at once."""
    live, frame = a_live(Verbosity.QUIET), Frame()
    seen = texts_of(live, frame, 30_000)
    for nth in range(30):
        live.progress.take(ToolStarted(tool_id=str(nth), name="Read", title="a.py"), 30_000 + nth * 1000)
        live.progress.take(TextSaid(delta="**words**"), 30_000 + nth * 1000)
        seen.append(working(live, 30_000 + nth * 1000, frame)[0].text)
    assert set(seen) == {"⚙ claude works"}
    assert working(live, 125_000, frame)[0].text == "⚙ claude works · 2 min"
    live.waits_for_person = True
    assert working(live, 126_000, frame)[0].text == "🤔 claude waits for you · 2 min"


def test_a_record_of_a_quiet_turn_is_one_line() -> None:
    """Its steps were not shown while it worked either."""
    live = a_live(Verbosity.QUIET)
    live.progress.take(ToolStarted(tool_id="1", name="Read", title="a.py"), 1000)
    text = ended(a_turn(started_at=0, ended_at=2000, state=TurnState.DONE), live, 2000)
    assert text.text == "✓ Done in 2.0 s · 1 step"


def test_another_verbosity_holds_at_once() -> None:
    """Also where it makes the message lower."""
    live, frame = a_live(Verbosity.FULL), Frame()
    live.progress.take(Thought(delta="first this\nthen that\n"), 1000)
    live.progress.take(ToolStarted(tool_id="1", name="Read", title="a.py"), 1000)
    live.progress.take(ToolFinished(tool_id="1", summary="import os"), 2000)
    live.progress.take(Thought(delta="so it is"), 2000)
    assert "import os" in working(live, 3000, frame)[0].text
    assert "so it is" in working(live, 3000, frame)[0].text
    live.verbosity = Verbosity.NORMAL
    shown = working(live, 4000, frame)[0].text
    assert "import os" not in shown
    assert "so it is" not in shown
    live.verbosity = Verbosity.QUIET
    assert working(live, 5000, frame)[0].text == "⚙ claude works"


EVENTS = st.one_of(
    st.builds(TextSaid, delta=st.text(alphabet="ab *`\n|-", max_size=120)),
    st.builds(Thought, delta=st.text(alphabet="ab \n", max_size=80)),
    st.builds(
        ToolStarted,
        tool_id=st.sampled_from("abcdefgh"),
        name=st.just("Bash"),
        title=st.just("make test"),
        parent_id=st.sampled_from(["", "a"]),
    ),
    st.builds(ToolFinished, tool_id=st.sampled_from("abcdefgh"), summary=st.just("fine")),
    st.builds(TaskStarted, task_id=st.sampled_from("xy"), title=st.just("serve")),
    st.builds(TaskEnded, task_id=st.sampled_from("xy")),
    st.builds(Noticed, text=st.just("low")),
    st.builds(
        Planned,
        steps=st.lists(st.builds(PlanStep, text=st.just("do"), state=st.sampled_from(PlanState)), max_size=6).map(
            tuple
        ),
    ),
)


@settings(max_examples=80, deadline=None)
@given(events=st.lists(EVENTS, max_size=40), verbosity=st.sampled_from(Verbosity))
def test_with_text_below_a_message_never_gets_lower(events: list[AgentEvent], verbosity: Verbosity) -> None:
    """Steps, tasks and plans come and go; where something stands below them, a gap takes their place."""
    live, frame = a_live(verbosity), Frame()
    live.progress.take(Used(usage=Usage(input_tokens=1, output_tokens=1)), 0)
    height = 0
    for nth, event in enumerate(events):
        live.progress.take(event, nth * 1000)
        shown = working(live, nth * 1000, frame)[0]
        assert rows(shown) >= height
        assert shown.units <= MAX_TEXT_UNITS
        height = rows(shown)


@pytest.mark.parametrize(
    ("tool", "title", "shown"),
    [
        ("Read", "/srv/api/src/app.py", "src/app.py"),
        ("Read", "/srv/apiary/app.py", "/srv/apiary/app.py"),
        ("Read", "src/one/two/three/four/five/name.py", "src/…/three/four/five/name.py"),
        ("Read", "/etc/a/very/long/way/down/to/the/file.conf", "/etc/…/down/to/the/file.conf"),
        ("Read", "/" + "x" * 40, "…" + "x" * 29),
        ("edit", "add /srv/api/notes.md", "add notes.md"),
        ("Bash", "rm /srv/api/notes.md", "rm /srv/api/notes.md"),
        ("Bash", "cd a &&\n\tmake", "cd a && make"),
        ("Bash", "echo \u202egnp.exe", "echo ⟨U+202E⟩gnp.exe"),
        ("WebFetch", "https://example.org/a/b", "https://example.org/a/b"),
    ],
)
def test_what_a_step_works_on_is_one_short_row(tool: str, title: str, shown: str) -> None:
    """Paths as seen from the session's directory, without their middle; commands as they are, nothing hidden."""
    assert title_of(tool, title, "/srv/api", 30) == shown


def test_sub_agents_stand_below_their_step_with_what_they_do_now() -> None:
    """With how many steps they made, which stays when they are through."""
    live = a_live()
    live.progress.take(ToolStarted(tool_id="a", name="Task", title="review"), 0)
    for nth in range(3):
        live.progress.take(ToolStarted(tool_id=f"b{nth}", name="Read", title=f"{nth}.py", parent_id="a"), 0)
    assert working(live, 0)[0].text.splitlines()[1:] == ["▸ Task review 3 steps", "   ▸ Read 2.py"]
    for name in ("b0", "b1", "b2", "a"):
        live.progress.take(ToolFinished(tool_id=name), 0)
    assert working(live, 0)[0].text.splitlines()[1:] == ["✓ Task review 3 steps"]


def test_a_long_plan_is_shown_around_the_step_that_is_worked_on() -> None:
    """With how far it is."""
    live = a_live()
    states = [PlanState.COMPLETED] * 5 + [PlanState.IN_PROGRESS] + [PlanState.PENDING] * 4
    steps = tuple(PlanStep(text=f"step {nth}", state=state) for nth, state in enumerate(states))
    live.progress.take(Planned(steps=steps), 0)
    lines = working(live, 0)[0].text.splitlines()
    assert lines[1:] == ["Plan 5/10", "☑ step 3", "☑ step 4", "▸ step 5", "☐ step 6", "☐ step 7"]


def test_the_record_has_all_steps_that_fit_and_counts_the_others() -> None:
    """What a step returned and how long it took is in it; the last steps are those that are kept."""
    live = a_live()
    for nth in range(150):
        live.progress.take(ToolStarted(tool_id=str(nth), name="Bash", title=f"make part-{nth}"), nth * 10_000)
        live.progress.take(ToolFinished(tool_id=str(nth), summary="all is well " * 9), nth * 10_000 + 5_000)
    live.progress.take(Used(usage=Usage(input_tokens=12_000, output_tokens=300, cost_usd=0.04)), 1)
    record = ended(a_turn(started_at=0, ended_at=125_000, state=TurnState.DONE), live, 125_000)
    lines = record.text.splitlines()
    assert lines[0] == "✓ Done in 2 min 05 s · 150 steps · 12.3k tokens · $0.04"
    assert lines[1] == f"… {152 - len(lines) + 0} steps before"
    assert lines[-1].startswith("✓ Bash make part-149 5 s → all is well")
    assert record.units <= MAX_TEXT_UNITS
    assert len(record.entities) <= 100
