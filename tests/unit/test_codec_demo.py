"""The codec of the demo protocol, and the catalogue of protocols."""

import json
import sys
from pathlib import Path

import pytest

from cli_runner.agents.catalogue import UnknownProtocol, agent_for
from cli_runner.agents.demo import DemoAgent, DemoCodec
from orchestrator.domain.agent_events import (
    ApprovalWanted,
    ApprovalWithdrawn,
    Finished,
    SessionStarted,
    ToolFinished,
    ToolStarted,
    Unrecognised,
)
from orchestrator.domain.agents import AgentSpec, Conversation
from orchestrator.domain.states import Mode
from tests.unit.transcripts import endings


def argv_of(*command: str, resume: bool = False) -> tuple[str, ...]:
    """The arguments for a conversation."""
    conversation = Conversation(directory="/d", model="big", mode=Mode.EDITS, cli_session_id="1f", resume=resume)
    return DemoAgent().open(AgentSpec(name="d", protocol="demo", command=command), conversation, "x").argv


def said(codec: DemoCodec, **line: object) -> list[object]:
    """What a line means."""
    return list(codec.feed(json.dumps(line).encode() + b"\n"))


def test_without_a_command_the_program_that_comes_along_is_started() -> None:
    """In isolated mode, with the Python that runs the bot."""
    argv = argv_of()
    assert argv[:2] == (sys.executable, "-I")
    assert Path(argv[2]).is_file()
    assert argv[3:] == ("--mode=edits", "--session=1f", "--model=big")


def test_a_configured_command_gets_the_same_arguments() -> None:
    """So that anybody can write an agent."""
    assert argv_of("my-agent", resume=True) == ("my-agent", "--mode=edits", "--resume=1f", "--model=big")


def test_each_line_has_its_event() -> None:
    """The protocol of `docs/agents.md`."""
    codec = DemoCodec(("x",))
    codec.begin_turn("x")
    assert said(codec, event="session", id="s", model="m") == [SessionStarted(cli_session_id="s", model="m")]
    assert said(codec, event="tool", id="1", name="shell", title="a\nb") == [
        ToolStarted(tool_id="1", name="shell", title="a b")
    ]
    assert said(codec, event="tool_end", id="1", ok=False, summary="no") == [
        ToolFinished(tool_id="1", ok=False, summary="no")
    ]
    assert said(codec, event="later") == [Unrecognised(kind="later")]


def test_a_question_is_answered_once() -> None:
    """And withdrawn if the turn ends first."""
    codec = DemoCodec(("x",))
    codec.begin_turn("x")
    (asked,) = said(codec, event="ask", id="q", name="shell", title="rm -rf build")
    assert isinstance(asked, ApprovalWanted)
    assert asked.title == "rm -rf build"
    assert json.loads(codec.deny("q", "no")) == {"do": "answer", "id": "q", "allow": False, "reason": "no"}
    assert codec.allow("q") == b""
    said(codec, event="ask", id="q2", name="shell")
    assert [type(event) for event in said(codec, event="finished", ok=True)] == [ApprovalWithdrawn, Finished]


def test_an_end_without_a_reason_still_has_an_error() -> None:
    """A failure is never silent."""
    codec = DemoCodec(("x",))
    codec.begin_turn("x")
    (end,) = endings(codec.feed(b'{"event": "finished", "ok": false, "session_unusable": true}\n'))
    assert end.error
    assert end.session_unusable


def test_an_unknown_protocol_is_refused_with_what_there_is() -> None:
    """All names are listed."""
    with pytest.raises(UnknownProtocol, match=r'no protocol "cladue".*claude, codex, demo, text'):
        agent_for("cladue")
