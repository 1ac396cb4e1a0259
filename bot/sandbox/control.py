"""What the page is told and what it may do (HTTP and WebSocket)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from bot.sandbox.calls import CallLog
from bot.sandbox.faults import Faults
from bot.sandbox.flood import Flood
from bot.sandbox.people import Person
from bot.sandbox.world import World


@dataclass(slots=True, kw_only=True)
class Control:
    """Routes `/`, `/page/…` and `/control/…`."""

    world: World
    people: dict[str, Person]
    flood: Flood
    faults: Faults
    calls: CallLog
    monotonic: Callable[[], float]
    _sockets: set[web.WebSocketResponse] = field(default_factory=set)

    def add_routes(self, app: web.Application) -> None:
        """Adds the routes."""

    async def close(self) -> None:
        """Closes all sockets."""
        for socket in tuple(self._sockets):
            await socket.close()
