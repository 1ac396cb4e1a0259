"""What is said into a running turn of Codex, against a recorded run and lines made for one case."""

import pytest

from orchestrator.domain.agent_events import AgentEvent, Finished, SteerRefused, SteerTaken, TextSaid
from tests.unit.codex_dialogue import Json, messages, replayed
from tests.unit.codex_lines import THREAD, TURN, completed, ends, lines, working
from tests.unit.transcripts import endings, said


def test_a_steered_turn_goes_on_as_one() -> None:
    """During a tool and during text; told when it is taken in, not when it is queued."""
    tool, text, *_ = replayed("steer").turns
    assert endings(tool)[0].answer == "steered during the tool"
    assert said(text) == "one\n\nsteered during the text"
    for turn, steer_id in ((tool, "1"), (text, "2")):
        kinds = [type(event) for event in turn]
        assert SteerTaken(steer_id=steer_id) in turn
        assert kinds.index(SteerTaken) < max(at for at, kind in enumerate(kinds) if kind is TextSaid)
        assert SteerRefused not in kinds


def test_what_a_stop_overtook_was_not_taken_in() -> None:
    """Codex had accepted it, and forgot it with the turn; the next turn begins without it."""
    *_, stopped, after = replayed("steer").turns
    assert [event for event in stopped if isinstance(event, SteerTaken | SteerRefused | Finished)] == [
        SteerRefused(steer_id="5"),
        endings(stopped)[0],
    ]
    assert endings(after)[0].answer == "echo: and another turn"


def test_a_refused_steer_is_told_and_ends_nothing() -> None:
    """It came too late, or the turn takes none; and it is told once, also at the turn's end."""
    codec = working()
    (written,) = messages(codec.steer("s1", "more") or b"")
    assert written["params"] == {
        "threadId": THREAD,
        "expectedTurnId": TURN,
        "input": [{"type": "text", "text": "more"}],
        "clientUserMessageId": written["id"],
    }
    refusal = {"id": written["id"], "error": {"message": "no active turn to steer"}}
    assert codec.feed(lines(refusal, refusal)) == [SteerRefused(steer_id="s1")]
    assert [type(event) for event in codec.feed(lines(ends()))] == [Finished]
    assert codec.steer("s1", "more") == b""
    assert codec.steer("s2", "more") is None


def test_a_steer_may_be_given_again() -> None:
    """The same bytes while it is under way, nothing once it was taken in; and it is taken in once."""
    codec = working()
    written = codec.steer("s1", "more")
    assert written == codec.steer("s1", "more") != codec.steer("s2", "more")
    message = completed(type="userMessage", id="m", clientId="steer-s1")
    assert codec.feed(lines(message, message)) == [SteerTaken(steer_id="s1")]
    assert codec.steer("s1", "more") == b""
    assert codec.feed(lines({"id": "steer-s1", "result": {"turnId": TURN}})) == []
    assert codec.feed(lines(ends()))[0] == SteerRefused(steer_id="s2")


@pytest.mark.parametrize(
    ("line", "told_of_it"),
    [
        (completed(type="userMessage", id="m", clientId="steer-s1"), SteerTaken(steer_id="s1")),
        ({"id": "steer-s1", "error": {"message": "no"}}, SteerRefused(steer_id="s1")),
        ({"id": "steer-s1", "result": {}}, SteerRefused(steer_id="s1")),
    ],
)
def test_a_steer_of_before_a_restart_has_the_same_end(line: Json, told_of_it: AgentEvent) -> None:
    """Read again from the spool, before anybody gives it again."""
    events = working().feed(lines(line, ends()))
    assert [event for event in events if isinstance(event, SteerTaken | SteerRefused)] == [told_of_it]
