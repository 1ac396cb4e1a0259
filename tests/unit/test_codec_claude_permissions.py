"""What the codec of Claude Code offers to allow, how long that holds, and how it is shown."""

import json
from typing import Any

import pytest

from cli_runner.agents.claude import ClaudeAgent
from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalAnswer,
    ApprovalWanted,
    ApprovalWithdrawn,
    DetailKind,
)
from orchestrator.domain.agents import AgentSpec, Codec, Conversation
from orchestrator.domain.states import Mode

EDITS = {"type": "setMode", "mode": "acceptEdits", "destination": "session"}


def rule_of(update: dict[str, Any]) -> str:
    """A rule as it is kept."""
    return json.dumps(update, sort_keys=True, separators=(",", ":"))


def allowing(*rules: str, tool: str = "Bash", destination: str = "session") -> dict[str, Any]:
    """An update that adds rules."""
    added = [{"toolName": tool, "ruleContent": rule} for rule in rules]
    return {"type": "addRules", "rules": added, "behavior": "allow", "destination": destination}


def opened(*rules: str, mode: Mode = Mode.ASK, directory: str = "/srv/api") -> Codec:
    """A codec in the middle of a turn."""
    spec = AgentSpec(name="claude", protocol="claude", command=("claude",))
    conversation = Conversation(
        directory=directory, model="", mode=mode, cli_session_id="", resume=False, rules=tuple(rules)
    )
    made = ClaudeAgent().open(spec, conversation, "")
    made.begin_turn("do it")
    return made


def line(value: dict[str, Any]) -> bytes:
    """A line of output."""
    return json.dumps(value).encode() + b"\n"


def ask(
    codec: Codec,
    tool: str,
    tool_input: dict[str, Any],
    *suggestions: dict[str, Any],
    request_id: str = "r",
    **more: str,
) -> ApprovalWanted:
    """A request for permission."""
    wish: dict[str, Any] = {
        "subtype": "can_use_tool",
        "tool_name": tool,
        "input": tool_input,
        "tool_use_id": f"t-{request_id}",
        **more,
    }
    wish["permission_suggestions"] = list(suggestions)
    events = codec.feed(line({"type": "control_request", "request_id": request_id, "request": wish}))
    (wanted,) = [event for event in events if isinstance(event, ApprovalWanted)]
    return wanted


def always(wanted: ApprovalWanted) -> list[str]:
    """The labels of what may be allowed for the session."""
    return [option.label for option in wanted.options if option.answer is ApprovalAnswer.ALLOW_ALWAYS]


def written(data: bytes) -> dict[str, Any]:
    """What an answer says."""
    response: dict[str, Any] = json.loads(data)["response"]["response"]
    return response


def test_each_suggestion_is_an_option_made_for_the_session_only() -> None:
    """Whatever place the CLI suggests to keep it in; what changes nothing or is not understood is left out."""
    codec = opened()
    wanted = ask(
        codec,
        "Bash",
        {"command": "npm run x; curl http://x"},
        allowing("npm run *", "curl http://x", destination="localSettings"),
        {"type": "addDirectories", "directories": ["/srv/api/src"], "destination": "userSettings"},
        {"type": "addDirectories", "directories": ["/srv/apinot"], "destination": "userSettings"},
        EDITS,
        {"type": "setMode", "mode": "bypassPermissions", "destination": "session"},
        {"type": "removeRules", "rules": [{"toolName": "Bash"}], "behavior": "allow"},
        {"type": "addRules", "rules": [{"toolName": "Bash"}], "behavior": "deny"},
    )
    assert always(wanted) == [
        "Allow Bash(npm run *), Bash(curl http://x) for this session",
        "Work in /srv/apinot too, for this session",
        "Accept edits from now on",
    ]
    chosen = wanted.options[1]
    assert chosen.rule == rule_of(allowing("npm run *", "curl http://x"))
    assert written(codec.choose("r", chosen.option_id)) == {
        "behavior": "allow",
        "updatedInput": {"command": "npm run x; curl http://x"},
        "updatedPermissions": [allowing("npm run *", "curl http://x")],
    }
    assert codec.choose("r", chosen.option_id) == b""


def test_options_that_were_not_offered_answer_nothing() -> None:
    """And the request still waits for one that was."""
    codec = opened()
    ask(codec, "Bash", {"command": "ls"})
    assert codec.choose("r", "always-0") == b""
    assert codec.reply("r", {"0": ["yes"]}) == b""
    assert written(codec.choose("r", "deny"))["behavior"] == "deny"


@pytest.mark.parametrize("known_before", [True, False])
def test_what_is_in_force_is_not_offered_for_what_it_does_not_cover(known_before: bool) -> None:
    """Edits accepted here must not allow one elsewhere, only because both requests offer it."""
    codec = opened(mode=Mode.EDITS) if known_before else opened()
    if not known_before:
        first = ask(codec, "Write", {"file_path": "/srv/api/a", "content": ""}, EDITS, request_id="r0")
        codec.choose("r0", first.options[1].option_id)
    elsewhere = {"type": "addDirectories", "directories": ["/etc"], "destination": "session"}
    wanted = ask(codec, "Write", {"file_path": "/etc/x", "content": ""}, EDITS, elsewhere)
    assert always(wanted) == ["Work in /etc too, for this session"]
    # Given again after a restart, the answer that was chosen before still means what it meant.
    assert written(codec.choose("r", "always-0"))["updatedPermissions"] == [EDITS]


def test_a_rule_for_just_this_command_is_offered_again() -> None:
    """The CLI asks again for some; an equal rule then allows the same command and nothing else."""
    codec = opened(rule_of(allowing("ls /etc")))
    exact = allowing("ls /etc", destination="localSettings")
    assert always(ask(codec, "Bash", {"command": "ls /etc"}, exact)) == ["Allow Bash(ls /etc) for this session"]
    outside = {"command": "ls /etc", "dangerouslyDisableSandbox": True}
    assert always(ask(codec, "Bash", outside, exact)) == ["Allow this exact command for this session"]
    codec = opened(rule_of(allowing("rm x*")))
    assert "Bash(rm x*)" not in always(ask(codec, "Bash", {"command": "rm x*"}, allowing("rm x*")))[0]


def test_without_a_suggestion_just_this_call_can_be_allowed() -> None:
    """The rule is the whole input but for the agent's words about it, and changes nothing in the CLI."""
    codec = opened()
    first = ask(codec, "Bash", {"command": "rm *", "description": "a"}, request_id="r1")
    same = ask(codec, "Bash", {"description": "b", "command": "rm *"}, request_id="r2")
    more = ask(codec, "Bash", {"command": "rm *", "dangerouslyDisableSandbox": True}, request_id="r3")
    other = ask(codec, "mcp__x__y", {"command": "rm *"}, request_id="r4")
    rules = [each.options[1].rule for each in (first, same, more, other)]
    assert (rules[0] == rules[1], len(set(rules))) == (True, 3)
    assert always(other) == ["Allow this exact call for this session"]
    assert "updatedPermissions" not in written(codec.choose("r1", first.options[1].option_id))
    assert "sandbox" in more.reason


def test_rules_of_the_session_are_arguments_of_a_new_process() -> None:
    """Parentheses and backslashes within a rule are escaped; other rules and rubbish are passed over."""
    rules = (
        rule_of(allowing("git status:*", "echo \\(")),
        rule_of({"type": "addRules", "rules": [{"toolName": "WebSearch"}], "behavior": "allow"}),
        rule_of({"type": "addDirectories", "directories": ["/srv/more"]}),
        rule_of({"type": "addRules", "rules": [{"toolName": "Bash"}], "behavior": "deny"}),
        rule_of({"type": "call", "toolName": "Bash", "input": {"command": "ls"}}),
        rule_of(allowing("x" * 200_000)),
        rule_of(allowing("a\0b")),
        "not JSON",
        "[]",
    )
    argv = opened(*rules).argv
    assert argv[argv.index("--permission-mode=default") + 1 :] == (
        "--allowedTools=Bash(git status:*)",
        "--allowedTools=Bash(echo \\\\\\()",
        "--allowedTools=WebSearch",
        "--add-dir=/srv/more",
    )


def test_accepted_edits_are_a_mode_and_no_rule() -> None:
    """The session keeps the mode; no later request is answered by it unasked."""
    codec = opened()
    wanted = ask(codec, "Write", {"file_path": "/srv/api/a", "content": ""}, EDITS)
    [accepts] = [option for option in wanted.options if option.mode is not None]
    assert (accepts.label, accepts.mode, accepts.rule) == ("Accept edits from now on", Mode.EDITS, "")
    assert "--permission-mode=acceptEdits" in opened(mode=Mode.EDITS).argv


EDIT = {"file_path": "/a", "old_string": "one\ntwo\nthree", "new_string": "one\n2\nthree", "replace_all": True}


@pytest.mark.parametrize(
    ("tool", "tool_input", "kind", "detail"),
    [
        ("Bash", {"command": "a\nb"}, DetailKind.COMMAND, "a\nb"),
        ("Edit", EDIT, DetailKind.DIFF, "--- /a\n+++ /a\n@@ @@\n one\n-two\n+2\n three"),
        (
            "MultiEdit",
            {
                "file_path": "/a",
                "edits": [{"old_string": "x", "new_string": ""}, {"old_string": "", "new_string": "y"}],
            },
            DetailKind.DIFF,
            "--- /a\n+++ /a\n@@ @@\n-x\n@@ @@\n+y",
        ),
        (
            "Edit",
            {"file_path": "/a", "old_string": "x", "new_string": "x\n"},
            DetailKind.DIFF,
            "--- /a\n+++ /a\n@@ @@\n x\n+",
        ),
        ("Write", {"file_path": "/a", "content": "x\n\ny\n"}, DetailKind.DIFF, "+++ /a\n@@ @@\n+x\n+\n+y"),
        (
            "NotebookEdit",
            {"notebook_path": "/n", "new_source": "x", "cell_id": "7", "edit_mode": "insert", "cell_type": "code"},
            DetailKind.DIFF,
            "+++ /n (insert code cell 7)\n@@ @@\n+x",
        ),
        ("WebFetch", {"url": "http://x", "prompt": "what?"}, DetailKind.TEXT, "http://x\n\nwhat?"),
        ("mcp__a__b", {"n": [1, "ü"]}, DetailKind.DATA, '{\n  "n": [\n    1,\n    "ü"\n  ]\n}'),
        ("Bash", {"cmd": 7}, DetailKind.DATA, '{\n  "cmd": 7\n}'),
    ],
)
def test_the_detail_is_all_that_would_happen(
    tool: str, tool_input: dict[str, Any], kind: DetailKind, detail: str
) -> None:
    """In the form that fits the tool; what is not understood is shown as it came."""
    wanted = ask(opened(), tool, tool_input)
    assert (wanted.detail_is, wanted.detail) == (kind, detail)


def test_a_diff_cannot_be_forged_by_a_name_or_slow_by_its_size() -> None:
    """A line end in a name is shown as such; a vast change is one block."""
    assert ask(opened(), "Write", {"file_path": "/a\n+++ /b", "content": ""}).detail == "+++ '/a\\n+++ /b'\n@@ @@"
    vast = {"file_path": "/a", "old_string": "x\n" * 3000, "new_string": "y\n" * 3000}
    assert len(ask(opened(), "Edit", vast).detail.split("\n")) == 3 + 2 * 3001


def test_an_edit_everywhere_says_so() -> None:
    """The diff alone would not."""
    assert ask(opened(), "Edit", EDIT).reason == "Wherever it stands in the file."


def test_a_turn_that_ends_refuses_what_a_background_agent_still_waits_for() -> None:
    """The CLI waits on for it; what the turn itself asked is void without an answer."""
    codec = opened()
    ask(codec, "Bash", {"command": "a"}, request_id="mine")
    ask(codec, "Bash", {"command": "b"}, request_id="its", agent_id="a1")
    events = codec.feed(line({"type": "result", "subtype": "success", "is_error": False, "result": ""}))
    gone: list[AgentEvent] = [ApprovalWithdrawn(request_id="mine"), ApprovalWithdrawn(request_id="its")]
    assert [event for event in events if isinstance(event, ApprovalWithdrawn)] == gone
    (refusal,) = codec.replies()
    assert json.loads(refusal)["response"]["request_id"] == "its"
    assert written(refusal)["behavior"] == "deny"


def test_a_question_that_is_not_answered_is_left_out() -> None:
    """Several answers are joined; questions without members are data like any other."""
    codec = opened()
    asked = {"questions": [{"question": "A?", "multiSelect": True}, {"question": "B?"}]}
    assert [each.text for each in ask(codec, "AskUserQuestion", asked).questions] == ["A?", "B?"]
    reply = written(codec.reply("r", {"0": ["x", "y"], "7": ["z"]}))
    assert reply["updatedInput"] == {**asked, "answers": {"A?": "x, y"}}
    assert ask(codec, "AskUserQuestion", {"questions": "?"}).options
