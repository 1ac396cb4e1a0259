"""The instants at which a bot can be killed: each commit, each Bot API call, each word to a supervisor.

A point is named after what is done and who does it (`after commit of Inbox.add #2` is the second such
commit in this life of the bot), so that its name means the same in every run, whatever else happens in
between. The bot's own code knows nothing of this: the few doors through which all of it goes are
wrapped from outside.
"""

import contextlib
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from bot.telegram import Telegram
from cli_runner.local_run import LocalRun
from cli_runner.local_runs import LocalRunner
from storage.database import Database, Transaction

_PASSED_BY = {"change", "changing", "transaction", "call", "_call", "_send", "wrapped", "passing", "_who"}
"""Functions between a door and the one who wants something."""

_DATABASE = (Database, "transaction")
_DOORS = (
    (Telegram, "call", "call"),
    (LocalRunner, "start", "start"),
    (LocalRun, "give", "gift"),
    (LocalRun, "stop", "stop"),
    (LocalRun, "kill", "kill"),
    (LocalRun, "finish", "farewell"),
)
"""All that leaves the bot: whose method it is, its name, and what that is in the name of a point."""

_Opener: TypeAlias = Callable[..., contextlib.AbstractAsyncContextManager[Transaction]]


class Points:
    """Counts points, writes each to a file, and ends the process at one of them.

    `kill` is the name of a point, or how many points this process may pass at most.
    """

    def __init__(self, trace: str, kill: str | int | None) -> None:
        self._trace = os.open(trace, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._kill = kill
        self._seen: Counter[str] = Counter()

    def passing(self, what: str) -> None:
        """Here is a point. Does not come back from the one that was chosen."""
        self._seen[what] += 1
        name = f"{what} #{self._seen[what]}"
        os.write(self._trace, f"{name}\n".encode())
        if self._kill in (name, self._seen.total()):
            os.kill(os.getpid(), signal.SIGKILL)

    def install(self) -> None:
        """Wrap the doors, for the rest of this process."""
        for owner, name, kind in _DOORS:
            setattr(owner, name, self._around(getattr(owner, name), kind))
        setattr(*_DATABASE, self._transaction(getattr(*_DATABASE)))

    def _transaction(self, original: _Opener) -> _Opener:
        @asynccontextmanager
        async def wrapped(database: Database, **named: Any) -> AsyncIterator[Transaction]:
            who = _who()
            async with original(database, **named) as tx:
                yield tx
                self.passing(f"before commit of {who}")
            self.passing(f"after commit of {who}")

        return wrapped

    def _around(self, original: Callable[..., Awaitable[Any]], kind: str) -> Callable[..., Awaitable[Any]]:
        async def wrapped(self_: object, *args: Any, **named: Any) -> Any:
            what = f"{kind} {args[0]} of {_who()}" if kind == "call" else f"{kind} of {_who()}"
            self.passing(f"before {what}")
            try:
                return await original(self_, *args, **named)
            finally:
                # What came back is there, whatever it is, and nobody has looked at it.
                if not isinstance(sys.exc_info()[1], GeneratorExit):
                    self.passing(f"after {what}")

        return wrapped


def _who() -> str:
    """Who wants what goes through a door: the nearest function that is not only on the way to it."""
    frame = sys._getframe(1)
    while (below := frame.f_back) is not None:
        frame = below
        code = frame.f_code
        if code.co_name not in _PASSED_BY and code.co_filename not in (__file__, contextlib.__file__):
            return code.co_qualname.replace("<locals>.", "").lstrip("_")
    return "nobody"
