"""What holds for every codec, each driven with output of its own protocol."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli_runner.agents.acp_wire import FIRST_PROMPT, INITIALIZE, SESSION
from cli_runner.agents.catalogue import PROTOCOLS, agent_for
from orchestrator.domain.agent_events import AgentEvent, Finished
from orchestrator.domain.agents import AgentSpec, Codec, Conversation, Exit
from orchestrator.domain.states import Mode
from tests.unit.transcripts import endings, merged, said

DIED = Exit(code=None, signal=9, stderr_tail="Traceback (most recent call last):\n  File x\nboom\n")
LEFT = Exit(code=0, signal=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """How a program of the protocol says a text, and how it ends its nth turn well (None: by its exit).

    `greeting` is what it says before it can be given a prompt.
    """

    protocol: str
    text: Callable[[str], bytes]
    end: Callable[[int], bytes] | None
    greeting: bytes = b""


def _line(value: dict[str, object]) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _claude_text(text: str) -> bytes:
    return _line({"type": "assistant", "message": {"content": [{"type": "text", "text": text}]}})


def _acp_text(text: str) -> bytes:
    update = {"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": text}}
    return _line({"jsonrpc": "2.0", "method": "session/update", "params": {"sessionId": "s", "update": update}})


def _acp_answer(number: int, **result: object) -> bytes:
    return _line({"jsonrpc": "2.0", "id": number, "result": result})


def _codex_text(text: str) -> bytes:
    """With what names the turn, and a thread and turn that are the same for all: only one is open at a time."""
    item = {"type": "agentMessage", "id": "m", "text": text}
    return _line({"id": "turn-1", "result": {"turn": {"id": "u"}}}) + _line(
        {"method": "item/completed", "params": {"threadId": "t", "turnId": "u", "item": item}}
    )


SPEAKERS = [
    Speaker(
        protocol="acp",
        text=_acp_text,
        end=lambda turn: _acp_answer(FIRST_PROMPT - 1 + turn, stopReason="end_turn"),
        greeting=_acp_answer(INITIALIZE, protocolVersion=1) + _acp_answer(SESSION, sessionId="s"),
    ),
    Speaker(
        protocol="claude",
        text=_claude_text,
        end=lambda _: _line({"type": "result", "subtype": "success", "is_error": False, "result": ""}),
    ),
    Speaker(
        protocol="codex",
        text=_codex_text,
        end=lambda _: _line({"method": "turn/completed", "params": {"turn": {"id": "u", "status": "completed"}}}),
        greeting=_line({"id": "hello", "result": {}}) + _line({"id": "thread", "result": {"thread": {"id": "t"}}}),
    ),
    Speaker(
        protocol="demo",
        text=lambda text: _line({"event": "text", "delta": text}),
        end=lambda _: _line({"event": "finished", "ok": True}),
    ),
    Speaker(protocol="text", text=str.encode, end=None),
]
ALL = pytest.mark.parametrize("speaker", SPEAKERS, ids=lambda speaker: speaker.protocol)


def opened(speaker: Speaker, prompt: str = "do it") -> Codec:
    """A codec in the middle of its first turn."""
    spec = AgentSpec(name="x", protocol=speaker.protocol, command=("/bin/agent",))
    conversation = Conversation(directory="/d", model="", mode=Mode.ASK, cli_session_id="", resume=False)
    codec = agent_for(speaker.protocol).open(spec, conversation, prompt)
    assert not endings(codec.feed(speaker.greeting))
    codec.replies()
    assert codec.ready
    codec.begin_turn(prompt)
    return codec


def turn(speaker: Speaker, codec: Codec, *chunks: bytes, number: int = 1) -> list[AgentEvent]:
    """The events of the nth turn with this output, which ends well."""
    events = [event for chunk in chunks for event in codec.feed(chunk)]
    return events + (codec.ended(LEFT) if speaker.end is None else codec.feed(speaker.end(number)))


def test_every_protocol_has_a_speaker() -> None:
    """A new codec is held to these rules too."""
    assert {speaker.protocol for speaker in SPEAKERS} == set(PROTOCOLS)


@ALL
def test_a_turn_has_one_end_and_it_is_last(speaker: Speaker) -> None:
    """Text as it comes, then exactly one `Finished` with all of it."""
    events = turn(speaker, opened(speaker), speaker.text("hello"))
    assert len(endings(events)) == 1
    assert isinstance(events[-1], Finished)
    assert said(events) == "hello"
    assert (events[-1].ok, events[-1].answer, events[-1].error) == (True, "hello", "")


@ALL
@given(st.lists(st.integers(0, 4000), max_size=20))
def test_output_says_the_same_however_it_is_cut(speaker: Speaker, places: list[int]) -> None:
    """Also in the middle of a character."""
    data = speaker.text("Grüße, 世界 🎉\n\nbye")
    at = sorted({place % (len(data) + 1) for place in places})
    chunks = [data[a:b] for a, b in zip([0, *at], [*at, len(data)], strict=True)]
    assert merged(turn(speaker, opened(speaker), *chunks)) == merged(turn(speaker, opened(speaker), data))


@ALL
@given(st.lists(st.binary(max_size=200), max_size=8))
def test_foreign_output_never_raises(speaker: Speaker, chunks: list[bytes]) -> None:
    """Whatever comes: the turn gets its one end, and everything said can be encoded."""
    codec = opened(speaker)
    events = [event for chunk in chunks for event in codec.feed(chunk)] + codec.ended(DIED)
    assert len(endings(events)) == 1
    assert all(repr(event).encode() for event in events)


_UPDATES = ["agent_message_chunk", "tool_call", "tool_call_update", "plan", "usage_update", "current_mode_update", 7]
_STRANGE: list[object] = [
    *(None, True, 7, -1.5, "", "text", [], {}, [None, 7, "x", [], {}], {"type": 7}, {"type": "text"}),
    {"subtype": "can_use_tool", "input": []},
    {"type": "content_block_delta", "delta": {"type": "text_delta", "text": None}},
    {"content": [{"type": "tool_use"}, {"type": "tool_result", "content": [None, {"text": 7}]}, "x"]},
    {"input_tokens": "many", "cost_usd": True},
    *({"update": {"sessionUpdate": kind, "content": [7], "entries": [7, {}], "cost": []}} for kind in _UPDATES),
    {"toolCall": {"toolCallId": 7, "rawInput": [], "locations": [{}]}, "options": [{"kind": "allow_once"}, 7]},
]
_KINDS = ["system", "assistant", "user", "stream_event", "control_request", "control_response", "result"]
_EVENTS = ["session", "text", "thought", "tool", "tool_end", "ask", "ask_end", "notice", "finished"]
_METHODS = ["session/update", "session/request_permission", "session/other", "$/cancel_request"]
_NAMES = ["message", "event", "request", "response", "delta", "content", "usage", "id", "subtype", "origin"]
_METHODS += ["turn/completed", "item/started", "item/completed", "item/fileChange/requestApproval", "error"]
_NAMES += ["params", "result", "error"]


@ALL
@given(
    st.sampled_from(
        [("type", kind) for kind in _KINDS]
        + [("event", kind) for kind in _EVENTS]
        + [("method", kind) for kind in _METHODS]
    ),
    st.dictionaries(st.sampled_from(_NAMES), st.sampled_from(_STRANGE), max_size=6),
)
def test_known_lines_with_strange_members_never_raise(
    speaker: Speaker, kind: tuple[str, str], members: dict[str, object]
) -> None:
    """CLIs change weekly: a member may be missing or of another type."""
    codec = opened(speaker)
    events = codec.feed(_line({**members, kind[0]: kind[1]})) + codec.ended(DIED)
    assert len(endings(events)) == 1
    assert all(isinstance(reply, bytes) for reply in codec.replies())


@ALL
def test_a_program_that_dies_owes_one_end(speaker: Speaker) -> None:
    """One line about it, no traceback, what was said so far kept; and only once."""
    codec = opened(speaker)
    codec.feed(speaker.text("half"))
    (end,) = endings(codec.ended(DIED))
    assert not end.ok
    assert end.answer == "half"
    assert "SIGKILL" in end.error
    assert "boom" in end.error
    assert "Traceback" not in end.error
    assert "\n" not in end.error
    assert codec.ended(DIED) == []


@ALL
def test_a_program_that_ends_between_turns_ends_none(speaker: Speaker) -> None:
    """An idle process may go; nobody is told of a failure."""
    codec = opened(speaker)
    turn(speaker, codec, speaker.text("hello"))
    assert endings(codec.ended(DIED)) == []


@ALL
def test_late_output_ends_no_turn(speaker: Speaker) -> None:
    """After its `Finished` a turn stays finished, and the next one gets its own end."""
    codec = opened(speaker)
    turn(speaker, codec, speaker.text("one"))
    assert endings(codec.feed(speaker.end(1) if speaker.end else b"")) == []
    if codec.warm:
        codec.begin_turn("again")
        events = turn(speaker, codec, speaker.text("two"), number=2)
        assert [end.answer for end in endings(events)] == ["two"]


@ALL
def test_an_interrupt_may_be_encoded_beforehand(speaker: Speaker) -> None:
    """Whoever stops the run writes it; asking for it changes nothing."""
    codec = opened(speaker)
    assert codec.interrupt() == codec.interrupt()
    (end,) = endings(turn(speaker, codec, speaker.text("hello")))
    assert (end.ok, end.interrupted) == (True, False)


@ALL
def test_what_is_written_are_whole_lines(speaker: Speaker) -> None:
    """Nothing that a person typed can begin a second line of a protocol."""
    codec = opened(speaker)
    prompt = 'two\nlines "quoted" \u2028 and \\ more'
    written = [codec.hello, codec.begin_turn(prompt), codec.interrupt() or b""]
    assert all(not data or data.endswith(b"\n") for data in written)
    if codec.warm:
        assert [data.count(b"\n") for data in written if data] == [1 for data in written if data]


@ALL
def test_nobody_is_answered_who_did_not_ask(speaker: Speaker) -> None:
    """A tap on an old button writes nothing."""
    codec = opened(speaker)
    assert codec.allow("no such request") == b""
    assert codec.deny("no such request", "no") == b""
    assert codec.replies() == []


@ALL
def test_a_giant_line_does_not_end_the_reading(speaker: Speaker) -> None:
    """50 MB on one line; what comes after it is read."""
    codec = opened(speaker)
    chunk = b"x" * 2**20
    events = [event for _ in range(50) for event in codec.feed(chunk)]
    events += turn(speaker, codec, b"\n" + speaker.text("after"))
    (end,) = endings(events)
    assert end.ok
