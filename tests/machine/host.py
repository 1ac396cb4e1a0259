"""The machine that runs live on, and the ports of a runner over it. The machine outlives the bot."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import anyio

from orchestrator.app.gifts import turn_of_gift
from orchestrator.domain.ids import RunId, TurnId
from orchestrator.domain.run_events import (
    Gift,
    ProcessNote,
    Run,
    RunEvent,
    RunGone,
    RunOrder,
    RunRecord,
    RunRefused,
    RunStatus,
    SupervisorLost,
    Swept,
)
from orchestrator.domain.states import RunState
from tests.machine.agent_talk import Hearing
from tests.machine.hosted_run import HostedRun, Manner, Timers

ORDER_S = 10.0
ANSWER_S = 5.0


class Killed(asyncio.CancelledError):
    """The bot's process is gone: nothing that it still does reaches anybody."""


@dataclass(slots=True)
class Pulse:
    """Whether a life of the bot goes on. Whatever reaches out of it asks here first."""

    dead: bool = False

    def check(self) -> None:
        """A boundary to the outside. Raises Killed."""
        if self.dead:
            raise Killed


class Launch(StrEnum):
    """How a start goes."""

    AT_ONCE = "at once"
    HELD = "held"  # the order is not taken until it is released
    REFUSED = "refused"  # the program cannot be executed
    NO_ROOM = "no room"  # no process can be made for it


class Watcher(Protocol):
    """Who is told of what the bot does to runs, before it is done."""

    def offered(self, turn_id: TurnId, run_id: RunId) -> None: ...

    def taken(self, turn_id: TurnId, run: HostedRun) -> None: ...

    def ending(self, run: HostedRun, how: str) -> None: ...

    def swept(self, run: HostedRun) -> None: ...

    def said(self, run_id: RunId, gift: Gift) -> None: ...


@dataclass(eq=False)
class Host:
    """All runs, by name. `launches` is how the next ones go; `hand_over` what becomes of a held order when
    the bot dies: it may be on its way."""

    loop: Timers
    runs: dict[RunId, HostedRun] = field(default_factory=dict)
    refused: set[RunId] = field(default_factory=set)
    claimed: set[RunId] = field(default_factory=set)
    launches: deque[Launch] = field(default_factory=deque)
    manners: deque[Manner] = field(default_factory=deque)
    read_delay_s: float = 0.0
    hand_over: bool = False
    rebooted: bool = False
    held: list[anyio.Event] = field(default_factory=list)
    watcher: Watcher | None = None
    hearing: Hearing | None = None
    _pids: int = 1000

    def new_pid(self) -> int:
        """Never used before."""
        self._pids += 1
        return self._pids

    @property
    def watching(self) -> Watcher:
        """Whoever watches."""
        assert self.watcher is not None
        return self.watcher

    def begin(self, order: RunOrder) -> None:
        """A supervisor takes an order, unless the run was claimed."""
        if order.run_id in self.claimed or order.run_id in self.runs:
            return
        assert self.hearing is not None
        self.runs[order.run_id] = HostedRun(
            run_id=order.run_id,
            order=order,
            loop=self.loop,
            new_pid=self.new_pid,
            prompt_taken=self.watching.taken,
            hearing=self.hearing,
            manner=self.manners.popleft() if self.manners else Manner.OBEDIENT,
            read_delay_s=self.read_delay_s,
        )

    def reboot(self) -> None:
        """Everything is gone."""
        self.rebooted = True
        for run in self.runs.values():
            run.lose_supervisor()

    def release(self) -> None:
        """Orders that are held are taken."""
        held, self.held = self.held, []
        for gate in held:
            gate.set()


class ScriptedRunner:
    """`Runner` over the host, for one life of the bot."""

    def __init__(self, host: Host, pulse: Pulse) -> None:
        self._host = host
        self._pulse = pulse

    async def start(self, order: RunOrder) -> Run:
        self._pulse.check()
        host = self._host
        how = host.launches.popleft() if host.launches else Launch.AT_ONCE
        for gift in order.gifts:
            if (turn_id := turn_of_gift(gift.gift_id)) is not None:
                host.watching.offered(turn_id, order.run_id)
        if how is Launch.HELD:
            await self._wait(order)
        if how is Launch.NO_ROOM:
            raise OSError("no process could be started")
        if how is Launch.REFUSED:
            host.refused.add(order.run_id)
        else:
            host.begin(order)
        return ScriptedRun(order.run_id, host, self._pulse)

    async def _wait(self, order: RunOrder) -> None:
        gate = anyio.Event()
        self._host.held.append(gate)
        try:
            with anyio.fail_after(ORDER_S):
                await gate.wait()
        except BaseException:
            if self._pulse.dead and self._host.hand_over:
                self._host.loop.call_later(0.0, self._host.begin, order)
            raise
        self._pulse.check()

    async def attach(self, run_id: RunId) -> Run:
        self._pulse.check()
        return ScriptedRun(run_id, self._host, self._pulse)

    async def inspect(self, run_id: RunId) -> RunRecord:
        self._pulse.check()
        run = self._host.runs.get(run_id)
        if run is None:
            self._host.claimed.add(run_id)
            return RunRecord(run_id=run_id, state=RunState.ENDED, never_started=True)
        ended = run.over and isinstance(run.facts[-1], RunGone)
        state = RunState.LOST if run.lost else RunState.ENDED if ended else RunState.LIVE
        return RunRecord(
            run_id=run_id, state=state, gifts=dict(run.taken), argv=("demo",), boot_changed=self._host.rebooted
        )

    async def sweep(self, alive: frozenset[RunId]) -> Swept:
        self._pulse.check()
        found: list[ProcessNote] = []
        survivors: list[ProcessNote] = []
        for run in self._host.runs.values():
            if run.run_id not in alive and run.living and not run.over:
                self._host.watching.swept(run)
            if run.run_id not in alive:
                found += [process.note for process in run.living]
                survivors += [process.note for process in run.living if process.manner is Manner.UNKILLABLE]
                for process in run.living:
                    process.alive = process.manner is Manner.UNKILLABLE
        return Swept(found=tuple(found), survivors=tuple(survivors))


class ScriptedRun:
    """`Run` over the host, for one life of the bot."""

    def __init__(self, run_id: RunId, host: Host, pulse: Pulse) -> None:
        self._run_id = run_id
        self._host = host
        self._pulse = pulse
        self._detached = False

    @property
    def run_id(self) -> RunId:
        return self._run_id

    def _hosted(self) -> HostedRun | None:
        self._pulse.check()
        if self._detached:
            raise RuntimeError(f"nobody listens to run {self._run_id} here any more")
        return self._host.runs.get(self._run_id)

    async def events(self) -> AsyncGenerator[RunEvent, None]:
        run = self._hosted()
        if run is None:
            yield RunRefused(reason="The program demo was not found.")
            return
        position = 0
        grown = anyio.Event()

        def grow() -> None:
            grown.set()

        run.listeners.append(grow)
        try:
            while True:
                while position < len(run.facts):
                    self._pulse.check()
                    event = run.facts[position]
                    position += 1
                    yield event
                    if isinstance(event, RunGone | SupervisorLost):
                        return
                grown = anyio.Event()
                await grown.wait()
        finally:
            run.listeners.remove(grow)

    async def give(self, gift: Gift) -> None:
        run = self._hosted()
        turn_id = turn_of_gift(gift.gift_id)
        if turn_id is not None:
            self._host.watching.offered(turn_id, self._run_id)
        elif run is not None and not run.knows(gift):
            self._host.watching.said(self._run_id, gift)
        if run is not None:
            run.give(gift)

    async def stop(self, *, polite: bool = True) -> None:
        run = self._hosted()
        if run is not None:
            self._host.watching.ending(run, "stop")
            run.stop(polite=polite)

    async def set_interrupt(self, data: bytes) -> None:
        if (run := self._hosted()) is not None:
            run.interrupt = data

    async def kill(self) -> None:
        run = self._hosted()
        if run is not None:
            self._host.watching.ending(run, "kill")
            run.kill()

    async def through(self) -> None:
        if (run := self._hosted()) is not None:
            run.through()

    async def finish(self) -> None:
        if (run := self._hosted()) is not None:
            run.close_stdin()

    async def bound(self, seconds: float) -> None:
        if (run := self._hosted()) is not None:
            run.bound(seconds)

    async def status(self) -> RunStatus:
        run = self._hosted()
        if run is None:
            return RunStatus(pid=None, tools=(), strays=(), rss_bytes=0)
        if run.hangs:
            with anyio.move_on_after(ANSWER_S):
                await anyio.sleep_forever()
        run.read_all()
        return RunStatus(
            pid=run.program.pid if run.program.alive else None,
            tools=tuple(each.note for each in run.tools if each.alive),
            strays=tuple(each.note for each in run.strays if each.alive),
            rss_bytes=0,
        )

    async def detach(self) -> None:
        self._pulse.check()
        self._detached = True
