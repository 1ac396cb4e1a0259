"""One turn of the demo agent: what it says, and how it waits."""

import re
from collections.abc import Mapping
from pathlib import Path

from cli_runner.demo_agent.inbox import Answer, Inbox, Order
from cli_runner.demo_agent.session import Session
from cli_runner.demo_agent.tasks import Tasks
from cli_runner.demo_agent.wire import emit

WORD_S = 0.03
POLL_S = 0.02


class Interrupted(Exception):
    """The person asked for the end of the turn."""


class Failed(Exception):
    """The turn ends with this error."""


class Tool:
    """A tool call, told from its beginning to its end. `parent` is that of the sub-agent which makes it."""

    def __init__(self, tool_id: str, name: str, title: str, *, parent: str = "") -> None:
        self.id = tool_id
        emit("tool", id=tool_id, name=name, title=title, parent=parent)

    def end(self, *, ok: bool = True, summary: str = "") -> None:
        """It ended."""
        emit("tool_end", id=self.id, ok=ok, summary=summary)


class Turn:
    """What the steps of a prompt work with."""

    def __init__(self, order: Order, *, inbox: Inbox, session: Session, tasks: Tasks) -> None:
        self.order = order
        self.session = session
        self.tasks = tasks
        self._inbox = inbox
        self._parts: list[str] = []

    @property
    def said(self) -> str:
        """The answer so far."""
        return "\n\n".join(part.strip() for part in self._parts if part.strip())

    def pause(self, seconds: float) -> None:
        """Wait, but hear an interrupt at once."""
        if self.order.interrupted.wait(seconds):
            raise Interrupted

    def say(self, text: str, *, word_s: float = WORD_S) -> None:
        """Stream a paragraph of the answer."""
        delta = "\n\n" if self.said else ""
        self._parts.append("")
        for word in re.findall(r"\s*\S+", text) or [text]:
            self._parts[-1] += word
            emit("text", delta=delta + word)
            delta = ""
            self.pause(word_s)

    def think(self, text: str) -> None:
        """Think aloud."""
        emit("thought", delta=text + "\n")
        self.pause(WORD_S)

    def tool(self, name: str, title: str, *, parent: str = "") -> "Tool":
        """A tool call begins."""
        return Tool(self.session.new_id("tool"), name, title, parent=parent)

    def request(self, **fields: object) -> str:
        """Ask a person for something; the name that the answer will have."""
        request_id = self.session.new_id("ask")
        emit("ask", id=request_id, directory=str(Path.cwd()), **fields)
        return request_id

    def answer(self, *requests: str) -> tuple[str, Answer]:
        """Wait for the first answer to one of these. Raises Interrupted, also where «no» ends the turn, or Failed."""
        while True:
            closed = self._inbox.closed.is_set()
            for request_id in requests:
                if (answer := self._inbox.answer(request_id)) is not None:
                    emit("ask_end", id=request_id)
                    if answer.get("ends_turn") is True:
                        raise Interrupted
                    return request_id, answer
            self.pause(POLL_S)
            if closed:
                raise Failed("nobody is left to ask")

    def take_steers(self) -> None:
        """Take in what was said meanwhile."""
        for order in self._inbox.steers():
            emit("steer_taken", id=order.steer_id)
            self.say(f"You said meanwhile: {order.text}")

    def tell_files(self, files: tuple[Mapping[str, object], ...]) -> None:
        """Name what came with the prompt."""
        lines = [f"- {_described(file)}" for file in files]
        self.say("\n".join(["I got:", *lines]))


def _described(file: Mapping[str, object]) -> str:
    path = str(file.get("path", ""))
    media_type = file.get("media_type") or "of unknown type"
    try:
        size = f"{Path(path).stat().st_size} bytes"
    except (OSError, ValueError) as error:
        size = f"which I cannot read: {getattr(error, 'strerror', None) or error}"
    return f"`{path.rpartition('/')[2]}` ({media_type}, {size})"
