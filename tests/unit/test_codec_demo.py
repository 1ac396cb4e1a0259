"""The codec of the demo protocol, and the catalogue of protocols."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli_runner.agents.catalogue import UnknownProtocol, agent_for
from cli_runner.agents.demo import DemoAgent, DemoCodec
from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalAnswer,
    ApprovalWanted,
    ApprovalWithdrawn,
    DetailKind,
    Finished,
    Planned,
    PlanState,
    PlanStep,
    Question,
    QuestionChoice,
    SessionStarted,
    SteerRefused,
    SteerTaken,
    TaskEnded,
    ToolFinished,
    ToolStarted,
    TurnBegan,
    Unrecognised,
    Usage,
    Used,
)
from orchestrator.domain.agents import AgentSpec, Attachment, Conversation, Exit
from orchestrator.domain.states import Mode
from tests.unit.transcripts import endings


def argv_of(*command: str, resume: bool = False, rules: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The arguments for a conversation."""
    conversation = Conversation(
        directory="/d", model="big", mode=Mode.EDITS, cli_session_id="1f", resume=resume, rules=rules
    )
    return DemoAgent().open(AgentSpec(name="d", protocol="demo", command=command), conversation, "x").argv


def said(codec: DemoCodec, **line: object) -> list[AgentEvent]:
    """What a line means."""
    return list(codec.feed(json.dumps(line).encode() + b"\n"))


def test_without_a_command_the_program_that_comes_along_is_started() -> None:
    """In isolated mode, with the Python that runs the bot."""
    argv = argv_of()
    assert argv[:2] == (sys.executable, "-I")
    assert Path(argv[2], "__main__.py").is_file()
    assert argv[3:] == ("--mode=edits", "--session=1f", "--model=big")


def test_a_configured_command_gets_the_same_arguments() -> None:
    """So that anybody can write an agent."""
    argv = argv_of("my-agent", resume=True, rules=("shell: a b", "x"))
    assert argv == ("my-agent", "--mode=edits", "--resume=1f", "--model=big", "--allow=shell: a b", "--allow=x")


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
    (nested,) = said(codec, event="tool", id="2", name="read", parent="1")
    assert nested == ToolStarted(tool_id="2", name="read", parent_id="1")
    assert said(codec, event="steer_taken", id="s") == [SteerTaken(steer_id="s")]
    assert said(codec, event="steer_refused", id="s") == [SteerRefused(steer_id="s")]
    usage = {"input_tokens": 1, "context_tokens": 2, "context_limit": 3}
    assert said(codec, event="used", usage=usage) == [
        Used(usage=Usage(input_tokens=1, context_tokens=2, context_limit=3))
    ]
    steps = [{"text": "a", "state": "completed"}, {"text": "b", "state": "someday"}]
    assert said(codec, event="plan", steps=steps) == [
        Planned(steps=(PlanStep(text="a", state=PlanState.COMPLETED), PlanStep(text="b", state=PlanState.PENDING)))
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


def test_a_request_without_options_has_the_two_that_every_request_has() -> None:
    """So has one whose options leave one of them out, or mean nothing known."""
    for options in ([], [{"id": "a", "answer": "allow_once"}], [{"id": "a", "answer": "maybe"}, {"answer": 7}]):
        codec = DemoCodec(("x",))
        codec.begin_turn("x")
        (asked,) = said(codec, event="ask", id="q", name="shell", options=options)
        assert isinstance(asked, ApprovalWanted)
        assert [each.answer for each in asked.options] == [ApprovalAnswer.ALLOW_ONCE, ApprovalAnswer.REJECT_ONCE]
        assert codec.choose("q", "no such option") == b""
        assert json.loads(codec.choose("q", "deny"))["allow"] is False
        assert codec.choose("q", "allow") == b""


def test_an_option_is_chosen_by_its_id() -> None:
    """Its rule is the agent's; only what allows is a «yes»."""
    codec = DemoCodec(("x",))
    codec.begin_turn("x")
    options = [
        {"id": "1", "answer": "allow_once", "label": "Yes"},
        {"id": "2", "answer": "allow_always", "label": "Always", "rule": "r"},
        {"id": "3", "answer": "reject_once", "label": "No"},
    ]
    (asked,) = said(codec, event="ask", id="q", name="x", detail="d", detail_is="diff", options=options)
    assert isinstance(asked, ApprovalWanted)
    assert [(each.label, each.rule) for each in asked.options] == [("Yes", ""), ("Always", "r"), ("No", "")]
    assert asked.detail_is is DetailKind.DIFF
    answer = json.loads(codec.choose("q", "2"))
    assert (answer["id"], answer["allow"], answer["option"]) == ("q", True, "2")


def test_questions_take_answers_and_nothing_else_does() -> None:
    """Answers to what was not asked are left out."""
    codec = DemoCodec(("x",))
    codec.begin_turn("x")
    said(codec, event="ask", id="p", name="shell")
    assert codec.reply("p", {"a": ["b"]}) == b""
    asked_for = [
        {"id": "a", "text": "Which?", "choices": [{"label": "b"}, {}, 7], "several": True, "takes_text": False}
    ]
    (asked,) = said(codec, event="ask", id="q", name="question", questions=asked_for)
    assert isinstance(asked, ApprovalWanted)
    assert asked.questions == (
        Question(
            question_id="a", text="Which?", choices=(QuestionChoice(label="b"),), takes_text=False, takes_several=True
        ),
    )
    answer = json.loads(codec.reply("q", {"a": ["b", "c"], "z": ["y"]}))
    assert answer == {"do": "answer", "id": "q", "allow": True, "answers": {"a": ["b", "c"]}}


def test_what_was_answered_before_a_restart_is_not_open_after_it() -> None:
    """The agent says of every request that it has its answer; where that is known here, it means nothing."""
    read_again, at_first = DemoCodec(("x",)), DemoCodec(("x",))
    for codec in (read_again, at_first):
        codec.begin_turn("x")
        said(codec, event="ask", id="q", name="shell")
    at_first.allow("q")
    assert said(at_first, event="ask_end", id="q") == []
    assert said(read_again, event="ask_end", id="q") == [ApprovalWithdrawn(request_id="q")]
    assert [codec.allow("q") for codec in (read_again, at_first)] == [b"", b""]
    assert said(at_first, event="finished", ok=True) == said(read_again, event="finished", ok=True)


def test_a_turn_of_the_agent_s_own_goes_before_the_one_that_was_asked_for() -> None:
    """Each has its own text and its own end."""
    codec = DemoCodec(("x",))
    said(codec, event="turn", reason="a task ended")
    codec.begin_turn("x")
    said(codec, event="text", delta="own")
    (own,) = endings(said(codec, event="finished", ok=True))
    said(codec, event="text", delta="asked")
    (asked,) = endings(said(codec, event="finished", ok=True))
    assert (own.answer, asked.answer) == ("own", "asked")
    assert said(codec, event="finished", ok=True) == []


def test_a_program_that_dies_in_a_turn_of_its_own_owes_that_and_the_prompt_s() -> None:
    """One end for each; a turn that is begun before the one before ended ends that badly."""
    codec = DemoCodec(("x",))
    said(codec, event="turn", reason="one")
    again = said(codec, event="turn", steer_id="s")
    assert [type(event) for event in again] == [Finished, TurnBegan]
    assert again[-1] == TurnBegan(steer_id="s")
    codec.begin_turn("x")
    assert len(endings(codec.ended(Exit(code=1, signal=None)))) == 2


def test_it_is_steered_while_it_works_and_its_tasks_are_stopped_while_they_run() -> None:
    """In between there is nobody to hear it."""
    codec = DemoCodec(("x",))
    assert codec.steer("s", "x") is None
    assert codec.stop_task("t") is None
    codec.begin_turn("x")
    assert json.loads(codec.steer("s", "x") or b"") == {"do": "steer", "id": "s", "text": "x"}
    said(codec, event="task", id="t", title="build", can_stop=True)
    said(codec, event="finished", ok=True)
    assert codec.steer("s", "x") is None
    assert json.loads(codec.stop_task("t") or b"") == {"do": "stop_task", "id": "t"}
    assert codec.ended(Exit(code=0, signal=None)) == [TaskEnded(task_id="t", ok=False)]
    assert codec.stop_task("t") is None


STRANGE: list[object] = [None, True, 7, "", "text", [], {}, [None, 7, "x", {}], [{"id": 7}, {"id": "a", "label": []}]]
KINDS = ["ask", "ask_end", "plan", "used", "task", "task_end", "turn", "steer_taken", "steer_refused", "finished"]
MEMBERS = ["id", "options", "questions", "steps", "usage", "title", "detail_is", "reason", "steer_id", "parent"]


@given(
    st.lists(
        st.tuples(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(MEMBERS), st.sampled_from(STRANGE))),
        max_size=6,
    )
)
def test_lines_with_strange_members_never_raise(lines: list[tuple[str, dict[str, object]]]) -> None:
    """Each prompt and each turn of the agent's own has one end, and nothing stays open after the program."""
    codec = DemoCodec(("x",))
    codec.begin_turn("x")
    events = [event for kind, members in lines for event in said(codec, **{**members, "event": kind})]
    events += codec.ended(Exit(code=1, signal=None))
    own = [event for event in events if isinstance(event, TurnBegan)]
    assert len(endings(events)) == 1 + len(own)
    assert codec.allow("a") == codec.allow("") == b""
    assert codec.steer("s", "x") is None


def test_files_are_named_by_their_paths() -> None:
    """What stands in them is not sent."""
    codec = DemoCodec(("x",))
    line = json.loads(codec.begin_turn("look", [Attachment(path="/a/b.png", media_type="image/png", data=b"x")]))
    assert line == {"do": "prompt", "text": "look", "files": [{"path": "/a/b.png", "media_type": "image/png"}]}


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
