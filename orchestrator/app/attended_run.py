"""A run that a lane attends: its codec, the turn that it serves, and the reading of its events.

The same code reads a run that was just started, one that was re-attached after a restart, and one
that ended while the bot was away: its events always come from the spool's beginning, and what
belongs to turns that are over is decoded (the codec needs it) but told to nobody.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

import structlog

from orchestrator.app.file_requests import file_answer
from orchestrator.app.gifts import gift_id, steer_name, steer_of, turn_of_gift
from orchestrator.app.milestones import (
    AgentBegan,
    AgentSaid,
    Beside,
    Milestone,
    OutputEnded,
    ProgramEnded,
    PromptTaken,
    RequestMade,
    RequestWithdrawn,
    RunOver,
    SessionNamed,
    SteerHeard,
    TurnFinished,
)
from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalWanted,
    ApprovalWithdrawn,
    FileAsked,
    Finished,
    ModelOffer,
    SessionStarted,
    SteerRefused,
    SteerTaken,
    TaskEnded,
    TaskStarted,
    TurnBegan,
)
from orchestrator.domain.agents import Codec, Exit
from orchestrator.domain.cancel_token import CancelTokens, TurnStopped, bound, should_stop
from orchestrator.domain.ids import RunId, SessionId, TurnId
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.progress import Progress
from orchestrator.domain.records import Steer
from orchestrator.domain.requests import Chosen, Decision, Denied, Replied
from orchestrator.domain.resume_policy import request
from orchestrator.domain.run_events import (
    Gift,
    GiftFailed,
    GiftTaken,
    OutputArrived,
    OutputClosed,
    OutputLost,
    ProcessNote,
    ProgramExited,
    Run,
    RunEvent,
    RunGone,
    RunRefused,
    RunStarted,
    SupervisorLost,
    Swept,
)

log = structlog.get_logger()

_UNASKABLE = "Nobody can be asked now. Go on without it, or say what you need."
_DENIED = "The person denied this."
_STOPPED = "The person stopped this turn. Do nothing more."


@dataclass(slots=True, kw_only=True, eq=False)
class AttendedRun:
    """One run and what the lane knows of it. Serves one turn at a time.

    `tell` gets the milestones, `seen` is called when a turn has something new to show. `prompts` are
    those of the turns that it may have served before the bot was restarted, `own_before` the turns that it began
    by itself then, `steers` what was said to it. `background` are the agent's own tasks. `sweep` ends what is left of
    a run that lost its supervisor, `prepare` makes an answer ready to be told. What a `disowned` run says
    of its session does not hold any more. `last_sign_ms` is when a run that was found dead had been alive.
    """

    run: Run
    codec: Codec
    session_id: SessionId
    model: str
    mode: str
    rules: tuple[str, ...]
    clock: Callable[[], int]
    tell: Callable[[Milestone], None]
    seen: Callable[[TurnId], None]
    retired: Callable[["AttendedRun"], None]
    tokens: CancelTokens
    sweep: Callable[[RunId], Awaitable[Swept]]
    prepare: Callable[[str], Awaitable[None]]
    collect: Callable[[TurnId, str, str], Awaitable[None]]
    prompts: Mapping[TurnId, str] = field(default_factory=dict)
    live: LiveTurn | None = None
    cli_session_id: str = ""
    models: tuple[ModelOffer, ...] = ()
    program_ended: bool = False
    leaving: bool = False
    waits_for_greeting: bool = False
    interrupt: bytes = b""
    disowned: bool = False
    last_sign_ms: int | None = None
    idle_since_ms: int = 0
    begun: set[TurnId] = field(default_factory=set)
    taken: set[TurnId] = field(default_factory=set)
    reading: TurnId | None = None
    finished: TurnId | None = None
    beside: Beside | None = None
    own_before: list[TurnId] = field(default_factory=list)
    own_read: TurnId | None = None
    directory: str = ""
    given: frozenset[str] = frozenset()
    steers: dict[int, str] = field(default_factory=dict)
    steered: set[int] = field(default_factory=set)
    background: dict[str, TaskStarted] = field(default_factory=dict)

    @property
    def run_id(self) -> RunId:
        """The run's name."""
        return self.run.run_id

    @property
    def usable(self) -> bool:
        """Whether a further turn can be given to it."""
        return self.codec.warm and not self.program_ended and not self.leaving

    def expect(self, live: LiveTurn) -> bytes:
        """The run gets this turn next. What must be given for it; the codec counts it as begun."""
        self.live = live
        self.begun.add(live.turn.id)
        return self.codec.begin_turn(request(live.turn), live.attachments)

    def steer(self, said: Steer) -> bytes | None:
        """What says something to the agent while it works; None if it does not listen."""
        data = self.codec.steer(steer_name(said.id), said.text)  # empty: it has that already
        if data is not None:
            self.steers[said.id] = said.text
            self.steered.add(said.id)
        return data

    async def give_named(self, name: str, data: bytes) -> None:
        """Give the agent something; at most once under a name."""
        await self.run.give(Gift(gift_id=name, data=data))

    def own_turn(self, live: LiveTurn, beside: Beside) -> None:
        """What the agent began by itself is a turn now."""
        self.live = live
        self.taken.add(live.turn.id)
        for asked in beside.asked:
            self.tell(RequestMade(run=self, turn_id=live.turn.id, asked=asked))
        if beside.result is not None:
            self.tell(TurnFinished(run=self, turn_id=live.turn.id, result=beside.result))
        elif self.beside is beside:
            self.beside, self.reading = None, live.turn.id

    async def pass_on(self, beside: Beside) -> None:
        """What the agent began by itself is no turn, for its session has one: what it says is passed on."""
        beside.passed_on = True
        asked, beside.asked = beside.asked, []
        for each in asked:
            await self._asked(each, self.live)
        if beside.result is not None:
            self._tell_beside(beside.result)

    def _tell_beside(self, result: Finished) -> None:
        self.tell(AgentSaid(run=self, turn_id=self.live.turn.id if self.live else None, result=result))

    async def give(self, turn_id: TurnId, data: bytes) -> None:
        """Give a turn's prompt; at most once, however often this is called."""
        await self.run.give(Gift(gift_id=gift_id(turn_id), data=data))

    def retire(self) -> None:
        """Let the idle run go."""
        if not self.leaving:
            self.leaving = True
            self.retired(self)

    async def say_through(self) -> None:
        """What was read is all that there will be: end the turn with it."""
        await self._decode(self.codec.ended(Exit(code=0, signal=None)))

    async def serve(self) -> None:
        """Read events until there are no more."""
        async for event in self.run.events():
            await self._take(event)

    async def _take(self, event: RunEvent) -> None:
        match event:
            case OutputArrived():
                await self._decode(self.codec.feed(event.data))
            case GiftTaken():
                self._gift_taken(event)
            case GiftFailed():
                log.info("run.gift_failed", run=self.run_id, gift=event.gift_id, reason=event.reason)
            case OutputClosed():
                self.tell(OutputEnded(run=self, reason=""))
            case OutputLost():
                self.tell(OutputEnded(run=self, reason=event.reason))
            case ProgramExited():
                self.program_ended = True
                if not event.taken_down:  # else its turn did not end, well or badly, but is lost
                    await self._decode(
                        self.codec.ended(Exit(code=event.code, signal=event.signal, stderr_tail=event.stderr_tail)),
                        event.strays,
                    )
                self.tell(ProgramEnded(run=self))
            case RunRefused() | RunGone() | SupervisorLost():
                self.program_ended = True
                if isinstance(event, SupervisorLost):
                    event = SupervisorLost(survivors=(await self.sweep(self.run_id)).survivors)
                self.tell(RunOver(run=self, end=event))
            case RunStarted():
                pass
            case _:
                assert_never(event)

    def _gift_taken(self, event: GiftTaken) -> None:
        turn_id = turn_of_gift(event.gift_id)
        steer_id = steer_of(event.gift_id)
        if steer_id is not None and steer_id not in self.steered and steer_id in self.steers:
            self.steered.add(steer_id)
            self.codec.steer(event.gift_id, self.steers[steer_id])
        if turn_id is None or turn_id == self.reading:
            return
        if turn_id not in self.begun:
            self.begun.add(turn_id)
            self.codec.begin_turn(self.prompts.get(turn_id, ""))
        self.reading = turn_id
        self.taken.add(turn_id)
        self.tell(PromptTaken(run=self, turn_id=turn_id))

    async def _decode(self, events: list[AgentEvent], strays: tuple[ProcessNote, ...] = ()) -> None:
        for event in events:
            await self._agent_event(event, strays)
        for reply in self.codec.replies():
            # Named by its content, so that reading the spool again does not give it twice.
            await self.run.give(Gift(gift_id=f"reply-{hashlib.sha256(reply).hexdigest()[:24]}", data=reply))
        interrupt = self.codec.interrupt() or b""
        if interrupt != self.interrupt and not self.program_ended:
            self.interrupt = interrupt
            await self.run.set_interrupt(interrupt)
        if self.waits_for_greeting and self.codec.ready and self.live is not None:
            self.waits_for_greeting = False
            await self._give_after_greeting(self.live)

    async def _give_after_greeting(self, live: LiveTurn) -> None:
        try:
            with bound(self.tokens.find(live.turn.id)):
                should_stop()
                await self.give(live.turn.id, self.expect(live))
        except TurnStopped:
            log.debug("run.prompt_not_given", run=self.run_id, turn=live.turn.id)

    async def _agent_event(self, event: AgentEvent, strays: tuple[ProcessNote, ...]) -> None:
        if isinstance(event, TaskStarted):
            self.background[event.task_id] = event
        elif isinstance(event, TaskEnded):
            self.background.pop(event.task_id, None)
        if isinstance(event, TurnBegan):
            self._began_by_itself(event)
        elif self.own_read is not None and isinstance(event, Finished):
            self.own_read = None  # it was over before the bot was restarted
        elif self.beside is not None and self.own_read is None:
            await self._beside(self.beside, event)
        elif self.own_read is None:
            await self._of_turn(event, strays)

    def _began_by_itself(self, event: TurnBegan) -> None:
        if self.own_before:
            turn_id = self.own_before.pop(0)
            if self.live is not None and self.live.turn.id == turn_id:
                self.reading = turn_id
                self.taken.add(turn_id)
            else:
                self.own_read = turn_id
            return
        has_prompt = self.live is not None and self.live.turn.id != self.finished
        self.beside = Beside(progress=Progress(last_sign_ms=self.clock()), passed_on=has_prompt)
        if not self.beside.passed_on:
            steer_id = steer_of(event.steer_id)
            self.tell(AgentBegan(run=self, beside=self.beside, reason=event.reason, steer_id=steer_id))

    async def _beside(self, beside: Beside, event: AgentEvent) -> None:
        """Something of a turn that is the agent's own and not stored, or not yet."""
        beside.progress.take(event, self.clock())
        if isinstance(event, SessionStarted):
            self._named(event)
        elif isinstance(event, ApprovalWanted):
            if beside.passed_on:
                await self._asked(event, self.live)
            else:
                beside.asked.append(event)
        elif isinstance(event, ApprovalWithdrawn):
            beside.asked = [each for each in beside.asked if each.request_id != event.request_id]
        elif isinstance(event, Finished):
            self.beside, beside.result = None, event
            if beside.passed_on:
                self._tell_beside(event)

    async def _of_turn(self, event: AgentEvent, strays: tuple[ProcessNote, ...]) -> None:
        live = self.live if self.live is not None and self.live.turn.id == self.reading else None
        if live is not None:
            live.progress.take(event, self.clock())
            self.seen(live.turn.id)
        if isinstance(event, SessionStarted):
            self._named(event)
        elif isinstance(event, ApprovalWanted):
            await self._asked(event, live)
        elif isinstance(event, ApprovalWithdrawn):
            if live is not None:
                self.tell(RequestWithdrawn(run=self, turn_id=live.turn.id, request_id=event.request_id))
        elif isinstance(event, SteerTaken | SteerRefused):
            self._heard(event, live)
        elif isinstance(event, FileAsked):
            await self._serve_file(event)
        elif isinstance(event, Finished):
            await self._finished(event, live, strays)

    def _named(self, event: SessionStarted) -> None:
        news = (event.cli_session_id, event.models)
        if event.cli_session_id and news != (self.cli_session_id, self.models):
            self.cli_session_id, self.models = news
            self.tell(SessionNamed(run=self, cli_session_id=event.cli_session_id, models=event.models))

    def _heard(self, event: SteerTaken | SteerRefused, live: LiveTurn | None) -> None:
        steer_id = steer_of(event.steer_id)
        if steer_id is None:
            return
        taken = isinstance(event, SteerTaken)
        if taken and live is not None:
            live.progress.was_told(event.steer_id, self.steers.get(steer_id, ""), self.clock())
        self.tell(SteerHeard(run=self, steer_id=steer_id, taken=taken))

    async def _asked(self, event: ApprovalWanted, live: LiveTurn | None) -> None:
        """The agent asks for something that the bot serves: a boundary of the turn that it works on."""
        try:
            with bound(self.tokens.find(self.reading)):
                should_stop()
        except TurnStopped:
            await self.decide(event.request_id, Denied(reason=_STOPPED), ends_turn=True)
            return
        if live is None:
            await self.decide(event.request_id, Denied(reason=_UNASKABLE))
        else:
            self.tell(RequestMade(run=self, turn_id=live.turn.id, asked=event))

    async def _serve_file(self, event: FileAsked) -> None:
        """The agent wants a file read or written: a boundary of its turn. Not done again when it is read again."""
        name = f"file-{event.request_id}"
        try:
            with bound(self.tokens.find(self.reading)):
                should_stop()
                answer = await file_answer(self.codec, self.directory, event, again=name in self.given)
        except TurnStopped:
            answer = self.codec.refuse_service(event.request_id, _STOPPED)
        await self.give_named(name, answer)

    async def decide(self, request_id: str, decision: Decision, *, ends_turn: bool = False) -> None:
        """Give the agent a decision; at most one of each request, however often this is called."""
        match decision:
            case Chosen(option_id=""):
                answer = self.codec.allow(request_id)
            case Chosen():
                answer = self.codec.choose(request_id, decision.option_id)
            case Replied():
                answer = self.codec.reply(request_id, dict(decision.answers))
            case Denied():
                reason = decision.reason or _DENIED
                answer = self.codec.deny(request_id, reason, ends_turn=ends_turn)
        if answer:
            await self.run.give(Gift(gift_id=f"approval-{request_id}", data=answer))

    async def _finished(self, event: Finished, live: LiveTurn | None, strays: tuple[ProcessNote, ...]) -> None:
        turn_id = self.reading
        if turn_id is None and self.live is not None:
            turn_id = self.live.turn.id  # it died before it took the prompt
        if turn_id is None:
            return
        self.reading, self.finished = None, turn_id
        if live is not None:
            await self.collect(turn_id, event.answer, self.directory)
            await self.prepare(event.answer)
        if live is not None and not self.program_ended and not event.interrupted:
            strays = (await self.run.status()).strays
        self.tell(TurnFinished(run=self, turn_id=turn_id, result=event, strays=strays))
