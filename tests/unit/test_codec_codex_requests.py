"""What Codex asks for, as people should see it, and every answer to it."""

import json

import pytest

from orchestrator.domain.agent_events import (
    ApprovalAnswer,
    ApprovalWanted,
    ApprovalWithdrawn,
    DetailKind,
    Noticed,
    Question,
    QuestionChoice,
    ToolFinished,
    ToolStarted,
    Unrecognised,
)
from tests.unit.codex_dialogue import Json, messages, replayed
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


def choices(wanted: ApprovalWanted) -> list[tuple[str, ApprovalAnswer, str]]:
    """The answers that are offered."""
    return [(option.option_id, option.answer, option.label) for option in wanted.options]


def rule(wanted: ApprovalWanted) -> str:
    """What is allowed for the rest of the session."""
    (option,) = [option for option in wanted.options if option.option_id == "acceptForSession"]
    assert option.answer is ApprovalAnswer.ALLOW_ALWAYS
    return option.rule


COMMAND, CHANGE = "item/commandExecution/requestApproval", "item/fileChange/requestApproval"


def test_a_command_is_asked_about_with_what_it_is_and_every_answer() -> None:
    """All of the command, where, and why; «for this session» though Codex did not offer it, which it takes."""
    turn = replayed("approvals").turns[0]
    (wanted,) = [event for event in turn if isinstance(event, ApprovalWanted)]
    assert (wanted.title, wanted.tool_name) == ("touch /home/dev/a", "shell")
    assert (wanted.detail, wanted.detail_is) == ("touch /home/dev/a", DetailKind.COMMAND)
    assert (wanted.directory, wanted.reason) == ("/srv/api", "May I leave the sandbox?")
    assert json.loads(wanted.raw_input)["command"] == "/bin/bash -lc 'touch /home/dev/a'"
    assert choices(wanted) == [
        ("accept", ApprovalAnswer.ALLOW_ONCE, "Allow once"),
        ("acceptForSession", ApprovalAnswer.ALLOW_ALWAYS, "Allow for this session"),
        ("rule-0", ApprovalAnswer.ALLOW_ALWAYS, "Always allow `touch /home/dev/a …` (kept by Codex)"),
        ("decline", ApprovalAnswer.REJECT_ONCE, "Deny"),
    ]
    assert [bool(option.rule) for option in wanted.options] == [False, True, False, False]


def test_a_command_is_never_cut() -> None:
    """The title is one line of it; the detail is all."""
    script = "\n".join(f"echo line {number}" for number in range(500))
    wanted = asked(working(), COMMAND, command=f"/bin/bash -lc '{script}'", cwd="/d")
    assert wanted.detail == script
    assert "\n" not in wanted.title
    assert len(wanted.title) <= 200


def test_what_a_command_may_do_besides_is_part_of_what_is_decided_on() -> None:
    """More permissions, a host, input for what runs: shown, and of another rule."""
    codec, ls = working(), {"command": "/bin/sh -c ls", "cwd": "/d"}
    plain = asked(codec, COMMAND, **ls)
    more = asked(codec, COMMAND, **ls, additionalPermissions={"network": {"enabled": True}})
    connects = asked(codec, COMMAND, **ls, networkApprovalContext={"host": "a.org", "protocol": "https"})
    typed = asked(codec, COMMAND, **ls, kind="writeStdin", availableDecisions=["accept", "cancel"])
    assert '#   "network": {' in more.detail
    assert connects.detail == "# connects to a.org (https)\nls"
    assert [option.label for option in connects.options][1] == "Allow a.org for this session"
    assert "typed" in typed.detail
    assert [option.label for option in typed.options] == ["Allow once", "Deny"]
    assert len({rule(plain), rule(more), rule(connects)}) == 3


def test_a_rule_is_the_very_same_command_in_the_same_place() -> None:
    """However it is told: a later process asks with other ids and other words for it."""
    first = rule(asked(working(), COMMAND, command="make", cwd="/d", reason="a", startedAtMs=1))
    again = rule(asked(working(), COMMAND, cwd="/d", command="make", reason="b", proposedExecpolicyAmendment=["make"]))
    others = [
        rule(asked(working(), COMMAND, command="make", cwd="/e")),
        rule(asked(working(), COMMAND, command="make all", cwd="/d")),
        rule(asked(working(), COMMAND, command="make", cwd="/d", somethingNew=True)),
    ]
    assert first == again
    assert first not in others
    assert rule(asked(working(), COMMAND)) == ""


@pytest.mark.parametrize(
    "words", [["x" * 80], ["/bin/bash", "-lc", "echo\nrm"], ["echo", "`id`"]], ids=["long", "lines", "quotes"]
)
def test_what_no_button_can_say_is_not_allowed_for_good(words: list[str]) -> None:
    """Codex would keep it, and nobody could take it back from here."""
    amendment = {"acceptWithExecpolicyAmendment": {"execpolicy_amendment": words}}
    wanted = asked(working(), COMMAND, command="x", availableDecisions=["accept", amendment, "cancel"])
    assert [option.label for option in wanted.options] == ["Allow once", "Allow for this session", "Deny"]


def changed(*changes: Json, **request: object) -> ApprovalWanted:
    """A change of files that is asked about."""
    codec = working()
    codec.feed(lines(told("item/started", item={"type": "fileChange", "id": "c", "changes": list(changes)})))
    return asked(codec, CHANGE, **request)


def change(kind: str, path: str = "/srv/api/a", diff: str = "old\n", **more: object) -> Json:
    """One file of it."""
    return {"path": path, "kind": {"type": kind, **more}, "diff": diff}


def test_a_change_is_a_unified_diff() -> None:
    """Whichever way Codex tells it: a new file, one that goes, one that changes and moves."""
    wanted = changed(
        change("add", "/n", "1\n2\n"),
        change("delete", "/o", "no end"),
        change("update", "/u", "@@ -1 +1 @@\n-a\n+b\n", move_path="/v"),
    )
    assert wanted.detail_is is DetailKind.DIFF
    assert wanted.detail == (
        "--- /dev/null\n+++ /n\n@@ -0,0 +1,2 @@\n+1\n+2\n"
        "--- /o\n+++ /dev/null\n@@ -1 +0,0 @@\n-no end\n\\ No newline at end of file\n"
        "--- /u\n+++ /v\n@@ -1 +1 @@\n-a\n+b\n"
    )
    assert wanted.title == "add /n, delete /o, update /u → /v"


def test_a_rule_of_a_change_is_its_files() -> None:
    """As Codex means it, and as it is said: not what is in them, but never that a file goes."""
    first = changed(change("add"))
    assert first.options[1].label == "Allow this file for this session"
    assert changed(change("add"), change("add", "/srv/api/b")).options[1].label == "Allow these files for this session"
    assert rule(first) == rule(changed(change("update", diff="@@ -1 +1 @@\n-a\n+b\n")))
    others = [
        changed(change("delete")),
        changed(change("update", move_path="/etc/x")),
        changed(change("add", "/srv/api/b")),
        changed(change("add"), change("add", "/srv/api/b")),
        changed(change("add"), grantRoot="/srv"),
    ]
    assert rule(first) not in [rule(other) for other in others]
    assert rule(asked(working(), CHANGE)) == ""


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
    assert wanted.detail == "--- /dev/null\n+++ /srv/api/decline.txt\n@@ -0,0 +1 @@\n+made by decline\n"
    assert wanted.directory == "/srv/api"
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
    assert (wanted.reason, json.loads(wanted.detail), wanted.detail_is) == ("to fetch", wish, DetailKind.DATA)
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
    assert (wanted.title, wanted.tool_name) == ("Connect to a.org", "network")
    assert [option.label for option in wanted.options] == [
        "Allow once",
        "Always allow a.org (kept by Codex)",
        "Never allow a.org (kept by Codex)",
        "Deny",
    ]
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
