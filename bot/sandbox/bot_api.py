"""The Bot API over HTTP: decodes a call, lets the weather strike, carries it out, logs it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from bot.sandbox.api_error import ApiError, too_many_requests
from bot.sandbox.calls import Call, CallLog, Outcome
from bot.sandbox.faults import Fault, FaultKind, Faults
from bot.sandbox.flood import Flood
from bot.sandbox.jsonvalue import Json
from bot.sandbox.methods.table import METHODS, SPENDS_BUDGET
from bot.sandbox.params import Params, Upload
from bot.sandbox.polling import Poller
from bot.sandbox.world import World

_NAMES = {name.lower(): name for name in (*METHODS, "getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo")}
_BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BotApi:
    """Routes `/bot<TOKEN>/<method>` and `/file/bot<TOKEN>/<path>`."""

    world: World
    token: str
    flood: Flood
    faults: Faults
    calls: CallLog
    poller: Poller
    monotonic: Callable[[], float]

    def add_routes(self, app: web.Application) -> None:
        """Adds the routes."""
        app.router.add_route("*", "/bot{token:[^/]+}/{method}", self.call)
        app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", self.download)

    async def call(self, request: web.Request) -> web.StreamResponse:
        """One call of a method."""
        method = _NAMES.get(request.match_info["method"].lower())
        if self.faults.is_out:
            self._end(self.calls.begin(Call(at=self.monotonic(), method=method or "?")), Outcome.DROPPED)
            return _break_connection(request)
        if request.match_info["token"] != self.token:
            return _answer(ApiError(401, "Unauthorized").body(), 401)
        if method is None:
            return _answer(ApiError(404, "Not Found").body(), 404)
        try:
            params = await _params_of(request)
        except ValueError:
            return _answer(ApiError(400, "Bad Request: can't parse the body of the request").body(), 400)
        call = self.calls.begin(
            Call(at=self.monotonic(), method=method, params=params.values, chat_id=_chat_id(params))
        )
        return await self._serve(request, call, params)

    async def _serve(self, request: web.Request, call: Call, params: Params) -> web.StreamResponse:
        fault = self.faults.strike(call.method, call.chat_id)
        match fault:
            case Fault(kind=FaultKind.DROP):
                self._end(call, Outcome.DROPPED)
                return _break_connection(request)
            case Fault(kind=FaultKind.BAD_GATEWAY):
                self._end(call, Outcome.GARBAGE)
                return web.Response(status=502, text=_BAD_GATEWAY, content_type="text/html")
            case Fault(kind=FaultKind.DELAY, seconds=seconds):
                await asyncio.sleep(seconds)
            case _:
                pass
        try:
            self._refuse(call, fault)
            result = await self._result(call.method, params)
        except ApiError as error:
            call.error = error
            self._end(call, Outcome.REFUSED)
            return _answer(error.body(), error.code)
        call.result = result
        is_lost = self.faults.is_out or (fault is not None and fault.kind is FaultKind.LOSE_REPLY)
        self._end(call, Outcome.REPLY_LOST if is_lost else Outcome.OK)
        return _break_connection(request) if is_lost else _answer({"ok": True, "result": result}, 200)

    def _end(self, call: Call, outcome: Outcome) -> None:
        self.calls.end(call, outcome, at=self.monotonic())

    def _refuse(self, call: Call, fault: Fault | None) -> None:
        """Raises what an injected fault or the flood limits have against the call."""
        error = None if fault is None else fault.error()
        if fault is not None and fault.kind is FaultKind.FLOOD and call.chat_id is not None:
            self.flood.freeze(call.chat_id, fault.seconds)
        if error is not None:
            raise error
        chat = self.world.chats.get(call.chat_id) if call.chat_id is not None else None
        if chat is not None and call.method in SPENDS_BUDGET:
            retry_after_s = self.flood.spend(chat)
            if retry_after_s is not None:
                raise too_many_requests(retry_after_s)

    async def _result(self, method: str, params: Params) -> object:
        match method:
            case "getUpdates":
                return await self.poller.get_updates(params)
            case "setWebhook":
                return self.poller.set_webhook(params)
            case "deleteWebhook":
                return self.poller.delete_webhook(params)
            case "getWebhookInfo":
                return self.poller.webhook_info()
            case _:
                return METHODS[method](self.world, params)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The bytes behind `file_path`."""
        if self.faults.is_out:
            return _break_connection(request)
        wanted = request.match_info["path"]
        found = next((file for file in self.world.files.values() if file.path == wanted), None)
        if request.match_info["token"] != self.token or found is None:
            return _answer(ApiError(404, "Not Found").body(), 404)
        return web.Response(body=found.data, content_type="application/octet-stream")


def _answer(body: Json, status: int) -> web.Response:
    return web.Response(status=status, text=json.dumps(body, ensure_ascii=False), content_type="application/json")


def _break_connection(request: web.Request) -> web.Response:
    """Ends the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _chat_id(params: Params) -> int | None:
    raw = params.values.get("chat_id")
    try:
        return None if raw is None else int(str(raw))
    except ValueError:
        return None


async def _params_of(request: web.Request) -> Params:
    """The query string and the body, whatever its form; ValueError if it cannot be read."""
    values: dict[str, object] = dict(request.query)
    if request.content_type == "application/json":
        body = json.loads(await request.text() or "{}")
        if not isinstance(body, dict):
            raise ValueError("a JSON object expected")
        values |= body
    elif request.content_type == "multipart/form-data":
        values |= await _multipart(request)
    elif request.can_read_body:
        values |= await request.post()
    return Params(values)


async def _multipart(request: web.Request) -> dict[str, object]:
    values: dict[str, object] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise ValueError("a named part expected")
        if part.filename is None:
            values[part.name] = await part.text()
        else:
            data = bytes(await part.read(decode=False))
            mime_type = part.headers.get("Content-Type", "")
            values[part.name] = Upload(name=part.filename, mime_type=mime_type, data=data)
    return values
