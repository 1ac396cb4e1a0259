"""The processes of this machine, and signals that cannot hit a stranger.

Linux reads `/proc` (proc(5)); elsewhere `ps` answers, more slowly and with start times to the
second. A process is named by its pid together with its start time, since pids are used again.
"""

import os
import signal
import sys
import time

from cli_runner.supervisor import wire

LINUX = sys.platform == "linux"
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

Key = tuple[int, int]


class Process:
    """One line of the table. `start` is in clock ticks since boot (Linux), else in epoch seconds.

    `session` is the pid of its session's leader, 0 if that is not known.
    """

    __slots__ = ("alive", "pid", "ppid", "session", "start", "stopped")

    def __init__(
        self, *, pid: int, ppid: int, start: int, session: int = 0, stopped: bool = False, alive: bool = True
    ) -> None:
        self.pid = pid
        self.ppid = ppid
        self.session = session
        self.start = start
        self.stopped = stopped
        self.alive = alive

    @property
    def key(self) -> Key:
        """What no other process has until the next boot."""
        return (self.pid, self.start)


def find(pid: int) -> Process | None:
    """The process that has this pid now, dead ones (zombies) included."""
    if not LINUX:
        return _ps().get(pid)
    stat = _read(f"/proc/{pid}/stat")
    return _parse(stat) if stat else None


def table() -> dict[int, Process]:
    """All living processes by pid; zombies are dead."""
    if not LINUX:
        return _ps()
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (stat := _read(f"/proc/{name}/stat")):
            process = _parse(stat)
            if process.alive:
                found[process.pid] = process
    return found


def descendants(processes: dict[int, Process], roots: set[int]) -> list[Process]:
    """All that descend from `roots`, without them; parents come before their children."""
    children: dict[int, list[Process]] = {}
    for process in processes.values():
        children.setdefault(process.ppid, []).append(process)
    found: list[Process] = []
    seen = set(roots)
    waiting = list(roots)
    while waiting:
        for child in children.get(waiting.pop(0), ()):
            if child.pid not in seen:
                seen.add(child.pid)
                found.append(child)
                waiting.append(child.pid)
    return found


def walk(root: int) -> list[Process]:
    """All that descend from `root`, parents first, without looking at anybody else.

    As quick as the tree is small, however many processes the machine has. Who is born, dies or changes
    its parent during the walk may be missed (proc(5), `children`). Empty where the kernel does not tell.
    """
    found: list[Process] = []
    waiting, seen = [root], {root}
    while waiting:
        for pid in _children(waiting.pop(0)):
            process = find(pid) if pid not in seen else None
            if process is not None and process.alive:
                seen.add(pid)
                found.append(process)
                waiting.append(pid)
    return found


def _children(pid: int) -> list[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task") if LINUX else []
    except OSError:
        return []
    texts = [_read(f"/proc/{pid}/task/{thread}/children") or b"" for thread in threads]
    return [int(child) for text in texts for child in text.split()]


def own_children() -> list[int]:
    """Pids of this (single-threaded) process's children, zombies included: a few microseconds."""
    me = os.getpid()
    text = _read(f"/proc/{me}/task/{me}/children") if LINUX else None
    if text is not None:
        return [int(pid) for pid in text.split()]
    return [process.pid for process in table().values() if process.ppid == me]


def send(process: Process, signo: int) -> bool:
    """Signal exactly this process. False if it is gone, is another now, or may not be signalled.

    A pidfd pins the process before its start time is compared, so no moment is left in which the
    pid could be given to somebody else.
    """
    try:
        if sys.platform != "linux":
            now = find(process.pid)
            if now is None or now.start != process.start:
                return False
            os.kill(process.pid, signo)
            return True
        fd = os.pidfd_open(process.pid)
        try:
            now = find(process.pid)
            if now is None or now.start != process.start:
                return False
            signal.pidfd_send_signal(fd, signo)
        finally:
            os.close(fd)
    except OSError:
        return False
    return True


def now() -> int:
    """The present on the scale of `Process.start`."""
    if sys.platform == "linux":
        return int(time.clock_gettime(time.CLOCK_BOOTTIME) * TICKS_PER_S)
    return int(time.time())


def boot_id() -> str:
    """What changes with every boot; empty where that is not known."""
    return (_read("/proc/sys/kernel/random/boot_id") or b"").decode().strip()


def note(process: Process) -> wire.Fields:
    """The process as a person would want to see it."""
    if not LINUX:
        return _ps_note(process)
    command = (_read(f"/proc/{process.pid}/cmdline") or b"").replace(b"\0", b" ").strip()
    if not command:
        command = (_read(f"/proc/{process.pid}/comm") or b"?").strip()
    pages = (_read(f"/proc/{process.pid}/statm") or b"0 0").split()[1]
    uptime_s = float((_read("/proc/uptime") or b"0").split()[0])
    return {
        "pid": process.pid,
        "command": command[:200].decode("utf-8", "replace"),
        "age_s": round(max(0.0, uptime_s - process.start / TICKS_PER_S), 2),
        "rss": int(pages) * PAGE_BYTES,
    }


def _read(path: str) -> bytes | None:
    """The file's first bytes; None where there is no such process, or not for us."""
    try:
        fd = os.open(path, os.O_RDONLY)
        try:
            return os.read(fd, 65536)
        finally:
            os.close(fd)
    except OSError:
        return None


def _parse(stat: bytes) -> Process:
    """A line of `/proc/PID/stat`. The name in brackets may itself contain brackets and spaces."""
    words = stat[stat.rindex(b")") + 2 :].split(b" ", 20)
    state = words[0]
    # A leader thread that ended before its siblings shows as a zombie, yet the process lives.
    alive = state not in (b"Z", b"X") or int(words[17]) > 1
    return Process(
        pid=int(stat[: stat.index(b" ")]),
        ppid=int(words[1]),
        session=int(words[3]),
        start=int(words[19]),
        stopped=state in (b"T", b"t"),
        alive=alive,
    )


def _ps() -> dict[int, Process]:
    """The table where there is no `/proc`."""
    return read_ps(_ps_text("-axo", "pid=,ppid=,stat=,lstart="))


def read_ps(text: str) -> dict[int, Process]:
    """What `ps` printed, the dead left out: signalling a zombie is an error on some systems (EPERM)."""
    found = {}
    for row in text.splitlines():
        words = row.split(None, 3)
        if len(words) == 4 and not words[2].startswith("Z"):
            start = int(time.mktime(time.strptime(words[3].strip(), "%a %b %d %H:%M:%S %Y")))
            pid = int(words[0])
            found[pid] = Process(pid=pid, ppid=int(words[1]), start=start, stopped=words[2].startswith("T"))
    return found


def _ps_note(process: Process) -> wire.Fields:
    size, _, command = _ps_text("-o", "rss=,command=", "-p", str(process.pid)).strip().partition(" ")
    return {
        "pid": process.pid,
        "command": command.strip()[:200] or "?",
        "age_s": float(max(0, int(time.time()) - process.start)),
        "rss": int(size or 0) * 1024,
    }


def _ps_text(*arguments: str) -> str:
    import subprocess  # heavy, and never needed on Linux

    environment = {"LC_ALL": "C"}
    done = subprocess.run(["/bin/ps", *arguments], capture_output=True, check=False, env=environment)
    return done.stdout.decode("utf-8", "replace")
