"""A recorded dialogue with an ACP agent, replayed into a codec as the runner would lead it.

The recording's client did things that the codec does not do, and the codec does one that it did not (it
sets the mode after each load). So requests are paired by what they ask for: an answer to something that
the codec did not ask is left out, and what only the codec asks is answered where the agent would have. A
prompt is given when the codec is ready for it and the turn before is over.
"""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from orchestrator.domain.agent_events import AgentEvent, ApprovalWanted, Finished
from orchestrator.domain.agents import Codec
from tests.unit.transcripts import Cut, Transcript, whole

Json = dict[str, Any]
_SAME = {"session/resume": "session/load"}


@dataclass(slots=True)
class Dialogue:
    """One replay. `turns` are the events of each turn, `strays` those that came in none."""

    codec: Codec
    cut: Cut = whole
    turns: list[list[AgentEvent]] = field(default_factory=list)
    strays: list[AgentEvent] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    written: list[Json] = field(default_factory=list)
    _open: bool = False
    _unpaired: list[Json] = field(default_factory=list)
    _numbers: dict[int, int] = field(default_factory=dict)
    _waiting: deque[tuple[int, str]] = field(default_factory=deque)
    _output: bytearray = field(default_factory=bytearray)
    _asked: list[str] = field(default_factory=list)

    def play(self, transcript: Transcript) -> "Dialogue":
        """The whole recording, to the end of the program."""
        self._write(self.codec.hello)
        for mark, row in transcript.rows:
            if mark == ">":
                self._feed()
                self._answer_pings()
                self._recorded(json.loads(row))
            elif mark == "<":
                self._heard(json.loads(row))
        self._feed()
        self._take(self.codec.ended(transcript.exit))
        return self

    def _recorded(self, message: Json) -> None:
        match message:
            case {"method": "session/prompt", "id": number, "params": {"prompt": [{"text": text}]}}:
                if self.codec.interrupt() is not None:
                    self._waiting.append((number, text))
                    self._give_prompt()
            case {"method": "session/cancel"}:
                assert _messages(self.codec.interrupt() or b"")[0] == message
            case {"method": method, "id": number, "params": params}:
                self._pair(number, method, params)
            case {"id": _, "result": {"outcome": {"outcome": "selected", "optionId": option}}}:
                asked = self._asked[-1]
                match option:
                    case "once" | "proceed_once":
                        self._write(self.codec.allow(asked))
                    case "always" | "proceed_always":
                        self._write(self.codec.choose(asked, option))
                    case _:
                        self._write(self.codec.deny(asked, "no"))
                assert self.written[-1] == message
            case {"id": _, "result": _}:
                assert message in _messages(self.codec.interrupt() or b"")
            case {"id": number, "error": {"code": code}}:
                assert any(each.get("id") == number and each["error"]["code"] == code for each in self.written[-3:])
            case _:
                raise AssertionError(f"a message of a new kind: {message}")

    def _pair(self, number: int, method: str, params: Json) -> None:
        for mine in self._unpaired:
            same_value = all(mine["params"].get(name) == params.get(name) for name in ("modeId", "value"))
            if _SAME.get(mine["method"], mine["method"]) == method and same_value:
                self._unpaired.remove(mine)
                self._numbers[number] = mine["id"]
                return

    def _heard(self, message: Json) -> None:
        is_answer = "method" not in message
        if is_answer:
            number = self._numbers.get(message["id"])
            if number is None:
                return
            message["id"] = number
        self._output += json.dumps(message, ensure_ascii=False).encode() + b"\n"
        if is_answer or "available_commands_update" in json.dumps(message):
            self._feed()
            if not is_answer:
                self._answer_unpaired()
            self._give_prompt()

    def _answer_unpaired(self) -> None:
        while self._unpaired and not self.codec.ready:
            mine = self._unpaired.pop()
            self._output += json.dumps({"jsonrpc": "2.0", "id": mine["id"], "result": {}}).encode() + b"\n"
            self._feed()

    def _answer_pings(self) -> None:
        """As every agent does to what it does not know."""
        pings = [mine for mine in self._unpaired if mine["method"].startswith("_")]
        for mine in pings:
            self._unpaired.remove(mine)
            error = {"code": -32601, "message": "Method not found"}
            self._output += json.dumps({"jsonrpc": "2.0", "id": mine["id"], "error": error}).encode() + b"\n"
        self._feed()

    def _give_prompt(self) -> None:
        if self._waiting and self.codec.ready and not self._open:
            number, text = self._waiting.popleft()
            self._write(self.codec.begin_turn(text))
            self._numbers[number] = self._unpaired.pop()["id"]
            self.prompts.append(text)
            self.turns.append([])
            self._open = True

    def _feed(self) -> None:
        data = bytes(self._output)
        self._output.clear()
        for chunk in self.cut(data):
            self._take(self.codec.feed(chunk))
            for reply in self.codec.replies():
                self._write(reply)

    def _take(self, events: list[AgentEvent]) -> None:
        for event in events:
            (self.turns[-1] if self._open else self.strays).append(event)
            self._open = self._open and not isinstance(event, Finished)
            if isinstance(event, ApprovalWanted):
                self._asked.append(event.request_id)

    def _write(self, data: bytes) -> None:
        for message in _messages(data):
            self.written.append(message)
            if "method" in message and "id" in message:
                self._unpaired.append(message)


def _messages(data: bytes) -> list[Json]:
    assert data.endswith(b"\n")
    return [json.loads(line) for line in data.splitlines()]


def in_pieces(places: list[int]) -> Cut:
    """Cut whatever comes at these places, as far as it reaches."""

    def cut(data: bytes) -> Iterator[bytes]:
        at = sorted({place % (len(data) + 1) for place in places})
        for start, end in zip([0, *at], [*at, len(data)], strict=True):
            yield data[start:end]

    return cut
