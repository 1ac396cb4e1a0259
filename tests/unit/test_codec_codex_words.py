"""Codex's errors, warnings and items in words; and what it should never have said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli_runner.agents.codex_items import plain_command
from orchestrator.domain.agent_events import (
    AgentEvent,
    Finished,
    Garbled,
    Noticed,
    Retrying,
    TextSaid,
    ToolFinished,
    ToolStarted,
    Unrecognised,
)
from orchestrator.domain.agents import Exit
from tests.unit.codex_dialogue import Json, codec_for, messages, replayed
from tests.unit.codex_lines import completed, ends, lines, told, working
from tests.unit.transcripts import endings


@pytest.mark.parametrize(
    ("answer", "unusable", "words"),
    [
        ({"id": "thread", "error": {"message": "no rollout found for thread id 1f"}}, True, "no longer knows"),
        ({"id": "thread", "error": {"message": "invalid session id: `x`"}}, True, "no longer knows"),
        ({"id": "thread", "error": {"message": "Invalid request: unknown variant `thread/start`"}}, False, "0.169.0"),
        ({"id": "thread", "error": {"message": "Server overloaded"}}, False, "Server overloaded"),
        ({"id": "thread", "result": {}}, False, "too old"),
    ],
)
def test_a_refused_thread_ends_the_turn_before_its_prompt(answer: Json, unusable: bool, words: str) -> None:
    """Once; the process takes no turns then, and its exit is no second end."""
    codec = codec_for(resume="1f")
    codec.feed(lines({"id": "hello", "result": {"userAgent": "topicd/0.169.0 (x)"}}))
    (end,) = codec.feed(lines(answer))
    assert isinstance(end, Finished)
    assert (end.ok, end.session_unusable) == (False, unusable)
    assert words in end.error
    assert not codec.ready
    assert not codec.warm
    assert codec.ended(Exit(code=0, signal=None)) == []


@pytest.mark.parametrize("stderr", ["Error: stdin is not a terminal", "error: unrecognized subcommand 'app-server'"])
def test_a_version_without_the_app_server_is_too_old(stderr: str) -> None:
    """It takes the word for a prompt, or refuses it."""
    (end,) = endings(codec_for().ended(Exit(code=1, signal=None, stderr_tail=stderr)))
    assert "npm install -g @openai/codex" in end.error


def test_what_is_logged_at_every_start_is_not_the_reason_of_an_end() -> None:
    """Nor are the colours of the log."""
    stderr = (
        "\x1b[2m2026\x1b[0m \x1b[31mERROR\x1b[0m Codex could not find bubblewrap on PATH.\n"
        "\x1b[31mERROR\x1b[0m the disk is full\n"
    )
    (end,) = endings(working().ended(Exit(code=1, signal=None, stderr_tail=stderr)))
    assert end.error.endswith("Its last words: ERROR the disk is full")


def test_errors_of_the_model_are_one_line_with_a_remedy() -> None:
    """400 as the model's API said it, 401 with what to do, 500 in Codex's words; retries are visible."""
    turns = replayed("errors").turns
    refused, login, broken = (endings(turn)[0] for turn in turns[1:4])
    assert refused.error == "scripted 400"
    assert "codex login" in login.error
    assert "try again in a moment. It says: We’re currently experiencing high demand" in broken.error
    assert [event.reason for event in turns[2] if isinstance(event, Retrying)] == [
        "unexpected status 401 Unauthorized: scripted 401"
    ]
    assert endings(turns[4])[0].ok


def test_a_missing_key_is_named_with_the_way_to_pass_it_on() -> None:
    """Of a provider with a key of its own."""
    (end,) = endings(replayed("no-key").turns[0])
    assert 'pass_env = ["SCRIPTED_KEY"]' in end.error


@pytest.mark.parametrize(
    ("info", "words"),
    [
        ("usageLimitExceeded", "may use for now"),
        ("contextWindowExceeded", "/new"),
        ("unauthorized", "codex login"),
        ({"responseTooManyFailedAttempts": {"httpStatusCode": 429}}, "how fast"),
        ({"httpConnectionFailed": {"httpStatusCode": None}}, "it broke"),
        ("something new", "it broke"),
        (None, "it broke"),
        ([], "it broke"),
    ],
)
def test_each_kind_of_error_has_its_words(info: object, words: str) -> None:
    """One line; what Codex itself says is kept where it says more."""
    error = {"message": "it broke,\nbadly", "codexErrorInfo": info}
    (end,) = endings(working().feed(lines(ends("failed", error=error))))
    assert not end.ok
    assert words in end.error
    assert "\n" not in end.error
    assert not end.session_unusable


def test_retries_count_and_say_why() -> None:
    """«Reconnecting... 2/5» is no end."""
    error = {"message": "Reconnecting... 2/5", "additionalDetails": "stream disconnected, url: http://x/y"}
    (event,) = working().feed(lines(told("error", error=error, willRetry=True)))
    assert event == Retrying(attempt=2, reason="stream disconnected")


def test_warnings_and_limits_are_told_once() -> None:
    """They come again with every call of the model."""
    codec = working()
    window = {"usedPercent": 93, "windowDurationMins": 300, "resetsAt": 1795258234}
    nearly = {"method": "account/rateLimits/updated", "params": {"rateLimits": {"primary": window}}}
    reached = {
        "method": "account/rateLimits/updated",
        "params": {"rateLimits": {"rateLimitReachedType": "rate_limit_reached"}},
    }
    warning = {"method": "warning", "params": {"message": "mind the gap"}}
    failed = {"method": "mcpServer/startupStatus/updated", "params": {"name": "db", "status": "failed", "error": "no"}}
    over = {**nearly, "params": {"rateLimits": {"primary": window, "secondary": {"usedPercent": 100}}}}
    later = {**nearly, "params": {"rateLimits": {"primary": {**window, "resetsAt": 1795259000}}}}
    events = codec.feed(lines(nearly, warning, nearly, later, warning, reached, over, failed))
    assert [event.text for event in events if isinstance(event, Noticed)] == [
        "Codex has used more than 90 % of its limit for 5 hours. It begins anew on 21 Nov at 10:50 UTC.",
        "mind the gap",
        "Codex has used up the rate limit of its account.",
        "Codex has used up one of its limits.",
        "The MCP server db did not start: no",
    ]
    assert len(events) == 5


@pytest.mark.parametrize(
    ("item", "name", "title", "summary"),
    [
        (
            {
                "type": "mcpToolCall",
                "server": "db",
                "tool": "ask",
                "arguments": {"q": 1},
                "status": "failed",
                "error": {"message": "gone"},
            },
            "db.ask",
            "q=1",
            "gone",
        ),
        (
            {"type": "webSearch", "query": "", "action": {"type": "search", "query": "herons"}},
            "web search",
            "herons",
            "",
        ),
        ({"type": "imageView", "path": "/a.png"}, "view image", "/a.png", ""),
        ({"type": "sleep", "durationMs": 1500}, "wait", "1.5 s", ""),
        ({"type": "collabAgentToolCall", "tool": "spawnAgent", "prompt": "look"}, "spawnAgent", "look", ""),
        ({"type": "dynamicToolCall", "tool": "x", "arguments": {}, "success": False}, "x", "", ""),
    ],
)
def test_other_items_are_tools_too(item: Json, name: str, title: str, summary: str) -> None:
    """One that only ended began, too."""
    events = working().feed(lines(completed(id="i", **item)))
    ok = not ("error" in item or "success" in item)
    assert events == [
        ToolStarted(tool_id="i", name=name, title=title),
        ToolFinished(tool_id="i", ok=ok, summary=summary),
    ]


@pytest.mark.parametrize(
    ("command", "plain"),
    [
        ("/bin/bash -lc 'make test'", "make test"),
        ("/usr/bin/bash -c ls", "ls"),
        ("bash -c ls", "bash -c ls"),
        ("/tmp/bash -c ls", "/tmp/bash -c ls"),
        ("/bin/bash -lc", "/bin/bash -lc"),
        ("python -c 'print(1)'", "python -c 'print(1)'"),
        ("bash -lc 'unfinished", "bash -lc 'unfinished"),
    ],
)
def test_a_command_is_shown_without_its_shell(command: str, plain: str) -> None:
    """Only where nothing is lost by it."""
    assert plain_command(command) == plain


def test_what_is_not_known_is_named_and_passed_over() -> None:
    """Codex changes weekly."""
    codec = working()
    events = codec.feed(
        lines({"method": "some/new/thing", "params": {}}, told("item/started", item={"type": "dance"}), {"id": 99})
        + b"not JSON\n"
    )
    assert [event.kind for event in events if isinstance(event, Unrecognised)] == [
        "some/new/thing",
        "item/dance",
        "response/",
    ]
    assert isinstance(events[-1], Garbled)


_METHODS = [
    *("turn/started", "turn/completed", "turn/plan/updated", "item/started", "item/completed", "warning", "error"),
    *("item/agentMessage/delta", "item/reasoning/textDelta", "thread/tokenUsage/updated", "serverRequest/resolved"),
    *("item/commandExecution/requestApproval", "item/fileChange/requestApproval", "item/tool/requestUserInput"),
    *("item/permissions/requestApproval", "mcpServer/elicitation/request", "account/rateLimits/updated"),
]
_ITEMS = ["commandExecution", "fileChange", "mcpToolCall", "webSearch", "agentMessage", "reasoning", "sleep", "plan"]
_NAMES = [
    *("item", "turn", "plan", "delta", "error", "tokenUsage", "total", "last", "changes", "arguments", "questions"),
    *("options", "permissions", "availableDecisions", "type", "id", "status", "codexErrorInfo", "message", "command"),
    *("rateLimits", "primary", "usedPercent", "requestId", "willRetry", "requestedSchema", "kind", "durationMs"),
]
_VALUES: st.SearchStrategy[object] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(_ITEMS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.sampled_from(_METHODS), st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=6), st.booleans())
def test_known_messages_with_strange_members_never_raise(method: str, members: dict[str, object], asks: bool) -> None:
    """A member may be missing or of another type; the turn gets its one end all the same."""
    codec = working()
    item = members.get("item")
    if isinstance(item, dict):
        item.setdefault("type", _ITEMS[len(members) % len(_ITEMS)])
    message = told(method, **members) | ({"id": 3} if asks else {})
    events: list[AgentEvent] = codec.feed(lines(message)) + codec.feed(lines(ends()))
    events += codec.ended(Exit(code=0, signal=None))
    assert len(endings(events)) == 1
    assert all(repr(event).encode() for event in events)
    assert all(messages(reply) for reply in codec.replies())
    assert not [event for event in events if isinstance(event, TextSaid) and not event.delta]
