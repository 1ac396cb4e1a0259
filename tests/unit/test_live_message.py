"""The live message: what a turn does now, in a few calm lines."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.buttons import Press, Verb
from bot.letter_body import edit_text, send_text
from bot.live.frame import working
from bot.live.record import ended, stop_requested
from orchestrator.domain.agent_events import (
    AgentEvent,
    Noticed,
    Retrying,
    TextSaid,
    Thought,
    ToolFinished,
    ToolStarted,
)
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.states import TurnKind, TurnState
from tests.builders import GROUP, TOPIC, a_turn
from tests.unit.telegram_limits import assert_telegram_takes

NOW = 14_000  # the turn started at 2,000


def a_live(*events: AgentEvent, **turn: object) -> LiveTurn:
    """A turn whose agent did these things, one each second from 3 s on."""
    live = LiveTurn(turn=a_turn(**turn), agent="claude")
    for nth, event in enumerate(events):
        live.progress.take(event, 3_000 + nth * 1_000)
    return live


def shown(*events: AgentEvent, **turn: object) -> list[str]:
    """The lines of the live message."""
    return working(a_live(*events, **turn), NOW)[0].text.splitlines()


BASH = ToolStarted(tool_id="1", name="Bash", title="make test")


@pytest.mark.parametrize(
    ("events", "head"),
    [
        ((), "⚙ claude works · 12 s"),
        ((Thought(delta="hm"),), "⚙ claude thinks · 12 s"),
        ((TextSaid(delta="I"),), "⚙ claude writes · 12 s"),
        ((TextSaid(delta="I"), BASH), "⚙ claude: Bash · 12 s"),
        ((BASH, ToolFinished(tool_id="1")), "⚙ claude thinks · 12 s"),
        ((Retrying(attempt=2, reason="overloaded"),), "⏳ Waits: overloaded · 12 s"),
    ],
)
def test_the_head_says_what_the_agent_does(events: tuple[AgentEvent, ...], head: str) -> None:
    """With the time since the turn began."""
    assert shown(*events)[0] == head


def test_a_turn_that_waits_for_a_place_says_so() -> None:
    """It has not begun, so it has no time."""
    live = LiveTurn(turn=a_turn(started_at=None), agent="claude", waits_for_place=True)
    assert working(live, NOW)[0].text == "⏳ Waits for a free place"


def test_the_last_steps_are_shown_and_the_others_counted() -> None:
    """Four lines are calm; each says how it went and, if it took long, how long."""
    events: list[AgentEvent] = [ToolStarted(tool_id=str(nth), name=f"Tool{nth}") for nth in range(6)]
    lines = shown(*events, ToolFinished(tool_id="4", ok=False), ToolFinished(tool_id="5"))
    assert lines[1] == "… 2 steps before"
    # What works is never left out for what is over.
    assert lines[2:] == ["▸ Tool0 11 s", "▸ Tool1 10 s", "▸ Tool2 9 s", "▸ Tool3 8 s"]


def test_what_it_says_is_rendered_from_its_end() -> None:
    """The newest words are what counts; Markdown is shown as such."""
    text, _ = working(a_live(TextSaid(delta="old line\n" * 200 + "**newest**")), NOW)
    assert text.text.endswith("newest")
    assert text.units < 1200
    assert any(each.type == "bold" and each.end == text.units for each in text.entities)


def test_warnings_and_tasks_are_named() -> None:
    """The last two warnings; a task's message says which task it is."""
    lines = shown(*(Noticed(text=f"warning {nth}") for nth in range(4)), kind=TurnKind.TASK)
    assert lines[0].startswith("Task 7 · ⚙ claude works")
    assert lines[1:] == ["⚠ warning 2", "⚠ warning 3"]


def test_the_only_button_stops_this_turn() -> None:
    """By its id, so that it never stops a successor."""
    _, keyboard = working(a_live(), NOW)
    assert "Stop" in keyboard[0][0]["text"]
    assert Press.parse(keyboard[0][0]["callback_data"]) == Press(Verb.STOP, "7", 42)


def test_the_last_state_of_a_stopped_turn_says_only_what_stays_true() -> None:
    """Not «stopped» (that is told once it is), and no button: an edit without a keyboard removes it."""
    text = stop_requested(a_live(BASH), NOW)
    assert text.text.splitlines() == ["⏹ Stop requested after 12 s · 1 step", "▸ Bash make test 11 s"]


@pytest.mark.parametrize(
    ("state", "head"),
    [
        (TurnState.DONE, "✓ Done in 7.0 s"),
        (TurnState.FAILED, "✗ Failed after 7.0 s"),
        (TurnState.LOST, "⚡ Interrupted after 7.0 s"),
        (TurnState.TIMED_OUT, "⏹ Ended after 7.0 s"),
    ],
)
def test_the_record_of_a_turn_is_one_line_with_its_steps_folded_away(state: TurnState, head: str) -> None:
    """After a restart there is nobody who remembers the steps, but the line is true."""
    turn = a_turn(state=state, ended_at=9_000)
    assert ended(turn, None, NOW).text == head
    record = ended(turn, a_live(BASH, ToolFinished(tool_id="1")), NOW)
    assert record.text.splitlines() == [f"{head} · 1 step", "✓ Bash make test"]
    assert record.entities[0].type == "expandable_blockquote"


EVENTS = st.one_of(
    st.builds(TextSaid, delta=st.text(max_size=200)),
    st.builds(ToolStarted, tool_id=st.sampled_from("abcdef"), name=st.text(max_size=20), title=st.text(max_size=300)),
    st.builds(ToolFinished, tool_id=st.sampled_from("abcdef"), ok=st.booleans()),
    st.builds(Noticed, text=st.text(max_size=200)),
    st.builds(Retrying, attempt=st.just(1), reason=st.text(max_size=100)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(EVENTS, max_size=30))
def test_whatever_an_agent_does_telegram_takes_every_state(events: list[AgentEvent]) -> None:
    """Working, stopping and ended: valid entities, never empty, never too long."""
    live = a_live(*events)
    text, keyboard = working(live, NOW)
    assert_telegram_takes(send_text(TOPIC, text, keyboard=keyboard))
    assert_telegram_takes(edit_text(GROUP, 5, stop_requested(live, NOW)))
    assert_telegram_takes(edit_text(GROUP, 5, ended(a_turn(state=TurnState.DONE, ended_at=NOW), live, NOW)))


def test_a_hundred_long_steps_still_fit() -> None:
    """Titles full of emoji are two units a character; the record is cut rather than refused."""
    live = a_live(*(ToolStarted(tool_id=str(nth), name="😀" * 50, title="😀" * 500) for nth in range(100)))
    assert_telegram_takes(edit_text(GROUP, 5, stop_requested(live, NOW)))
    text, keyboard = working(live, NOW)
    assert_telegram_takes(send_text(TOPIC, text, keyboard=keyboard))
