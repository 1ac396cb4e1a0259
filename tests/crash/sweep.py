"""All points of a scenario, one cycle each."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from tests.crash.cycle import Outcome, cycle
from tests.crash.lives import QUIET_S, Kill, Nursery

_WORKERS = 4
_STAIRS = 60


@dataclass(slots=True, kw_only=True)
class Sweep:
    """What came of all cycles of one scenario. `missed` are points that a cycle did not come by."""

    scenario: str
    points: Sequence[str]
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def missed(self) -> list[str]:
        """Points at which nothing died, since the cycle came to its end without them."""
        return [outcome.name for outcome in self.outcomes if not outcome.killed]

    def report(self) -> str:
        """In words: how many, and what is wrong where."""
        deaths = sum(outcome.killed for outcome in self.outcomes)
        lines = [
            f"{self.scenario}: {len(self.points)} points, {len(self.outcomes)} cycles, {deaths} deaths, "
            f"{len(self.missed)} missed, {sum(bool(each.left) for each in self.outcomes)} left a button"
        ]
        for outcome in self.outcomes:
            lines += [f"  {outcome.name}: {complaint}" for complaint in outcome.complaints]
        return "\n".join(lines)

    @property
    def wrong(self) -> list[str]:
        """The complaints."""
        return [f"{each.name}: {complaint}" for each in self.outcomes for complaint in each.complaints]


async def sweep(
    home: Path,
    scenario: str,
    *,
    again: bool = False,
    every: int = 1,
    ordinary: bool = False,
    quiet_s: float = QUIET_S,
) -> Sweep:
    """Kill a bot once at each point of a scenario (each `every`-th); with `again` also its later lives:
    the next one at its first point, the one after that at its second, and so on until one is through."""
    async with AsyncExitStack() as stack:
        nurseries = [await stack.enter_async_context(Nursery()) for _ in range(_WORKERS)]
        counted = await cycle(nurseries[0], home / "count", scenario, [], name="undisturbed")
        done = Sweep(scenario=scenario, points=counted.points, outcomes=[])
        if counted.complaints:
            done.outcomes.append(counted)
            return done
        waiting = list(enumerate(counted.points))[::every]
        waiting.reverse()

        async def work(nursery: Nursery) -> None:
            while waiting:
                number, point = waiting.pop()
                kills: list[Kill] = [point, *(range(1, _STAIRS) if again else ())]
                place = home / f"{number:03d}"
                done.outcomes.append(
                    await cycle(nursery, place, scenario, kills, name=point, ordinary=ordinary, quiet_s=quiet_s)
                )

        async with anyio.create_task_group() as tasks:
            for nursery in nurseries:
                tasks.start_soon(work, nursery)
    return done
