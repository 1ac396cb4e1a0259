"""A Telegram as a model: messages, updates, and its bad days. It outlives the bot.

Calls go through the client's own boundary, `should_stop`, where the real one asks: before anything, and
once more when the connection is there.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import anyio

from bot.telegram import NotTakenError, Params, RetryAfterError, Telegram, UnknownOutcomeError
from orchestrator.domain.cancel_token import should_stop
from tests.machine.host import Pulse
from tests.machine.hosted_run import Timers

_CONNECT_S = 10.0


class Weather(StrEnum):
    """What becomes of a call."""

    FLOOD = "flood"  # 429, three seconds
    LONG_FLOOD = "long flood"  # 429, thirty seconds
    ERROR = "error"  # 5xx: not taken
    LOST = "lost"  # taken, but the reply is lost
    CONNECTING = "connecting"  # held before it is made, until released
    HELD = "held"  # taken, but the reply is held until released


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call as Telegram sees it; `at` is when it was begun."""

    method: str
    params: dict[str, Any]
    at: float
    content: str = ""

    @property
    def text(self) -> str:
        """What it says."""
        return str(self.params.get("text", "")) + self.content

    @property
    def reply_to(self) -> int | None:
        """The message that it replies to."""
        found = self.params.get("reply_parameters", {}).get("message_id")
        return found if isinstance(found, int) else None

    @property
    def buttons(self) -> list[str]:
        """The callback data of its buttons."""
        rows = self.params.get("reply_markup", {}).get("inline_keyboard", [])
        return [str(button.get("callback_data")) for row in rows for button in row]


@dataclass(eq=False)
class Server:
    """Telegram. `calls` are those that were begun, of `messages` those that are there, by chat and id."""

    loop: Timers
    began: Callable[[Call], None] = lambda _: None
    sent: Callable[[Call, int, int], None] = lambda *_: None
    seen: Callable[[Call, int, int], None] = lambda *_: None
    calls: list[Call] = field(default_factory=list)
    messages: dict[tuple[int, int], Call] = field(default_factory=dict)
    weather: dict[int, deque[Weather]] = field(default_factory=dict)
    held: list[anyio.Event] = field(default_factory=list)
    updates: dict[int, dict[str, Any]] = field(default_factory=dict)
    came: list[anyio.Event] = field(default_factory=list)
    _message_ids: int = 500
    _update_ids: int = 0

    def new_message_id(self) -> int:
        """The next of all chats."""
        self._message_ids += 1
        return self._message_ids

    def new_update_id(self) -> int:
        """The next one."""
        self._update_ids += 1
        return self._update_ids

    def push(self, update: dict[str, Any]) -> None:
        """Somebody did something; it is kept until it is acknowledged."""
        self.updates[update["update_id"]] = update
        self._wake(self.came)

    def release(self) -> None:
        """Held calls go on."""
        self._wake(self.held)

    def clear(self) -> None:
        """Good weather from now on."""
        self.weather.clear()
        self.release()

    def _wake(self, gates: list[anyio.Event]) -> None:
        waiting, gates[:] = gates[:], []
        for gate in waiting:
            gate.set()

    def next_weather(self, chat_id: int) -> Weather | None:
        """What becomes of the next call to a chat."""
        coming = self.weather.get(chat_id)
        return coming.popleft() if coming else None

    def take(self, call: Call) -> Any:
        """Telegram does what is asked; the result."""
        chat_id = int(call.params["chat_id"])
        if call.method.startswith("send"):
            message_id = self.new_message_id()
            self.messages[chat_id, message_id] = call
            self.sent(call, chat_id, message_id)
            self.seen(call, chat_id, message_id)
            return {"message_id": message_id, "date": 1}
        if call.method == "editMessageText":
            self.messages[chat_id, int(call.params["message_id"])] = call
            self.seen(call, chat_id, int(call.params["message_id"]))
        return True


class ScriptedTelegram(Telegram):
    """The client of one life of the bot."""

    def __init__(self, server: Server, pulse: Pulse) -> None:
        super().__init__(token="1:scripted", api_url="http://nowhere.invalid")
        self._server = server
        self._pulse = pulse

    async def call(
        self,
        method: str,
        params: Params | None = None,
        *,
        timeout_s: float = 30.0,
        upload: tuple[str, str, bytes] | None = None,
    ) -> Any:
        """One call; its result, or what the weather makes of it."""
        self._pulse.check()
        if method == "getUpdates":
            return await self._updates(dict(params or {}))
        should_stop()
        chat_id = int((params or {})["chat_id"])
        weather = self._server.next_weather(chat_id) if method != "setMessageReaction" else None
        if weather is Weather.CONNECTING and not await self._held(_CONNECT_S):
            raise NotTakenError("cannot reach Telegram")
        should_stop()
        content = upload[2].decode() if upload is not None else ""
        call = Call(method=method, params=dict(params or {}), at=self._server.loop.time(), content=content)
        self._server.began(call)
        self._server.calls.append(call)
        if weather in (Weather.FLOOD, Weather.LONG_FLOOD):
            raise RetryAfterError(3.0 if weather is Weather.FLOOD else 30.0)
        if weather is Weather.ERROR:
            raise NotTakenError("500 Internal Server Error")
        result = self._server.take(call)
        if weather is Weather.LOST or (weather is Weather.HELD and not await self._held(timeout_s)):
            raise UnknownOutcomeError("Telegram did not answer in time")
        return result

    async def _held(self, seconds: float) -> bool:
        gate = anyio.Event()
        self._server.held.append(gate)
        with anyio.move_on_after(seconds):
            await gate.wait()
        self._pulse.check()
        return gate.is_set()

    async def _updates(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        offset = params.get("offset")
        if offset is not None:
            for old in [each for each in self._server.updates if each < offset]:
                del self._server.updates[old]
        if not self._server.updates:
            gate = anyio.Event()
            self._server.came.append(gate)
            with anyio.move_on_after(float(params["timeout"])):
                await gate.wait()
            self._pulse.check()
        return [dict(update) for _, update in sorted(self._server.updates.items())]
