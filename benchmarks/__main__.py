"""`python -m benchmarks [NAME…]`: measure, print a table, write `benchmarks/results/TIME.json`.

State directories are made under $TMPDIR. How long durable commits take there, beside the files that
supervisors write, is most of what differs between machines; `TMPDIR=/dev/shm` shows what the bot itself takes.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import anyio

from benchmarks import delivery, ingest, memory, process_start, stop_busy, supervisor, turns
from benchmarks.figures import Figure, table

RESULTS = Path(__file__).parent / "results"


async def _supervisor() -> list[Figure]:
    return [
        Figure(name=name.rpartition(", ")[0], samples=(value,), unit=name.rpartition(", ")[2])
        for name, value in (await supervisor.measure()).items()
    ]


BENCHMARKS: Mapping[str, Callable[[], Awaitable[list[Figure]]]] = {
    "start": process_start.measure,
    "memory": memory.measure,
    "cold": turns.measure_cold,
    "cold-stray": turns.measure_cold_stray,
    "warm": turns.measure_warm,
    "warm-stray": turns.measure_warm_stray,
    "approval": turns.measure_approval,
    "stop": turns.measure_stop,
    "stop-polite": turns.measure_stop_polite,
    "stop-busy": stop_busy.measure,
    "ingest": ingest.measure,
    "supervisor": _supervisor,
    "delivery": delivery.measure,
}


def main() -> int:
    """Run what was asked for; 1 if a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure topicd on this machine.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all, or some of: {', '.join(BENCHMARKS)}")
    names: list[str] = parser.parse_args().names or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"no benchmark is called {unknown[0]!r}; there are: {', '.join(BENCHMARKS)}")
    if sys.platform != "linux":
        parser.error("the benchmarks need Linux (/proc, pidfd_open, date +%N)")
    machine = _machine()
    print(", ".join(f"{name} {value}" for name, value in machine.items()), end="\n\n", flush=True)
    results: dict[str, list[Figure]] = {}
    for name in names:
        results[name] = anyio.run(BENCHMARKS[name])
        print(f"{name}\n{table(results[name])}\n", flush=True)
    print(_write(machine, results))
    missed = [figure.name for figures in results.values() for figure in figures if figure.is_met is False]
    print("\n".join(f"missed: {name}" for name in missed) or "All targets were met.")
    return 1 if missed else 0


def _machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "directory": tempfile.gettempdir(),
        "load": round(os.getloadavg()[0], 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _write(machine: dict[str, object], results: dict[str, list[Figure]]) -> Path:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}.json"
    figures = {name: [figure.as_json() for figure in found] for name, found in results.items()}
    path.write_text(json.dumps({"machine": machine, "benchmarks": figures}, indent=1) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
