"""The ACP codec, driven by recorded dialogues of Gemini CLI and OpenCode."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli_runner.agents.acp_wire import MODE
from orchestrator.domain.agent_events import (
    ApprovalAnswer,
    ApprovalWanted,
    ApprovalWithdrawn,
    DetailKind,
    Finished,
    SessionStarted,
    TextSaid,
    Thought,
    ToolFinished,
    ToolStarted,
    Unrecognised,
    Used,
)
from orchestrator.domain.states import Mode
from tests.unit.acp_dialogue import Dialogue, in_pieces
from tests.unit.acp_lines import a_codec
from tests.unit.transcripts import DIALOGUES, dialogue, endings, merged, said

NAMES = sorted(path.stem for path in (DIALOGUES / "acp").glob("*.txt"))
EACH = pytest.mark.parametrize("name", NAMES)
MODES = {
    **dict.fromkeys(
        ("gemini-cancel-tool", "gemini-load", "gemini-load-patiently", "gemini-plan", "gemini-tools"), "all"
    ),
    **dict.fromkeys(("gemini-modes", "opencode-modes"), "plan"),
}
TAKEN_UP = {
    "gemini-load": "00000000-0000-7000-8000-000000000001",
    "gemini-load-patiently": "00000000-0000-7000-8000-000000000001",
    "opencode-load": "ses_000000000001",
}


def played(name: str) -> Dialogue:
    """A recording, in a codec that is set up as its client was."""
    codec = a_codec(mode=Mode(MODES.get(name, "ask")), session=TAKEN_UP.get(name, ""))
    return Dialogue(codec).play(dialogue(f"acp/{name}"))


def test_all_recordings_are_played() -> None:
    """Ten of Gemini CLI, nine of OpenCode."""
    assert len(NAMES) == 19


@EACH
def test_each_turn_has_one_start_and_one_end(name: str) -> None:
    """The start is first and the end last; nothing comes in between turns; everything is understood."""
    talk = played(name)
    assert len(talk.turns) == len(talk.prompts)
    for turn in talk.turns:
        assert [type(event) for event in turn].count(SessionStarted) == 1
        assert isinstance(turn[0], SessionStarted)
        assert len(endings(turn)) == 1
        assert isinstance(turn[-1], Finished)
        began = [event.tool_id for event in turn if isinstance(event, ToolStarted)]
        assert began == [event.tool_id for event in turn if isinstance(event, ToolFinished)]
        assert said(turn) == turn[-1].answer
        unknown = {event.kind for event in turn if isinstance(event, Unrecognised)}
        assert unknown <= {"fs/write_text_file"}
    assert talk.strays == [] or (not talk.turns and len(endings(talk.strays)) == 1)


@EACH
@settings(max_examples=15, deadline=None)
@given(places=st.lists(st.integers(0, 30_000), max_size=20))
def test_a_recording_says_the_same_however_it_is_cut(name: str, places: list[int]) -> None:
    """In the middle of a line, of a character, or many lines at once; and the same is written."""
    expected = played(name)
    codec = a_codec(mode=Mode(MODES.get(name, "ask")), session=TAKEN_UP.get(name, ""))
    talk = Dialogue(codec, cut=in_pieces(places)).play(dialogue(f"acp/{name}"))
    assert [merged(turn) for turn in talk.turns] == [merged(turn) for turn in expected.turns]
    assert talk.written == expected.written


@EACH
def test_reading_a_recording_again_writes_the_same(name: str) -> None:
    """Byte for byte, as a restart of the bot demands: nothing is given twice."""
    assert played(name).written == played(name).written


@pytest.mark.parametrize("name", ["gemini-text", "opencode-text"])
def test_text_and_thoughts(name: str) -> None:
    """Each in its place; the second turn has its own text only."""
    first, second = map(merged, played(name).turns)
    assert any("Let me consider this" in event.delta for event in first if isinstance(event, Thought))
    assert said(first) == "Hello from the model, Grüße 🎉"
    assert said(second) == "echo: and a second turn"
    usage = endings(first)[0].usage
    assert (usage.input_tokens, usage.output_tokens) == (120, 20)


@pytest.mark.parametrize("name", ["gemini-tools", "opencode-tools"])
def test_tools(name: str) -> None:
    """A title that says what is done, also where the agent first names the tool only; text around it is apart."""
    first, failing, writing, _ = played(name).turns
    (began,) = [event for event in first if isinstance(event, ToolStarted)]
    assert (began.name, began.title) == ("execute", "echo one; echo two >&2; ls")
    assert said(first) == "I list the files first.\n\nThat is all."
    (ended,) = [event for event in failing if isinstance(event, ToolFinished)]
    assert ended.ok  # neither of them says that the command's exit code was 3
    (wrote,) = [event for event in writing if isinstance(event, ToolStarted)]
    assert wrote.name == "edit"
    assert "notes.md" in wrote.title


@pytest.mark.parametrize("name", ["gemini-permission", "opencode-permission"])
def test_permissions(name: str) -> None:
    """Asked about with all that is known, and answered by the option of that very kind."""
    turns = played(name).turns
    asked = [event for turn in turns for event in turn if isinstance(event, ApprovalWanted)]
    assert [event.request_id for event in asked] == [f"ask-{number}" for number in range(1, 6)]
    assert asked[0].title == "touch allowed && echo made"
    assert (asked[0].detail, asked[0].detail_is) == ("touch allowed && echo made", DetailKind.COMMAND)
    assert (asked[0].directory, asked[0].reason) == ("/srv/api", "scripted")
    assert asked[2].detail_is is DetailKind.DIFF
    assert asked[2].detail.splitlines()[1:] == [
        "+++ /srv/api/allowed.md",
        "@@ -0,0 +1 @@",
        "+# Allowed",
        "\\ No newline at end of file",
    ]
    assert {option.answer for option in asked[0].options} == set(ApprovalAnswer) - {ApprovalAnswer.REJECT_ALWAYS}
    assert len({option.rule for each in asked for option in each.options if option.rule}) >= 4
    ended = [[event.ok for event in turn if isinstance(event, ToolFinished)] for turn in turns]
    assert ended == [[True], [False], [True], [False], [True], [True]]


@pytest.mark.parametrize("name", ["gemini-cancel", "gemini-cancel-tool", "opencode-cancel", "opencode-cancel-tool"])
def test_cancelled_turns(name: str) -> None:
    """They end as interrupted, with what was said; what waited is withdrawn, what was open is closed."""
    *stopped, last = played(name).turns
    for turn in stopped:
        (end,) = endings(turn)
        assert (end.ok, end.interrupted) == (False, True)
        assert "was interrupted" in end.error
        asked = [event.request_id for event in turn if isinstance(event, ApprovalWanted)]
        assert asked == [event.request_id for event in turn if isinstance(event, ApprovalWithdrawn)]
    assert said(last) == "still here"


@pytest.mark.parametrize("name", ["gemini-errors", "opencode-errors"])
def test_refusals_of_the_model(name: str) -> None:
    """One line with the model's own words, whichever way the agent passes them on."""
    ends = [endings(turn)[0] for turn in played(name).turns[:2]]
    assert [end.ok for end in ends] == [False, False]
    assert all(f"scripted {status}" in end.error for end, status in zip(ends, (400, 401), strict=True))
    assert not any("{" in end.error or end.session_unusable for end in ends)


@pytest.mark.parametrize("name", TAKEN_UP)
def test_the_history_of_a_loaded_session_is_told_to_nobody(name: str) -> None:
    """Also where the agent tells it after it has answered."""
    talk = played(name)
    (turn,) = talk.turns
    assert [event for event in merged(turn)[1:-1] if not isinstance(event, Used)] == [TextSaid(delta="after")]
    assert talk.strays == []


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("gemini-modes", {"method": "session/set_mode", "id": MODE, "modeId": "plan"}),
        ("opencode-modes", {"method": "session/set_config_option", "id": MODE, "configId": "mode", "value": "plan"}),
    ],
)
def test_the_mode_is_set_in_the_agents_own_way(name: str, written: dict[str, Any]) -> None:
    """As an option where it offers those, else as a mode."""
    last = played(name).written[-1]
    flat = {"method": last["method"], "id": last["id"], **last["params"]}
    assert {key: flat[key] for key in written} == written
