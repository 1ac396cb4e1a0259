"""Telegram's bad days, on request: what goes wrong, for which calls, how often."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.sandbox.api_error import ApiError, bad_request, conflict, too_many_requests
from bot.sandbox.jsonvalue import Json


class FaultKind(StrEnum):
    """What can go wrong with a call."""

    # the call is carried out and the connection breaks before the answer
    LOSE_REPLY = "lose_reply"
    # the connection breaks before anything is carried out
    DROP = "drop"
    # 502 with a page of HTML, nothing is carried out
    BAD_GATEWAY = "bad_gateway"
    # 500 with JSON, nothing is carried out
    SERVER_ERROR = "server_error"
    # the call waits before it is carried out
    DELAY = "delay"
    # 429 with retry_after
    FLOOD = "flood"
    # 409, as if another bot were polling
    CONFLICT = "conflict"
    # 401, as if the token were revoked
    UNAUTHORIZED = "unauthorized"
    # 404, as if this server were too old to know the method
    NO_METHOD = "no_method"
    # 400, for a reason that is given
    REFUSAL = "refusal"


@dataclass(slots=True, kw_only=True)
class Fault:
    """One kind of trouble for the calls that match. `hits` counts how often it struck.

    `method` and `chat_id` None match all; `times` None goes on until removed; `every` n strikes only each
    n-th matching call.
    """

    kind: FaultKind
    method: str | None = None
    chat_id: int | None = None
    times: int | None = None
    every: int = 1
    seconds: float = 0.0
    label: str = ""
    reason: str = ""
    seen: int = 0
    hits: int = 0

    def strikes(self, method: str, chat_id: int | None) -> bool:
        """Whether this call is hit; counts it."""
        if self.times is not None and self.hits >= self.times:
            return False
        if self.method is not None and self.method.lower() != method.lower():
            return False
        if self.chat_id is not None and self.chat_id != chat_id:
            return False
        self.seen += 1
        if self.seen % self.every:
            return False
        self.hits += 1
        return True

    def error(self) -> ApiError | None:
        """The refusal that this fault answers with; None for those that are no JSON answer."""
        match self.kind:
            case FaultKind.SERVER_ERROR:
                return ApiError(500, "Internal Server Error")
            case FaultKind.FLOOD:
                return too_many_requests(max(1, math.ceil(self.seconds)))
            case FaultKind.CONFLICT:
                return conflict(
                    "terminated by other getUpdates request; make sure that only one bot instance is running"
                )
            case FaultKind.UNAUTHORIZED:
                return ApiError(401, "Unauthorized")
            case FaultKind.NO_METHOD:
                return ApiError(404, "Not Found: method not found")
            case FaultKind.REFUSAL:
                return bad_request(self.reason)
            case FaultKind.LOSE_REPLY | FaultKind.DROP | FaultKind.BAD_GATEWAY | FaultKind.DELAY:
                return None


class Faults:
    """The faults in force. Methods with the name of a fault add one and return it."""

    def __init__(self, *, monotonic: Callable[[], float]) -> None:
        self.active: list[Fault] = []
        self.has_odd_updates = False
        self.on_outage: list[Callable[[], None]] = []
        self._monotonic = monotonic
        self._outage_until = 0.0

    def add(self, fault: Fault) -> Fault:
        """Any fault."""
        self.active.append(fault)
        return fault

    def lose_reply(self, method: str | None = None, *, times: int | None = 1, every: int = 1) -> Fault:
        """The call works, its answer is lost."""
        return self.add(Fault(kind=FaultKind.LOSE_REPLY, method=method, times=times, every=every))

    def drop(self, method: str | None = None, *, times: int | None = 1, every: int = 1) -> Fault:
        """The call is lost."""
        return self.add(Fault(kind=FaultKind.DROP, method=method, times=times, every=every))

    def bad_gateway(self, method: str | None = None, *, times: int | None = 1, every: int = 1) -> Fault:
        """502 and HTML."""
        return self.add(Fault(kind=FaultKind.BAD_GATEWAY, method=method, times=times, every=every))

    def server_error(self, method: str | None = None, *, times: int | None = 1, every: int = 1) -> Fault:
        """500."""
        return self.add(Fault(kind=FaultKind.SERVER_ERROR, method=method, times=times, every=every))

    def delay(self, seconds: float, method: str | None = None, *, times: int | None = 1) -> Fault:
        """The call takes `seconds` longer."""
        return self.add(Fault(kind=FaultKind.DELAY, method=method, times=times, seconds=seconds))

    def flood(
        self,
        retry_after_s: int,
        *,
        chat_id: int | None = None,
        method: str | None = None,
        times: int | None = 1,
    ) -> Fault:
        """429; for `chat_id`, or for whatever is called next."""
        return self.add(
            Fault(kind=FaultKind.FLOOD, method=method, chat_id=chat_id, times=times, seconds=float(retry_after_s))
        )

    def conflict(self, *, times: int | None = 1) -> Fault:
        """409 for getUpdates."""
        return self.add(Fault(kind=FaultKind.CONFLICT, method="getUpdates", times=times))

    def unauthorized(self, method: str | None = None, *, times: int | None = None) -> Fault:
        """401."""
        return self.add(Fault(kind=FaultKind.UNAUTHORIZED, method=method, times=times))

    def no_method(self, method: str, *, times: int | None = None) -> Fault:
        """404: an old server."""
        return self.add(Fault(kind=FaultKind.NO_METHOD, method=method, times=times))

    def refuse(self, method: str, reason: str, *, chat_id: int | None = None, times: int | None = None) -> Fault:
        """400 with that reason."""
        return self.add(Fault(kind=FaultKind.REFUSAL, method=method, chat_id=chat_id, times=times, reason=reason))

    def remove(self, fault: Fault) -> None:
        """Ends one fault; harmless if it is gone."""
        self.active = [each for each in self.active if each is not fault]

    def clear(self) -> None:
        """Fine weather: no faults, no outage, no odd updates."""
        self.active.clear()
        self.has_odd_updates = False
        self.end_outage()

    def begin_outage(self, seconds: float = math.inf) -> None:
        """Telegram is gone: every connection breaks at once, waiting polls as well."""
        self._outage_until = self._monotonic() + seconds
        for notify in self.on_outage:
            notify()

    def end_outage(self) -> None:
        """Telegram is back."""
        self._outage_until = 0.0

    @property
    def is_out(self) -> bool:
        """Whether there is an outage now."""
        return self._monotonic() < self._outage_until

    def strike(self, method: str, chat_id: int | None) -> Fault | None:
        """The first fault that hits this call."""
        return next((fault for fault in self.active if fault.strikes(method, chat_id)), None)

    def disguise(self, update: Json) -> Json:
        """An update as a later Bot API would send it, while `has_odd_updates`: fields that no one knows."""
        if not self.has_odd_updates:
            return update
        odd: Json = {"sandbox_unknown": {"since": "11.0"}}
        changed = {name: {**value, **odd} if isinstance(value, dict) else value for name, value in update.items()}
        return {**changed, **odd}
