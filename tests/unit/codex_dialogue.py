"""A recorded dialogue with `codex app-server`, replayed into codecs.

What the recording's client said is said through the codec, and has to be the same but for the ids; the
answers get the ids that the codec gave. A codec serves one thread: a further `thread/start` of the
recording gets a codec of its own. What no codec says (such as `thread/compact/start`) is left out, and so
is its answer.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from cli_runner.agents.codex import CodexAgent, CodexCodec
from orchestrator.domain.agent_events import AgentEvent, Finished
from orchestrator.domain.agents import AgentSpec, Conversation
from orchestrator.domain.states import Mode
from tests.unit.transcripts import Cut, Transcript, dialogue, whole

Json = dict[str, Any]
SPEC = AgentSpec(name="codex", protocol="codex", command=("codex",))
_SAID_BY_NO_CODEC = ("thread/compact/start", "thread/backgroundTerminals/clean", "no/such/method")
_MODES = {
    ("on-request", "read-only"): Mode.ASK,
    ("on-request", "workspace-write"): Mode.EDITS,
    ("never", "read-only"): Mode.PLAN,
    ("never", "danger-full-access"): Mode.ALL,
}


def codec_for(*, mode: Mode = Mode.ASK, resume: str = "", model: str = "", fork: bool = False) -> CodexCodec:
    """A codec of a run in `/srv/api`."""
    conversation = Conversation(
        directory="/srv/api", model=model, mode=mode, cli_session_id=resume, resume=bool(resume), fork=fork
    )
    codec = CodexAgent().open(SPEC, conversation, "")
    assert isinstance(codec, CodexCodec)
    return codec


def messages(data: bytes) -> list[Json]:
    """What was written, line by line."""
    assert not data or data.endswith(b"\n")
    return [json.loads(line) for line in data.splitlines()]


@dataclass(slots=True)
class Dialogue:
    """One replay. `turns` are the events of each turn, `strays` those that came in none.

    A prompt of the recording that came while a turn was open is left out: the runner gives none then.
    """

    cut: Cut = whole
    codec: CodexCodec = field(default_factory=codec_for)
    strays: list[AgentEvent] = field(default_factory=list)
    turns: list[list[AgentEvent]] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    _open: bool = False
    _ids: dict[int, str] = field(default_factory=dict)
    _output: bytearray = field(default_factory=bytearray)
    _greeting: bytes = b""

    def play(self, transcript: Transcript) -> "Dialogue":
        """The whole recording, to the end of the program."""
        for mark, row in transcript.rows:
            if mark == ">":
                self._feed()
                self._recorded(json.loads(row))
            elif mark == "<":
                self._heard(json.loads(row))
        self._feed()
        self._take(self.codec.ended(transcript.exit))
        return self

    def _heard(self, message: Json) -> None:
        if "method" not in message:
            if message["id"] not in self._ids:
                return
            message["id"] = self._ids[message["id"]]
            if message["id"] == "hello":
                self._greeting = json.dumps(message).encode() + b"\n"
        self._output += json.dumps(message, ensure_ascii=False).encode() + b"\n"

    def _recorded(self, message: Json) -> None:
        match message:
            case {"method": "initialized"}:
                pass
            case {"method": "initialize"}:
                self._said(self.codec.hello, message)
            case {"method": "thread/start" | "thread/resume", "params": params}:
                self._thread(message, params)
            case {"method": "turn/start", "params": {"input": [{"text": prompt}]}}:
                if not self._open:
                    self._open = True
                    self.prompts.append(prompt)
                    self.turns.append([])
                    self._said(self.codec.begin_turn(prompt), message)
            case {"method": "turn/steer", "params": {"input": [{"text": prompt}], "clientUserMessageId": said}}:
                self._optional(self.codec.steer(said.removeprefix("steer-"), prompt), message)
            case {"method": "turn/interrupt"}:
                self._optional(self.codec.interrupt(), message)
            case {"result": {"decision": decision}}:
                self._decided(message, decision)
            case {"result": {"answers": answers}}:
                given = {name: tuple(each["answers"]) for name, each in answers.items()}
                assert messages(self.codec.reply(str(message["id"]), given)) == [message]
            case _:
                assert message.get("method") in _SAID_BY_NO_CODEC, message

    def _thread(self, message: Json, params: Json) -> None:
        mode = _MODES.get((params.get("approvalPolicy", ""), params.get("sandbox", "")))
        self.codec = codec_for(mode=mode or Mode.ASK, resume=params.get("threadId", ""), model=params.get("model", ""))
        self._take(self.codec.feed(self._greeting))
        (written,) = self.codec.replies()
        _initialized, asked = messages(written)
        self._ids[message["id"]] = asked["id"]
        assert asked["method"] == message["method"]
        if mode is not None:  # `untrusted` is of no mode of ours
            resumes = {"excludeTurns": True} if message["method"] == "thread/resume" else {}
            assert asked["params"] == {**params, **resumes}

    def _decided(self, message: Json, decision: object) -> None:
        request_id = str(message["id"])
        match decision:
            case "accept":
                written = self.codec.allow(request_id)
            case "decline":
                written = self.codec.deny(request_id, "")
            case "cancel":
                written = self.codec.deny(request_id, "stopped", ends_turn=True)
            case str():
                written = self.codec.choose(request_id, decision)
            case _:
                written = self.codec.choose(request_id, "rule-0")
        assert messages(written) == [message]

    def _said(self, written: bytes, message: Json) -> None:
        (mine,) = messages(written)
        self._ids[message["id"]] = mine["id"]
        assert mine["method"] == message["method"]
        if mine["params"].get("threadId"):
            assert mine["params"] == message["params"]

    def _optional(self, written: bytes | None, message: Json) -> None:
        """The recording also did it for no turn and for a wrong one, which the codec cannot."""
        if written is not None and messages(written)[0]["params"] == message["params"]:
            self._said(written, message)

    def _feed(self) -> None:
        data = bytes(self._output)
        self._output.clear()
        for chunk in self.cut(data):
            self._take(self.codec.feed(chunk))
            assert not any("error" in each for reply in self.codec.replies() for each in messages(reply))

    def _take(self, events: list[AgentEvent]) -> None:
        for event in events:
            (self.turns[-1] if self._open else self.strays).append(event)
            self._open = self._open and not isinstance(event, Finished)


def replayed(name: str, cut: Cut | None = None) -> Dialogue:
    """A recorded run."""
    recorded = dialogue(f"codex/{name}")
    return (Dialogue(cut=cut) if cut else Dialogue()).play(recorded)
