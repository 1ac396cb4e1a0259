"""Runs on this machine: each a detached supervisor with a directory of its own."""

from pathlib import Path

import anyio
import anyio.to_thread
from anyio.abc import TaskStatus

from cli_runner import run_files, sweep
from cli_runner.connection import Connection
from cli_runner.local_run import LocalRun
from cli_runner.spares import Spares
from cli_runner.supervisor import wire
from cli_runner.supervisor.order import run_name
from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import RunOrder, RunRecord, Swept
from orchestrator.domain.states import RunState

ORDER_S = 10.0
CLOSE_S = 2.0


class LocalRunner:
    """`Runner` for this machine. `directory` is where runs live; `spares` supervisors are kept ready.

    `start` needs `serve` to be running; everything else works without. When `serve` ends, runs go
    on, and another LocalRunner on the same directory finds them.
    """

    def __init__(self, directory: Path, *, spares: int = 1) -> None:
        self._directory = directory.absolute()
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._spares = Spares(count=spares)

    async def serve(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Keep spares and reap what ended, until cancelled. Meant for `await tasks.start(runner.serve)`."""
        try:
            async with anyio.create_task_group() as tasks:
                self._spares.open(tasks)
                task_status.started()
                await anyio.sleep_forever()
        finally:
            with anyio.move_on_after(CLOSE_S, shield=True):
                await self._spares.close()

    async def start(self, order: RunOrder) -> LocalRun:
        """See `Runner.start`. Returns as soon as the order is on its way. Raises OSError if the
        machine has no room for one more process."""
        run_name(order.run_id)
        line = self._order(order)
        try:
            connection = await self._hand_over(line)
        except ConnectionError:
            # The spare had died. Its part of the order can do nothing: a run is claimed before it
            # starts, and what died cannot claim.
            connection = await self._hand_over(line)
        return LocalRun(order.run_id, directory=self._directory, connection=connection)

    async def attach(self, run_id: RunId) -> LocalRun:
        run = LocalRun(run_id, directory=self._directory)
        await run.reach()
        return run

    async def inspect(self, run_id: RunId) -> RunRecord:
        found = run_files.record(self._directory, run_id)
        while found is None:
            run_files.claim(self._directory, run_id)
            found = run_files.record(self._directory, run_id)
        return found

    async def sweep(self, alive: frozenset[RunId]) -> Swept:
        return await anyio.to_thread.run_sync(sweep.sweep, self._directory, alive)

    async def _hand_over(self, line: wire.Fields) -> Connection:
        spare = self._spares.take()
        connection = Connection(spare.socket)
        try:
            with anyio.fail_after(ORDER_S):
                await connection.send(line)
        except BaseException:
            connection.close()
            raise
        return connection

    def _order(self, order: RunOrder) -> wire.Fields:
        return {
            "op": "start",
            "v": wire.VERSION,
            "run_id": order.run_id,
            "directory": str(self._directory),
            "argv": list(order.argv),
            "cwd": order.cwd,
            "env": dict(order.env),
            "gifts": [{"id": gift.gift_id, "data": wire.pack(gift.data)} for gift in order.gifts],
            "close_stdin": order.close_stdin,
            "interrupt": wire.pack(order.interrupt),
            "polite_s": order.polite_s,
            "grace_s": order.grace_s,
            "keep_strays": order.keep_strays,
            "strays_ttl_s": order.strays_ttl_s,
            "bound_s": order.bound_s,
        }


def list_runs(directory: Path, *, live: bool = False) -> list[RunRecord]:
    """All runs of a directory, the oldest first; with `live` only those that go on.

    Needs no bot. Memory, tools and strays of a live one: `LocalRunner(directory).attach(run_id)`,
    then `status()`.
    """
    names = sorted(path.name for path in directory.iterdir() if path.is_dir() and not path.name.startswith("."))
    found = [record for name in names if (record := run_files.record(directory, RunId(name))) is not None]
    if live:
        found = [record for record in found if record.state is RunState.LIVE]
    return sorted(found, key=lambda record: record.started_at_ms or 0)
