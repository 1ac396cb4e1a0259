"""The rungs from a polite request to SIGKILL, as a pure decision: no clock, no signals, no /proc.

Polite: the agent has its own interrupt and may finish; its tools get SIGTERM after `TOOLS_AFTER_S`,
since they need no politeness. Terminate: SIGTERM to all that is left, once each, newcomers too.
Kill: freeze what is found until a look finds nothing new, then SIGKILL all of it; again and again,
for at most `KILL_FOR_S`. Freezing first is what beats a tree that forks faster than it is killed.
"""

import signal

from cli_runner.supervisor.process_table import Key, Process

TOOLS_AFTER_S = 0.2
TOOLS_LOOK_S = 0.1
KILL_FOR_S = 2.0
LOOKS_FROZEN = 8
FIRST_LOOK_S, LAST_LOOK_S = 0.005, 0.1
NEVER = float("inf")

POLITE, TERMINATE, KILL, DONE = "polite", "terminate", "kill", "done"

Signals = list[tuple[Process, int]]


class Ladder:
    """One stop. Times are seconds of any clock that does not go back.

    `step` is called at `next_at`, and earlier whenever a process ended. `done` is true when two
    looks in a row found nothing, or when `survivors` withstood everything.
    """

    __slots__ = (
        "_empty", "_frozen", "_grace_s", "_looks", "_pause", "_termed", "_until",
        "began", "next_at", "phase", "survivors",
    )  # fmt: skip

    def __init__(self, now: float, *, polite_s: float, grace_s: float) -> None:
        """`polite_s` is 0 where there is nothing to wait for."""
        self.began = now
        self.next_at = now + min(TOOLS_AFTER_S, polite_s)
        self.phase = POLITE if polite_s > 0 else TERMINATE
        self.survivors: list[Process] = []
        self._grace_s = grace_s
        self._until = now + (polite_s if polite_s > 0 else grace_s)
        self._termed: set[Key] = set()
        self._frozen: set[Key] = set()
        self._looks = 0
        self._empty = 0
        self._pause = FIRST_LOOK_S

    @property
    def done(self) -> bool:
        return self.phase == DONE

    def waits(self, now: float) -> bool:
        """Whether there is nothing to do yet, whatever lives: the agent has just been asked."""
        return self.phase == POLITE and now < min(self.next_at, self._until)

    def hurry(self, now: float) -> None:
        """End the polite phase: the agent is through, cannot be asked, or is not to be waited for."""
        if self.phase == POLITE:
            self.phase = TERMINATE
            self._until = now + self._grace_s
            self._termed.clear()
            self.next_at = now

    def step(self, now: float, living: list[Process], program: Key | None) -> Signals:
        """What to send now, given what lives. `program` is the agent's, None once it ended."""
        if self.phase == POLITE:
            if program is not None and now < self._until:
                return self._ask_tools(now, living, program)
            self.hurry(now)
        if not living:
            return self._nothing_left(now)
        self._empty = 0
        if self.phase == TERMINATE:
            if now < self._until:
                return self._terminate(now, living)
            self.phase = KILL
            self._until = now + KILL_FOR_S
        return self._kill(now, living)

    def _ask_tools(self, now: float, living: list[Process], program: Key) -> Signals:
        tools_at = self.began + TOOLS_AFTER_S
        if now < tools_at:
            self.next_at = min(tools_at, self._until)
            return []
        self.next_at = min(now + TOOLS_LOOK_S, self._until)
        return self._term_once([process for process in living if process.key != program])

    def _terminate(self, now: float, living: list[Process]) -> Signals:
        self.next_at = min(now + self._pause, self._until)
        self._pause = min(self._pause * 2, LAST_LOOK_S)
        return self._term_once(living)

    def _term_once(self, processes: list[Process]) -> Signals:
        signals: Signals = []
        for process in processes:
            if process.key not in self._termed:
                self._termed.add(process.key)
                signals.append((process, signal.SIGTERM))
            if process.stopped:  # a stopped process acts on SIGTERM only once it goes on
                signals.append((process, signal.SIGCONT))
        return signals

    def _kill(self, now: float, living: list[Process]) -> Signals:
        if now >= self._until:
            self.phase, self.next_at, self.survivors = DONE, NEVER, living
            return []
        self.next_at = now
        new = [process for process in living if process.key not in self._frozen]
        if new and self._looks < LOOKS_FROZEN:
            self._looks += 1
            self._frozen.update(process.key for process in new)
            return [(process, signal.SIGSTOP) for process in new]
        self._looks = 0
        self.next_at = now + 0.002
        return [(process, signal.SIGKILL) for process in living]

    def _nothing_left(self, now: float) -> Signals:
        self._empty += 1
        self.next_at = now
        if self._empty >= 2:
            self.phase, self.next_at = DONE, NEVER
        return []
