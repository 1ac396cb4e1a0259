"""What the codec of Claude Code writes beside answers: prompts with files, steers, orders; and limits in words."""

import base64
import json
from typing import Any

import pytest

from cli_runner.agents.claude import ClaudeAgent
from orchestrator.domain.agent_events import (
    Finished,
    Noticed,
    SteerRefused,
    SteerTaken,
    TaskEnded,
    TaskStarted,
    TurnBegan,
)
from orchestrator.domain.agents import AgentSpec, Attachment, Codec, Conversation, Exit
from orchestrator.domain.states import Mode

INIT = {"type": "system", "subtype": "init", "session_id": "s"}
RESULT = {"type": "result", "subtype": "success", "is_error": False, "result": "x"}


def opened(*, mode: Mode = Mode.ASK, model: str = "", **changes: Any) -> Codec:
    """A codec of a new run."""
    spec = AgentSpec(name="claude", protocol="claude", command=("claude",), model=model)
    values: dict[str, Any] = {"directory": "/d", "model": "", "cli_session_id": "1f", "resume": False, **changes}
    return ClaudeAgent().open(spec, Conversation(mode=mode, **values), "")


def opened_turn() -> Codec:
    """A codec in the middle of a turn."""
    codec = opened()
    codec.begin_turn("x")
    return codec


def lines(*values: dict[str, Any]) -> bytes:
    """Output of the CLI."""
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def lifecycle(uuid: str, state: str) -> dict[str, Any]:
    """What became of a message."""
    return {"type": "command_lifecycle", "command_uuid": uuid, "state": state}


def steered(codec: Codec, steer_id: str = "s1") -> str:
    """Say something meanwhile; the id of the message."""
    uuid: str = json.loads(codec.steer(steer_id, "words") or b"")["uuid"]
    return uuid


def request(data: bytes | None) -> dict[str, Any]:
    """What is requested of the CLI."""
    wish: dict[str, Any] = json.loads(data or b"{}")["request"]
    return wish


def test_a_fork_resumes_a_copy() -> None:
    """Both options; the CLI names the copy."""
    argv = opened(resume=True, fork=True).argv
    assert argv[-2:] == ("--resume=1f", "--fork-session")
    assert "--fork-session" not in opened(resume=True).argv


def test_images_go_along_and_other_files_are_named() -> None:
    """Without images the prompt is plain text; pictures that the model cannot take are files like any other."""
    codec = opened()
    png = Attachment(path="/p.png", media_type="image/png", data=b"png")
    vast = Attachment(path="/vast.png", media_type="image/png", data=b"x" * 4_000_000)
    svg = Attachment(path="/p.svg", media_type="image/svg+xml", data=b"<svg/>")
    content = json.loads(codec.begin_turn("look", (png, vast, svg)))["message"]["content"]
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(b"png").decode()}
    assert content == [
        {"type": "image", "source": source},
        {"type": "text", "text": "look\n\nAttached files:\n/vast.png\n/p.svg"},
    ]
    assert json.loads(codec.begin_turn("", (png,)))["message"]["content"] == content[:1]
    assert json.loads(codec.begin_turn("", (svg,)))["message"]["content"] == "Attached files:\n/p.svg"


def test_a_steer_is_the_same_message_each_time() -> None:
    """Its id is made of the steer's, so that the CLI drops the second; there is none without a turn."""
    codec = opened()
    assert codec.steer("s1", "words") is None
    codec.begin_turn("x")
    assert codec.steer("s1", "words") == codec.steer("s1", "words")
    assert steered(codec, "s1") != steered(codec, "s2") != json.loads(codec.begin_turn("x"))["uuid"]


@pytest.mark.parametrize(
    ("state", "event"), [("completed", SteerTaken(steer_id="s1")), ("cancelled", SteerRefused(steer_id="s1"))]
)
def test_what_became_of_a_steer_is_told_once(state: str, event: object) -> None:
    """The CLI had it already, or threw it away."""
    codec = opened()
    codec.begin_turn("x")
    uuid = steered(codec)
    assert codec.feed(lines(lifecycle(uuid, "queued"))) == []
    assert codec.feed(lines(lifecycle(uuid, state), lifecycle(uuid, state))) == [event]


def test_a_steer_that_is_given_again_after_a_restart_is_told_of_when_it_is_known() -> None:
    """The output is read from its beginning, before the steer is given."""
    uuid, codec = steered(opened_turn()), opened_turn()
    codec.feed(lines(lifecycle("p", "started"), {**INIT, "user_message_uuids": ["p"]}, lifecycle(uuid, "started")))
    assert steered(codec) == uuid
    assert codec.feed(lines({"type": "keep_alive"})) == [SteerTaken(steer_id="s1")]


def test_a_program_that_dies_took_in_nothing_more() -> None:
    """Before the end of the turn, which is the last."""
    codec = opened_turn()
    steered(codec)
    events = codec.ended(Exit(code=1, signal=None))
    assert [type(event) for event in events] == [SteerRefused, Finished]


def test_a_program_that_dies_in_a_turn_of_its_own_owes_both_ends() -> None:
    """Its own first."""
    codec = opened()
    assert codec.feed(lines(INIT))[0] == TurnBegan(reason="It went on by itself")
    codec.begin_turn("x")
    assert [type(event) for event in codec.ended(Exit(code=1, signal=None))] == [Finished, Finished]


def test_the_mode_all_has_to_be_there_from_the_beginning() -> None:
    """Others change at once."""
    assert opened().set_mode(Mode.ALL) is None
    assert request(opened(mode=Mode.ALL).set_mode(Mode.ALL))["mode"] == "bypassPermissions"
    assert request(opened().set_mode(Mode.EDITS)) == {"subtype": "set_permission_mode", "mode": "acceptEdits"}


def test_no_model_is_the_configured_one() -> None:
    """And without that the CLI's own default."""
    assert request(opened(model="opus").set_model("")) == {"subtype": "set_model", "model": "opus"}
    assert request(opened().set_model("")) == {"subtype": "set_model"}


@pytest.mark.parametrize("wish", ["mode", "model"])
def test_an_order_that_was_refused_is_told(wish: str) -> None:
    """In the CLI's words; what was done is no news."""
    codec = opened()
    order = codec.set_mode(Mode.PLAN) if wish == "mode" else codec.set_model("x")
    request_id = json.loads(order or b"")["request_id"]
    done = {"subtype": "success", "request_id": request_id, "response": {}}
    refused = {"subtype": "error", "request_id": request_id, "error": "no such thing"}
    assert codec.feed(lines({"type": "control_response", "response": done})) == []
    told = codec.feed(lines({"type": "control_response", "response": refused}))
    assert told == [Noticed(text=f"Claude Code did not change its {wish}: no such thing")]


def test_only_a_running_task_can_be_stopped() -> None:
    """An agent in the foreground is none, until it is moved to the background."""
    codec = opened_turn()
    started = {"type": "system", "subtype": "task_started", "task_id": "t", "description": "look"}
    assert codec.feed(lines({**started, "is_backgrounded": False})) == []
    assert codec.stop_task("t") is None
    moved = {"type": "system", "subtype": "task_updated", "task_id": "t", "patch": {"is_backgrounded": True}}
    assert codec.feed(lines(moved, moved)) == [TaskStarted(task_id="t", title="look", can_stop=True)]
    assert request(codec.stop_task("t")) == {"subtype": "stop_task", "task_id": "t"}
    ended = {"type": "system", "subtype": "task_updated", "task_id": "t", "patch": {"status": "killed"}}
    assert codec.feed(lines(ended, ended)) == [TaskEnded(task_id="t", ok=False)]
    assert codec.stop_task("t") is None


def test_each_message_behind_an_interrupt_is_interrupted_too() -> None:
    """The request of each has its own id."""
    codec = opened_turn()
    uuid = steered(codec)
    answer = {"subtype": "success", "request_id": "interrupt", "response": {"still_queued": [uuid, "p"]}}
    codec.feed(lines({"type": "control_response", "response": answer}, RESULT, lifecycle(uuid, "started")))
    codec.feed(lines(lifecycle("p", "started"), lifecycle("p", "started")))
    replies = [json.loads(reply) for reply in codec.replies()]
    assert [reply["request"] for reply in replies] == [{"subtype": "interrupt"}] * 2
    assert len({reply["request_id"] for reply in replies}) == 2


@pytest.mark.parametrize(
    ("info", "words"),
    [
        ({"status": "allowed"}, None),
        (
            {"status": "allowed_warning", "rateLimitType": "five_hour", "utilization": 0.83, "resetsAt": 1795258800},
            "Claude's 5-hour limit is nearly used up (83%). It is reset at 11:00 UTC on 21 November.",
        ),
        ({"status": "rejected", "rateLimitType": "seven_day"}, "Claude's weekly limit is used up."),
        ({"status": "rejected", "resetsAt": 1e300}, "Claude's rate limit is used up."),
        ({"status": "odd"}, "Claude's rate limit: odd."),
    ],
)
def test_limits_are_told_once_in_plain_words(info: dict[str, object], words: str | None) -> None:
    """The same line again is no news."""
    codec = opened_turn()
    event = {"type": "rate_limit_event", "rate_limit_info": info}
    assert codec.feed(lines(event, event)) == ([Noticed(text=words)] if words else [])
