"""The models that agents tell of, as the menu of models offers them."""

import json

from cli_runner.agents.claude import ClaudeAgent
from orchestrator.domain.agent_events import ModelOffer, SessionStarted
from orchestrator.domain.agents import AgentSpec, Conversation
from orchestrator.domain.states import Mode
from tests.unit.acp_dialogue import Dialogue
from tests.unit.acp_lines import a_codec
from tests.unit.transcripts import dialogue

HELLO = {
    "models": [
        {"value": "default", "displayName": "Default (recommended)", "description": "Use the default model"},
        {"value": "opus", "displayName": "Opus", "description": "Best for hard work"},
        {"value": "haiku", "displayName": "Haiku"},
        {"displayName": "nameless"},
    ]
}


def test_claude_code_tells_of_its_models_when_it_is_greeted() -> None:
    """Its default is what is used without a choice, so it is not offered by that name."""
    conversation = Conversation(directory="/srv", model="", mode=Mode.ASK, cli_session_id="s", resume=False)
    codec = ClaudeAgent().open(AgentSpec(name="claude", protocol="claude", command=("claude",)), conversation, "")
    codec.begin_turn("x")
    answer = {"type": "control_response", "response": {"subtype": "success", "request_id": "hello", "response": HELLO}}
    init = {"type": "system", "subtype": "init", "session_id": "s", "model": "claude-opus"}
    events = codec.feed("".join(json.dumps(line) + "\n" for line in (answer, init)).encode())
    (started,) = [event for event in events if isinstance(event, SessionStarted)]
    assert started.models == (ModelOffer(name="opus", about="Best for hard work"), ModelOffer(name="haiku"))


def test_an_acp_agent_offers_models_with_its_own_words() -> None:
    """As recorded from Gemini CLI."""
    talk = Dialogue(a_codec()).play(dialogue("acp/gemini-text"))
    offers = [event.models for turn in talk.turns for event in turn if isinstance(event, SessionStarted)]
    assert offers
    assert all(offer == offers[0] for offer in offers)
    assert all(each.name for each in offers[0])
    assert "auto" in {each.name for each in offers[0]}
    assert next(each for each in offers[0] if each.name == "auto").about.startswith("Let Gemini CLI decide")
