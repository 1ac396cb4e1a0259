"""A Bot API server that answers at once and stamps what it sees; no limits, one bot.

Stamps are `time.time_ns()`, which is what date(1) can print as well.
"""

import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
from aiohttp import web

TOKEN = "1:benchmark"
WAIT_S = 20.0
_BOT = {"id": 1, "is_bot": True, "first_name": "bench", "username": "bench_bot", "can_read_all_group_messages": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the bot, with the moment when its head had been read."""

    method: str
    params: dict[str, Any]
    at_ns: int


@dataclass(slots=True, kw_only=True)
class BotApi:
    """What one bot sees of Telegram. `url` is where."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    delivered_ns: int = 0
    """When updates were last written to the bot."""
    acknowledged: int = 0
    """The offset of the bot's last poll: everything before it is acknowledged."""
    acknowledged_ns: int = 0
    last_update_id: int = 0
    _waiting: deque[tuple[int, bytes]] = field(default_factory=deque)
    _changed: anyio.Event = field(default_factory=anyio.Event)
    _arrived: anyio.Event = field(default_factory=anyio.Event)
    _last_message_id: int = 0

    def put(self, updates: Iterable[dict[str, Any]]) -> int:
        """Queue updates without their ids; the id of the last one."""
        for update in updates:
            self.last_update_id += 1
            raw = json.dumps({"update_id": self.last_update_id, **update}).encode()
            self._waiting.append((self.last_update_id, raw))
        self._arrived.set()
        return self.last_update_id

    async def until(self, condition: Callable[[], bool], *, timeout_s: float = WAIT_S) -> None:
        """Wait until something is true that can change with a call of the bot."""
        with anyio.fail_after(timeout_s):
            while not condition():
                await self._changed.wait()

    async def call(self, method: str, *, since: int = 0, chat_id: int | None = None) -> Call:
        """The first call of a method after the `since`th, to a chat if one is named."""
        found: list[Call] = []

        def is_there() -> bool:
            found[:] = [
                each
                for each in self.calls[since:]
                if each.method == method and chat_id in (None, each.params.get("chat_id"))
            ]
            return bool(found)

        await self.until(is_there)
        return found[0]

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one call."""
        at_ns = time.time_ns()
        method = request.match_info["method"]
        raw = await request.read()
        params = json.loads(raw) if raw else {}
        if method == "getUpdates":
            return await self._updates(params, at_ns)
        self._last_message_id += 1
        self.calls.append(Call(method=method, params=params, at_ns=at_ns))
        self._tell()
        result: object = {"message_id": self._last_message_id, "date": 0, "chat": {"id": params.get("chat_id", 0)}}
        result = _BOT if method == "getMe" else result
        return _reply(json.dumps(result).encode())

    async def _updates(self, params: dict[str, Any], at_ns: int) -> web.Response:
        offset = int(params.get("offset", 0))
        if offset > self.acknowledged or not self.acknowledged_ns:
            self.acknowledged, self.acknowledged_ns = offset, at_ns
        self._tell()
        while self._waiting and self._waiting[0][0] < offset:
            self._waiting.popleft()
        with anyio.move_on_after(float(params.get("timeout", 0))):
            while not self._waiting:
                self._arrived = anyio.Event()
                await self._arrived.wait()
        batch = [self._waiting[nth][1] for nth in range(min(len(self._waiting), int(params.get("limit", 100))))]
        self.delivered_ns = time.time_ns()
        return _reply(b"[" + b",".join(batch) + b"]")

    def _tell(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()


def _reply(result: bytes) -> web.Response:
    return web.Response(body=b'{"ok":true,"result":' + result + b"}", content_type="application/json")


@asynccontextmanager
async def serving(count: int) -> AsyncIterator[Sequence[BotApi]]:
    """So many servers on loopback."""
    runners: list[web.AppRunner] = []
    servers = [BotApi() for _ in range(count)]
    try:
        for server in servers:
            app = web.Application(client_max_size=2**26)
            app.router.add_post(f"/bot{TOKEN}/{{method}}", server.handle)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            runners.append(runner)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            server.url = "http://{}:{}".format(*runner.addresses[0][:2])
        yield servers
    finally:
        for runner in runners:
            await runner.cleanup()
