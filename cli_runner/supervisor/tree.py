"""All processes of one run: who they are, which were left running on purpose, which are gone.

With a subreaper every descendant stays below this process, whatever it does to detach, and the
kernel's "no child processes" proves that none is left. Where there is none (macOS), descendants are
remembered from snapshots taken during the run: what detached between two of them is not found.
"""

import os

from cli_runner.supervisor import process_table
from cli_runner.supervisor.process_table import Key, Process

STRIKES = 50
BEGINNING = process_table.TICKS_PER_S // 5 if process_table.LINUX else 1
"""How long what a program says may still belong to the beginning of a tool: 0.2 s."""


class Tree:
    """The descendants of this process.

    A *stray* was adopted by us while the program lived: somebody detached it on purpose. What is
    orphaned by the program's own end is *doomed*.
    """

    __slots__ = ("_doomed", "_seen", "_spoke_at", "_strays", "_subreaper", "childless", "program", "signalled")

    def __init__(self, *, subreaper: bool) -> None:
        self._subreaper = subreaper
        self._strays: set[Key] = set()
        self._doomed: set[Key] = set()
        self._seen: set[Key] = set()
        self._spoke_at = 0
        self.program: Process | None = None
        self.signalled: set[Key] = set()
        self.childless = False

    @property
    def provable(self) -> bool:
        """Whether the kernel itself can tell that nothing is left."""
        return self._subreaper

    @property
    def empty(self) -> bool:
        """Proved: no process of the run is left. With a subreaper every one is below a child of ours."""
        return self._subreaper and self.childless

    def living(self) -> list[Process]:
        """All of the run that live now; parents before their children."""
        processes = process_table.table()
        roots = {os.getpid()}
        if not self._subreaper:
            known = [process for process in processes.values() if process.key in self._seen]
            below = process_table.descendants(processes, roots | {process.pid for process in known})
            found = known + [process for process in below if process.key not in self._seen]
            self._seen.update(process.key for process in found)
            return found
        return process_table.descendants(processes, roots)

    def look(self) -> list[Process]:
        """As `living`, but quick: it may miss some as long as it finds any, so it has to be repeated."""
        found = process_table.walk(os.getpid()) if self._subreaper else []
        return found or self.living()

    def send(self, process: Process, signo: int) -> None:
        """Signal one process of the tree, if it still is that one."""
        if process_table.send(process, signo):
            self.signalled.add(process.key)

    def strike(self, signo: int) -> None:
        """Signal our direct children as fast as they turn up, without looking at anybody else.

        A child that we have not reaped keeps its pid, so its number cannot be a stranger's. This
        outruns chains of forks that are quicker than a look at the whole table.
        """
        try:
            os.setpriority(os.PRIO_PROCESS, 0, -20)  # where we may: a storm of forks leaves little time to others
        except OSError:
            pass
        hit: set[int] = set()
        for _ in range(STRIKES):
            new = [pid for pid in process_table.own_children() if pid not in hit]
            if not new or not self._subreaper:
                return
            for pid in new:
                hit.add(pid)
                try:
                    os.kill(pid, signo)
                except OSError:
                    continue

    def sample(self) -> None:
        """While the program lives: whoever else is our child by now was detached on purpose."""
        if not self._subreaper:
            self.living()
            return
        if self.program is None:
            return
        known = {pid for pid, _ in self._strays} | {self.program.pid}
        found = [process_table.find(pid) for pid in process_table.own_children() if pid not in known]
        program = process_table.find(self.program.pid)
        if program is None or not program.alive:
            return  # it ended meanwhile, and they may be ours because of that
        self._strays.update(process.key for process in found if process is not None and process.alive)

    def program_spoke(self) -> None:
        """There was output of the program, just now."""
        self._spoke_at = process_table.now()

    def reaped(self, pid: int) -> None:
        """That child is gone and its pid may be given to another."""
        self._strays = {key for key in self._strays if key[0] != pid}

    def settle(self, *, keep: bool) -> list[Process]:
        """The program ended: keep the strays and what is below them, doom the rest. The strays."""
        living = self.living()
        self._strays.update(process.key for process in living if self._was_orphaned_before(process))
        kept = self._below(living, self._strays) if keep else []
        keys = {process.key for process in kept}
        self._doomed = {process.key for process in living if process.key not in keys}
        return kept

    def doomed(self) -> list[Process]:
        """What still lives of those that lost their parent because the program ended."""
        living = self._below(self.living(), self._doomed)
        self._doomed.update(process.key for process in living)
        return living

    def strays(self, living: list[Process]) -> list[Process]:
        """Those of `living` that were detached on purpose, and what is below them."""
        return self._below(living, self._strays)

    def left_in_background(self, living: list[Process]) -> list[Process]:
        """What the program, while it lives, still holds of tools that it does not wait for.

        Agents start each tool in a session of its own, and other helpers in theirs. If the program has
        said something since the tool began, the tool is not what it waits for. A guess while a turn
        works, since agents may report on a tool that runs; right between turns.
        """
        if self.program is None:
            return []
        own = (0, self.program.pid)
        strays = {process.key for process in self.strays(living)}
        before = self._spoke_at - BEGINNING
        tools = {each.key for each in living if each.session not in own and each.start < before}
        return [process for process in self._below(living, tools) if process.key not in strays]

    def _was_orphaned_before(self, process: Process) -> bool:
        """Whether a child of ours lost its parent before the program ended, though no sample saw it.

        Agents start each tool in a session of its own. What is neither in the program's session nor
        the leader of its own was started by such a tool, and the tool ended before.
        """
        if self.program is None or process.ppid != os.getpid():
            return False
        return process.session not in (0, process.pid, self.program.pid)

    def _below(self, living: list[Process], roots: set[Key]) -> list[Process]:
        pids: set[int] = set()
        found = []
        for process in living:
            if process.key in roots or process.ppid in pids:
                pids.add(process.pid)
                found.append(process)
        return found
