"""What a bot, its supervisors and their agents take of the processors, from /proc (proc(5))."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Processor seconds so far, by pid for the processes of one bot; `busy_s` is of the whole machine."""

    at_s: float
    busy_s: float
    bot: dict[int, float]
    supervisors: dict[int, float]
    agents: dict[int, float]

    @classmethod
    def now(cls, bot: int, home: Path) -> "Load":
        """The processes that work below the bot's directory: supervisors each in its run's, agents elsewhere."""
        supervisors: dict[int, float] = {}
        agents: dict[int, float] = {}  # with their tools, and what waits to become a supervisor
        for name in os.listdir("/proc"):
            try:
                cwd = os.readlink(f"/proc/{name}/cwd") if name.isdigit() else ""
                if cwd.startswith(f"{home}/"):
                    group = supervisors if cwd.startswith(f"{home}/state/") else agents
                    group[int(name)] = _spent_s(name)
            except OSError:
                continue  # it ended meanwhile
        spent = {bot: agents.pop(bot)}
        return cls(at_s=time.monotonic(), busy_s=_machine_s(), bot=spent, supervisors=supervisors, agents=agents)

    def figures(self, before: "Load", when: str) -> list[Figure]:
        """Shares since then, in percent of one core. Where runs came and went, only the bot and the machine."""
        seconds = self.at_s - before.at_s
        shares = {"the bot": _sum(self.bot, before.bot)}
        if self.supervisors.keys() == before.supervisors.keys():
            shares["its supervisors"] = _sum(self.supervisors, before.supervisors)
            shares["its agents"] = _sum(self.agents, before.agents)
        shares[f"the whole machine ({os.cpu_count()} cores)"] = self.busy_s - before.busy_s
        return [
            Figure(name=f"  load {when}: {who}", samples=(100 * spent / seconds,), unit="%")
            for who, spent in shares.items()
        ]


def _sum(now: dict[int, float], before: dict[int, float]) -> float:
    return sum(spent - before[pid] for pid, spent in now.items() if pid in before)


def _spent_s(pid: str) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S  # utime, stime


def _machine_s() -> float:
    user, nice, system, _, _, irq, softirq = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8])
    return (user + nice + system + irq + softirq) / _TICKS_PER_S
