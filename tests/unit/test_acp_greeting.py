"""How an ACP agent is brought to where it can be given a prompt."""

import json
from typing import Any

import pytest

from cli_runner.agents.acp import AcpAgent
from cli_runner.agents.acp_wire import FIRST_PROMPT, INITIALIZE, MODE, MODEL, SESSION
from orchestrator.domain.agent_events import (
    Noticed,
    SessionStarted,
)
from orchestrator.domain.agents import AgentSpec, Conversation, Exit
from orchestrator.domain.errors import Refusal
from orchestrator.domain.states import Mode
from tests.unit.acp_lines import a_codec, answer, chunk, greeted, line, requests, working
from tests.unit.transcripts import endings


def test_a_prompt_can_be_given_once_there_is_a_session() -> None:
    """`initialize`, then `session/new`; each once."""
    codec = a_codec()
    assert json.loads(codec.hello)["params"]["clientCapabilities"]["fs"] == {
        "readTextFile": False,
        "writeTextFile": False,
    }
    assert (codec.ready, codec.interrupt(), codec.replies()) == (False, None, [])
    assert codec.feed(line(id=INITIALIZE, result={"protocolVersion": 1})) == []
    (request,) = requests(codec)
    assert (request["method"], request["params"]) == ("session/new", {"cwd": "/srv/api", "mcpServers": []})
    assert codec.feed(line(id=INITIALIZE, result={"protocolVersion": 1})) == []
    assert (codec.ready, codec.replies()) == (False, [])
    assert codec.feed(line(id=SESSION, result={"sessionId": "s"})) == []
    assert (codec.ready, codec.warm, codec.replies()) == (True, True, [])
    assert json.loads(codec.interrupt() or b"") == {
        "jsonrpc": "2.0",
        "method": "session/cancel",
        "params": {"sessionId": "s"},
    }


@pytest.mark.parametrize(
    ("capabilities", "method"),
    [
        ({"loadSession": True}, "session/load"),
        ({"loadSession": True, "sessionCapabilities": {"resume": {}}}, "session/resume"),
        ({"sessionCapabilities": {"resume": {}}}, "session/resume"),
    ],
)
def test_a_session_is_taken_up_without_its_history_where_that_is_offered(
    capabilities: dict[str, Any], method: str
) -> None:
    """`session/resume` before `session/load`."""
    codec = a_codec(session="old")
    codec.feed(line(id=INITIALIZE, result={"agentCapabilities": capabilities}))
    (request,) = requests(codec)
    assert (request["method"], request["params"]["sessionId"]) == (method, "old")
    codec.feed(line(id=SESSION, result={}))
    assert codec.ready


def test_an_agent_that_keeps_no_sessions_cannot_take_one_up() -> None:
    """The session is unusable, so that the bot begins anew."""
    codec = a_codec(session="old")
    (end,) = endings(codec.feed(line(id=INITIALIZE, result={"agentInfo": {"name": "Simple"}})))
    assert (end.ok, end.session_unusable, codec.ready, codec.warm) == (False, True, False, False)
    assert "Simple" in end.error


def test_after_a_load_the_answer_to_the_mode_ends_the_history() -> None:
    """It is set even to what it is: an agent may answer the load before it has told all."""
    codec = a_codec(session="old")
    codec.feed(line(id=INITIALIZE, result={"agentCapabilities": {"loadSession": True}}))
    codec.replies()
    assert codec.feed(chunk("long ago", session="old")) == []
    modes = {"availableModes": [{"id": "default"}, {"id": "plan"}], "currentModeId": "default"}
    assert codec.feed(line(id=SESSION, result={"modes": modes})) == []
    assert not codec.ready
    (request,) = requests(codec)
    assert (request["method"], request["params"]["modeId"]) == ("session/set_mode", "default")
    assert codec.feed(chunk("not so long ago", session="old")) == []
    assert not codec.ready
    assert codec.feed(line(id=MODE, error={"code": -32603, "message": "why?"})) == []
    assert codec.ready


@pytest.mark.parametrize(
    ("mode", "offered", "current", "wanted"),
    [
        (Mode.ASK, ["default", "autoEdit", "yolo", "plan"], "default", ""),
        (Mode.EDITS, ["default", "autoEdit", "yolo", "plan"], "default", "autoEdit"),
        (Mode.ALL, ["default", "autoEdit", "yolo", "plan"], "default", "yolo"),
        (Mode.PLAN, ["default", "acceptEdits", "plan", "bypassPermissions"], "default", "plan"),
        (Mode.ALL, ["default", "acceptEdits", "plan", "bypassPermissions"], "default", "bypassPermissions"),
        (Mode.EDITS, ["default", "accept-edits"], "default", "accept-edits"),
        (
            Mode.PLAN,
            ["https://a.example/modes#agent", "https://a.example/modes#plan"],
            "",
            "https://a.example/modes#plan",
        ),
        (Mode.ASK, ["build", "plan"], "plan", "build"),
    ],
)
def test_our_modes_in_the_agents_words(mode: Mode, offered: list[str], current: str, wanted: str) -> None:
    """Nothing is set that is set already; a session left in the planning mode is brought out of it."""
    codec = a_codec(mode=mode)
    modes = {"availableModes": [{"id": each} for each in offered], "currentModeId": current}
    assert greeted(codec, session={"modes": modes}) == []
    assert [request["params"]["modeId"] for request in requests(codec)] == ([wanted] if wanted else [])
    assert codec.ready == (not wanted)


def test_a_mode_that_is_not_offered_is_told_with_the_first_turn() -> None:
    """Once; the agent then works by rules of its own."""
    options = [{"value": "build"}, {"value": "plan"}]
    option = {"id": "mode", "category": "mode", "currentValue": "build", "options": options}
    codec = working(configOptions=[option])
    (remark,) = [event for event in codec.feed(chunk("x") + answer()) if isinstance(event, Noticed)]
    assert "«ask»" in remark.text
    assert "build, plan" in remark.text
    codec.begin_turn("again")
    assert not [event for event in codec.feed(answer(number=FIRST_PROMPT + 1)) if isinstance(event, Noticed)]


@pytest.mark.parametrize("mode", [Mode.ASK, Mode.EDITS, Mode.PLAN])
def test_an_agent_that_refuses_a_mode_that_forbids_something_does_not_work(mode: Mode) -> None:
    """Otherwise it might do what it was forbidden."""
    codec = a_codec(mode=mode)
    offered = [{"id": word} for word in ("yolo", "default", "autoEdit", "plan")]
    greeted(codec, session={"modes": {"availableModes": offered, "currentModeId": "yolo"}})
    (end,) = endings(codec.feed(line(id=MODE, error={"code": -32603, "message": "untrusted folder"})))
    assert "untrusted folder" in end.error
    assert (codec.ready, codec.warm) == (False, False)


def test_an_agent_that_refuses_to_do_everything_unasked_works_on() -> None:
    """And the refusal is told with the turn."""
    codec = a_codec(mode=Mode.ALL)
    greeted(codec, session={"modes": {"availableModes": [{"id": "default"}, {"id": "yolo"}]}})
    codec.replies()
    assert codec.feed(line(id=MODE, error={"code": -32603, "message": "untrusted folder"})) == []
    assert codec.ready
    codec.begin_turn("x")
    assert any("untrusted folder" in event.text for event in codec.feed(answer()) if isinstance(event, Noticed))


def test_without_a_planning_mode_there_is_no_planning() -> None:
    """An agent that could write files must not be told only to plan."""
    (end,) = endings(greeted(a_codec(mode=Mode.PLAN), agentInfo={"title": "Simple"}))
    assert end.error.startswith("Simple has no planning mode")


@pytest.mark.parametrize(
    ("offer", "method"),
    [
        (
            {"models": {"availableModels": [{"modelId": "a"}, {"modelId": "b"}], "currentModelId": "a"}},
            "session/set_model",
        ),
        (
            {"configOptions": [{"id": "m", "category": "model", "currentValue": "a", "options": [{"value": "a"}]}]},
            "session/set_config_option",
        ),
        (
            {"configOptions": [{"id": "model", "options": [{"group": "g", "options": [{"value": "b"}]}]}]},
            "session/set_config_option",
        ),
    ],
)
def test_a_model_is_chosen_before_the_first_prompt(offer: dict[str, Any], method: str) -> None:
    """In the agent's own way; its refusal ends the turn with what it offers."""
    codec = a_codec(model="b")
    greeted(codec, session=offer)
    (request,) = requests(codec)
    assert (request["method"], "b" in request["params"].values(), codec.ready) == (method, True, False)
    assert codec.feed(line(id=MODEL, result={})) == []
    assert codec.ready
    codec.begin_turn("x")
    named = codec.feed(chunk("x"))[0]
    assert isinstance(named, SessionStarted)
    assert (named.cli_session_id, named.model, bool(named.models)) == ("s", "b", True)
    refused = a_codec(model="b")
    greeted(refused, session=offer)
    (end,) = endings(refused.feed(line(id=MODEL, error={"code": -32602, "message": "no such model"})))
    assert "no such model" in end.error
    assert "It offers" in end.error


def test_a_model_cannot_be_chosen_where_there_is_no_choice() -> None:
    """Nobody gets another model than the one that was asked for."""
    (end,) = endings(greeted(a_codec(model="b")))
    assert "model" in end.error


def test_without_a_login_the_remedy_is_named() -> None:
    """With the agent's own ways to log in, and the variables that it takes."""
    methods = [
        {"id": "a", "name": "Login", "description": "Run `simple login`"},
        {"id": "b", "name": "Key", "type": "env_var", "vars": [{"name": "SIMPLE_KEY"}]},
    ]
    codec = a_codec()
    codec.feed(line(id=INITIALIZE, result={"agentInfo": {"name": "simple"}, "authMethods": methods}))
    (end,) = endings(codec.feed(line(id=SESSION, error={"code": -32000, "message": "Authentication required"})))
    assert end.error.startswith("simple is not logged in")
    assert "Run `simple login` · Key (SIMPLE_KEY)" in end.error
    assert (end.session_unusable, codec.warm) == (False, False)


def test_a_login_that_is_missing_does_not_cost_the_session() -> None:
    """Unlike other errors of a load."""
    capabilities = {"agentCapabilities": {"loadSession": True}}
    for code, unusable in ((-32000, False), (-32603, True)):
        codec = a_codec(session="old")
        codec.feed(line(id=INITIALIZE, result=capabilities))
        (end,) = endings(codec.feed(line(id=SESSION, error={"code": code, "message": "Internal error"})))
        assert end.session_unusable == unusable


def test_another_version_of_the_protocol_is_refused() -> None:
    """With both versions."""
    (end,) = endings(a_codec().feed(line(id=INITIALIZE, result={"protocolVersion": 2})))
    assert "version 2" in end.error
    assert "version 1" in end.error


def test_a_program_that_dies_in_the_greeting_ends_the_turn() -> None:
    """Its prompt was not given yet, and it is told why; once."""
    codec = a_codec()
    died = Exit(code=55, signal=None, stderr_tail="Not running in a trusted folder\n")
    (end,) = endings(codec.ended(died))
    assert "trusted folder" in end.error
    assert codec.ended(died) == []


def test_a_failed_greeting_ends_one_turn() -> None:
    """The end of its program is then no news."""
    codec = a_codec()
    assert len(endings(codec.feed(line(id=INITIALIZE, error={"code": 1, "message": "no"})))) == 1
    assert codec.feed(line(id=INITIALIZE, error={"code": 1, "message": "no"})) == []
    assert codec.ended(Exit(code=0, signal=None)) == []


def test_a_command_is_needed() -> None:
    """The protocol has no program of its own."""
    spec = AgentSpec(name="x", protocol="acp", command=())
    conversation = Conversation(directory="/d", model="", mode=Mode.ASK, cli_session_id="", resume=False)
    with pytest.raises(Refusal, match=r"refusal-no-command \(agent=x"):
        AcpAgent().open(spec, conversation, "")
