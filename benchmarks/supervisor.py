"""What supervising costs: starting, waiting, stopping."""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import anyio

from cli_runner import run_files
from cli_runner.local_runs import LocalRunner
from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import OutputArrived, RunGone, RunOrder, RunStarted

TIMES = 20
DEADLINE_S = 10.0
REST_S = 0.25
PATH = "/usr/local/bin:/usr/bin:/bin"
TREE = "sleep 300 & setsid sleep 300 & nohup sleep 300 2>/dev/null & setsid -f sleep 300; sleep 0.05; echo ready; wait"


async def measure() -> dict[str, float]:
    """Medians of 20: milliseconds from an order to the program's exec, memory, and a stop's milliseconds."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory)
        with_spare, rss_mb = await _starts(path / "with", spares=1)
        without_spare, _ = await _starts(path / "without", spares=0)
        return {
            "order to exec with a spare, ms": with_spare,
            "order to exec without a spare, ms": without_spare,
            "supervisor, MB": rss_mb,
            "stop of an obedient tree of 5, ms": await _stops(path / "stops"),
        }


async def _starts(directory: Path, *, spares: int) -> tuple[float, float]:
    times, sizes = [], []
    runner = LocalRunner(directory, spares=spares)
    async with anyio.create_task_group() as tasks:
        await tasks.start(runner.serve)
        for number in range(TIMES):
            await anyio.sleep(REST_S)  # a spare has to be ready again
            order = _order(f"start-{number}", "read line", directory)
            begun = time.perf_counter()
            run = await runner.start(order)
            with anyio.fail_after(DEADLINE_S):
                async for event in run.events():
                    if isinstance(event, RunStarted):
                        times.append(time.perf_counter() - begun)
                        sizes.append(_rss_mb(directory / order.run_id))
                        await run.finish()
        tasks.cancel_scope.cancel()
    return 1000 * statistics.median(times), statistics.median(sizes)


async def _stops(directory: Path) -> float:
    times = []
    runner = LocalRunner(directory)
    async with anyio.create_task_group() as tasks:
        await tasks.start(runner.serve)
        for number in range(TIMES):
            run = await runner.start(_order(f"stop-{number}", TREE, directory))
            begun = 0.0
            with anyio.fail_after(DEADLINE_S):
                async for event in run.events():
                    if isinstance(event, OutputArrived):
                        begun = time.perf_counter()
                        await run.stop()
                    elif isinstance(event, RunGone):
                        times.append(time.perf_counter() - begun)
        tasks.cancel_scope.cancel()
    return 1000 * statistics.median(times)


def _order(run_id: str, script: str, directory: Path) -> RunOrder:
    return RunOrder(run_id=RunId(run_id), argv=("/bin/sh", "-c", script), cwd=str(directory), env={"PATH": PATH})


def _rss_mb(run_directory: Path) -> float:
    pid = run_files.read(run_directory / "run.json")["supervisor_pid"]
    rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(row.split()[1]) / 1024 for row in rows if row.startswith("VmRSS"))


if __name__ == "__main__":
    for name, value in asyncio.run(measure()).items():
        print(f"{name}: {value:.1f}")
