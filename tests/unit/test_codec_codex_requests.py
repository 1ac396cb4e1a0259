"""What Codex asks for, as people should see it, and every answer to it."""

import json

from orchestrator.domain.agent_events import (
    ApprovalAnswer,
    ApprovalWanted,
    ApprovalWithdrawn,
    Noticed,
    Question,
    QuestionChoice,
    ToolFinished,
    ToolStarted,
    Unrecognised,
)
from tests.unit.codex_dialogue import messages, replayed
from tests.unit.codex_lines import asked, ends, lines, told, working
from tests.unit.transcripts import endings


def test_an_agent_that_codex_started_shows_its_tools_and_not_its_text() -> None:
    """It works in a thread of its own; what it asks is asked."""
    codec = working()
    there = {"threadId": "other", "turnId": "v"}
    command = {"type": "commandExecution", "id": "c", "command": "ls", "status": "inProgress"}
    message = {"type": "agentMessage", "id": "1", "text": "found it"}
    events = codec.feed(
        lines(
            {"method": "item/started", "params": {**there, "item": command}},
            {"method": "item/completed", "params": {**there, "item": message}},
            {"method": "item/completed", "params": {**there, "item": {**command, "status": "completed"}}},
            {"id": 9, "method": "item/fileChange/requestApproval", "params": {**there, "itemId": "d"}},
        )
    )
    assert [type(event) for event in events] == [ToolStarted, ToolFinished, ApprovalWanted]
    codec.feed(lines(ends()))
    (refusal,) = codec.replies()
    assert messages(refusal) == [{"id": 9, "result": {"decision": "decline"}}]


def test_a_command_is_asked_about_with_what_it_is_and_every_answer() -> None:
    """The title is the whole command; a rule says for what it will hold."""
    turn = replayed("approvals").turns[0]
    (wanted,) = [event for event in turn if isinstance(event, ApprovalWanted)]
    assert (wanted.title, wanted.tool_name) == ("touch /home/dev/a", "shell")
    assert "reason: May I leave the sandbox?" in wanted.detail
    assert "in: /srv/api" in wanted.detail
    assert json.loads(wanted.raw_input)["command"] == "/bin/bash -lc 'touch /home/dev/a'"
    assert [(option.option_id, option.answer, option.label) for option in wanted.options] == [
        ("accept", ApprovalAnswer.ALLOW_ONCE, "Allow"),
        ("rule-0", ApprovalAnswer.ALLOW_ALWAYS, "Allow from now on: touch /home/dev/a"),
        ("decline", ApprovalAnswer.REJECT_ONCE, "Deny"),
    ]


def test_declined_and_cancelled_commands_are_told_apart() -> None:
    """After `decline` the turn goes on, after `cancel` it is over."""
    _, declined, _, cancelled = replayed("approvals").turns
    assert [event.summary for event in declined if isinstance(event, ToolFinished)] == ["not allowed"]
    assert endings(declined)[0].ok
    assert endings(cancelled)[0].interrupted


def test_a_change_is_asked_about_with_its_files_and_content() -> None:
    """The request names only the item that began before it."""
    turn = replayed("changes").turns[1]
    (wanted,) = [event for event in turn if isinstance(event, ApprovalWanted)]
    assert (wanted.tool_name, wanted.title) == ("edit", "add /srv/api/decline.txt")
    assert wanted.detail == "add /srv/api/decline.txt\nmade by decline"
    assert [option.option_id for option in wanted.options] == ["accept", "acceptForSession", "decline"]


def test_the_reason_of_a_refusal_is_said_into_the_turn() -> None:
    """Codex's own answer has no place for it."""
    codec = working()
    wanted = asked(codec, "item/commandExecution/requestApproval", command="ls")
    refusal, reason = messages(codec.deny(wanted.request_id, "too risky"))
    assert refusal == {"id": 5, "result": {"decision": "decline"}}
    assert reason["method"] == "turn/steer"
    assert reason["params"]["input"] == [{"type": "text", "text": "too risky"}]
    assert codec.feed(lines({"id": reason["id"], "error": {"message": "no active turn to steer"}})) == []
    assert codec.deny(wanted.request_id, "again") == b""


def test_permissions_are_granted_for_the_turn_or_the_session() -> None:
    """As they were asked for; a refusal grants none of them, and ends the turn only by an interrupt."""
    codec = working()
    wish = {"network": {"enabled": True}}
    wanted = asked(codec, "item/permissions/requestApproval", permissions=wish, reason="to fetch")
    assert "to fetch" in wanted.detail
    assert messages(codec.allow(wanted.request_id)) == [{"id": 5, "result": {"permissions": wish, "scope": "turn"}}]
    wanted = asked(codec, "item/permissions/requestApproval", permissions=wish)
    chosen = messages(codec.choose(wanted.request_id, "acceptForSession"))
    assert chosen == [{"id": 5, "result": {"permissions": wish, "scope": "session"}}]
    wanted = asked(codec, "item/permissions/requestApproval", permissions=wish)
    refusal, interrupt = messages(codec.deny(wanted.request_id, "no", ends_turn=True))
    assert refusal == {"id": 5, "result": {"permissions": {}}}
    assert interrupt["method"] == "turn/interrupt"


def test_a_question_has_its_choices_and_its_refusal_carries_the_reason() -> None:
    """Answered by an option in the recording; not by a choice that was not offered."""
    (wanted,) = [event for event in replayed("question").turns[0] if isinstance(event, ApprovalWanted)]
    choices = (QuestionChoice(label="Blue", detail="Take Blue"), QuestionChoice(label="Red", detail="Take Red"))
    assert wanted.questions == (
        Question(question_id="choice", text="Which colour?", header="Choice", choices=choices, takes_text=True),
    )
    codec = working()
    wanted = asked(codec, "item/tool/requestUserInput", questions=[{"id": "q", "question": "Which?"}])
    assert codec.choose(wanted.request_id, "accept") == b""
    assert messages(codec.deny(wanted.request_id, "nobody is here")) == [
        {"id": 5, "result": {"answers": {"q": {"answers": ["nobody is here"]}}}}
    ]


def test_a_network_rule_is_offered_with_its_host() -> None:
    """For and against."""
    rules = [
        {"applyNetworkPolicyAmendment": {"network_policy_amendment": {"host": "a.org", "action": action}}}
        for action in ("allow", "deny")
    ]
    codec = working()
    wanted = asked(
        codec,
        "item/commandExecution/requestApproval",
        networkApprovalContext={"host": "a.org", "protocol": "https"},
        availableDecisions=["accept", *rules, "cancel"],
    )
    assert wanted.title == "Connect to a.org"
    assert [option.answer for option in wanted.options] == [
        ApprovalAnswer.ALLOW_ONCE,
        ApprovalAnswer.ALLOW_ALWAYS,
        ApprovalAnswer.REJECT_ALWAYS,
        ApprovalAnswer.REJECT_ONCE,
    ]
    assert messages(codec.choose(wanted.request_id, wanted.options[2].option_id)) == [
        {"id": 5, "result": {"decision": rules[1]}}
    ]


def test_an_mcp_server_may_ask_for_a_yes_but_not_for_a_form() -> None:
    """A form that nobody can fill in is declined at once, and people are told."""
    codec = working()
    request = {"id": 5, **told("mcpServer/elicitation/request", serverName="db", mode="form", message="Drop it?")}
    (wanted,) = codec.feed(lines(request))
    assert isinstance(wanted, ApprovalWanted)
    assert (wanted.tool_name, wanted.title) == ("db", "Drop it?")
    assert messages(codec.allow(wanted.request_id)) == [{"id": 5, "result": {"action": "accept", "content": {}}}]
    request["params"]["requestedSchema"] = {"type": "object", "properties": {"name": {"type": "string"}}}
    (event,) = codec.feed(lines(request))
    assert isinstance(event, Noticed)
    assert messages(codec.replies()[0]) == [{"id": 5, "result": {"action": "decline"}}]


def test_a_request_that_nobody_can_answer_is_refused() -> None:
    """Codex would wait for ever."""
    codec = working()
    events = codec.feed(lines({"id": 7, "method": "item/tool/call", "params": {"tool": "x"}}))
    assert events == [Unrecognised(kind="item/tool/call")]
    (refusal,) = codec.replies()
    assert messages(refusal)[0]["id"] == 7
    assert messages(refusal)[0]["error"]["code"] == -32601


def test_a_request_between_turns_is_refused() -> None:
    """There is nobody to ask."""
    codec = working()
    codec.feed(lines(ends()))
    request = {"id": 7, **told("item/commandExecution/requestApproval", itemId="c", command="ls")}
    assert codec.feed(lines(request)) == []
    assert messages(codec.replies()[0]) == [{"id": 7, "result": {"decision": "decline"}}]


def test_a_request_that_was_resolved_is_withdrawn() -> None:
    """It was answered before a restart of the bot; a late tap writes nothing."""
    codec = working()
    wanted = asked(codec, "item/fileChange/requestApproval")
    resolved = told("serverRequest/resolved", requestId=5)
    assert codec.feed(lines(resolved, resolved)) == [ApprovalWithdrawn(request_id=wanted.request_id)]
    assert codec.allow(wanted.request_id) == b""
