"""A Bot API on loopback that answers as a test says: real HTTP, real sockets, any kind of bad day.

async with ScriptedApi() as api:
    api.answers("sendMessage", refused(400, "Bad Request: chat not found"), chat_id=-5)
    ...
    await api.until(lambda: len(api.calls_of("sendMessage")) == 2)
"""

import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeAlias

import anyio
from aiohttp import web

from bot.telegram import Telegram

TOKEN = "123456:scripted"  # shaped like a bot's token


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call as it arrived; `at` is monotonic, in seconds."""

    method: str
    params: dict[str, Any]
    at: float
    file: bytes | None = None

    @property
    def text(self) -> str:
        """What it says."""
        return str(self.params.get("text", ""))


Answer: TypeAlias = Callable[[web.Request], Awaitable[web.Response]]


def ok(result: object) -> Answer:
    """A call that succeeded."""
    return _reply(200, json.dumps({"ok": True, "result": result}).encode())


def refused(code: int, description: str, **parameters: int) -> Answer:
    """An error as Telegram words it."""
    error = {"ok": False, "error_code": code, "description": description, "parameters": parameters}
    return _reply(code, json.dumps(error).encode())


def raw(status: int, body: bytes) -> Answer:
    """Whatever a proxy may say."""
    return _reply(status, body)


def _reply(status: int, body: bytes) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body)

    return answer


async def broken(request: web.Request) -> web.Response:
    """The connection breaks after the call was read."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def cut(request: web.Request) -> web.Response:
    """The connection breaks in the middle of the reply."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"ok": true, "resu')
    assert request.transport is not None
    request.transport.close()
    return web.Response()


def held(gate: anyio.Event, then: Answer) -> Answer:
    """No reply until a gate opens."""

    async def answer(request: web.Request) -> web.Response:
        await gate.wait()
        return await then(request)

    return answer


class Impatient(Telegram):
    """A client whose every call has to be answered within half a second."""

    async def call(
        self,
        method: str,
        params: Any = None,
        *,
        timeout_s: float = 0.5,
        upload: tuple[str, str, bytes] | None = None,
    ) -> Any:
        """Make one call, with little patience."""
        return await super().call(method, params, timeout_s=min(timeout_s, 0.5), upload=upload)


@dataclass(slots=True)
class _Script:
    method: str
    answers: Iterator[Answer]
    params: dict[str, Any] = field(default_factory=dict)

    def fits(self, call: Call) -> bool:
        return call.method == self.method and all(call.params.get(key) == value for key, value in self.params.items())


class ScriptedApi:
    """A server. Without a script every send succeeds with a new message id, every other call with `true`."""

    def __init__(self, *, port: int = 0) -> None:
        self.calls: list[Call] = []
        self.url = ""
        self._port = port
        self._scripts: list[_Script] = []
        self._next_message_id = 900
        self._changed = anyio.Event()
        self._closing = anyio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=100 << 20)
        app.router.add_post(f"/bot{TOKEN}/{{method}}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        await self._runner.cleanup()

    def telegram(self) -> Telegram:
        """A client of this server."""
        return Impatient(token=TOKEN, api_url=self.url)

    def answers(self, method: str, *answers: Answer, **params: Any) -> None:
        """The next calls of a method (with these parameters) are answered so, one after the other."""
        self._scripts.append(_Script(method, iter(answers), params))

    def calls_of(self, method: str, **params: Any) -> list[Call]:
        """The calls of a method with these parameters, in order."""
        wanted = _Script(method, iter(()), params)
        return [call for call in self.calls if wanted.fits(call)]

    def texts(self, **params: Any) -> list[str]:
        """The texts of all messages that were sent, in order."""
        return [call.text for call in self.calls_of("sendMessage", **params)]

    async def until(self, condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
        """Wait until something holds that calls, or the changes that they cause, bring about."""
        with _explained(self), anyio.fail_after(timeout_s):
            while not condition():
                self._changed = anyio.Event()
                with anyio.move_on_after(0.02):
                    await self._changed.wait()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        call = await _read(request)
        self.calls.append(call)
        self._changed.set()
        for script in self._scripts:
            if script.fits(call) and (answer := next(script.answers, None)) is not None:
                return await answer(request)
        if call.method == "getUpdates":
            await self._closing.wait()
            return await ok([])(request)
        if not call.method.startswith("send"):
            return await ok(True)(request)
        self._next_message_id += 1
        return await ok({"message_id": self._next_message_id, "date": 1})(request)


async def _read(request: web.Request) -> Call:
    at, method, file = time.monotonic(), request.match_info["method"], None
    if request.content_type == "application/json":
        return Call(method=method, params=await request.json(), at=at)
    params: dict[str, Any] = {}
    async for part in await request.multipart():
        assert not isinstance(part, list)
        content = await part.read()  # type: ignore[union-attr]
        if getattr(part, "filename", None):
            file = bytes(content)
        else:
            params[str(getattr(part, "name", ""))] = content.decode()
    return Call(method=method, params=params, at=at, file=file)


@contextmanager
def _explained(api: ScriptedApi) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        made = "\n".join(f"{call.method} {call.params}" for call in api.calls[-20:])
        raise AssertionError(f"it did not come to that; the last calls were:\n{made}") from None
