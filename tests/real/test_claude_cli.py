"""The real Claude Code through our codec, over plain pipes, against a scripted model."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestrator.domain.agent_events import (
    ApprovalWanted,
    ApprovalWithdrawn,
    Finished,
    Retrying,
    SessionStarted,
    TextSaid,
    ToolFinished,
    ToolStarted,
)
from orchestrator.domain.states import Mode
from tests.real.claude_talk import Talk, answer, new_id, talk
from tests.real.install import missing
from tests.real.model_anthropic import AnthropicApi
from tests.unit.transcripts import endings, said

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(missing()), reason="run python -m tests.real.install first"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the CLI works, and the model it talks to."""

    home: Path
    api: AnthropicApi


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A fresh home with nothing in it, and a scripted model."""
    with AnthropicApi() as api:
        yield Place(home=tmp_path, api=api)


@contextmanager
def claude(place: Place, session_id: str, *, resume: bool = False, mode: Mode = Mode.ALL, **env: str) -> Iterator[Talk]:
    """A process of the CLI in this place."""
    environment = {**place.api.environment(str(place.home)), **env}
    with talk(place.home, environment, session_id=session_id, resume=resume, mode=mode) as cli:
        yield cli


def test_text_is_streamed_once_and_the_session_has_our_id(place: Place) -> None:
    """Deltas and the whole message together say each word once."""
    session_id = new_id()
    with claude(place, session_id) as cli:
        events = cli.turn("@@ say: Hello from the model, Grüße 🎉")
    assert answer(events) == "Hello from the model, Grüße 🎉"
    assert said(events) == answer(events)
    assert len([event for event in events if isinstance(event, TextSaid)]) > 3
    assert {event.cli_session_id for event in events if isinstance(event, SessionStarted)} == {session_id}
    assert place.api.prompts() == ["@@ say: Hello from the model, Grüße 🎉"]


def test_one_process_takes_many_turns_with_tools(place: Place) -> None:
    """Each turn has its own end, tools and cost; each prompt reaches the model once."""
    with claude(place, new_id()) as cli:
        first = cli.turn("@@ bash: touch made && echo it is made")
        second = cli.turn("@@ say: and the second")
    assert (place.home / "work" / "made").exists()
    assert answer(first) == "done: it is made"
    assert [event.title for event in first if isinstance(event, ToolStarted)] == ["touch made && echo it is made"]
    assert [event.summary for event in first if isinstance(event, ToolFinished)] == ["it is made"]
    assert answer(second) == "and the second"
    costs = [endings(turn)[0].usage.cost_usd for turn in (first, second)]
    assert costs[0] == pytest.approx(2 * (costs[1] or 0))
    assert len(place.api.prompts()) == 2


def test_a_session_goes_on_in_a_new_process(place: Place) -> None:
    """`--resume` keeps the id; the model gets the earlier turns again."""
    session_id = new_id()
    with claude(place, session_id) as cli:
        cli.turn("@@ say: before")
    with claude(place, session_id, resume=True) as cli:
        events = cli.turn("@@ say: after")
    assert answer(events) == "after"
    assert {event.cli_session_id for event in events if isinstance(event, SessionStarted)} == {session_id}
    assert place.api.prompts() == ["@@ say: before", "@@ say: after"]


def test_an_interrupt_ends_a_stream_and_the_process_goes_on(place: Place) -> None:
    """What was said stays the answer; the next turn is untouched."""
    with claude(place, new_id()) as cli:
        cli.begin("@@ slow 60: one two three four five six seven eight nine ten eleven twelve")
        cli.until(lambda event: isinstance(event, TextSaid))
        cli.write(cli.codec.interrupt())
        (end,) = endings(cli.until(lambda event: isinstance(event, Finished)))
        assert (end.ok, end.interrupted) == (False, True)
        assert end.answer.startswith("one")
        assert answer(cli.turn("@@ say: still here")) == "still here"


def test_an_interrupt_right_behind_the_prompt_ends_the_turn_too(place: Place) -> None:
    """The CLI answers it with `still_queued`; it is repeated when the turn begins."""
    with claude(place, new_id()) as cli:
        cli.turn("@@ say: warm")
        cli.write(cli.codec.begin_turn("@@ slow 60: one two three four five six") + (cli.codec.interrupt() or b""))
        (end,) = endings(cli.until(lambda event: isinstance(event, Finished)))
        assert end.interrupted


@pytest.mark.parametrize("allowed", [True, False])
def test_a_command_is_asked_about_and_runs_only_if_allowed(place: Place, allowed: bool) -> None:
    """A second answer to the same request changes nothing."""
    with claude(place, new_id(), mode=Mode.ASK) as cli:
        cli.begin("@@ bash: touch made && echo ok")
        asked = cli.until(lambda event: isinstance(event, ApprovalWanted))[-1]
        assert isinstance(asked, ApprovalWanted)
        assert asked.title == "touch made && echo ok"
        reply = cli.codec.allow(asked.request_id) if allowed else cli.codec.deny(asked.request_id, "too risky")
        cli.write(reply)
        cli.write(reply)
        events = cli.until(lambda event: isinstance(event, Finished))
        assert answer(events) == ("done: ok" if allowed else "done: too risky")
        assert (place.home / "work" / "made").exists() == allowed
        assert answer(cli.turn("@@ say: next")) == "next"


def test_an_interrupt_while_a_permission_is_pending_ends_the_turn(place: Place) -> None:
    """The CLI takes its request back; a late «yes» runs nothing, and the next turn remembers this one."""
    with claude(place, new_id(), mode=Mode.ASK) as cli:
        cli.begin("@@ bash: touch made && echo ok")
        asked = cli.until(lambda event: isinstance(event, ApprovalWanted))[-1]
        assert isinstance(asked, ApprovalWanted)
        cli.write(cli.codec.interrupt())
        events = cli.until(lambda event: isinstance(event, Finished))
        (end,) = endings(events)
        assert (end.ok, end.interrupted) == (False, True)
        assert [each.request_id for each in events if isinstance(each, ApprovalWithdrawn)] == [asked.request_id]
        assert cli.codec.allow(asked.request_id) == b""
        assert answer(cli.turn("@@ say: still here")) == "still here"
    assert not (place.home / "work" / "made").exists()
    assert "touch made" in place.api.bodies[-1]


def test_a_refusal_that_ends_the_turn_leaves_the_process_usable(place: Place) -> None:
    """The model is not asked what it makes of the refusal."""
    with claude(place, new_id(), mode=Mode.ASK) as cli:
        cli.begin("@@ bash: touch made && echo ok")
        asked = cli.until(lambda event: isinstance(event, ApprovalWanted))[-1]
        assert isinstance(asked, ApprovalWanted)
        cli.write(cli.codec.deny(asked.request_id, "stopped", ends_turn=True))
        (end,) = endings(cli.until(lambda event: isinstance(event, Finished)))
        assert (end.ok, end.interrupted) == (False, True)
        assert len(place.api.asked) == 1
        assert answer(cli.turn("@@ say: still here")) == "still here"


def test_edits_mode_writes_files_unasked_and_asks_for_commands(place: Place) -> None:
    """`acceptEdits`."""
    path = place.home / "work" / "new.txt"
    with claude(place, new_id(), mode=Mode.EDITS) as cli:
        events = cli.turn(f"@@ write: {path}|hello")
        assert not [event for event in events if isinstance(event, ApprovalWanted)]
        assert path.read_text() == "hello"
        cli.begin("@@ bash: curl --version")
        assert cli.until(lambda event: isinstance(event, ApprovalWanted))


def test_an_unknown_session_is_unusable(place: Place) -> None:
    """And nothing was sent to the model."""
    with claude(place, new_id(), resume=True) as cli:
        (end,) = endings(cli.turn("@@ say: x"))
    assert (end.ok, end.session_unusable) == (False, True)
    assert place.api.asked == []


def test_a_refusal_of_the_api_is_an_error_in_one_line(place: Place) -> None:
    """Although its `subtype` says `success`; the process takes further turns."""
    with claude(place, new_id()) as cli:
        (end,) = endings(cli.turn("@@ error: 400"))
        assert (end.ok, end.answer) == (False, "")
        assert "400" in end.error
        assert answer(cli.turn("@@ say: next")) == "next"


def test_retries_are_visible(place: Place) -> None:
    """While the model is overloaded the CLI says nothing else."""
    with claude(place, new_id()) as cli:
        cli.begin("@@ error: 529")
        retrying = cli.until(lambda event: isinstance(event, Retrying))[-1]
        assert isinstance(retrying, Retrying)
        assert "529" in retrying.reason


def test_without_a_login_the_remedy_is_named(place: Place) -> None:
    """No key, no login."""
    with claude(place, new_id(), ANTHROPIC_API_KEY="") as cli:
        (end,) = endings(cli.turn("hi"))
    assert "not logged in" in end.error
    assert "ANTHROPIC_API_KEY" in end.error


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused")
def test_root_may_not_skip_permissions_outside_a_sandbox(place: Place) -> None:
    """The error names the remedy."""
    with claude(place, new_id(), IS_SANDBOX="") as cli:
        with suppress(BrokenPipeError):  # it is quick
            cli.begin("@@ say: x")
        (end,) = endings(cli.until(lambda event: isinstance(event, Finished)))
    assert "IS_SANDBOX" in end.error
