"""What an ACP agent may say, line by line, and codecs that hear it."""

import json
from typing import Any

from cli_runner.agents.acp import AcpAgent
from cli_runner.agents.acp_wire import FIRST_PROMPT, INITIALIZE, SESSION
from orchestrator.domain.agent_events import AgentEvent
from orchestrator.domain.agents import AgentSpec, Codec, Conversation
from orchestrator.domain.states import Mode


def a_codec(
    *, mode: Mode = Mode.ASK, model: str = "", session: str = "", fork: bool = False, files: bool = False
) -> Codec:
    """A codec of a new run."""
    spec = AgentSpec(name="x", protocol="acp", command=("agent", "--acp"), model=model)
    conversation = Conversation(
        directory="/srv/api", model="", mode=mode, cli_session_id=session, resume=bool(session), fork=fork
    )
    return AcpAgent(serves_files=files).open(spec, conversation, "")


def line(**members: Any) -> bytes:
    """A message of the agent's."""
    return json.dumps({"jsonrpc": "2.0", **members}).encode() + b"\n"


def update(kind: str, /, *, session: str = "s", **members: Any) -> bytes:
    """A `session/update`."""
    params = {"sessionId": session, "update": {"sessionUpdate": kind, **members}}
    return line(method="session/update", params=params)


def chunk(text: str, **members: Any) -> bytes:
    """A piece of the answer."""
    return update("agent_message_chunk", content={"type": "text", "text": text}, **members)


def requests(codec: Codec) -> list[dict[str, Any]]:
    """What the codec wants to be written now."""
    return [json.loads(reply) for reply in codec.replies()]


def greeted(codec: Codec, *, session: dict[str, Any] | None = None, **initialized: Any) -> list[AgentEvent]:
    """The agent answers `initialize` and opens the session; the events of that."""
    events = codec.feed(line(id=INITIALIZE, result={"protocolVersion": 1, **initialized}))
    codec.replies()
    return events + codec.feed(line(id=SESSION, result={"sessionId": "s", **(session or {})}))


def working(codec: Codec | None = None, **session: Any) -> Codec:
    """A codec in the middle of its first turn."""
    codec = codec or a_codec()
    assert greeted(codec, session=session) == []
    assert codec.ready
    codec.replies()
    codec.begin_turn("do it")
    return codec


def answer(stop: str = "end_turn", number: int = FIRST_PROMPT, **members: Any) -> bytes:
    """The answer to a prompt."""
    return line(id=number, result={"stopReason": stop, **members})
