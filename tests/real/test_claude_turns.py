"""Whose turn it is in the real Claude Code: what is said meanwhile, background tasks, sub-agents, forks."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalWanted,
    ApprovalWithdrawn,
    Finished,
    SessionStarted,
    SteerTaken,
    TaskEnded,
    TaskStarted,
    TextSaid,
    ToolFinished,
    ToolStarted,
    TurnBegan,
    Used,
)
from orchestrator.domain.agents import Attachment
from orchestrator.domain.states import Mode
from tests.real.claude_talk import Talk, answer, new_id, talk, tool
from tests.real.install import missing
from tests.real.model_anthropic import AnthropicApi
from tests.unit.transcripts import endings, said

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(missing()), reason="run python -m tests.real.install first"),
]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
A_SECOND = "true; timeout 1 tail -f /dev/null"


@pytest.fixture
def model() -> Iterator[AnthropicApi]:
    """A scripted model."""
    made = AnthropicApi()
    with made:
        yield made


def steer(cli: Talk, steer_id: str, words: str) -> None:
    """Say something meanwhile, twice, as after a restart of the bot."""
    for _ in range(2):
        cli.write(cli.codec.steer(steer_id, words))


def until(cli: Talk, kind: type[AgentEvent]) -> list[AgentEvent]:
    """The events up to the first of a kind."""
    return cli.until(lambda event: isinstance(event, kind))


def told(events: list[AgentEvent], kind: type[AgentEvent]) -> list[AgentEvent]:
    """The events of a kind."""
    return [event for event in events if isinstance(event, kind)]


def test_what_is_said_during_a_tool_is_taken_into_the_turn(tmp_path: Path, model: AnthropicApi) -> None:
    """The model has it once, also if it is given again: at once, or after the turn."""
    with talk(tmp_path, model.environment(str(tmp_path)), mode=Mode.ALL) as cli:
        assert cli.codec.steer("s1", "too early") is None
        cli.begin(f"@@ bash: {A_SECOND}; echo over")
        until(cli, ToolStarted)
        steer(cli, "s1", "mind the gap")
        events = cli.finish()
        assert told(events, SteerTaken) == [SteerTaken(steer_id="s1")]
        assert answer(events) == "done: over"
        steer(cli, "s1", "mind the gap")
        assert cli.codec.steer("s2", "there is no turn") is None
        events = cli.turn("@@ say: next")
        assert (answer(events), told(events, TurnBegan)) == ("next", [])
    assert model.bodies[-1].count("mind the gap") == 1


def test_what_is_said_too_late_becomes_a_turn(tmp_path: Path, model: AnthropicApi) -> None:
    """During the last words of the turn; the next prompt has its own."""
    with talk(tmp_path, model.environment(str(tmp_path)), mode=Mode.ALL) as cli:
        cli.begin("@@ slow 1: one two three four")
        until(cli, TextSaid)
        steer(cli, "s1", "@@ say: five")
        assert answer(cli.finish()) == "one two three four"
        events = cli.finish()
        assert events[0] == TurnBegan(steer_id="s1")
        assert (answer(events), said(events), told(events, SteerTaken)) == ("five", "five", [])
        assert answer(cli.turn("@@ say: next")) == "next"


def test_what_waits_together_with_a_prompt_is_joined_with_it(tmp_path: Path, model: AnthropicApi) -> None:
    """Both came while the agent spoke in a turn of its own; the turn after that is the prompt's."""
    with talk(tmp_path, model.environment(str(tmp_path)), mode=Mode.ALL) as cli:
        cli.turn("@@ bashbg: timeout 1 tail -f /dev/null\n@@ say: first\n@@ slow 1: one two three four")
        until(cli, TurnBegan)
        until(cli, TextSaid)
        cli.begin("@@ say: six")
        steer(cli, "s1", "five")
        own, ours = cli.finish(), cli.finish()
        assert answer(own) == "one two three four"
        assert told(ours, SteerTaken) == [SteerTaken(steer_id="s1")]
        assert (len(endings(ours)), told(ours, TurnBegan)) == (1, [])
        assert model.bodies[-1].count("@@ say: six") == 1


def test_an_interrupt_ends_the_turn_of_what_was_said_meanwhile_too(tmp_path: Path, model: AnthropicApi) -> None:
    """The CLI would begin it right after the interrupted one."""
    with talk(tmp_path, model.environment(str(tmp_path)), mode=Mode.ALL) as cli:
        cli.begin("@@ bash: true; timeout 10 tail -f /dev/null")
        until(cli, ToolStarted)
        steer(cli, "s1", "@@ slow 60: and this too please")
        cli.write(cli.codec.interrupt())
        assert endings(cli.finish())[0].interrupted
        events = cli.finish()
        assert (events[0], endings(events)[0].interrupted) == (TurnBegan(steer_id="s1"), True)
        assert answer(cli.turn("@@ say: still here")) == "still here"


def test_a_background_task_that_ends_begins_a_turn_of_its_own(tmp_path: Path, model: AnthropicApi) -> None:
    """With its reason, its text and its end; the prompt that was given meanwhile has its turn after it."""
    with talk(tmp_path, model.environment(str(tmp_path)), mode=Mode.ALL) as cli:
        events = cli.turn("@@ bashbg: timeout 1 tail -f /dev/null\n@@ say: first\n@@ say: it ended")
        assert answer(events) == "first"
        (task,) = told(events, TaskStarted)
        assert isinstance(task, TaskStarted)
        assert (task.title, task.can_stop) == ("scripted", True)
        cli.until(lambda event: isinstance(event, TaskEnded))
        cli.begin("@@ say: second")
        own, ours = cli.finish(), cli.finish()
        assert own[0] == TurnBegan(reason='Background command "scripted" failed with exit code 124')
        assert (answer(own), said(own)) == ("it ended", "it ended")
        assert (answer(ours), said(ours), told(ours, TurnBegan)) == ("second", "second", [])


def test_a_prompt_that_is_taken_into_the_agents_own_turn_ends_that(tmp_path: Path, model: AnthropicApi) -> None:
    """What follows answers the prompt; both have one end."""
    with talk(tmp_path, model.environment(str(tmp_path)), mode=Mode.ALL) as cli:
        cli.turn(f"@@ bashbg: timeout 1 tail -f /dev/null\n@@ say: first\n@@ bash: {A_SECOND}\n@@ say: both")
        events = until(cli, TurnBegan) + until(cli, ToolStarted)
        cli.begin("@@ say: mine")
        own, ours = cli.finish(), cli.finish()
        assert told(events, TurnBegan)
        assert endings(own) == [Finished(ok=True)]
        assert said(ours) == answer(ours) != ""


def test_a_background_task_is_stopped_alone(tmp_path: Path, model: AnthropicApi) -> None:
    """The agent begins no turn for that, and the process takes further prompts."""
    with talk(tmp_path, model.environment(str(tmp_path)), mode=Mode.ALL) as cli:
        (task,) = told(cli.turn("@@ bashbg: true; tail -f /dev/null\n@@ say: first"), TaskStarted)
        assert isinstance(task, TaskStarted)
        assert cli.codec.stop_task("no such task") is None
        cli.write(cli.codec.stop_task(task.task_id))
        assert until(cli, TaskEnded)[-1] == TaskEnded(task_id=task.task_id, ok=False)
        assert cli.codec.stop_task(task.task_id) is None
        events = cli.turn("@@ say: next")
        assert (answer(events), told(events, TurnBegan)) == ("next", [])


def agent(prompt: str, *, background: bool) -> str:
    """A call of a sub-agent."""
    kind, title = "general-purpose", "look around"
    return tool("Agent", description=title, subagent_type=kind, prompt=prompt, run_in_background=background)


def test_a_sub_agent_shows_its_tools_and_keeps_its_words(tmp_path: Path, model: AnthropicApi) -> None:
    """In the foreground it is a tool call, and no task."""
    with talk(tmp_path, model.environment(str(tmp_path)), mode=Mode.ALL) as cli:
        events = cli.turn(agent("@@ bash: echo below\n@@ say: from below", background=False) + "\n@@ say: from above")
    outer, inner = [event for event in events if isinstance(event, ToolStarted)]
    assert (outer.name, outer.parent_id, inner.title, inner.parent_id) == ("Agent", "", "echo below", outer.tool_id)
    assert (answer(events), said(events)) == ("from above", "from above")
    assert told(events, TaskStarted) == []
    assert len(told(events, ToolFinished)) == 2


def test_a_background_agent_that_nobody_can_be_asked_for_is_refused(tmp_path: Path, model: AnthropicApi) -> None:
    """Its request would wait for ever, once the turn is over; so it goes on without, and says so."""
    steps = f"{agent(f'@@ bash: npm run x{chr(10)}@@ say: refused', background=True)}\n@@ slow 2: one two three"
    with talk(tmp_path, model.environment(str(tmp_path))) as cli:
        cli.begin(steps)
        events = until(cli, ApprovalWanted) + cli.finish()
        assert [event.title for event in told(events, TaskStarted) if isinstance(event, TaskStarted)] == ["look around"]
        assert told(events, ApprovalWithdrawn)
        events = cli.finish()
        assert TurnBegan(reason="Background task “look around” ended") in events


def test_what_was_used_is_told_while_it_works(tmp_path: Path, model: AnthropicApi) -> None:
    """It grows; how much the model can take in is known from the first result on."""
    with talk(tmp_path, model.environment(str(tmp_path)), mode=Mode.ALL) as cli:
        events = cli.turn("@@ bash: echo x")
        used = [event.usage for event in events if isinstance(event, Used)]
        assert [usage.input_tokens for usage in used] == [120, 240]
        assert [usage.output_tokens for usage in used] == [20, 40]
        end = endings(events)[0].usage
        assert (end.input_tokens, end.output_tokens, end.context_tokens) == (240, 40, 120)
        assert (end.context_limit or 0) >= 200_000
        (later,) = [event.usage for event in cli.turn("@@ say: x") if isinstance(event, Used)]
        assert later.context_limit == end.context_limit


def test_a_fork_continues_a_copy(tmp_path: Path, model: AnthropicApi) -> None:
    """It has another id and all that was said; the session itself does not know of it."""
    session_id, environment = new_id(), model.environment(str(tmp_path))
    with talk(tmp_path, environment, session_id=session_id) as cli:
        cli.turn("@@ say: before")
    with talk(tmp_path, environment, session_id=session_id, resume=True, fork=True) as cli:
        (started,) = told(cli.turn("@@ say: in the copy"), SessionStarted)
        assert isinstance(started, SessionStarted)
        assert started.cli_session_id not in ("", session_id)
        assert "before" in model.bodies[-1]
    with talk(tmp_path, environment, session_id=session_id, resume=True) as cli:
        assert answer(cli.turn("@@ say: after")) == "after"
        assert "in the copy" not in model.bodies[-1]


def test_images_are_shown_and_other_files_are_named(tmp_path: Path, model: AnthropicApi) -> None:
    """The model gets the picture itself."""
    picture = Attachment(path="/srv/x.png", media_type="image/png", data=PNG)
    paper = Attachment(path="/srv/x.pdf", media_type="application/pdf", data=b"%PDF")
    with talk(tmp_path, model.environment(str(tmp_path))) as cli:
        answer(cli.turn("@@ say: seen", picture, paper))
    content = json.dumps([message["content"] for message in json.loads(model.bodies[-1])["messages"]])
    assert (content.count('"image/png"'), "/srv/x.pdf" in content, "/srv/x.png" in content) == (1, True, False)
