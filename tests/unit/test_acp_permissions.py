"""What ACP agents ask permission for: what a person is shown, what is offered, and what is held back."""

import json
from typing import Any

import pytest

from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalAnswer,
    ApprovalWanted,
    ApprovalWithdrawn,
    DetailKind,
    ToolStarted,
)
from orchestrator.domain.agents import Codec
from tests.unit.acp_lines import answer, chunk, line, requests, update, working

OPTIONS = [
    {"optionId": "once", "kind": "allow_once", "name": "Allow once"},
    {"optionId": "always", "kind": "allow_always", "name": "Always allow"},
    {"optionId": "no", "kind": "reject_once", "name": "Reject"},
]


def asks(number: int = 0, *, options: list[dict[str, str]] = OPTIONS, **call: Any) -> bytes:
    """The agent asks about the tool call `t`."""
    told = {"toolCallId": "t", "title": "bash", "kind": "execute", "status": "pending", **call}
    params = {"sessionId": "s", "toolCall": told, "options": options}
    return line(id=number, method="session/request_permission", params=params)


def begins(**call: Any) -> bytes:
    """The agent begins the tool call `t`, and does not say yet what it would do."""
    told: dict[str, Any] = {"toolCallId": "t", "title": "bash", "kind": "execute", "status": "pending"}
    told["rawInput"] = {"cwd": "/d"}
    return update("tool_call", **told | call)


def tells(**given: Any) -> bytes:
    """It says that."""
    told: dict[str, Any] = {"toolCallId": "t", "title": "bash", "kind": "execute", "status": "in_progress"}
    told["rawInput"] = given
    return update("tool_call_update", **told)


def wanted(events: list[AgentEvent]) -> list[ApprovalWanted]:
    """What is asked for."""
    return [event for event in events if isinstance(event, ApprovalWanted)]


def one(data: bytes) -> ApprovalWanted:
    """The one thing that is asked for."""
    (event,) = wanted(working().feed(data))
    return event


def rule(event: ApprovalWanted) -> str:
    """What «always» allows."""
    (option,) = [option for option in event.options if option.answer is ApprovalAnswer.ALLOW_ALWAYS]
    assert [option.rule for option in event.options if option.answer is not ApprovalAnswer.ALLOW_ALWAYS] == ["", ""]
    return option.rule


def outcome(data: bytes) -> Any:
    """What was answered."""
    return json.loads(data)["result"]["outcome"]


# Held back


def held(codec: Codec, number: int = 0) -> dict[str, Any]:
    """A request without its input; what the codec asks the agent then."""
    assert not wanted(codec.feed(begins() + asks(number, rawInput={})))
    (ping,) = requests(codec)
    assert ping["method"].startswith("_")
    return ping


def pong(ping: dict[str, Any]) -> bytes:
    """The answer of an agent that knows no such thing."""
    return line(id=ping["id"], error={"code": -32601, "message": "Method not found"})


def test_a_request_without_its_input_is_held_back_until_that_is_told() -> None:
    """Then it is whole, and told once; the agent's answer that comes later changes nothing."""
    codec = working()
    ping = held(codec)
    (event,) = wanted(codec.feed(tells(command="rm -rf build", workdir="sub", description="tidy up")))
    assert (event.detail, event.directory, event.reason) == ("rm -rf build", "/d/sub", "tidy up")
    assert rule(event)
    assert codec.feed(pong(ping)) == []
    assert outcome(codec.allow(event.request_id)) == {"outcome": "selected", "optionId": "once"}


def test_a_request_whose_input_does_not_come_is_told_without() -> None:
    """Once the agent has answered, nothing was on its way. What is not known can't be allowed for good."""
    codec = working()
    ping = held(codec)
    assert codec.feed(chunk("meanwhile") + update("tool_call_update", toolCallId="u", rawInput={"command": "x"}))
    (event,) = wanted(codec.feed(pong(ping)))
    assert (event.request_id, event.title) == ("ask-1", "bash")
    assert "does not say" in event.detail
    assert rule(event) == ""
    assert not wanted(codec.feed(tells(command="late")))
    assert outcome(codec.deny(event.request_id, "no")) == {"outcome": "selected", "optionId": "no"}


def test_each_held_request_is_let_go_by_its_own_answer() -> None:
    """And no two of the questions are the same line, of which whoever writes them would drop one."""
    codec = working()
    first = held(codec, 1)
    codec.feed(begins(toolCallId="u") + asks(2, toolCallId="u"))
    (second,) = requests(codec)
    assert first["params"] != second["params"]
    assert [event.tool_id for event in wanted(codec.feed(pong(second) + pong(first)))] == ["u", "t"]


def test_what_is_held_is_answered_by_an_interrupt_and_ends_untold() -> None:
    """The agent waits for it; people have not heard of it."""
    codec = working()
    held(codec, 7)
    _, reply = (codec.interrupt() or b"").splitlines()
    assert (json.loads(reply)["id"], outcome(reply)) == (7, {"outcome": "cancelled"})
    events = codec.feed(answer("cancelled"))
    assert not [event for event in events if isinstance(event, ApprovalWithdrawn)]


def test_nothing_is_held_where_the_request_is_the_first_word() -> None:
    """As of Gemini CLI, which tells the command as the title, and where and why as its content."""
    told = [{"type": "content", "content": {"type": "text", "text": "[current working directory /d] (to (re)make)"}}]
    codec = working()
    events = codec.feed(asks(title="make [all]", content=told))
    assert [type(event) for event in events[1:]] == [ToolStarted, ApprovalWanted]
    (event,) = wanted(events)
    assert (event.detail, event.detail_is) == ("make [all]", DetailKind.COMMAND)
    assert (event.directory, event.reason) == ("/d", "to (re)make")
    assert codec.replies() == []


# What is shown


@pytest.mark.parametrize(
    ("call", "detail", "kind"),
    [
        ({"rawInput": {"command": "a\nb", "description": "c"}}, "a\nb", DetailKind.COMMAND),
        ({"rawInput": {"command": ["ls", "a b"]}}, "ls 'a b'", DetailKind.COMMAND),
        ({"rawInput": {"command": "a", "root": True}}, '# {\n#   "root": true\n# }\na', DetailKind.COMMAND),
        ({"kind": "fetch", "rawInput": {"url": "u"}}, '{\n  "url": "u"\n}', DetailKind.DATA),
        (
            {"kind": "switch_mode", "content": [{"type": "content", "content": {"type": "text", "text": "# Plan"}}]},
            "# Plan",
            DetailKind.PLAN,
        ),
        (
            {
                "kind": "fetch",
                "title": "Get",
                "content": [{"type": "content", "content": {"type": "text", "text": "x"}}],
            },
            "Get\n\nx",
            DetailKind.TEXT,
        ),
    ],
)
def test_what_is_asked_for_is_told_whole(call: dict[str, Any], detail: str, kind: DetailKind) -> None:
    """As what it is."""
    event = one(asks(**call))
    assert (event.detail, event.detail_is) == (detail, kind)


def test_edits_are_a_unified_diff_of_all_files() -> None:
    """Made from the texts before and after; a new file comes from nowhere."""
    content = [
        {"type": "diff", "path": "/d/a", "oldText": "1\n2\n3\n", "newText": "1\nzwei\n3\n"},
        {"type": "diff", "path": "/d/b", "newText": "new\n"},
        {"type": "diff", "path": "/d/c", "oldText": "", "newText": "x", "_meta": {"kind": "add"}},
    ]
    event = one(asks(kind="edit", title="a", content=content))
    assert event.detail_is is DetailKind.DIFF
    assert event.detail == (
        "--- /d/a\n+++ /d/a\n@@ -1,3 +1,3 @@\n 1\n-2\n+zwei\n 3\n"
        "--- /dev/null\n+++ /d/b\n@@ -0,0 +1 @@\n+new\n"
        "--- /dev/null\n+++ /d/c\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n"
    )


# What is offered


def test_the_answer_is_the_chosen_option_and_no_other() -> None:
    """In the agent's words; once."""
    codec = working()
    (event,) = wanted(codec.feed(asks(rawInput={"command": "ls"})))
    assert [option.label for option in event.options] == ["Allow once", "Always allow", "Deny"]
    assert codec.choose(event.request_id, "something else") == b""
    assert outcome(codec.choose(event.request_id, "always")) == {"outcome": "selected", "optionId": "always"}
    assert codec.choose(event.request_id, "once") == b""


def test_a_no_is_always_offered() -> None:
    """Where the agent takes none, nobody decides."""
    codec = working()
    (event,) = wanted(codec.feed(asks(options=OPTIONS[:2], rawInput={"command": "ls"})))
    assert event.options[-1].answer is ApprovalAnswer.REJECT_ONCE
    assert outcome(codec.choose(event.request_id, event.options[-1].option_id)) == {"outcome": "cancelled"}


SAME = asks(rawInput={"command": "make", "description": "a"})


@pytest.mark.parametrize(
    "other",
    [
        asks(rawInput={"command": "make all"}),
        asks(rawInput={"command": "make", "cwd": "/e"}),
        asks(rawInput={"command": "make", "workdir": "e"}),
        asks(rawInput={"command": "make", "root": True}),
        asks(rawInput={"command": "make"}, kind="other"),
        asks(rawInput={"command": "make"}, content=[{"type": "diff", "path": "/d/a", "newText": "x"}]),
        begins() + tells(command="make", workdir="e") + asks(rawInput={"command": "make"}),
    ],
)
def test_a_rule_is_the_very_same_call(other: bytes) -> None:
    """Whatever else it would do makes another of it."""
    assert rule(one(SAME)) != rule(one(other))


def test_a_later_process_asks_for_the_same_by_the_same_rule() -> None:
    """With other ids, in other words, told in another order."""
    again = [
        asks(5, toolCallId="u", rawInput={"description": "b", "command": "make"}),
        begins(rawInput={"cwd": "/srv/api"})
        + tells(command="make", description="c")
        + asks(rawInput={"command": "make"}),
        begins(rawInput={"cwd": "/srv/api"}) + asks(rawInput={"command": "make"}) + tells(command="make"),
    ]
    assert {rule(one(data)) for data in again} == {rule(one(SAME))}
    assert rule(one(SAME))
