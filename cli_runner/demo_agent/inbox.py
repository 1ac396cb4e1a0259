"""The demo agent's stdin, read in a thread of its own, so that an interrupt is heard at once."""

import json
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from cli_runner.demo_agent.wire import complain

Answer: TypeAlias = Mapping[str, object]


@dataclass(slots=True, eq=False)
class Order:
    """Something that a turn is to be made of. `reason` is set if it is the agent's own idea.

    An interrupt is meant for all that was asked before it, so each order has its own flag.
    """

    text: str
    files: tuple[Mapping[str, object], ...] = ()
    steer_id: str = ""
    reason: str = ""
    interrupted: threading.Event = field(default_factory=threading.Event)


class Inbox:
    """What comes in. Every list and flag is there from the moment that its line was read."""

    def __init__(self) -> None:
        self.orders: queue.Queue[Order | None] = queue.Queue()
        self.closed = threading.Event()
        self._at_once: Mapping[str, Callable[[str], None]] = {}
        self._lock = threading.Lock()
        self._open: list[Order] = []
        self._answers: dict[str, Answer] = {}
        self._steers: list[Order] = []
        self._steers_known: set[str] = set()

    def listen(self, at_once: Mapping[str, Callable[[str], None]]) -> None:
        """Begin to read. `at_once` is called for what takes effect whatever is being done, in the reading thread."""
        self._at_once = at_once
        threading.Thread(target=self._read, daemon=True).start()

    def put(self, order: Order) -> None:
        """Something is to be done when all that was asked before it is."""
        with self._lock:
            self._open.append(order)
        self.orders.put(order)

    def done(self, order: Order) -> list[Order]:
        """A turn is over: no interrupt is for it any more.

        Returns what was said too late for it, unless another turn waits already, which takes that in.
        """
        with self._lock:
            self._open.remove(order)
            late, self._steers = ([], self._steers) if self._open else (self._steers, [])
            return late

    def answer(self, request_id: str) -> Answer | None:
        """The answer to a request, if it is there."""
        with self._lock:
            return self._answers.pop(request_id, None)

    def steers(self) -> list[Order]:
        """What was said since the last time, for the turn at work."""
        with self._lock:
            said, self._steers = self._steers, []
            return said

    def _read(self) -> None:
        for line in sys.stdin:
            try:
                message = json.loads(line)
            except ValueError:
                message = None
            if isinstance(message, dict):
                self._take(message)
            else:
                complain(f"not a JSON object: {line[:80]!r}")
        self.closed.set()
        self.orders.put(None)

    def _take(self, message: Mapping[str, object]) -> None:
        named = str(message.get("id", ""))
        match message.get("do"):
            case "prompt":
                files = message.get("files")
                listed = [file for file in files if isinstance(file, dict)] if isinstance(files, list) else []
                self.put(Order(str(message.get("text", "")), tuple(listed)))
            case "interrupt":
                with self._lock:
                    for order in self._open:
                        order.interrupted.set()
            case "answer":
                with self._lock:
                    self._answers[named] = message
            case "steer":
                self._steer(named, str(message.get("text", "")))
            case "mode" | "model" as what:
                self._at_once[what](str(message.get(what, "")))
            case "stop_task":
                self._at_once["stop_task"](named)
            case other:
                complain(f"unknown request: {other!r}")

    def _steer(self, steer_id: str, text: str) -> None:
        """Keep it for the turn at work, or make a turn of it. Said twice, it is heard once."""
        with self._lock:
            if steer_id in self._steers_known:
                return
            self._steers_known.add(steer_id)
            order = Order(text, steer_id=steer_id)
            if self._open:
                self._steers.append(order)
                return
        self.put(order)
