"""How a run ends: by a stop, by itself, or by itself with strays that live on for a while."""

import signal
import time

from cli_runner.supervisor import ladder
from cli_runner.supervisor.ladder import NEVER, Ladder
from cli_runner.supervisor.order import Order
from cli_runner.supervisor.process_table import Key, Process
from cli_runner.supervisor.tree import Tree

ORPHAN_GRACE_S = 1.0


class Ending:
    """Ends what has to be ended, step by step. `over` once no process of the run is left.

    On Linux that is proved by the kernel having no child of ours; `survivors` are what SIGKILL
    could not end in time, or what we may not signal.
    """

    __slots__ = (
        "_cleanup", "_ladder", "_look", "_not_before", "_order", "_stuck", "_tree", "_ttl_at",
        "over", "program_ended", "survivors",
    )  # fmt: skip

    def __init__(self, order: Order, tree: Tree) -> None:
        self._order = order
        self._tree = tree
        self._ladder: Ladder | None = None
        self._cleanup: Ladder | None = None
        self._ttl_at = NEVER
        self._look = False
        self._not_before = 0.0
        self._stuck: set[Key] = set()
        self.program_ended = False
        self.over = False
        self.survivors: list[Process] = []

    @property
    def stopping(self) -> bool:
        return self._ladder is not None

    @property
    def next_at(self) -> float:
        """When `step` has to be called again."""
        if self._look:
            return self._not_before
        current = self._ladder or self._cleanup
        return min(self._ttl_at, max(current.next_at, self._not_before) if current else NEVER)

    def stop(self, now: float, *, polite: bool) -> None:
        """End the whole tree. A second stop changes nothing, unless it is less polite."""
        if self._ladder is None:
            polite_s = self._order.polite_s if polite else 0.0
            self._ladder = Ladder(now, polite_s=polite_s, grace_s=self._order.grace_s)
            self._cleanup = None
        elif not polite:
            self._ladder.hurry(now)

    def through(self, now: float) -> None:
        """The program has acted on its interrupt."""
        if self._ladder is not None:
            self._ladder.hurry(now)
            self._not_before = now

    def look_soon(self) -> None:
        """Processes came or went."""
        self._look = True

    def program_gone(self, now: float) -> list[Process]:
        """The program ended. What it left running on purpose, if that is kept."""
        self.program_ended = True
        if self._ladder is not None:
            self._ladder.hurry(now)
            self._not_before = now
            return []
        if self._tree.empty:
            return []
        strays = self._tree.settle(keep=self._order.keep_strays)
        self._cleanup = Ladder(now, polite_s=0.0, grace_s=ORPHAN_GRACE_S)
        if strays:
            self._ttl_at = now + self._order.strays_ttl_s
        return strays

    def step(self, now: float) -> None:
        """Do what is due."""
        if now < self.next_at:
            return
        looking, self._look = self._look, False
        if self._tree.empty and self.program_ended:
            self.over = True
        elif self._ladder is not None:
            if now >= self._ladder.next_at or (looking and not self._waits(self._ladder, now)):
                self._climb(self._ladder, now, self._tree.look())
            if self._ladder.done:
                self.survivors = self._ladder.survivors
                self.over = True
        elif self._cleanup is not None:
            if looking or now >= self._cleanup.next_at:
                self._climb(self._cleanup, now, self._tree.doomed())
            if self._cleanup.done:
                self._cleaned_up(self._cleanup)
        elif now >= self._ttl_at:
            self.stop(now, polite=False)
            self.step(now)
        elif self.program_ended and (self._stuck or not self._tree.provable):
            self._look_for_others()

    def _waits(self, stop: Ladder, now: float) -> bool:
        return stop.waits(now) and not self.program_ended

    def took_s(self, now: float) -> float:
        """Seconds since the stop began; 0 without one."""
        return now - self._ladder.began if self._ladder is not None else 0.0

    def ended_tools(self) -> int:
        """How many processes, beside the program, were ended by us."""
        spared = {process.key for process in self.survivors}
        if self._tree.program is not None:
            spared.add(self._tree.program.key)
        return len(self._tree.signalled - spared)

    def _climb(self, stop: Ladder, now: float, living: list[Process]) -> None:
        program: Key | None = None
        if self._tree.program is not None and not self.program_ended:
            program = self._tree.program.key
        signals = stop.step(now, living, program)
        for process, signo in signals:
            self._tree.send(process, signo)
        if stop is self._ladder and any(signo == signal.SIGKILL for _, signo in signals):
            self._tree.strike(signal.SIGKILL)
        # Looking costs milliseconds where thousands of processes live; it must not eat the machine.
        done = time.monotonic()
        self._not_before = done + (0.0 if stop.phase == ladder.KILL else min(0.05, done - now))

    def _cleaned_up(self, cleanup: Ladder) -> None:
        self._cleanup = None
        self._stuck = {process.key for process in cleanup.survivors}
        self._look_for_others()

    def _look_for_others(self) -> None:
        """Over once nothing lives but what withstood: nobody waits for that."""
        living = self._tree.living()
        self.survivors = [process for process in living if process.key in self._stuck]
        self.over = len(self.survivors) == len(living)
