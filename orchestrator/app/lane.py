"""The lane: the actor of one topic, the only one that changes its sessions and turns.

It takes one message at a time: a command of a person, a stop, a milestone of a run. Each becomes one
committed change, and then its effects. It never waits for an agent or for another lane.
"""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias

import anyio
import anyio.lowlevel
import structlog
from anyio.abc import TaskGroup

from orchestrator.app.attended_run import AttendedRun, Milestone, RunOver
from orchestrator.app.boarding import bound_s, check_directory, make_order, open_codec
from orchestrator.app.change import Change, changing
from orchestrator.app.kit import Kit
from orchestrator.app.mailbox import Mailbox
from orchestrator.app.stop_ticket import StopTicket
from orchestrator.domain.agents import Codec
from orchestrator.domain.commands import LaneCommand, StopScope
from orchestrator.domain.errors import Refusal, TopicdError
from orchestrator.domain.ids import RunId, SessionId, TopicKey, TurnId
from orchestrator.domain.lane import LaneState, next_up
from orchestrator.domain.machine import TurnEvent
from orchestrator.domain.notices import Queued, Restart, WaitReason
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.progress import Progress
from orchestrator.domain.records import RunRow, Session, Turn
from orchestrator.domain.run_events import Run, SupervisorLost
from orchestrator.domain.states import RunState, StopCause, TurnState
from storage import outbox, runs, sessions, turns

log = structlog.get_logger()

_POLL_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StopOrder:
    """Stop something of this lane."""

    scope: StopScope
    ticket: StopTicket
    cause: StopCause = StopCause.PERSON
    turn_id: TurnId | None = None
    update_id: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceStop:
    """A stop is taking a moment: say so."""

    ticket: StopTicket


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceGranted:
    """A turn that waited for a place has one."""

    turn_id: TurnId


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchFailed:
    """A run could not be started; it has no process."""

    turn_id: TurnId
    run_id: RunId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retire:
    """An idle run is to go."""

    run: AttendedRun


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentOutput:
    """A program that closed its stdout still lives a while later."""

    run: AttendedRun
    turn_id: TurnId


@dataclass(frozen=True, slots=True, kw_only=True)
class Proceed:
    """Start what waits, after a restart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellRecovered:
    """Tell the topic what a restart of the bot meant for it."""

    restart: Restart
    attached: tuple[TurnId, ...]
    queued: tuple[TurnId, ...]


LaneMessage: TypeAlias = (
    LaneCommand
    | StopOrder
    | AnnounceStop
    | PlaceGranted
    | LaunchFailed
    | Retire
    | SilentOutput
    | Proceed
    | TellRecovered
    | Milestone
)


class Lane:
    """One topic at work. What handles its messages is in `lane_commands`, `lane_stops`, `lane_runs`."""

    def __init__(self, key: TopicKey, kit: Kit, tasks: TaskGroup) -> None:
        self.key = key
        self.kit = kit
        self.state = LaneState()
        self.turns: dict[TurnId, Turn] = {}
        self.runs: dict[SessionId, AttendedRun] = {}
        self.lingering: dict[RunId, AttendedRun] = {}
        self.live: dict[TurnId, LiveTurn] = {}
        self.tickets: dict[TurnId | RunId, StopTicket] = {}
        self.boarding: dict[SessionId, TurnId] = {}
        self.last_end_ms = 0
        self.recovering = False
        self.closing = False
        self.changed = anyio.Event()
        self.interrupted: list[Turn] = []
        self._tasks = tasks
        self._watches: dict[TurnId, anyio.CancelScope] = {}
        self._mailbox: Mailbox[LaneMessage] = Mailbox()

    def post(self, message: LaneMessage, *, urgent: bool = False) -> None:
        """Give the lane something to do; never waits."""
        self._mailbox.post(message, urgent=urgent)

    async def next_message(self) -> LaneMessage:
        """The next thing to do."""
        return await self._mailbox.take()

    @asynccontextmanager
    async def change(self, update_id: int | None = None) -> AsyncIterator[Change]:
        """Commit a change, take it over, then perform its effects.

        Raises AlreadyHandled, StoreError; then the lane is as before.
        """
        before = set(self.turns)
        change: Change | None = None
        try:
            async with changing(self.kit, self.state, self.turns, update_id) as change:
                yield change
        except BaseException:
            for turn_id in set(change.turns if change else ()) - before:
                self.kit.places.leave(turn_id)
            raise
        self.state, self.turns = change.state, change.turns
        self.changed.set()
        self.changed = anyio.Event()
        for turn_id in before - set(self.turns):
            self.kit.places.leave(turn_id)
            if turn_id in self._watches:
                self._watches.pop(turn_id).cancel()
        self.kit.post.put(change.letters)
        if change.letters:
            # Whoever sends them gets the database before the next change of this lane does.
            await anyio.lowlevel.cancel_shielded_checkpoint()
        for effect in change.effects:
            result = effect()
            if isinstance(result, Awaitable):
                await result

    async def advance(self, change: Change) -> None:
        """Start the next prompt that waits, if the topic is free and the bot stays."""
        if self.closing:
            return
        change.state, turn_id = next_up(change.state)
        if turn_id is not None:
            await self.dispatch(change, change.turns[turn_id])

    async def dispatch(self, change: Change, turn: Turn) -> None:
        """A turn's time has come: give it a place and a run."""
        turn = await change.move(turn, TurnEvent.DISPATCHED)
        session = await self.session_of(change, turn)
        live = LiveTurn(turn=turn, agent=session.agent, progress=Progress(last_sign_ms=change.at))
        self.live[turn.id] = live
        if self.kit.places.take(turn.id, lambda: self.post(PlaceGranted(turn_id=turn.id))):
            await self.board(change, turn, session)
        else:
            live.waits_for_place = True
            ahead = self.kit.places.ahead(turn.id)
            await change.say(Queued(turn=turn, ahead=ahead, reason=WaitReason.PLACES))

    async def board(self, change: Change, turn: Turn, session: Session) -> None:
        """Give a turn that has a place its run: a warm one that fits, or a new one."""
        run = self.runs.get(session.id)
        if run is not None and run.usable and (run.model, run.mode) == (session.model, session.mode):
            turn = await self._set_run(change, turn, run.run_id)
            change.then(lambda: self._give_warm(run, turn))
            return
        if run is not None and not run.program_ended:
            # Two processes must never work on one CLI session: the old one has to be gone first.
            self.boarding[session.id] = turn.id
            change.then(run.retire)
            return
        if run is not None:
            await runs.linger(change.tx, run.run_id)
        run_id = self.kit.new_run_id()
        await runs.add(
            change.tx,
            RunRow(
                id=run_id,
                session_id=session.id,
                state=RunState.LIVE,
                agent=session.agent,
                directory=session.directory,
                created_at=change.at,
            ),
        )
        turn = await self._set_run(change, turn, run_id)
        change.then(lambda: self._launch(run_id, turn, session))

    async def _set_run(self, change: Change, turn: Turn, run_id: RunId) -> Turn:
        await turns.set_run(change.tx, turn.id, run_id)
        turn = replace(turn, run_id=run_id)
        # What said that it waits is not true any more: unsent it is void, sent it becomes the live message.
        await outbox.void(change.tx, turn.id, change.at)
        notice = await outbox.notice_of(change.tx, turn.id)
        if notice is not None:
            await turns.take_over_message(change.tx, turn.id, notice)
            turn = replace(turn, live_message_id=notice, live_open=True)
        change.turns[turn.id] = turn
        return turn

    async def session_of(self, change: Change, turn: Turn) -> Session:
        """A turn's session. Raises Refusal if it was deleted."""
        session = await sessions.get(change.tx, turn.session_id)
        if session is None:
            raise Refusal("The session of this prompt was deleted. Send it again.")
        return session

    async def _give_warm(self, run: AttendedRun, turn: Turn) -> None:
        live = self._show(turn)
        self.kit.warm.drop(run.run_id)
        await run.give(turn.id, run.expect(live))
        await run.run.bound(bound_s(self.kit))
        self.watch(turn.id)

    async def _launch(self, run_id: RunId, turn: Turn, session: Session) -> None:
        live = self._show(turn)
        try:
            await check_directory(session.directory)
            codec = open_codec(self.kit, session, turn.prompt)
            order = make_order(self.kit, run_id, session, turn, codec, codec.begin_turn(turn.prompt))
            run = await self.kit.runner.start(order)
        except (TopicdError, OSError) as error:
            self.post(LaunchFailed(turn_id=turn.id, run_id=run_id, reason=str(error)), urgent=True)
            return
        attended = self.attended(run, codec, session, live)
        attended.begun = {turn.id}
        self.attend(attended)
        self.watch(turn.id)

    def attended(self, run: Run, codec: Codec, session: Session, live: LiveTurn | None) -> AttendedRun:
        """A run of a session as this lane listens to it, once `attend` is called."""
        return AttendedRun(
            run=run,
            codec=codec,
            session_id=session.id,
            model=session.model,
            mode=session.mode,
            clock=self.kit.clock,
            tell=self.post,
            seen=self.kit.views.changed,
            retired=self.retired,
            live=live,
            cli_session_id=session.cli_session_id if session.begun else "",
        )

    def _show(self, turn: Turn) -> LiveTurn:
        live = self.live.setdefault(turn.id, LiveTurn(turn=turn, agent=""))
        live.turn = turn
        live.waits_for_place = False
        live.progress.last_sign_ms = self.kit.clock()
        self.kit.views.opened(live)
        return live

    def retired(self, run: AttendedRun) -> None:
        """An idle run was asked to go (by the pool of warm runs, or for its successor)."""
        self.post(Retire(run=run))

    def attend(self, run: AttendedRun) -> None:
        """Listen to a run from now on."""
        old = self.runs.get(run.session_id)
        if old is not None and old.run_id != run.run_id:
            self.lingering[old.run_id] = old
        self.runs[run.session_id] = run
        self._tasks.start_soon(self._attend, run, name=f"run {run.run_id}")

    async def _attend(self, run: AttendedRun) -> None:
        try:
            await run.serve()
        except Exception as error:
            # One broken run must not take the others down.
            log.exception("run.attending_failed", run=run.run_id)
            self.post(RunOver(run=run, end=SupervisorLost()))
            log.info("run.given_up", run=run.run_id, error=str(error))

    def run_of(self, turn_id: TurnId) -> AttendedRun | None:
        """The attended run that serves a turn."""
        turn = self.turns.get(turn_id)
        run = None if turn is None else self.runs.get(turn.session_id)
        return run if run is not None and turn is not None and run.run_id == turn.run_id else None

    def later(self, seconds: float, message: LaneMessage) -> None:
        """Post a message after a while."""

        async def wait() -> None:
            await anyio.sleep(seconds)
            self.post(message)

        self._tasks.start_soon(wait)

    def watch(self, turn_id: TurnId) -> None:
        """End the turn when it takes too long in all, or gives no sign of life for too long."""
        scope = self._watches[turn_id] = anyio.CancelScope()
        self._tasks.start_soon(self._deadlines, turn_id, scope, name=f"deadlines of turn {turn_id}")

    async def _deadlines(self, turn_id: TurnId, scope: anyio.CancelScope) -> None:
        with scope:
            await self._until_late(turn_id)

    async def _until_late(self, turn_id: TurnId) -> None:
        policy = self.kit.policy
        while turn_id in self.turns and (live := self.live.get(turn_id)) is not None:
            now = self.kit.clock()
            began = live.turn.started_at or now
            total_left = policy.timeout_s - (now - began) / 1000
            silence_left = policy.silence_s - (now - live.progress.last_sign_ms) / 1000
            if min(total_left, silence_left) <= 0:
                which = "timeout" if total_left <= 0 else "silence"
                ticket = StopTicket(
                    topic=self.key,
                    reply_to=live.turn.message_id or live.turn.reply_to,
                    lanes=1,
                    began_ms=now,
                    deadline=which,
                    partial=live.progress.tail,
                )
                self.post(
                    StopOrder(
                        scope=StopScope.TURN, turn_id=turn_id, ticket=ticket, cause=StopCause.DEADLINE, why=which
                    ),
                    urgent=True,
                )
                return
            await anyio.sleep(max(_POLL_S, min(total_left, silence_left)))

    def move_to(self, key: TopicKey) -> None:
        """Go on under another chat; message ids of the old one mean nothing there."""
        self.key = key
        self.turns = {turn_id: _moved(turn, key) for turn_id, turn in self.turns.items()}
        for live in self.live.values():
            live.turn = _moved(live.turn, key)
        for ticket in self.tickets.values():
            ticket.topic, ticket.reply_to = key, None

    def is_stopping(self, turn_id: TurnId) -> bool:
        """Whether a stop of this turn was accepted and is under way."""
        turn = self.turns.get(turn_id)
        return turn is not None and turn.state is TurnState.STOPPING


def _moved(turn: Turn, key: TopicKey) -> Turn:
    return replace(turn, topic=key, message_id=None, reply_to=None, live_message_id=None)
