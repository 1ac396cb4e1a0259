"""Files that an ACP agent asks its client for."""

from typing import Any

import pytest

from orchestrator.domain.agent_events import FileAsked
from orchestrator.domain.agents import Codec
from orchestrator.domain.states import Mode
from tests.unit.acp_lines import a_codec, answer, line, requests, working

READ, WRITE = "fs/read_text_file", "fs/write_text_file"


def asks(method: str, number: int = 3, **params: Any) -> bytes:
    """The agent asks for a file."""
    return line(id=number, method=method, params={"sessionId": "s", "path": "/srv/api/a", **params})


def serving(mode: Mode = Mode.ASK, **session: Any) -> Codec:
    """A codec that serves files, in the middle of a turn."""
    return working(a_codec(files=True, mode=mode), **session)


def error(codec: Codec) -> dict[str, Any]:
    """The one refusal that the codec wants to be written."""
    (reply,) = requests(codec)
    refusal: dict[str, Any] = reply["error"]
    return refusal


@pytest.mark.parametrize("files", [True, False])
def test_files_are_offered_where_they_are_served_and_terminals_never(files: bool) -> None:
    """The agent runs its commands itself, where a stop finds them."""
    hello = a_codec(files=files).hello
    assert (b'"readTextFile":true,"writeTextFile":true' in hello) == files
    assert b'"terminal":false' in hello


def test_a_file_is_read() -> None:
    """All of it, or some lines; answered once."""
    codec = serving()
    asked = codec.feed(asks(READ) + asks(READ, 4, line=2, limit=5))[1:]
    assert asked == [
        FileAsked(request_id="file-1", path="/srv/api/a"),
        FileAsked(request_id="file-2", path="/srv/api/a", line=2, limit=5),
    ]
    assert codec.served("file-2", "x\n") == b'{"jsonrpc":"2.0","id":4,"result":{"content":"x\\n"}}\n'
    assert codec.served("file-2", "again") == b""
    assert b"-32002" in codec.refuse_service("file-1", "There is no a.", missing=True)


def test_a_file_is_written() -> None:
    """Also with nothing in it; a refusal says why."""
    codec = serving()
    asked = codec.feed(asks(WRITE, content="") + asks(WRITE, 4, content="x"))[1:]
    assert asked == [
        FileAsked(request_id="file-1", path="/srv/api/a", text=""),
        FileAsked(request_id="file-2", path="/srv/api/a", text="x"),
    ]
    assert codec.served("file-1") == b'{"jsonrpc":"2.0","id":3,"result":{}}\n'
    assert b'"message":"read-only"' in codec.refuse_service("file-2", "read-only")


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (asks(READ, path=""), "path"),
        (asks(WRITE), "content"),
        (asks(WRITE, content=7), "content"),
        (asks(READ, sessionId="other"), "session"),
    ],
)
def test_a_request_that_lacks_something_is_refused(request_: bytes, words: str) -> None:
    """The agent would wait for ever."""
    codec = serving()
    assert codec.feed(request_)[1:] == []
    assert words in error(codec)["message"]


def test_in_the_planning_mode_files_are_only_read() -> None:
    """Whatever the agent thinks of it; also when the mode was changed meanwhile."""
    modes = {"currentModeId": "plan", "availableModes": [{"id": "plan"}, {"id": "default"}]}
    codec = serving(Mode.PLAN, modes=modes)
    assert len(codec.feed(asks(READ))[1:]) == 1
    assert codec.feed(asks(WRITE, content="x")) == []
    assert "planning" in error(codec)["message"]
    codec.set_mode(Mode.ASK)
    assert len(codec.feed(asks(WRITE, content="x"))) == 1
    codec.set_mode(Mode.PLAN)
    assert codec.feed(asks(WRITE, content="x")) == []


def test_when_the_turn_is_over_nothing_is_served() -> None:
    """What still waits is refused, and so is what is asked between turns."""
    codec = serving()
    codec.feed(asks(WRITE, content="x"))
    codec.feed(answer())
    assert error(codec)["message"] == "The turn is over."
    assert codec.served("file-1") == b""
    assert codec.feed(asks(WRITE, content="x")) == []
    assert "turn" in error(codec)["message"]
