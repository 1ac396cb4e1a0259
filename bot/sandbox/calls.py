"""The log of everything that the bot asked of Telegram, for assertions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from bot.sandbox.api_error import ApiError
from bot.sandbox.jsonvalue import Json

_MAX_KEPT = 50_000


class Outcome(StrEnum):
    """How a call ended, as the bot saw it."""

    PENDING = "pending"
    OK = "ok"
    REFUSED = "refused"
    # carried out, but the bot never saw the answer
    REPLY_LOST = "reply_lost"
    # neither carried out nor answered
    DROPPED = "dropped"
    # an answer that is no JSON
    GARBAGE = "garbage"


@dataclass(slots=True, kw_only=True)
class Call:
    """One call; `at` and `done_at` are `time.monotonic()` at arrival and at the answer, in seconds."""

    at: float
    method: str
    params: Json = field(default_factory=dict)
    chat_id: int | None = None
    outcome: Outcome = Outcome.PENDING
    result: object = None
    error: ApiError | None = None
    done_at: float | None = None

    @property
    def is_ok(self) -> bool:
        """Whether it was carried out, seen by the bot or not."""
        return self.outcome in {Outcome.OK, Outcome.REPLY_LOST}

    @property
    def thread_id(self) -> int | None:
        """The topic that the bot named, if any."""
        raw = self.params.get("message_thread_id")
        return int(str(raw)) if raw is not None else None


class CallLog:
    """Calls in the order of their arrival; the oldest half is forgotten past 50 000."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self.on_arrival: list[Callable[[Call], None]] = []
        self.on_done: list[Callable[[Call], None]] = []

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(tuple(self._calls))

    def __getitem__(self, at: slice) -> tuple[Call, ...]:
        return tuple(self._calls[at])

    def begin(self, call: Call) -> Call:
        """Notes an arrival."""
        if len(self._calls) >= _MAX_KEPT:
            del self._calls[: _MAX_KEPT // 2]
        self._calls.append(call)
        for listener in tuple(self.on_arrival):
            listener(call)
        return call

    def end(self, call: Call, outcome: Outcome, *, at: float) -> None:
        """Notes how a call ended, and tells those who wait for it."""
        call.outcome, call.done_at = outcome, at
        for listener in tuple(self.on_done):
            listener(call)

    def of(self, *methods: str, chat_id: int | None = None) -> tuple[Call, ...]:
        """The calls of these methods (all if none is named), in one chat or everywhere."""
        return tuple(
            call
            for call in self._calls
            if (not methods or call.method in methods) and (chat_id is None or call.chat_id == chat_id)
        )
