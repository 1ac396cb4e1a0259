"""What a model of an agent says beside its answer: requests, and what it does with what it is told meanwhile.

The lines are those of the demo protocol.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from orchestrator.domain.ids import RunId

RULES = ("shell: make", "shell: make install")
QUESTIONS = [
    {"id": "colour", "text": "Which?", "choices": [{"label": "red"}, {"label": "green"}]},
    {"id": "name", "text": "Your name?"},
]


class Hearing(Protocol):
    """Who is told of what an agent hears."""

    def answered(self, run_id: RunId, request_id: str, answer: dict[str, Any]) -> None: ...

    def told(self, run_id: RunId, steer_id: str) -> None: ...

    def took(self, run_id: RunId, steer_id: str) -> None: ...


@dataclass(eq=False)
class Talk:
    """Of one agent. `say` prints a line and tells whether anybody can read it.

    `waiting` are the requests that nobody answered, `unread` is what it was told and has not looked at, `own`
    whether it works on something that it was not asked for.
    """

    run_id: RunId
    say: Callable[..., bool]
    hearing: Hearing
    asked: int = 0
    waiting: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    own: bool = False

    def ask(self, *, rule: int | None = None, questions: bool = False) -> str:
        """Ask for permission, perhaps for something that could be allowed for the session, or ask questions."""
        self.asked += 1
        name = f"ask-{self.run_id}-{self.asked}"
        line: dict[str, object] = {"id": name, "name": "shell", "title": "rm -rf build"}
        if questions:
            line["questions"] = QUESTIONS
        else:
            session = {"id": "session", "answer": "allow_always", "label": "For this session"}
            line["options"] = [
                {"id": "once", "answer": "allow_once", "label": "Allow once"},
                *([session | {"rule": RULES[rule]}] if rule is not None else []),
                {"id": "deny", "answer": "reject_once", "label": "Deny"},
            ]
        if self.say(event="ask", **line):
            self.waiting.append(name)
        return name

    def take_back(self, number: int) -> None:
        """It does not want one of them any more."""
        if self.waiting:
            self.say(event="ask_end", id=self.waiting.pop(number % len(self.waiting)))

    def take_in(self) -> None:
        """Look at what it was told meanwhile."""
        for steer_id in self.unread:
            if self.say(event="steer_taken", id=steer_id):
                self.hearing.took(self.run_id, steer_id)
        self.unread = []

    def begin(self, reason: str = "a task ended", steer_id: str = "") -> None:
        """Begin a turn of its own."""
        if self.say(event="turn", reason=reason, steer_id=steer_id) and steer_id:
            self.hearing.took(self.run_id, steer_id)
        self.own = True

    def turn_over(self, *, goes_on: bool, refuses: bool) -> None:
        """Its turn has ended. What it was told too late becomes a turn, is refused, or waits for the next turn."""
        self.waiting, self.own = [], False
        if refuses:
            for steer_id in self.unread:
                self.say(event="steer_refused", id=steer_id)
            self.unread = []
        elif goes_on and self.unread:
            self.begin("", self.unread.pop(0))

    def gone(self) -> None:
        """It hears nothing any more."""
        self.waiting, self.unread, self.own = [], [], False

    def hear(self, line: dict[str, Any], *, works: bool) -> None:
        """A line that is no prompt."""
        named = str(line.get("id", ""))
        match line["do"]:
            case "answer":
                self.hearing.answered(self.run_id, named, line)
                if named in self.waiting:
                    self.waiting.remove(named)
                    self.say(event="ask_end", id=named)
            case "steer":
                self.hearing.told(self.run_id, named)
                if works:
                    self.unread.append(named)
                else:
                    self.begin("", named)
            case _:
                pass
