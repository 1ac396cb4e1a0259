"""By hand: `python -m tests.crash SCENARIO [POINT | staircase]`, to see one cycle, or all points of one."""

import argparse
import sys
import tempfile
from pathlib import Path

import anyio

from tests.crash.cycle import cycle
from tests.crash.lives import Kill, Nursery
from tests.crash.scenarios import SCENARIOS
from tests.crash.sweep import sweep


async def show(scenario: str, kills: list[Kill], *, ordinary: bool) -> int:
    """Play one cycle and say what came of it."""
    home = Path(tempfile.mkdtemp(prefix="crash-")) / "home"
    async with Nursery() as nursery:
        outcome = await cycle(nursery, home, scenario, kills, name=str(kills), ordinary=ordinary)
    print("\n".join(f"{number:4} {point}" for number, point in enumerate(outcome.points, 1)))
    print(f"killed {outcome.killed} times; buttons left: {outcome.left}")
    for complaint in outcome.complaints:
        print(f"WRONG: {complaint}")
    if outcome.complaints:
        print(f"kept: {home}")
    return 1 if outcome.complaints else 0


async def show_all(scenario: str, *, again: bool, ordinary: bool) -> int:
    """Play all cycles of a scenario and say what came of them."""
    home = Path(tempfile.mkdtemp(prefix="crash-"))
    found = await sweep(home, scenario, again=again, ordinary=ordinary)
    print(found.report())
    print(f"missed: {found.missed}")
    print("\n".join(f"left at {each.name}: {each.left}" for each in found.outcomes if each.left))
    print(f"kept: {home}" if found.wrong else "")
    return 1 if found.wrong else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash")
    parser.add_argument("scenario", choices=SCENARIOS)
    parser.add_argument("kills", nargs="*", help="where each life ends: a point's name, or a number of points")
    parser.add_argument("--all", action="store_true", help="one cycle for each point")
    parser.add_argument("--again", action="store_true", help="with --all: kill the later lives too")
    parser.add_argument("--ordinary", action="store_true", help="the last life is `python -m bot run`")
    chosen = parser.parse_args()
    if chosen.all:
        return anyio.run(lambda: show_all(chosen.scenario, again=chosen.again, ordinary=chosen.ordinary))
    kills: list[Kill] = [int(each) if each.isdecimal() else each for each in chosen.kills]
    return anyio.run(lambda: show(chosen.scenario, kills, ordinary=chosen.ordinary))


if __name__ == "__main__":
    sys.exit(main())
