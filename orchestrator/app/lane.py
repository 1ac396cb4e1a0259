"""The lane: the actor of one topic, the only one that changes its sessions and turns.

It takes one message at a time: a command of a person, a stop, a milestone of a run. Each becomes one
committed change, and then its effects. It never waits for an agent, for a supervisor, for a directory
or for another lane: what may take long is done beside it, and tells it afterwards.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import anyio
import anyio.lowlevel
import structlog
from anyio.abc import TaskGroup

from orchestrator.app.attended_run import AttendedRun
from orchestrator.app.change import Change, changing
from orchestrator.app.kit import Kit
from orchestrator.app.lane_messages import LaneMessage, Retire, StopOrder, StopOverdue
from orchestrator.app.mailbox import Mailbox
from orchestrator.app.milestones import RunOver, TurnFinished
from orchestrator.app.stop_ticket import StopTicket
from orchestrator.domain.agent_events import Usage
from orchestrator.domain.agents import Codec
from orchestrator.domain.cancel_token import CancelToken, TurnStopped
from orchestrator.domain.commands import (
    Background,
    Decide,
    ExtendTurn,
    LaneCommand,
    Prompt,
    RevokeRule,
    SteerTurn,
    StopAgentTask,
)
from orchestrator.domain.deadline import Deadline
from orchestrator.domain.errors import Refusal
from orchestrator.domain.ids import RunId, SessionId, TopicKey, TurnId
from orchestrator.domain.lane import LaneState
from orchestrator.domain.notices import Restart
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.records import Session, Turn
from orchestrator.domain.run_events import ProcessNote, Run, SupervisorLost
from orchestrator.domain.states import TurnState
from storage import sessions

log = structlog.get_logger()

OVERDUE_S = 3.0
"""How much longer than a stop's own ladder may take its end is waited for."""


class Lane:
    """One topic at work. What handles its messages is in the modules `lane_*` beside this one."""

    def __init__(self, key: TopicKey, kit: Kit, tasks: TaskGroup) -> None:
        self.key = key
        self.kit = kit
        self.state = LaneState()
        self.turns: dict[TurnId, Turn] = {}
        self.deadlines: dict[TurnId, Deadline] = {}
        self.runs: dict[SessionId, AttendedRun] = {}
        self.lingering: dict[RunId, AttendedRun] = {}
        self.live: dict[TurnId, LiveTurn] = {}
        self.tickets: dict[TurnId | RunId, StopTicket] = {}
        self.boarding: dict[SessionId, TurnId] = {}
        self.launching: set[TurnId] = set()
        self.last_end_ms = 0
        self.recovering = False
        self.restart = Restart.RESTARTED
        self.version = ""
        self.since_restart: set[TurnId] = set()
        self.at_gate: set[TurnId] = set()
        self.closing = False
        self.at_rest = False
        self.changed = anyio.Event()
        self.interrupted: list[Turn] = []
        self.owed_stops: list[StopOrder] = []
        self._tasks = tasks
        self.watches: dict[TurnId, anyio.CancelScope] = {}
        self._mailbox: Mailbox[LaneMessage] = Mailbox()

    def post(self, message: LaneMessage, *, urgent: bool = False) -> None:
        """Give the lane something to do; never waits."""
        self._mailbox.post(message, urgent=urgent)

    async def next_message(self) -> LaneMessage:
        """The next thing to do."""
        return await self._mailbox.take()

    def finished(self, turn_ids: set[TurnId]) -> list[TurnFinished]:
        """Ends of these turns that were read but not handled yet; taken out of the mailbox."""
        found = self._mailbox.withdraw(lambda each: isinstance(each, TurnFinished) and each.turn_id in turn_ids)
        return [each for each in found if isinstance(each, TurnFinished)]

    def prompts_before(self, update_id: int) -> list[Prompt]:
        """Prompts that were sent before an update and not handled yet; taken out of the mailbox."""

        def came_before(message: LaneMessage) -> bool:
            return isinstance(message, Prompt) and (message.origin.update_id or update_id) < update_id

        return [each for each in self._mailbox.withdraw(came_before) if isinstance(each, Prompt)]

    @asynccontextmanager
    async def change(
        self, update_id: int | None = None, *, more_ids: Sequence[int] = (), urgent: bool = False
    ) -> AsyncIterator[Change]:
        """Commit a change, take it over, then perform its effects. Urgent ones go before those of other lanes.

        Raises AlreadyHandled, StoreError; then the lane is as before.
        """
        before = set(self.turns)
        change: Change | None = None
        try:
            async with changing(
                self.kit, self.state, self.turns, self.deadlines, update_id, more_ids=more_ids, urgent=urgent
            ) as change:
                change.used = self._used
                yield change
        except BaseException:
            for undo in reversed(change.undone if change else ()):
                undo()
            for turn_id in set(change.turns if change else ()) - before:
                self.kit.places.leave(turn_id)
                self.kit.resumes.leave(turn_id)
            raise
        self.state, self.turns, self.deadlines = change.state, change.turns, change.deadlines
        for turn_id in set(self.turns) - before:
            self.token(self.turns[turn_id])  # from now on whatever is sent for it can be held back
        for effect in change.first:
            effect()
        self.changed.set()
        self.changed = anyio.Event()
        for turn_id in before - set(self.turns):
            self.kit.places.leave(turn_id)
            self.kit.resumes.leave(turn_id)
            self.at_gate.discard(turn_id)
            self.kit.tokens.over(turn_id)
            if turn_id in self.watches:
                self.watches.pop(turn_id).cancel()
        self.kit.post.put(change.letters)
        if change.letters:
            # Whoever sends them gets the database before the next change of this lane does.
            await anyio.lowlevel.cancel_shielded_checkpoint()
        for effect in change.effects:
            effect()

    def _used(self, turn_id: TurnId) -> Usage | None:
        live = self.live.get(turn_id)
        return None if live is None else live.progress.usage

    async def session_of(self, change: Change, turn: Turn) -> Session:
        """A turn's session. Raises Refusal if it was deleted."""
        session = await sessions.get(change.tx, turn.session_id)
        if session is None:
            raise Refusal("refusal-session-deleted")
        return session

    def token(self, turn: Turn) -> CancelToken:
        """The token by which all that is done for a turn learns of its stop."""
        if turn.resumes_id is not None:
            self.kit.tokens.succeed(turn.id, turn.resumes_id)
        return self.kit.tokens.of(turn.id, turn.parent_id)

    def attended(self, run: Run, codec: Codec, session: Session, live: LiveTurn | None) -> AttendedRun:
        """A run of a session as this lane listens to it, once `attend` is called."""
        return AttendedRun(
            run=run,
            codec=codec,
            session_id=session.id,
            model=session.model,
            mode=session.mode,
            rules=tuple(rule.rule for rule in session.rules),
            directory=session.directory,
            clock=self.kit.clock,
            tell=self.post,
            seen=self.kit.views.changed,
            retired=self.retired,
            tokens=self.kit.tokens,
            sweep=self.kit.sweep_lost,
            prepare=self.kit.composer.prepare,
            collect=self.kit.collect,
            live=live,
            interrupt=codec.interrupt() or b"",
            cli_session_id=session.cli_session_id if session.begun else "",
        )

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
            survivors = await self._end_unheard(run)
            self.post(RunOver(run=run, end=SupervisorLost(survivors=survivors)))
            log.info("run.given_up", run=run.run_id, error=str(error))

    async def _end_unheard(self, run: AttendedRun) -> tuple[ProcessNote, ...]:
        """Nobody listens to this run any more, so it must not live: its turn may be resumed by another."""
        try:
            await run.run.kill()
            return (await self.kit.sweep_lost(run.run_id)).survivors
        except Exception:
            # What it served has to end all the same.
            log.exception("run.not_ended", run=run.run_id)
            return ()

    def run_of(self, turn_id: TurnId) -> AttendedRun | None:
        """The attended run that serves a turn."""
        turn = self.turns.get(turn_id)
        run = None if turn is None else self.runs.get(turn.session_id)
        return run if run is not None and turn is not None and run.run_id == turn.run_id else None

    def end_run(self, run: AttendedRun, *, polite: bool = True) -> None:
        """End a run's whole tree; `RunOver` tells when it is gone."""
        run.leaving = True
        self.kit.warm.drop(run.run_id)
        self.spawn(partial(run.run.stop, polite=polite), f"stop of run {run.run_id}")
        policy = self.kit.policy
        self.later(policy.polite_s + policy.grace_s + OVERDUE_S, StopOverdue(run=run))

    def spawn(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        """Do something beside the lane. Its errors are logged; what it finds out comes as a message."""

        async def guarded() -> None:
            try:
                await work()
            except TurnStopped as stopped:
                log.debug("lane.work_stopped", work=name, turn=stopped.turn_id)
            except Exception:
                # One broken piece of work must not take the others down.
                log.exception("lane.work_failed", work=name)

        self._tasks.start_soon(guarded, name=name)

    def aside(self, work: Callable[[], Awaitable[LaneMessage]], name: str) -> None:
        """Do something slow that what people ask for next depends on. Nothing else waits for it: no stop, no
        approval, no end of a turn.

        What it returns is handled next. `work` must not raise.
        """
        self._mailbox.pause(waits_for_what_is_beside)

        async def do() -> None:
            self._mailbox.resume(await work())

        self._tasks.start_soon(do, name=name)

    def later(self, seconds: float, message: LaneMessage, *, urgent: bool = False) -> None:
        """Post a message after a while."""

        async def wait() -> None:
            await anyio.sleep(seconds)
            self.post(message, urgent=urgent)

        self._tasks.start_soon(wait)

    def move_to(self, key: TopicKey) -> None:
        """Go on under another chat; message ids of the old one mean nothing there."""
        self.key = key
        self.turns = {turn_id: _moved(turn, key) for turn_id, turn in self.turns.items()}
        for live in self.live.values():
            live.turn = _moved(live.turn, key)
        for ticket in self.tickets.values():
            ticket.topic, ticket.reply_to = key, None
        self._mailbox.rewrite(_without_message)

    def is_stopping(self, turn_id: TurnId) -> bool:
        """Whether a stop of this turn was accepted and is under way."""
        turn = self.turns.get(turn_id)
        return turn is not None and turn.state is TurnState.STOPPING


def _without_message(message: LaneMessage) -> LaneMessage:
    """A command that was sent in another chat: its message's id means another message here."""
    if not isinstance(message, Prompt | Background | SteerTurn):
        return message
    return replace(message, origin=replace(message.origin, message_id=None))


def waits_for_what_is_beside(message: LaneMessage) -> bool:
    """Whether a message depends on what is done beside the lane: all that people ask for, but what is about a turn
    at work."""
    about_turn = ExtendTurn | SteerTurn | StopAgentTask | Decide | RevokeRule
    return isinstance(message, LaneCommand) and not isinstance(message, about_turn)


def _moved(turn: Turn, key: TopicKey) -> Turn:
    return replace(turn, topic=key, message_id=None, reply_to=None, live_message_id=None)
