"""The codec of Claude Code against recorded dialogues in which a person answered, steered and waited."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from cli_runner.agents.claude import ClaudeAgent
from cli_runner.agents.claude_steers import uuid_of
from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalAnswer,
    ApprovalWanted,
    DetailKind,
    Finished,
    Garbled,
    SteerTaken,
    TaskEnded,
    TaskStarted,
    TextSaid,
    ToolStarted,
    TurnBegan,
    Unrecognised,
)
from orchestrator.domain.agents import AgentSpec, Codec, Conversation
from orchestrator.domain.states import Mode
from tests.unit.transcripts import DIALOGUES, Cut, dialogue, endings, merged, whole

NAMES = sorted(path.stem for path in (DIALOGUES / "claude").glob("*.txt"))
STEERS = {uuid_of(steer_id): steer_id for steer_id in ("in-time", "too-late")}


def _choice(wanted: ApprovalWanted, updates: list[dict[str, Any]]) -> str:
    """The option that was chosen: a rule of the session, or another mode."""
    if updates[0].get("type") == "setMode":
        return next(option.option_id for option in wanted.options if option.mode is Mode.EDITS)
    kept = {option.rule: option.option_id for option in wanted.options}
    rule = json.dumps(updates[0], sort_keys=True, separators=(",", ":"))
    return kept.get(rule, "")


def _answer(codec: Codec, wanted: ApprovalWanted, answer: dict[str, Any]) -> bytes:
    """What the codec writes for the answer that was recorded."""
    if answer["behavior"] == "deny":
        return codec.deny(wanted.request_id, answer["message"])
    if updates := answer.get("updatedPermissions"):
        return codec.choose(wanted.request_id, _choice(wanted, updates))
    if said := answer["updatedInput"].get("answers"):
        replies = {
            question.question_id: said[question.text].split(", ") if question.takes_several else [said[question.text]]
            for question in wanted.questions
        }
        return codec.reply(wanted.request_id, replies)
    return codec.allow(wanted.request_id)


class Replay:
    """A dialogue again: what was recorded goes in, and what the codec writes is what was written."""

    def __init__(self, name: str, cut: Cut = whole) -> None:
        spec = AgentSpec(name="claude", protocol="claude", command=("claude",))
        conversation = Conversation(directory="/srv/api", model="", mode=Mode.ASK, cli_session_id="", resume=False)
        self.codec = ClaudeAgent().open(spec, conversation, "")
        self.events: list[AgentEvent] = []
        self._cut = cut
        waiting = b""
        for mark, row in dialogue(f"claude/{name}").rows:
            if mark == "<":
                waiting += row.encode() + b"\n"
            elif mark == ">":
                self._hear(waiting)
                waiting = b""
                self._speak(json.loads(row))
        self._hear(waiting)

    def _hear(self, data: bytes) -> None:
        for chunk in self._cut(data):
            self.events += self.codec.feed(chunk)

    def _speak(self, line: dict[str, Any]) -> None:
        if line["type"] == "user" and line["uuid"] in STEERS:
            written = self.codec.steer(STEERS[line["uuid"]], line["message"]["content"])
            assert json.loads(written or b"{}") == line
        elif line["type"] == "user":
            written = self.codec.begin_turn(line["message"]["content"])
            assert {**json.loads(written), "uuid": line["uuid"]} == line
        elif line["type"] == "control_response":
            wanted = next(event for event in reversed(self.events) if isinstance(event, ApprovalWanted))
            assert json.loads(_answer(self.codec, wanted, line["response"]["response"])) == line

    def told(self, *kinds: type[AgentEvent]) -> list[AgentEvent]:
        """The events of these kinds."""
        return [event for event in self.events if isinstance(event, kinds)]

    @property
    def wants(self) -> list[ApprovalWanted]:
        """What was asked for."""
        return [event for event in self.events if isinstance(event, ApprovalWanted)]


@pytest.mark.parametrize("name", NAMES)
def test_every_line_is_understood_and_answered_as_it_was(name: str) -> None:
    """Byte for byte but for the new id of each prompt; every turn that began has its end."""
    replay = Replay(name)
    assert replay.told(Garbled, Unrecognised) == []
    assert replay.codec.replies() == []
    began = [row for mark, row in dialogue(f"claude/{name}").rows if mark == ">" and '"type":"user"' in row]
    prompts = [row for row in began if json.loads(row)["uuid"] not in STEERS]
    assert len(endings(replay.events)) == len(prompts) + len(replay.told(TurnBegan))


@pytest.mark.parametrize("name", NAMES)
def test_a_dialogue_says_the_same_however_it_is_cut(name: str) -> None:
    """Chunks are not lines."""
    expected, rng = merged(Replay(name).events), random.Random(name)

    def randomly(data: bytes) -> Iterator[bytes]:
        while data:
            size = rng.choice((1, 7, 100, 1000, 5000))
            yield data[:size]
            data = data[size:]

    for _ in range(5):
        assert merged(Replay(name, randomly).events) == expected


def test_permissions_have_their_options_in_words() -> None:
    """What is in force already is not offered again, for it did not help."""
    wants = Replay("permissions").wants
    assert [(each.tool_name, [option.label for option in each.options]) for each in wants] == [
        ("Bash", ["Allow once", "Allow Bash(npm run *) for this session", "Deny"]),
        ("Write", ["Allow once", "Accept edits from now on", "Deny"]),
        ("Write", ["Allow once", "Work in /home/dev/other too, for this session", "Deny"]),
        ("Read", ["Allow once", "Allow Read(//opt/**) for this session", "Deny"]),
        ("Bash", ["Allow once", "Allow this exact command for this session", "Deny"]),
    ]
    assert [each.detail_is for each in wants] == [
        DetailKind.COMMAND,
        DetailKind.DIFF,
        DetailKind.DIFF,
        DetailKind.DATA,
        DetailKind.COMMAND,
    ]
    assert [each.reason for each in wants] == [
        "run it\nThis command requires approval",
        "",
        "Path is outside allowed working directories",
        "Path is outside allowed working directories",
        "tell the time\nQuoted text in this command can't be checked before it runs",
    ]
    assert {each.directory for each in wants} == {"/srv/api"}
    always = [each for want in wants for each in want.options if each.answer is ApprovalAnswer.ALLOW_ALWAYS]
    rules = [option.rule for option in always if option.mode is None]
    assert len(always) == 5
    assert len(set(rules)) == len(rules)
    assert all(json.loads(rule).get("destination", "session") == "session" for rule in rules)


def test_questions_have_their_choices() -> None:
    """And no options: nothing is to be allowed."""
    (wanted,) = Replay("questions").wants
    assert wanted.options == ()
    colour, more = wanted.questions
    assert (colour.text, colour.header, colour.takes_several, more.takes_several) == (
        "Which colour?",
        "Colour",
        False,
        True,
    )
    assert [(choice.label, choice.detail) for choice in colour.choices] == [("Red", "warm"), ("Blue", "cold")]
    assert "• Red: warm" in wanted.detail


def test_a_plan_is_the_detail() -> None:
    """It stands in the tool call before the request."""
    first, second = Replay("plan").wants
    assert (first.detail, first.detail_is, second.detail) == ("# Plan\n1. leap", DetailKind.PLAN, "1. look")
    assert [option.answer for option in first.options] == [
        ApprovalAnswer.ALLOW_ONCE,
        ApprovalAnswer.ALLOW_ONCE,
        ApprovalAnswer.REJECT_ONCE,
    ]
    assert not [option.rule for option in first.options if option.rule]


def test_what_was_said_meanwhile_is_told_once() -> None:
    """In time it is taken, too late it is a turn; said again it changes nothing."""
    replay = Replay("steer")
    told = [type(event) for event in replay.told(SteerTaken, TurnBegan, Finished)]
    assert told == [SteerTaken, Finished, Finished, TurnBegan, Finished]
    assert replay.told(SteerTaken) == [SteerTaken(steer_id="in-time")]
    assert replay.told(TurnBegan) == [TurnBegan(steer_id="too-late")]
    assert [end.answer for end in endings(replay.events)][1:] == ["one two three", "four"]


def test_the_agents_own_turns_stand_apart() -> None:
    """Each with its reason; the prompt that came into one ends it, and has the rest."""
    replay = Replay("background")
    assert replay.told(TurnBegan) == [
        TurnBegan(reason='Background command "scripted" failed with exit code 124'),
        TurnBegan(reason="Background task “look around” ended"),
    ]
    assert [end.answer for end in endings(replay.events)] == ["first", "the shell ended", "second", "", "both"]
    tasks = replay.told(TaskStarted, TaskEnded)
    assert [type(task) for task in tasks] == [TaskStarted, TaskEnded, TaskStarted, TaskEnded]
    assert "from below" not in "".join(event.delta for event in replay.events if isinstance(event, TextSaid))
    below = [event for event in replay.events if isinstance(event, ToolStarted) and event.parent_id]
    assert [event.title for event in below] in ([], ["echo below"])
