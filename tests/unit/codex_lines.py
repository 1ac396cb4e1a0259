"""Output of Codex made for one case, and codecs that are ready for it."""

import json
from typing import Any

from cli_runner.agents.codex import CodexCodec
from orchestrator.domain.agent_events import ApprovalWanted
from tests.unit.codex_dialogue import Json, codec_for

THREAD, TURN = "t", "u"


def lines(*objects: Json) -> bytes:
    """Output of Codex."""
    return b"".join(json.dumps(item).encode() + b"\n" for item in objects)


def told(method: str, **params: object) -> Json:
    """A notification of our thread and turn."""
    return {"method": method, "params": {"threadId": THREAD, "turnId": TURN, **params}}


def completed(**item: object) -> Json:
    """An item that ended."""
    return told("item/completed", item=item)


def ends(status: str = "completed", **turn: object) -> Json:
    """The end of the turn."""
    return told("turn/completed", turn={"id": TURN, "status": status, **turn})


def greeted(**conversation: Any) -> CodexCodec:
    """A codec that takes prompts."""
    codec = codec_for(**conversation)
    assert codec.feed(lines({"id": "hello", "result": {"userAgent": "topicd/0.169.0 (Debian 12)"}})) == []
    assert codec.feed(lines({"id": "thread", "result": {"thread": {"id": THREAD}, "model": "m"}})) == []
    codec.replies()
    return codec


def working(**conversation: Any) -> CodexCodec:
    """A codec in the middle of its first turn."""
    codec = greeted(**conversation)
    codec.begin_turn("do it")
    began(codec)
    return codec


def began(codec: CodexCodec) -> None:
    """Its turn runs."""
    codec.feed(lines({"id": "turn-1", "result": {"turn": {"id": TURN}}}, told("turn/started", turn={"id": TURN})))


def asked(codec: CodexCodec, method: str, **params: object) -> ApprovalWanted:
    """What a request of Codex says."""
    request = {"id": 5, **told(method, itemId="c", **params)}
    (event,) = codec.feed(lines(request))
    assert isinstance(event, ApprovalWanted)
    return event
