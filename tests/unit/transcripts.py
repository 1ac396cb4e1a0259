"""Recorded runs of real agents, replayed into a codec."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestrator.domain.agent_events import AgentEvent, Finished, TextSaid, Thought
from orchestrator.domain.agents import Codec, Exit

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
DIALOGUES = Path(__file__).resolve().parent / "fixtures" / "transcripts"

Cut = Callable[[bytes], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Transcript:
    """One recorded run."""

    name: str
    rows: tuple[tuple[str, str], ...]

    @property
    def prompts(self) -> list[str]:
        """What was asked, in order."""
        said = [json.loads(row) for mark, row in self.rows if mark == ">"]
        return [line["message"]["content"] for line in said if line["type"] == "user"]

    @property
    def exit(self) -> Exit:
        """How the program ended; a recording that stopped before counts as killed."""
        code = next(row for mark, row in self.rows if mark == "=")
        stderr = "\n".join(row for mark, row in self.rows if mark == "!")
        if code == "None":
            return Exit(code=None, signal=9, stderr_tail=stderr)
        number = int(code)
        return Exit(code=None if number < 0 else number, signal=-number if number < 0 else None, stderr_tail=stderr)


def load(name: str) -> Transcript:
    """Read `tests/fixtures/NAME.txt`."""
    return _read(name, FIXTURES / f"{name}.txt")


def dialogue(name: str) -> Transcript:
    """Read `tests/unit/fixtures/transcripts/NAME.txt`."""
    return _read(name, DIALOGUES / f"{name}.txt")


def _read(name: str, path: Path) -> Transcript:
    lines = path.read_text(encoding="utf-8").split("\n")
    return Transcript(name, tuple((line[0], line[2:]) for line in lines if line))


def whole(data: bytes) -> Iterator[bytes]:
    """All at once."""
    yield data


def replay(transcript: Transcript, codec: Codec, cut: Cut = whole) -> list[AgentEvent]:
    """What the codec says about a run: output goes in as it was recorded, between the prompts."""
    events: list[AgentEvent] = []
    waiting = bytearray()

    def feed() -> None:
        for chunk in cut(bytes(waiting)):
            events.extend(codec.feed(chunk))
        waiting.clear()

    for mark, row in transcript.rows:
        if mark == "<":
            waiting.extend(row.encode() + b"\n")
        elif mark == ">" and json.loads(row)["type"] == "user":
            feed()
            codec.begin_turn(json.loads(row)["message"]["content"])
    feed()
    return events + codec.ended(transcript.exit)


def merged(events: list[AgentEvent]) -> list[AgentEvent]:
    """The events with neighbouring pieces of text joined: where a text is cut means nothing."""
    out: list[AgentEvent] = []
    for event in events:
        match event, out[-1] if out else None:
            case TextSaid(delta=more), TextSaid(delta=before):
                out[-1] = TextSaid(delta=before + more)
            case Thought(delta=more), Thought(delta=before):
                out[-1] = Thought(delta=before + more)
            case _:
                out.append(event)
    return out


def endings(events: list[AgentEvent]) -> list[Finished]:
    """The ends of turns."""
    return [event for event in events if isinstance(event, Finished)]


def said(events: list[AgentEvent]) -> str:
    """All text of the answers, as it was streamed."""
    return "".join(event.delta for event in events if isinstance(event, TextSaid))
