"""Updates by webhook: Telegram delivers to a port of ours, and we answer once they are stored.

The secret that Telegram sends along (Bot API, `setWebhook.secret_token`) is compared in constant time;
without it nothing is read. An update that could not be stored is answered with 503, so that Telegram
delivers it again; one that was stored and comes again, because our answer was lost, is stored once. Any path
will do, since a proxy may rewrite it; TLS is that proxy's business.
"""

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import structlog
from aiohttp import web

from bot.intake import ALLOWED_UPDATES, TokenRefusedError
from bot.telegram import CallError, Telegram, UnauthorizedError
from orchestrator.domain.errors import StoreError

log = structlog.get_logger()

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  a header's name
_MAX_BYTES = 8 << 20
_MAX_UPDATE_ID = 2**53
_END_S = 3.0
"""How long what is being stored when the bot ends may take: then Telegram gets its answer."""

_RETRY_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Webhook:
    """A small HTTP server for Telegram alone. `store` commits one update (Bot API, `Update`)."""

    def __init__(
        self,
        *,
        telegram: Telegram,
        listen: str,
        url: str,
        secret: str,
        store: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        host, _, port = listen.rpartition(":")
        self._host, self._port = host, int(port)
        self._telegram = telegram
        self._url = url
        self._secret = secret
        self._store = store

    async def serve(self) -> None:
        """Listen, tell Telegram where, and go on until cancelled. Raises OSError, TokenRefusedError."""
        app = web.Application(client_max_size=_MAX_BYTES)
        app.router.add_post("/{path:.*}", self._receive)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=_END_S)
        await runner.setup()
        try:
            await self._listen(runner)
            await self._register()
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        try:
            await web.TCPSite(runner, self._host.strip("[]"), self._port).start()
        except OSError as error:
            reason = error.strerror or str(error)
            where = f"{self._host}:{self._port}"
            raise OSError(
                f"Could not listen on {where} ({reason}). Choose another [telegram.webhook] listen, or end what "
                "listens there."
            ) from error
        log.info("webhook.listens", host=self._host, port=self._port)

    async def _register(self) -> None:
        params = {
            "url": self._url,
            "secret_token": self._secret,
            "allowed_updates": list(ALLOWED_UPDATES),
            "drop_pending_updates": False,
        }
        failures = 0
        while True:
            try:
                await self._telegram.call("setWebhook", params)
            except UnauthorizedError as error:
                raise TokenRefusedError(str(error)) from None
            except CallError as error:
                delay = _RETRY_S[min(failures, len(_RETRY_S) - 1)]
                failures += 1
                log.warning("webhook.not_set", error=str(error), retry_in_s=delay)
                await anyio.sleep(delay)
            else:
                log.info("webhook.set", url=self._url)
                return

    async def _receive(self, request: web.Request) -> web.Response:
        given = request.headers.get(_SECRET_HEADER, "")
        # Headers may hold bytes that are no UTF-8: aiohttp gives them as surrogates.
        if not hmac.compare_digest(given.encode(errors="surrogateescape"), self._secret.encode()):
            return web.Response(status=401)
        try:
            update = json.loads(await request.read())
        except (ValueError, RecursionError):
            return web.Response(status=400)
        if not isinstance(update, dict) or not _is_id(update.get("update_id")):
            return web.Response(status=400)
        try:
            await self._store(update)
        except StoreError as error:
            log.error("webhook.store_refused", error=str(error))  # noqa: TRY400
            return web.Response(status=503)
        return web.Response()


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MAX_UPDATE_ID
