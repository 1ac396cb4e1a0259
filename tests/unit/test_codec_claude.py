"""The codec of Claude Code, against recorded runs and lines made for one case."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from cli_runner.agents.claude import ClaudeAgent, ClaudeCodec
from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalWanted,
    ApprovalWithdrawn,
    Finished,
    Garbled,
    Noticed,
    Retrying,
    SessionStarted,
    TaskEnded,
    TaskStarted,
    TextSaid,
    Thought,
    ToolFinished,
    ToolStarted,
    TurnBegan,
    Unrecognised,
    Used,
)
from orchestrator.domain.agents import AgentSpec, Conversation, Exit
from orchestrator.domain.states import Mode
from tests.unit.transcripts import FIXTURES, endings, load, merged, replay, said

NAMES = sorted(f"claude/{path.stem}" for path in (FIXTURES / "claude").glob("*.txt"))


def codec() -> ClaudeCodec:
    """A codec of some run."""
    spec = AgentSpec(name="claude", protocol="claude", command=("claude",))
    conversation = Conversation(directory="/srv/api", model="", mode=Mode.ASK, cli_session_id="", resume=False)
    return ClaudeCodec(spec, conversation)


def lines(*objects: dict[str, Any]) -> bytes:
    """Output of the CLI."""
    return b"".join(json.dumps(item).encode() + b"\n" for item in objects)


def speech(*texts: str, **more: object) -> dict[str, Any]:
    """An `assistant` line."""
    content = [{"type": "text", "text": text} for text in texts]
    return {"type": "assistant", "message": {"content": content}, **more}


def result(text: str = "", **more: object) -> dict[str, Any]:
    """A `result` line."""
    return {"type": "result", "subtype": "success", "is_error": False, "result": text, **more}


def one_turn(*objects: dict[str, Any]) -> list[AgentEvent]:
    """What a turn with this output says."""
    made = codec()
    made.begin_turn("do it")
    return made.feed(lines(*objects))


def argv_of(**changes: Any) -> tuple[str, ...]:
    """The arguments for a conversation."""
    values: dict[str, Any] = {
        "directory": "/d",
        "model": "",
        "mode": Mode.ASK,
        "cli_session_id": "1f",
        "resume": False,
    }
    spec = AgentSpec(name="claude", protocol="claude", command=("claude",))
    return ClaudeAgent().open(spec, Conversation(**{**values, **changes}), "-v").argv


def test_the_arguments_speak_the_control_protocol_and_never_hold_the_prompt() -> None:
    """A prompt that looks like an option cannot be taken for one: it goes to stdin."""
    argv = argv_of(model="opus")
    assert argv == (
        *("claude", "-p", "--output-format", "stream-json", "--verbose", "--input-format", "stream-json"),
        *("--permission-prompt-tool", "stdio", "--include-partial-messages"),
        *("--permission-mode=default", "--session-id=1f", "--model=opus"),
    )


def test_a_known_session_is_resumed() -> None:
    """`--resume` for a session that the CLI knows; neither option without an id."""
    assert "--resume=1f" in argv_of(resume=True)
    assert not [argument for argument in argv_of(cli_session_id="") if "1f" in argument or "resume" in argument]


@pytest.mark.parametrize(
    ("mode", "word"),
    [(Mode.ASK, "default"), (Mode.EDITS, "acceptEdits"), (Mode.PLAN, "plan"), (Mode.ALL, "bypassPermissions")],
)
def test_each_mode_has_its_permission_mode(mode: Mode, word: str) -> None:
    """The CLI's own words for our modes."""
    assert f"--permission-mode={word}" in argv_of(mode=mode)


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_turn_has_one_end_and_it_is_last(name: str) -> None:
    """As many ends as prompts and turns of its own; nothing is said for a turn after its end."""
    transcript = load(name)
    events = replay(transcript, codec())
    began = [event for event in events if isinstance(event, TurnBegan)]
    assert len(endings(events)) == len(transcript.prompts) + len(began)
    after = events[events.index(endings(events)[-1]) + 1 :]
    assert not [event for event in after if not isinstance(event, Noticed | TaskEnded)]
    assert not [event for event in events if isinstance(event, Garbled | Unrecognised)]


@pytest.mark.parametrize("name", NAMES)
def test_recorded_output_says_the_same_however_it_is_cut(name: str) -> None:
    """Chunks are not lines: 25 random chunkings of each run give the same events."""
    transcript, rng = load(name), random.Random(name)
    expected = merged(replay(transcript, codec()))

    def randomly(data: bytes) -> Iterator[bytes]:
        while data:
            size = rng.choice((1, 7, 100, 1000, 5000))
            yield data[:size]
            data = data[size:]

    for _ in range(25):
        assert merged(replay(transcript, codec(), randomly)) == expected


def test_a_recorded_warm_run_has_its_text_tools_thoughts_and_money() -> None:
    """Three turns of one process: a tool call, an interrupted stream, and one more."""
    everything = merged(replay(load("claude/warm"), codec()))
    events: list[AgentEvent] = [event for event in everything if not isinstance(event, Used)]
    assert [type(event) for event in events] == [
        *(SessionStarted, Thought, ToolStarted, ToolFinished, TextSaid, Finished),
        *(SessionStarted, TextSaid, Finished),
        *(SessionStarted, TextSaid, Finished),
    ]
    first, second, third = endings(events)
    assert (first.ok, first.answer) == (True, "Made it.")
    assert (second.ok, second.interrupted, second.answer) == (False, True, "one")
    assert (third.ok, third.interrupted, third.answer) == (True, False, "still here")
    assert [end.usage.cost_usd for end in endings(events)] == pytest.approx([0.00176, 0.0005, 0.00088])
    assert [event.title for event in events if isinstance(event, ToolStarted)] == ["echo made; touch made"]


def test_work_that_the_agent_began_by_itself_does_not_end_the_next_turn() -> None:
    """Recorded: a background task's own turn runs between the second prompt and the turn for it."""
    events = replay(load("claude/background-race"), codec())
    first, own, second = endings(events)
    assert (first.answer, own.answer[:5], second.answer) == ("first", "done:", "second")
    began = events.index(TurnBegan(reason='Background command "scripted" failed with exit code 124'))
    assert events.index(first) < began < events.index(own)
    assert (said(events[:began]), said(events[events.index(own) :])) == ("first", "second")
    assert [type(event) for event in events if isinstance(event, TaskStarted | TaskEnded)] == [
        TaskStarted,
        TaskEnded,
    ]


def test_a_late_result_without_any_marks_is_a_remark() -> None:
    """Of a program that marks nothing, a second result ends no turn, and the next turn ends with its own."""
    made = codec()
    made.begin_turn("one")
    assert [end.answer for end in endings(made.feed(lines(result("first"))))] == ["first"]
    assert made.feed(lines(speech("later"), result("later"))) == [Noticed(text="later")]
    made.begin_turn("two")
    assert [end.answer for end in endings(made.feed(lines(speech("second"), result("second"))))] == ["second"]
    assert made.ended(Exit(code=0, signal=None)) == []


def test_a_background_turn_that_was_speaking_when_the_prompt_came_is_told_apart() -> None:
    """Also where only the order shows it: what began before the prompt is a turn of its own."""
    made = codec()
    made.begin_turn("one")
    made.feed(lines({"type": "system", "subtype": "init", "session_id": "s"}, result("first")))
    init = {"type": "system", "subtype": "init", "session_id": "s"}
    began = made.feed(lines(init, speech("the task is done")))
    assert (began[0], said(began)) == (TurnBegan(reason="It went on by itself"), "the task is done")
    made.begin_turn("two")
    events = made.feed(
        lines(
            result("the task is done"),
            init,
            speech("second"),
            result("second"),
        )
    )
    assert [end.answer for end in endings(events)] == ["the task is done", "second"]
    assert said(events) == "second"


def test_a_prompt_taken_into_a_turn_under_way_is_answered_by_it() -> None:
    """`command_lifecycle` says that the prompt's time has come, in the middle of the CLI's own turn."""
    made = codec()
    made.begin_turn("one")
    init = {"type": "system", "subtype": "init", "session_id": "s"}
    made.feed(lines({**init, "user_message_uuids": ["a"]}, result("first", user_message_uuids=["a"])))
    made.feed(lines(init, speech("hm")))
    made.begin_turn("two")
    started = {"type": "command_lifecycle", "command_uuid": "b", "state": "started"}
    events = made.feed(lines(started, speech("both"), result("both", origin={"kind": "task-notification"})))
    assert endings(events) == [Finished(ok=True, answer="hm"), endings(events)[1]]
    assert endings(events)[1].answer == "both"


def test_an_interrupt_that_came_too_early_is_repeated_when_the_turn_begins() -> None:
    """The CLI answers an early interrupt with `still_queued` and runs the turn all the same."""
    made = codec()
    made.begin_turn("one")
    asked = json.loads(made.interrupt() or b"")
    response = {"subtype": "success", "request_id": asked["request_id"], "response": {"still_queued": ["a"]}}
    made.feed(lines({"type": "control_response", "response": response}))
    assert made.replies() == []
    made.feed(lines({"type": "system", "subtype": "init", "session_id": "s", "user_message_uuids": ["a"]}))
    assert [json.loads(reply)["request"] for reply in made.replies()] == [{"subtype": "interrupt"}]
    assert made.replies() == []


def test_text_comes_from_whole_messages_where_no_deltas_come() -> None:
    """Blocks are kept apart, and the result's own text is the answer."""
    events = one_turn(speech("first"), speech("second", "third"), result("third"))
    assert said(events) == "first\n\nsecond\n\nthird"
    assert endings(events)[0].answer == "third"


def test_an_empty_result_leaves_the_streamed_text_as_the_answer() -> None:
    """And with no text at all the answer is empty and the turn went well."""
    assert endings(one_turn(speech("only this"), result("")))[0].answer == "only this"
    assert endings(one_turn(result("")))[0] == endings(one_turn(result("  ")))[0]
    assert (endings(one_turn(result("")))[0].ok, endings(one_turn(result("")))[0].answer) == (True, "")


def test_a_compaction_is_not_the_end() -> None:
    """`result` lines of compaction are passed over (seen in the middle of turns)."""
    events = one_turn(result("x", subtype="compact"), result("y", subtype="compaction"), result("z"))
    assert [end.answer for end in endings(events)] == ["z"]


def test_cost_is_the_turns_own_where_the_cli_counts_from_its_start() -> None:
    """`total_cost_usd` grows over the life of the process."""
    made = codec()
    costs = []
    for total in (0.5, 0.75):
        made.begin_turn("x")
        costs.append(endings(made.feed(lines(result("a", total_cost_usd=total))))[0].usage.cost_usd)
    assert costs == [0.5, 0.25]


def test_sub_agents_speak_into_their_tool_call_not_into_the_answer() -> None:
    """Lines with `parent_tool_use_id` show tools and no text."""
    delta = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "secret"}}
    events = one_turn(
        speech("from below", parent_tool_use_id="t1"),
        {"type": "stream_event", "event": delta, "parent_tool_use_id": "t1"},
        result("done"),
    )
    assert said(events) == ""


def wanted(tool: str, tool_input: dict[str, Any]) -> bytes:
    """A permission request."""
    request = {"subtype": "can_use_tool", "tool_name": tool, "input": tool_input, "tool_use_id": "t1"}
    return lines({"type": "control_request", "request_id": "r1", "request": request})


def test_an_approval_shows_the_whole_command_and_echoes_its_input() -> None:
    """Nothing is cut from what a person allows; the answer repeats the input (`updatedInput`)."""
    made = codec()
    made.begin_turn("x")
    command = "echo " + "x" * 5000 + "\nrm -rf build"
    events = made.feed(wanted("Bash", {"command": command, "timeout": 5}))
    assert [event.detail for event in events if isinstance(event, ApprovalWanted)] == [command]
    assert [len(event.title) for event in events if isinstance(event, ApprovalWanted)] == [200]
    answer = json.loads(made.allow("r1"))["response"]
    assert answer["response"] == {"behavior": "allow", "updatedInput": {"command": command, "timeout": 5}}
    assert made.allow("r1") == b""


def test_a_denial_carries_its_reason() -> None:
    """The model learns why; the turn goes on."""
    made = codec()
    made.begin_turn("x")
    made.feed(wanted("Write", {"file_path": "/a", "content": "b"}))
    answer = json.loads(made.deny("r1", "not today"))["response"]["response"]
    assert answer == {"behavior": "deny", "message": "not today", "interrupt": False}


def test_a_withdrawn_request_is_not_answered() -> None:
    """`control_cancel_request` takes it back: a late tap writes nothing."""
    made = codec()
    made.begin_turn("x")
    made.feed(wanted("Bash", {"command": "ls"}))
    events = made.feed(lines({"type": "control_cancel_request", "request_id": "r1"}))
    assert events == [ApprovalWithdrawn(request_id="r1")]
    assert made.allow("r1") == b""


def test_the_end_of_a_turn_withdraws_what_it_waited_for() -> None:
    """Nobody can answer afterwards."""
    made = codec()
    made.begin_turn("x")
    events = made.feed(wanted("Bash", {"command": "ls"}) + lines(result("y")))
    assert [type(event) for event in events] == [ApprovalWanted, ApprovalWithdrawn, Finished]


def test_requests_that_nobody_can_fulfil_are_refused() -> None:
    """Unanswered, the CLI would wait for ever."""
    made = codec()
    made.begin_turn("x")
    request = {"subtype": "hook_callback", "callback_id": "c"}
    made.feed(lines({"type": "control_request", "request_id": "r9", "request": request}))
    (reply,) = made.replies()
    assert json.loads(reply)["response"]["subtype"] == "error"
    assert json.loads(reply)["response"]["request_id"] == "r9"
    assert made.replies() == []


def test_a_plan_is_shown_from_the_tool_call() -> None:
    """The permission request for ExitPlanMode has no input of its own (2.1.329)."""
    call = {"type": "tool_use", "id": "t1", "name": "ExitPlanMode", "input": {"plan": "1. look\n2. leap"}}
    made = codec()
    made.begin_turn("x")
    made.feed(lines({"type": "assistant", "message": {"content": [call]}}))
    (event,) = made.feed(wanted("ExitPlanMode", {}))
    assert isinstance(event, ApprovalWanted)
    assert event.detail == "1. look\n2. leap"


def failed(**fields: object) -> Finished:
    """The end of a turn with an error."""
    return endings(one_turn(result(**{"is_error": True, **fields})))[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"api_error_status": 529, "result": "API Error: …"}, "overloaded (529)"),
        ({"api_error_status": 429}, "rate"),
        ({"result": "Not logged in · Please run /login"}, "ANTHROPIC_API_KEY"),
        ({"subtype": "error_max_turns"}, "limit of steps"),
        ({"subtype": "error_during_execution", "errors": ["disk\nfull"]}, "disk full"),
        ({"subtype": "error_during_execution", "errors": ["[ede_diagnostic] x"]}, "no reason"),
    ],
)
def test_errors_are_one_line_for_a_person(fields: dict[str, object], words: str) -> None:
    """`is_error` decides, whatever `subtype` says."""
    end = failed(**fields)
    assert not end.ok
    assert words in end.error
    assert "\n" not in end.error


def test_what_the_cli_says_in_the_models_place_is_no_answer() -> None:
    """«API Error: …» comes as an assistant message too (`<synthetic>`)."""
    events = one_turn(
        {**speech("API Error: 500"), "is_api_error_message": True}, result("API Error: 500", is_error=True)
    )
    assert said(events) == ""
    end = endings(events)[0]
    assert end.answer == ""
    assert end.error.endswith("It says: API Error: 500")


def test_a_forgotten_session_is_unusable() -> None:
    """The CLI's own words for it, as a result or on stderr."""
    assert endings(replay(load("claude/resume-unknown"), codec()))[0].session_unusable
    made = codec()
    made.begin_turn("x")
    gone = Exit(code=1, signal=None, stderr_tail="No conversation found with session ID: 1f\n")
    assert endings(made.ended(gone))[0].session_unusable


def test_retries_are_told_with_their_delay() -> None:
    """`api_retry`, for as long as minutes the only sign of life."""
    events = replay(load("claude/err-529"), codec())
    assert next(event for event in events if isinstance(event, Retrying)) == Retrying(
        attempt=1, reason="overloaded (529)", delay_s=0.549
    )


def test_root_is_told_the_remedy() -> None:
    """Recorded: `bypassPermissions` as root dies with one line on stderr."""
    (end,) = endings(replay(load("claude/root-skip"), codec()))
    assert "IS_SANDBOX" in end.error
    assert "edits" in end.error


@pytest.mark.parametrize(
    ("exit_", "words"),
    [
        (Exit(code=127, signal=None, stderr_tail="env: claude: not found\n"), "claude: not found"),
        (Exit(code=None, signal=9), "killed by SIGKILL"),
        (Exit(code=0, signal=None), "before it answered"),
        (Exit(code=1, signal=None, stderr_tail="Traceback (most recent call last):\n  File x\nOops: y"), ": Oops: y"),
    ],
)
def test_a_program_that_dies_is_told_in_one_line(exit_: Exit, words: str) -> None:
    """Exit code or signal and its last words; never a traceback."""
    made = codec()
    made.begin_turn("x")
    made.feed(lines(speech("half an ans")))
    (end,) = made.ended(exit_)
    assert isinstance(end, Finished)
    assert words in end.error
    assert "Traceback" not in end.error
    assert end.answer == "half an ans"
    assert made.ended(exit_) == []


def test_garbage_is_reported_and_quoted_when_nothing_else_explains_the_end() -> None:
    """A program that does not speak the protocol at all."""
    made = codec()
    made.begin_turn("x")
    assert [type(event) for event in made.feed(b"Welcome to bash!\n")] == [Garbled]
    (end,) = made.ended(Exit(code=0, signal=None))
    assert isinstance(end, Finished)
    assert "Welcome to bash!" in end.error


def test_a_warning_glued_to_a_line_does_not_lose_it() -> None:
    """Something printed without a line end stands before the object."""
    made = codec()
    made.begin_turn("x")
    assert endings(made.feed(b"(node:12) Warning: x" + lines(result("still read"))))[0].answer == "still read"


def test_a_last_line_without_its_end_is_read() -> None:
    """A program may die right after its result."""
    made = codec()
    made.begin_turn("x")
    assert made.feed(lines(result("whole")).rstrip()) == []
    assert endings(made.ended(Exit(code=0, signal=None)))[0].answer == "whole"


def test_half_of_a_surrogate_pair_does_not_reach_anybody() -> None:
    """JSON can carry what UTF-8 cannot."""
    (end,) = endings(one_turn(result("a\ud83d b")))
    assert end.answer.encode()
