"""The ACP codec: turns, tools, permissions, and what others may say."""

import json
from typing import Any

import pytest

from cli_runner.agents.acp_wire import FIRST_PROMPT
from orchestrator.domain.agent_events import (
    ApprovalWanted,
    ApprovalWithdrawn,
    Noticed,
    Planned,
    PlanState,
    PlanStep,
    ToolFinished,
    ToolStarted,
    Unrecognised,
    Usage,
    Used,
)
from orchestrator.domain.agents import Codec
from tests.unit.acp_lines import answer, chunk, line, requests, update, working
from tests.unit.transcripts import endings, said

# Turns


@pytest.mark.parametrize(
    ("stop", "ok", "words"),
    [
        ("end_turn", True, ""),
        ("max_tokens", False, "limit of tokens"),
        ("max_turn_requests", False, "limit of steps"),
        ("refusal", False, "refuses"),
        ("something new", False, "«something new»"),
    ],
)
def test_why_a_turn_ended(stop: str, ok: bool, words: str) -> None:
    """What was said is kept in any case."""
    (end,) = endings(working().feed(chunk("so far") + answer(stop)))
    assert (end.ok, end.answer, end.interrupted) == (ok, "so far", False)
    assert words in end.error


def test_a_turn_that_was_counted_and_never_given_has_no_answer() -> None:
    """After a restart its number belongs to the next prompt; the answer to that ends the turn all the same."""
    codec = working()
    (end,) = endings(codec.feed(chunk("mine") + answer(number=FIRST_PROMPT + 1)))
    assert end.answer == "mine"
    assert json.loads(codec.begin_turn("next"))["id"] == FIRST_PROMPT + 2


def test_what_belongs_to_no_turn_or_another_session_is_told_to_nobody() -> None:
    """Such as the words of a sub-agent in a session of its own."""
    codec = working()
    assert said(codec.feed(chunk("foreign", session="other") + chunk("mine") + answer())) == "mine"
    assert codec.feed(chunk("late") + update("tool_call", toolCallId="t", status="in_progress")) == []


def test_messages_are_kept_apart() -> None:
    """By their ids, or by the tool that ran between them."""
    codec = working()
    codec.feed(chunk("a", messageId="1") + chunk("b", messageId="1") + chunk("c", messageId="2"))
    codec.feed(update("tool_call", toolCallId="t", status="completed", title="x") + chunk("d"))
    (end,) = endings(codec.feed(answer()))
    assert end.answer == "ab\n\nc\n\nd"


def test_content_that_is_no_text_is_named() -> None:
    """A picture cannot be shown; a link can."""
    codec = working()
    for content in (
        {"type": "image", "mimeType": "image/png", "data": "…"},
        {"type": "resource_link", "name": "notes", "uri": "file:///notes"},
        {"type": "resource", "resource": {"uri": "file:///x", "text": "inside"}},
        {"type": "hologram"},
    ):
        codec.feed(update("agent_message_chunk", content=content))
    (end,) = endings(codec.feed(answer()))
    assert end.answer == "[image: image/png]notes (file:///notes)inside"


def test_a_tool_call_is_told_when_it_works() -> None:
    """Until then its title may say nothing; of a repeated end the first counts."""
    codec = working()
    assert codec.feed(update("tool_call", toolCallId="t", title="bash", kind="execute", status="pending"))[1:] == []
    began = update("tool_call_update", toolCallId="t", status="in_progress", rawInput={"command": ["ls", "-l"]})
    assert codec.feed(began) == [ToolStarted(tool_id="t", name="execute", title="ls -l")]
    output = {"output": "\n---\nnot found\n"}
    ended = update("tool_call_update", toolCallId="t", status="failed", rawOutput=output)
    assert codec.feed(ended + ended) == [ToolFinished(tool_id="t", ok=False, summary="not found")]


def test_what_is_left_open_is_closed_with_the_turn() -> None:
    """A tool that was rejected is not heard of again from some agents."""
    codec = working()
    codec.feed(update("tool_call", toolCallId="t", title="x", status="in_progress"))
    codec.feed(update("tool_call", toolCallId="never began", title="y", status="pending"))
    events = codec.feed(answer("cancelled"))
    assert events[0] == ToolFinished(tool_id="t", ok=False)
    assert len(events) == 2


def test_a_plan() -> None:
    """Always the whole of it; states that are unknown count as not begun."""
    entries = [{"content": "read", "status": "completed"}, {"content": "write\nit", "status": "paused"}]
    steps = (
        PlanStep(text="read", state=PlanState.COMPLETED),
        PlanStep(text="write it", state=PlanState.PENDING),
    )
    assert working().feed(update("plan", entries=entries))[1:] == [Planned(steps=steps)]
    assert working().feed(update("plan_update", plan={"type": "items", "entries": entries}))[1:] == [
        Planned(steps=steps)
    ]


def test_tokens_and_money_of_one_turn() -> None:
    """The agent counts its money from the beginning of the session."""
    codec = working()
    usages = []
    for turn, total in enumerate((0.25, 0.75)):
        told_of_it = update("usage_update", used=1000, size=9000, cost={"amount": total, "currency": "USD"})
        used = codec.feed(told_of_it)[-1]
        assert isinstance(used, Used)
        assert (used.usage.context_tokens, used.usage.context_limit) == (1000, 9000)
        told = {"inputTokens": 10, "outputTokens": 2}
        (end,) = endings(codec.feed(answer(number=FIRST_PROMPT + turn, usage=told)))
        usages.append(end.usage)
        codec.begin_turn("next")
    assert usages == [
        Usage(input_tokens=10, output_tokens=2, cost_usd=cost, context_tokens=1000, context_limit=9000)
        for cost in (0.25, 0.5)
    ]


def test_the_mode_that_gemini_tells_as_text_is_no_answer() -> None:
    """Nor is the protocol's own word for it."""
    codec = working()
    events = codec.feed(chunk("[MODE_UPDATE] yolo") + update("current_mode_update", currentModeId="plan") + answer())
    assert [event.text for event in events if isinstance(event, Noticed)] == [
        "The agent's mode is now «yolo».",
        "The agent's mode is now «plan».",
    ]
    assert endings(events)[0].answer == ""


# Requests of the agent


def wanted(codec: Codec, *kinds: str, number: int | str = 0, tool: str = "t") -> ApprovalWanted:
    """The agent asks, and offers answers of these kinds."""
    options = [{"optionId": f"o-{kind}", "kind": kind, "name": kind.title()} for kind in kinds]
    given = {"command": "rm -rf build"}
    call = {"toolCallId": tool, "title": "bash", "kind": "execute", "status": "pending", "rawInput": given}
    params = {"sessionId": "s", "toolCall": call, "options": options}
    event = codec.feed(line(id=number, method="session/request_permission", params=params))[-1]
    assert isinstance(event, ApprovalWanted)
    return event


EVERY = ("allow_always", "allow_once", "reject_always", "reject_once", "allow_and_forget")


def outcome(data: bytes) -> Any:
    """What was answered."""
    return json.loads(data)["result"]["outcome"]


def test_an_answer_is_an_option_of_that_very_kind() -> None:
    """Never an «always» that nobody said; an unknown kind is not offered to anybody."""
    codec = working()
    event = wanted(codec, *EVERY)
    assert [option.option_id for option in event.options] == [f"o-{kind}" for kind in EVERY[:4]]
    assert outcome(codec.allow(event.request_id)) == {"outcome": "selected", "optionId": "o-allow_once"}
    assert codec.allow(event.request_id) == b""
    assert outcome(codec.deny(wanted(codec, *EVERY).request_id, "no"))["optionId"] == "o-reject_once"
    only_always = wanted(codec, "allow_always", "reject_always")
    assert outcome(codec.allow(only_always.request_id)) == {"outcome": "cancelled"}
    only_always = wanted(codec, "allow_always", "reject_always")
    assert outcome(codec.deny(only_always.request_id, "no"))["optionId"] == "o-reject_always"
    assert outcome(codec.deny(wanted(codec, "allow_once").request_id, "no")) == {"outcome": "cancelled"}


def test_the_agents_own_id_is_repeated_as_it_was() -> None:
    """A number or a text; and ids that an agent uses again are still told apart."""
    codec = working()
    first, second = wanted(codec, *EVERY, number="q"), wanted(codec, *EVERY, number="q")
    assert first.request_id != second.request_id
    assert json.loads(codec.allow(second.request_id))["id"] == "q"


def test_a_refusal_that_ends_the_turn_cancels_it() -> None:
    """The request is then answered as the protocol demands of a cancelled turn."""
    codec = working()
    cancel, reply = codec.deny(wanted(codec, *EVERY).request_id, "stop", ends_turn=True).splitlines()
    assert json.loads(cancel)["method"] == "session/cancel"
    assert outcome(reply) == {"outcome": "cancelled"}
    assert codec.deny("ask-1", "stop", ends_turn=True) == b""


def test_an_interrupt_answers_what_waits() -> None:
    """As the protocol demands; once it is answered otherwise, the interrupt is short again."""
    codec = working()
    short = codec.interrupt()
    event = wanted(codec, *EVERY, number=7)
    cancel, reply = (codec.interrupt() or b"").splitlines()
    assert cancel + b"\n" == short
    assert (json.loads(reply)["id"], outcome(reply)) == (7, {"outcome": "cancelled"})
    codec.allow(event.request_id)
    assert codec.interrupt() == short


@pytest.mark.parametrize(
    "over",
    [
        update("tool_call_update", toolCallId="t", status="completed"),
        line(method="$/cancel_request", params={"requestId": 5}),
        answer("cancelled"),
    ],
)
def test_a_request_that_is_over_is_withdrawn(over: bytes) -> None:
    """Its tool ended, the agent took it back, or the turn ended."""
    codec = working()
    event = wanted(codec, *EVERY, number=5)
    assert ApprovalWithdrawn(request_id=event.request_id) in codec.feed(over)
    assert codec.allow(event.request_id) == b""


@pytest.mark.parametrize("method", ["fs/read_text_file", "terminal/create", "elicitation/create", "_own/method"])
def test_what_was_not_offered_is_refused(method: str) -> None:
    """Unanswered, the agent would wait for ever."""
    codec = working()
    assert codec.feed(line(id="x", method=method, params={}))[-1] == Unrecognised(kind=method)
    (reply,) = requests(codec)
    assert (reply["id"], reply["error"]["code"]) == ("x", -32601)
    assert codec.feed(line(method=method, params={})) == [Unrecognised(kind=method)]
    assert codec.replies() == []


def test_unknown_updates_are_told_as_such() -> None:
    """Those without news for anybody are not."""
    codec = working()
    assert codec.feed(update("hologram"))[1:] == [Unrecognised(kind="session/update hologram")]
    assert codec.feed(update("session_info_update", title="x") + update("user_message_chunk")) == []


def test_a_session_that_is_lost_between_turns_is_unusable() -> None:
    """The bot then begins anew."""
    (end,) = endings(working().feed(line(id=FIRST_PROMPT, error={"code": -32002, "message": "Resource not found"})))
    assert end.session_unusable
