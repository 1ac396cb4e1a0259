"""`getUpdates`: offset, limit, long poll, and the 409 for whoever polls beside another."""

import asyncio
from dataclasses import dataclass, field

from bot.sandbox.api_error import bad_request, conflict
from bot.sandbox.faults import Faults
from bot.sandbox.jsonvalue import Json
from bot.sandbox.params import Params
from bot.sandbox.world import World

MAX_TIMEOUT_S = 50
_MAX_LIMIT = 100


@dataclass(slots=True, kw_only=True)
class _Waiting:
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    is_ousted: bool = False


class Poller:
    """Serves one poll at a time: a newer one ends the older with 409, as Telegram does."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._waiting: _Waiting | None = None
        self._is_closing = False
        self.webhook_url = ""
        self.webhook_error = ""
        world.updates.on_push.append(self._wake)
        faults.on_outage.append(self._wake)

    def _wake(self) -> None:
        if self._waiting is not None:
            self._waiting.woken.set()

    def close(self) -> None:
        """Ends a waiting poll at once, with nothing."""
        self._is_closing = True
        self._wake()

    async def get_updates(self, params: Params) -> list[Json]:
        """Returns as soon as there is something, else after `timeout` seconds (at most 50)."""
        if self.webhook_url:
            raise conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        self._oust()
        if (kinds := params.listing("allowed_updates")) is not None:
            self._world.updates.allow([str(kind) for kind in kinds])
        offset, limit = params.integer("offset") or 0, params.integer("limit")
        limit = min(max(_MAX_LIMIT if limit is None else limit, 1), _MAX_LIMIT)
        timeout_s = min(max(params.integer("timeout") or 0, 0), MAX_TIMEOUT_S)
        found = self._world.updates.take(offset=offset, limit=limit)
        if not found and timeout_s and not self._is_closing:
            await self._wait(timeout_s)
            found = self._world.updates.pending[:limit]
        return [self._faults.disguise(update.body) for update in found]

    def _oust(self) -> None:
        if self._waiting is not None:
            self._waiting.is_ousted = True
            self._waiting.woken.set()

    async def _wait(self, timeout_s: float) -> None:
        mine = self._waiting = _Waiting()
        try:
            async with asyncio.timeout(timeout_s):
                await mine.woken.wait()
        except TimeoutError:
            pass  # an empty answer is how a long poll ends
        finally:
            if self._waiting is mine:
                self._waiting = None
        if mine.is_ousted:
            raise conflict("terminated by other getUpdates request; make sure that only one bot instance is running")

    def set_webhook(self, params: Params) -> bool:
        """`setWebhook`: remembered and reported; the sandbox delivers by getUpdates only."""
        self.webhook_url = params.text("url")
        if self.webhook_url and not self.webhook_url.startswith("https://"):
            self.webhook_url = ""
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        return self._forget(params)

    def delete_webhook(self, params: Params) -> bool:
        """`deleteWebhook`."""
        self.webhook_url = ""
        return self._forget(params)

    def _forget(self, params: Params) -> bool:
        if params.flag("drop_pending_updates"):
            self._world.updates.clear()
        return True

    def webhook_info(self) -> Json:
        """`getWebhookInfo`."""
        info: Json = {
            "url": self.webhook_url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._world.updates.pending),
        }
        if self.webhook_error:
            info |= {"last_error_date": int(self._world.now()), "last_error_message": self.webhook_error}
        if (allowed := self._world.updates.allowed) is not None:
            info["allowed_updates"] = list(allowed)
        return info
