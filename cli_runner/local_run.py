"""A run on this machine that somebody listens to."""

import signal
from collections.abc import AsyncGenerator
from pathlib import Path

import anyio
import anyio.lowlevel
import anyio.to_thread

from cli_runner import run_facts, run_files, run_tree
from cli_runner.connection import Connection, connect
from cli_runner.spool_reader import SpoolReader
from cli_runner.supervisor import process_table, records, wire
from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import (
    Gift,
    RunEvent,
    RunGone,
    RunRefused,
    RunStatus,
    SupervisorLost,
)

ANSWER_S = 5.0
WATCH_S = 2.0
CONNECT_S = 0.5
RETRY_S = 0.02
GROWTH_S = 0.5


class LocalRun:
    """`Run` over a supervisor's socket and the files of its run.

    The supervisor says how far the spool reaches and what happened where; the output itself is read
    from the file. When the connection ends, the lock says whether the supervisor lives: if it does,
    the run is taken up again, otherwise its files tell the rest.
    """

    def __init__(self, run_id: RunId, *, directory: Path, connection: Connection | None = None) -> None:
        self._run_id = run_id
        self._directory = directory
        self._path = directory / run_id
        self._connection = connection
        self._connecting = anyio.Lock()
        self._taken = False
        self._detached = False
        self._again = False
        self._told: set[tuple[object, object]] = set()

    @property
    def run_id(self) -> RunId:
        return self._run_id

    async def events(self) -> AsyncGenerator[RunEvent, None]:
        """See `Run.events`. Output comes in pieces that end where a fact belongs."""
        if self._taken:
            raise RuntimeError(f"the events of run {self._run_id} were taken already")
        self._taken = True
        spool = SpoolReader(self._path / records.STDOUT)
        try:
            while batch := await self._next_facts():
                for fields in batch:
                    if self._is_old(fields):
                        continue
                    for piece in spool.up_to(run_facts.offset(fields)):
                        yield piece
                        await anyio.lowlevel.checkpoint()  # a long spool must not hold up the others
                    event = run_facts.event(fields)
                    if event is not None:
                        yield event
                    if isinstance(event, RunRefused | RunGone | SupervisorLost):
                        return
        finally:
            spool.close()
            self._close()

    async def give(self, gift: Gift) -> None:
        await self._send({"op": "stdin", "id": gift.gift_id, "data": wire.pack(gift.data)})

    async def stop(self, *, polite: bool = True) -> None:
        run_tree.wake(self._path)
        if not await self._send({"op": "stop", "polite": polite}):
            self._stop_by_signal()

    async def set_interrupt(self, data: bytes) -> None:
        await self._send({"op": "interrupt", "data": wire.pack(data)})

    async def kill(self) -> None:
        """See `Run.kill`. Whoever listens hears the end because the connection ends."""
        await anyio.to_thread.run_sync(run_tree.end, self._path)

    async def through(self) -> None:
        await self._send({"op": "through"})

    async def finish(self) -> None:
        await self._send({"op": "close_stdin"})

    async def bound(self, seconds: float) -> None:
        await self._send({"op": "bound", "s": seconds})

    async def status(self) -> RunStatus:
        """See `Run.status`. Asked over a connection of its own, so nobody has to take the events.

        If a supervisor does not answer within `ANSWER_S`, the machine's process table does.
        """
        run_tree.wake(self._path)
        status = await self._asked()
        return status if status is not None else await anyio.to_thread.run_sync(run_tree.look, self._path)

    async def _asked(self) -> RunStatus | None:
        try:
            connection = connect(self._path)
        except OSError:
            return None
        try:
            with anyio.move_on_after(ANSWER_S):
                await connection.send({"op": "status"})
                while (batch := await connection.receive()) is not None:
                    for fields in batch:
                        if fields.get("ev") == "status":
                            return run_facts.status(fields)
        except OSError:
            pass  # it ended meanwhile
        finally:
            connection.close()
        return None

    async def detach(self) -> None:
        self._detached = True
        if self._connection is not None and self._taken:
            self._connection.hang_up()  # whoever takes the events closes it
        else:
            self._close()

    async def reach(self) -> Connection | None:
        """A connection that hears everything; None if the supervisor is gone or does not listen."""
        async with self._connecting:
            with anyio.move_on_after(CONNECT_S):
                while self._connection is None and not self._detached and self._listens():
                    self._connection = await self._attached()
                    if self._connection is None:
                        await anyio.sleep(RETRY_S)
            return self._connection

    async def _attached(self) -> Connection | None:
        try:
            connection = connect(self._path)
        except OSError:
            return None
        try:
            await connection.send({"op": "attach"})
        except BaseException as error:
            connection.close()
            if isinstance(error, OSError):
                return None
            raise
        return connection

    def _listens(self) -> bool:
        # One that tidies up after its run's end still lives, but there is nothing to hear from it.
        return run_files.is_live(self._path) and not run_files.is_over(self._path)

    async def _send(self, fields: wire.Fields) -> bool:
        """False if nobody can hear it: the events tell why."""
        if self._detached:
            raise RuntimeError(f"nobody listens to run {self._run_id} here any more")
        connection = self._connection or await self.reach()
        if connection is None:
            return False
        try:
            with anyio.fail_after(ANSWER_S):
                await connection.send(fields)
        except (OSError, TimeoutError):
            return False
        return True

    async def _next_facts(self) -> list[wire.Fields]:
        """At least one, unless nobody listens any more."""
        while not self._detached:
            connection = self._connection or await self.reach()
            if connection is None:
                if self._listens():
                    return await self._growth()
                if not self._path.is_dir():
                    run_files.claim(self._directory, self._run_id)
                return run_files.facts(self._path)
            batch = await self._heard(connection)
            if batch is not None:
                return batch
            self._close()
            self._again = True
        return []

    async def _heard(self, connection: Connection) -> list[wire.Fields] | None:
        while True:
            with anyio.move_on_after(WATCH_S):
                return await connection.receive()
            run_tree.wake(self._path)  # an agent may stop its own supervisor, for instance by name

    async def _growth(self) -> list[wire.Fields]:
        """A supervisor that lives but cannot be reached: at least its spool can be followed."""
        self._again = True
        await anyio.sleep(GROWTH_S)
        path = anyio.Path(self._path / records.STDOUT)
        size = (await path.stat()).st_size if await path.exists() else 0
        return [{"ev": "spool", "size": size}]

    def _is_old(self, fields: wire.Fields) -> bool:
        """Whether this was told over an earlier connection. Later ones begin with the whole history."""
        if fields.get("ev") in ("spool", "status", "error", "hello"):
            return False
        key = (fields.get("ev"), fields.get("id"))
        old = self._again and key in self._told
        self._told.add(key)
        return old

    def _stop_by_signal(self) -> None:
        supervisor = run_tree.supervisor(self._path)
        if supervisor is not None and run_files.is_live(self._path):
            process_table.send(supervisor, signal.SIGTERM)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
