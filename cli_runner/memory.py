"""How much memory is left, as far as the system says."""

from pathlib import Path

_MEMINFO = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")


def available_share(meminfo: Path = _MEMINFO, group: Path = _GROUP) -> float:
    """The share of memory that is free to be used, from 0 to 1; 1 where the system does not say.

    The machine's own (`MemAvailable`, proc_meminfo(5)) or that of the control group in which the bot runs, as in
    a container (`memory.max` and `memory.current` of cgroup v2), whichever is less.
    """
    return min(_of_machine(meminfo), _of_group(group))


def _of_machine(meminfo: Path) -> float:
    try:
        lines = meminfo.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return 1.0
    words = [line.split() for line in lines]
    found = {word[0]: int(word[1]) for word in words if len(word) > 1 and word[1].isdecimal()}
    total = found.get("MemTotal:", 0)
    return found.get("MemAvailable:", total) / total if total else 1.0


def _of_group(group: Path) -> float:
    try:
        limit = (group / "memory.max").read_text(encoding="ascii").strip()
        used = (group / "memory.current").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return 1.0
    if not (limit.isdecimal() and used.isdecimal()) or int(limit) == 0:
        return 1.0
    return max(0.0, 1 - int(used) / int(limit))
