"""What an ACP session takes besides prompts: files, another mode or model, a copy of it."""

import json
from typing import Any

from cli_runner.agents.acp_wire import INITIALIZE, NEXT_MODE, NEXT_MODEL
from orchestrator.domain.agent_events import Noticed, SessionStarted
from orchestrator.domain.agents import Attachment, Codec
from orchestrator.domain.states import Mode
from tests.unit.acp_lines import a_codec, chunk, greeted, line, requests, working

PICTURE = Attachment(path="/f/a.png", media_type="image/png", data=b"png")
NOTES = Attachment(path="/f/my notes.txt", media_type="text/plain")
MODES: dict[str, Any] = {
    "modes": {"currentModeId": "default", "availableModes": [{"id": "default"}, {"id": "autoEdit"}, {"id": "plan"}]},
    "models": {"currentModelId": "m", "availableModels": [{"modelId": "m"}, {"modelId": "n"}]},
}


def blocks(codec: Codec, *files: Attachment, text: str = "look") -> list[dict[str, Any]]:
    """What a prompt with these files is made of."""
    written: dict[str, Any] = json.loads(codec.begin_turn(text, files))
    prompt: list[dict[str, Any]] = written["params"]["prompt"]
    return prompt


def test_a_picture_goes_along_as_it_is_where_the_agent_takes_any() -> None:
    """Other files are named, and linked to where that loses no picture; so is a picture where it can't be seen."""
    codec = a_codec()
    greeted(codec, agentCapabilities={"promptCapabilities": {"image": True}})
    link = {
        "type": "resource_link",
        "uri": "file:///f/my%20notes.txt",
        "name": "my notes.txt",
        "mimeType": "text/plain",
    }
    assert blocks(codec, PICTURE, NOTES) == [
        {"type": "text", "text": "look\n\nAttached file: /f/my notes.txt"},
        {"type": "image", "mimeType": "image/png", "data": "cG5n"},
    ]
    assert blocks(codec, NOTES)[1:] == [link]
    blind = a_codec()
    greeted(blind)
    assert [block["type"] for block in blocks(blind, PICTURE)] == ["text", "resource_link"]


def test_a_file_without_words_is_a_prompt() -> None:
    """And words without a file are, even if there are none."""
    codec = a_codec()
    greeted(codec, agentCapabilities={"promptCapabilities": {"image": True}})
    assert [block["type"] for block in blocks(codec, PICTURE, text="")] == ["image"]
    assert [block["type"] for block in blocks(codec, NOTES, text="")] == ["text", "resource_link"]
    assert [block["type"] for block in blocks(codec, text="")] == ["text"]


def test_the_mode_changes_where_the_agent_offers_it() -> None:
    """At once; a refusal is told. What it has not needs another process, which says so."""
    codec = working(**MODES)
    assert json.loads(codec.set_mode(Mode.EDITS) or b"") == {
        "jsonrpc": "2.0",
        "id": NEXT_MODE,
        "method": "session/set_mode",
        "params": {"sessionId": "s", "modeId": "autoEdit"},
    }
    codec.feed(chunk("x") + line(id=NEXT_MODE, result={}))
    assert codec.set_mode(Mode.ALL) is None
    (event,) = codec.feed(line(id=NEXT_MODE, error={"code": -32602, "message": "no"}))
    assert isinstance(event, Noticed)
    assert "refuses another mode: no" in event.text
    assert a_codec().set_mode(Mode.PLAN) is None


def test_a_session_that_was_put_to_planning_comes_out_of_it() -> None:
    """Also where the agent has no word for any mode beside it, as OpenCode."""
    option = {"id": "mode", "category": "mode", "currentValue": "build"}
    codec = working(configOptions=[{**option, "options": [{"value": "build"}, {"value": "plan"}]}])
    assert codec.set_mode(Mode.ASK) is None
    written = [json.loads(codec.set_mode(mode) or b"") for mode in (Mode.PLAN, Mode.ASK)]
    assert [each["method"] for each in written] == ["session/set_config_option"] * 2
    assert [each["params"]["value"] for each in written] == ["plan", "build"]


def test_the_model_changes_where_the_agent_offers_it() -> None:
    """By its own way to choose."""
    codec = working(**MODES)
    written = json.loads(codec.set_model("n") or b"")
    assert (written["id"], written["method"]) == (NEXT_MODEL, "session/set_model")
    assert written["params"] == {"sessionId": "s", "modelId": "n"}
    assert codec.set_model("another") is None
    assert working().set_model("n") is None


def copied(**capabilities: Any) -> tuple[Codec, dict[str, Any]]:
    """A codec that is to copy the session `old`, and what it asks for."""
    codec = a_codec(session="old", fork=True)
    result = {"protocolVersion": 1, "agentCapabilities": {"loadSession": True, "sessionCapabilities": capabilities}}
    codec.feed(line(id=INITIALIZE, result=result))
    (request,) = requests(codec)
    return codec, request


def test_a_copy_of_a_session_gets_an_id_of_its_own() -> None:
    """Where the agent can make one."""
    codec, request = copied(fork={}, resume={})
    assert (request["method"], request["params"]["sessionId"]) == ("session/fork", "old")
    codec.feed(line(id=request["id"], result={"sessionId": "new"}))
    assert codec.ready
    codec.begin_turn("x")
    assert codec.feed(chunk("y"))[0] == SessionStarted(cli_session_id="new")


def test_where_there_are_no_copies_the_session_goes_on_and_says_so() -> None:
    """Two conversations in one is better than none."""
    codec, request = copied(resume={})
    assert (request["method"], request["params"]["sessionId"]) == ("session/resume", "old")
    codec.feed(line(id=request["id"], result={}))
    codec.begin_turn("x")
    events = codec.feed(chunk("y"))
    assert events[0] == SessionStarted(cli_session_id="old")
    assert [event.text for event in events if isinstance(event, Noticed)] == [
        "The agent cannot copy a conversation: this one goes on with the same."
    ]
