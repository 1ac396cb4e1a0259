"""What the page is told and what it may do: HTTP for deeds, one WebSocket per page for news.

Whoever can post here writes as a person, and with it makes agents run commands. So nothing is answered
that a web page of another origin, or a name that was pointed at loopback, could have sent.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import WSCloseCode, web

from bot.sandbox import view
from bot.sandbox.bot_process import BotProcess
from bot.sandbox.calls import Call, CallLog
from bot.sandbox.changes import Change
from bot.sandbox.chat_deeds import ChatDeeds
from bot.sandbox.deeds import Deeds
from bot.sandbox.flood import Flood
from bot.sandbox.jsonvalue import Json
from bot.sandbox.methods.table import SPENDS_BUDGET
from bot.sandbox.people import Person
from bot.sandbox.weather import Switch, Weather
from bot.sandbox.world import World

_PAGE = Path(__file__).parent / "page"
_QUEUE_LIMIT = 2000
_CLOSE_S = 1.0
_HEARTBEAT_S = 20.0
_WRITERS = ("alice", "bob", "mallory")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True, kw_only=True)
class Control:
    """Routes `/`, `/page/…` and `/control/…`. `bot` is set when the sandbox manages a bot process."""

    world: World
    people: dict[str, Person]
    flood: Flood
    weather: Weather
    calls: CallLog
    bot: BotProcess | None = None
    _queues: dict[web.WebSocketResponse, asyncio.Queue[str]] = field(default_factory=dict)

    def add_routes(self, app: web.Application) -> None:
        """Adds the routes and begins to listen to the world."""
        deeds = Deeds(world=self.world, people=self.people)
        app.router.add_get("/", _guarded(self._index))
        app.router.add_static("/page", _PAGE)
        app.router.add_get("/control/socket", _guarded(self._socket))
        app.router.add_get("/control/files/{file_id}", _guarded(self._file))
        app.router.add_post("/control/weather", _guarded(self._turn))
        app.router.add_post("/control/bot", _guarded(self._drive_bot))
        chat_deeds = ChatDeeds(world=self.world, people=self.people)
        app.router.add_post("/control/chat", _guarded(chat_deeds.change_chat))
        for name, deed in deeds.table().items():
            app.router.add_post(f"/control/{name}", _guarded(deed))
        self.world.listeners.append(self._on_change)
        self.calls.on_done.append(self._on_call)

    def manage(self, bot: BotProcess) -> None:
        """Shows the bot's state on the page, and lets it be started and stopped there."""
        self.bot = bot
        bot.on_change.append(self._on_bot)

    async def close(self) -> None:
        """Closes all sockets."""
        for socket in tuple(self._queues):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    # News

    def _send(self, event: Json) -> None:
        text = json.dumps(event, ensure_ascii=False)
        for socket, queue in tuple(self._queues.items()):
            try:
                queue.put_nowait(text)
            except asyncio.QueueFull:
                # Too slow to follow: it gets a fresh start when it connects again.
                del self._queues[socket]

    def _on_change(self, change: Change) -> None:
        if self._queues:
            self._send(view.event(self.world, change))

    def _on_call(self, call: Call) -> None:
        if self._queues and call.chat_id is not None:
            outcome = call.error.code if call.error is not None else call.outcome.value
            self._send(
                {
                    "type": "call",
                    "chat_id": call.chat_id,
                    "method": call.method,
                    "outcome": outcome,
                    "spends": call.method in SPENDS_BUDGET,
                }
            )

    def _on_bot(self) -> None:
        self._send({"type": "bot", "bot": self._bot_report()})

    def _bot_report(self) -> Json | None:
        if self.bot is None:
            return None
        return {"state": self.bot.state.value, "exit_code": self.bot.exit_code, "pid": self.bot.pid}

    def _snapshot(self) -> Json:
        spent = {str(chat_id): self.flood.in_last_minute(chat_id) for chat_id in self.world.chats}
        writers = [
            {"key": key, "id": self.people[key].id, "name": self.people[key].user.first_name}
            for key in _WRITERS
            if key in self.people
        ]
        return {
            "type": "snapshot",
            **view.everything(self.world),
            "writers": writers,
            "weather": self.weather.report(),
            "process": self._bot_report(),
            "spent": spent,
            "group_per_minute": self.flood.policy.group_per_minute,
        }

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_S, timeout=_CLOSE_S)
        await socket.prepare(request)
        queue: asyncio.Queue[str] = asyncio.Queue(_QUEUE_LIMIT)
        queue.put_nowait(json.dumps(self._snapshot(), ensure_ascii=False))
        self._queues[socket] = queue
        try:
            async with asyncio.TaskGroup() as tasks:
                sender = tasks.create_task(self._feed(socket, queue))
                async for _ in socket:
                    pass  # the page only listens; deeds come by POST
                sender.cancel()
        finally:
            self._queues.pop(socket, None)
        return socket

    async def _feed(self, socket: web.WebSocketResponse, queue: asyncio.Queue[str]) -> None:
        while socket in self._queues:
            try:
                await socket.send_str(await queue.get())
            except ConnectionError:
                return
        await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)

    # Requests

    async def _index(self, request: web.Request) -> web.StreamResponse:
        del request
        return web.FileResponse(_PAGE / "index.html", headers={"Cache-Control": "no-store"})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        stored = self.world.files.get(request.match_info["file_id"])
        if stored is None:
            raise web.HTTPNotFound
        # What agents send is not to be trusted as a page: only images are shown, the rest is saved.
        is_image = stored.mime_type in {"image/png", "image/jpeg", "image/gif", "image/webp"}
        kind = stored.mime_type if is_image else "application/octet-stream"
        disposition = "inline" if is_image else "attachment"
        headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
        return web.Response(body=stored.data, content_type=kind, headers=headers)

    async def _turn(self, request: web.Request) -> web.StreamResponse:
        match await request.json():
            case {"switch": str(name), "on": bool(is_on)} if name in set(Switch):
                self.weather.turn(Switch(name), is_on=is_on)
            case _:
                raise web.HTTPBadRequest(text="expected {switch, on}")
        report = self.weather.report()
        self._send({"type": "weather", "weather": report})
        return web.json_response(report)

    async def _drive_bot(self, request: web.Request) -> web.StreamResponse:
        if self.bot is None:
            raise web.HTTPConflict(text="This sandbox manages no bot process.")
        match await request.json():
            case {"action": "start"}:
                self.bot.start()
            case {"action": "stop"}:
                self.bot.ask_to_stop()
            case {"action": "kill"}:
                self.bot.kill()
            case _:
                raise web.HTTPBadRequest(text="expected {action: start | stop | kill}")
        return web.json_response(self._bot_report())


def _guarded(handler: Handler) -> Handler:
    """Refuses what another origin sent, and what came under another name than loopback."""

    async def guard(request: web.Request) -> web.StreamResponse:
        name = request.host.rpartition(":")[0] or request.host
        origin = request.headers.get("Origin")
        if name not in {"127.0.0.1", "localhost"} or origin not in {None, f"http://{request.host}"}:
            raise web.HTTPForbidden(text="Only the sandbox's own page may ask for this.")
        if request.method == "POST" and request.headers.get("X-Sandbox") != "page":
            raise web.HTTPForbidden(text="The header X-Sandbox: page is missing.")
        return await handler(request)

    return guard
