"""A run as a model: its processes, what they obey, and what its supervisor would tell of them.

The program is the demo agent as far as its wire goes, so that the real codec reads it; what it does is
said by the test. Times are seconds of the loop.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from orchestrator.app.gifts import turn_of_gift
from orchestrator.domain.ids import RunId, TurnId
from orchestrator.domain.run_events import (
    Gift,
    GiftFailed,
    GiftTaken,
    OutputArrived,
    OutputClosed,
    OutputLost,
    ProcessNote,
    ProgramExited,
    RunEvent,
    RunGone,
    RunOrder,
    RunStarted,
    SupervisorLost,
)
from tests.machine.agent_talk import Hearing, Talk

_TOOLS_AFTER_S = 0.2
_DIES_S = 0.01
_KILL_FOR_S = 2.0


class Manner(StrEnum):
    """How a process takes being ended."""

    OBEDIENT = "obedient"  # at once
    SLOW = "slow"  # in its own time
    DEAF = "deaf"  # only SIGKILL ends it
    UNKILLABLE = "unkillable"  # nothing does


@dataclass(slots=True, eq=False)
class Process:
    """One process of the model."""

    pid: int
    command: str
    manner: Manner
    alive: bool = True

    @property
    def note(self) -> ProcessNote:
        """As it is told of."""
        return ProcessNote(pid=self.pid, command=self.command)


class Timers(Protocol):
    """What the model needs of the loop."""

    def time(self) -> float: ...

    def call_later(self, delay: float, callback: Callable[..., object], *args: object) -> object: ...


@dataclass(eq=False)
class HostedRun:
    """One run. `facts` only grow; whoever listens reads them from the beginning.

    `turn` is the turn whose prompt the agent works on, `next_turn` the one whose prompt it has for later;
    `heard` what it was asked, beside prompts.
    """

    run_id: RunId
    order: RunOrder
    loop: Timers
    new_pid: Callable[[], int]
    prompt_taken: Callable[[TurnId, "HostedRun"], None]
    hearing: Hearing
    manner: Manner = Manner.OBEDIENT
    read_delay_s: float = 0.0
    hangs: bool = False
    facts: list[RunEvent] = field(default_factory=list)
    listeners: list[Callable[[], None]] = field(default_factory=list)
    tools: list[Process] = field(default_factory=list)
    strays: list[Process] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)
    heard: list[dict[str, object]] = field(default_factory=list)
    turn: TurnId | None = None
    next_turn: TurnId | None = None
    said: list[str] = field(default_factory=list)
    offset: int = 0
    lost: bool = False
    output_ended: bool = False
    stopping_since: float | None = None

    def __post_init__(self) -> None:
        self.interrupt = self.order.interrupt
        self._unread: list[Gift] = []
        self._known: set[str] = set()
        self._closing = False
        self._terminating = False
        self._signalled: set[int] = set()
        self._bound = 0
        self.talk = Talk(run_id=self.run_id, say=self._print, hearing=self.hearing)
        self.program = Process(pid=self.new_pid(), command="demo-agent", manner=self.manner)
        self._tell(RunStarted(pid=self.program.pid))
        for gift in self.order.gifts:
            self._known.add(gift.gift_id)
            self._read(gift)
        self.bound(self.order.bound_s)

    @property
    def living(self) -> list[Process]:
        """All processes that live."""
        return [each for each in (self.program, *self.tools, *self.strays) if each.alive]

    @property
    def over(self) -> bool:
        """Whether its last fact is told."""
        return any(isinstance(each, RunGone | SupervisorLost) for each in self.facts[-1:])

    @property
    def works(self) -> bool:
        """Whether the agent is in the middle of a turn."""
        return self.program.alive and self._busy and not self.output_ended and not self.over

    @property
    def idle(self) -> bool:
        """Whether it could begin something by itself."""
        free = not (self._busy or self._closing or self.output_ended or self.over)
        return self.program.alive and self.stopping_since is None and free

    @property
    def _busy(self) -> bool:
        return self.turn is not None or self.talk.own

    # What a test says of the agent

    def say(self, text: str) -> None:
        """A piece of the answer."""
        self.said.append(text)
        self._print(event="text", delta=text)

    def start_tool(self, manner: Manner) -> None:
        """A tool call with a process of its own."""
        tool = Process(pid=self.new_pid(), command=f"tool-{len(self.tools)}", manner=manner)
        self.tools.append(tool)
        self._print(event="tool", id=str(tool.pid), name="shell", title=tool.command)

    def leave_stray(self, manner: Manner) -> None:
        """Something that is left running on purpose."""
        self.strays.append(Process(pid=self.new_pid(), command=f"stray-{len(self.strays)}", manner=manner))

    def begin_by_itself(self) -> None:
        """An agent that has nothing to do goes on all the same."""
        self.said, self.tools = [], []
        self.talk.begin()

    def finish_turn(
        self, *, ok: bool = True, error: str = "", interrupted: bool = False, refuses: bool = False
    ) -> None:
        """The turn is over for the agent; its tools are through. The next begins, if it knows of one."""
        for tool in self.tools:
            tool.alive = tool.alive and interrupted
        self._print(event="finished", ok=ok, answer="".join(self.said), error=error, interrupted=interrupted)
        self.turn, self.said = None, []
        goes_on = self.next_turn is None and not interrupted and not self._closing
        self.talk.turn_over(goes_on=goes_on, refuses=refuses or interrupted)
        if self.next_turn is not None:
            self._begin(self.next_turn)
        elif self._closing:
            self.loop.call_later(_DIES_S, self.exit, 0)

    def close_output(self) -> None:
        """It closes its stdout and lives on."""
        self.output_ended = True
        self._tell(OutputClosed())

    def lose_output(self) -> None:
        """What it prints can't be kept any more."""
        self.output_ended = True
        self._tell(OutputLost(reason="the output is longer than may be kept"))

    def exit(self, code: int | None = 3, signal: int | None = None) -> None:
        """The program ends; tools go with it, strays stay."""
        if not self.program.alive or self.over:
            return
        self.program.alive = False
        self._forget()
        if self.stopping_since is None:
            for tool in self.tools:
                tool.alive = False
        for gift in self._unread:
            self._tell(GiftFailed(gift_id=gift.gift_id, reason="the program ended"))
        self._unread = []
        strays = () if self.stopping_since is not None else tuple(each.note for each in self.strays if each.alive)
        self._tell(ProgramExited(code=code, signal=signal, stderr_tail="", strays=strays))
        if self.stopping_since is not None:
            self._terminate()
        self._gone_if_empty()

    def lose_supervisor(self, *, orphans: bool = False) -> None:
        """The supervisor vanishes, its program with it; `orphans` says that tools and strays stay alive."""
        if self.over:
            return
        self.program.alive = False
        self._forget()
        self.lost = True
        if not orphans:
            for process in (*self.tools, *self.strays):
                process.alive = False
        self._tell(SupervisorLost())

    # What is asked of the supervisor

    def give(self, gift: Gift) -> None:
        """Bytes for stdin; read in the supervisor's own time."""
        if self.over or self.hangs or gift.gift_id in self._known:
            return
        self._known.add(gift.gift_id)
        self._unread.append(gift)
        self.loop.call_later(self.read_delay_s, self.read_all)

    def knows(self, gift: Gift) -> bool:
        """Whether it was given before."""
        return gift.gift_id in self._known

    def read_all(self) -> None:
        """Take what lies before the supervisor."""
        unread, self._unread = self._unread, []
        for gift in unread:
            self._read(gift)

    def stop(self, *, polite: bool) -> None:
        """The ladder, or its next rung."""
        if self.over or self.hangs:
            return
        self.read_all()
        if self.stopping_since is not None:
            if not polite:
                self._terminate()
            return
        self.stopping_since = self.loop.time()
        if not (polite and self.interrupt and self.program.alive and not self.output_ended):
            self._terminate()
            return
        self.heard.append({"do": "interrupt"})
        if self.manner in (Manner.OBEDIENT, Manner.SLOW):
            delay = _DIES_S if self.manner is Manner.OBEDIENT else 1.0
            self.loop.call_later(delay, self._end_politely)
        self.loop.call_later(_TOOLS_AFTER_S, self._signal_tools)
        self.loop.call_later(self.order.polite_s, self._terminate)

    def through(self) -> None:
        """The polite phase is over."""
        if self.stopping_since is not None and not self.hangs:
            self._terminate()

    def close_stdin(self) -> None:
        """The program ends once it is through."""
        if self.over or self.hangs:
            return
        self._closing = True
        if not self._busy:
            self.loop.call_later(_DIES_S, self.exit, 0)

    def bound(self, seconds: float) -> None:
        """End it by itself, later."""
        self._bound += 1
        self.loop.call_later(seconds, self._bound_reached, self._bound)

    def kill(self) -> None:
        """By force, with the supervisor."""
        for process in self.living:
            process.alive = False
        self.hangs = False
        self.lose_supervisor()

    # Inside

    def _bound_reached(self, number: int) -> None:
        if number == self._bound and self.program.alive:
            self.stop(polite=True)

    def _read(self, gift: Gift) -> None:
        if not self.program.alive:
            self._tell(GiftFailed(gift_id=gift.gift_id, reason="the program ended"))
            return
        self.taken[gift.gift_id] = self.offset
        self._tell(GiftTaken(gift_id=gift.gift_id, offset=self.offset))
        turn_id = turn_of_gift(gift.gift_id)
        if turn_id is None:
            for line in [json.loads(each) for each in gift.data.splitlines() if each.strip()]:
                self.heard.append(line)
                self.talk.hear(line, works=self._busy)
            return
        self.prompt_taken(turn_id, self)
        if self._busy:
            self.next_turn = turn_id
        else:
            self._begin(turn_id)

    def _begin(self, turn_id: TurnId) -> None:
        self.turn, self.next_turn, self.said, self.tools = turn_id, None, [], []
        self._print(event="session", id=f"cli-{self.run_id}", model="demo")

    def _forget(self) -> None:
        self.turn = self.next_turn = None
        self.talk.gone()

    def _print(self, **line: object) -> bool:
        if self.output_ended or not self.program.alive or self.over:
            return False
        data = json.dumps(line).encode() + b"\n"
        at, self.offset = self.offset, self.offset + len(data)
        self._tell(OutputArrived(offset=at, data=data))
        return True

    def _tell(self, event: RunEvent) -> None:
        self.facts.append(event)
        for listener in self.listeners:
            listener()

    def _end_politely(self) -> None:
        if not self.works:
            self.through()
        while self.works:
            self.finish_turn(ok=False, interrupted=True, error="interrupted")

    def _signal_tools(self) -> None:
        if not self._terminating:
            self._signal([each for each in self.living if each is not self.program])

    def _terminate(self) -> None:
        if self._terminating or self.over:
            return
        self._terminating = True
        self._signal(self.living)
        self.loop.call_later(self.order.grace_s, self._strike)
        self._gone_if_empty()

    def _signal(self, processes: list[Process]) -> None:
        for process in processes:
            if process.pid not in self._signalled:
                self._signalled.add(process.pid)
                if process.manner in (Manner.OBEDIENT, Manner.SLOW):
                    delay = _DIES_S if process.manner is Manner.OBEDIENT else 2.0
                    self.loop.call_later(delay, self._die, process)

    def _strike(self) -> None:
        for process in self.living:
            if process.manner is not Manner.UNKILLABLE:
                self._die(process, signal=9)
        if self.living:
            self.loop.call_later(_KILL_FOR_S, self._give_up)

    def _die(self, process: Process, signal: int = 15) -> None:
        if self.over:
            return
        if process is self.program:
            self.exit(None, signal)
        else:
            process.alive = False
        self._gone_if_empty()

    def _give_up(self) -> None:
        if not self.over:
            self._end(tuple(each.note for each in self.living))

    def _gone_if_empty(self) -> None:
        if not self.living and not self.over:
            self._end(())

    def _end(self, survivors: tuple[ProcessNote, ...]) -> None:
        began = self.stopping_since
        took_s = 0.0 if began is None else self.loop.time() - began
        self._tell(RunGone(survivors=survivors, took_s=took_s, ended_tools=len(self._signalled)))
