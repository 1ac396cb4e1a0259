"""One life of the bot: its real parts, put together as the bot's composition root does, over a scripted outside."""

import json
from dataclasses import dataclass, field
from typing import Any, cast

import anyio

from bot.assembly import sweep_lost
from bot.budget import Budget
from bot.intake import Intake
from bot.letters import Letters
from bot.postman import Postman
from bot.presenter import Presenter
from bot.reactions import Reactions
from cli_runner.agents.catalogue import agent_for
from cli_runner.local_runs import LocalRunner
from orchestrator.app.kit import Fetched, Kit
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.app.places import Places, WarmPool
from orchestrator.app.recovery import recover
from orchestrator.app.resume_gate import ResumeGate
from orchestrator.domain.agents import AgentSpec
from orchestrator.domain.cancel_token import CancelTokens
from orchestrator.domain.commands import (
    Background,
    DropHeld,
    LaneCommand,
    OpenSession,
    Origin,
    Prompt,
    ResumeTurn,
    Retry,
    RunHeld,
)
from orchestrator.domain.ids import RunId, TurnId, UserId
from orchestrator.domain.policy import Catalogue, Policy
from orchestrator.domain.reach import Way
from orchestrator.domain.records import StoredUpdate, Turn
from orchestrator.domain.states import TERMINAL_STATES, TurnKind, TurnState
from storage.database import Database
from storage.inbox import Inbox
from storage.outbox import Outbox
from storage.requests import Requests
from storage.turns import Turns
from tests.builders import ALICE
from tests.machine import deciding
from tests.machine.asked import STOPS, Ask
from tests.machine.host import Host, Pulse, ScriptedRunner
from tests.machine.ledger import Disk, Ledger, WatchedDatabase
from tests.machine.telegram_script import ScriptedTelegram, Server
from tests.machine.virtual_loop import VirtualLoop

_EPOCH_MS = 1_700_000_000_000


@dataclass(eq=False)
class Outside:
    """What outlives the bot."""

    loop: VirtualLoop
    host: Host
    server: Server
    ledger: Ledger
    disk: Disk
    policy: Policy
    directory: str
    run_count: int = 0

    def now_ms(self) -> int:
        """UTC epoch milliseconds."""
        return _EPOCH_MS + round(self.loop.time() * 1000)

    def new_run_id(self) -> RunId:
        """Never used before."""
        self.run_count += 1
        return RunId(f"run-{self.run_count}")


@dataclass(eq=False)
class Life:
    """From a start of the bot to its end. `main` is its root task."""

    outside: Outside
    pulse: Pulse = field(default_factory=Pulse)
    orchestrator: Orchestrator | None = None
    postman: Postman | None = None
    ready: bool = False
    error: BaseException | None = None

    def begin(self) -> None:
        """Start; the loop has to run for it."""
        self.main = self.outside.loop.create_task(self._live())

    async def _live(self) -> None:
        outside = self.outside
        async with WatchedDatabase(
            outside.ledger.path, ledger=outside.ledger, disk=outside.disk, pulse=self.pulse
        ) as db:
            outside.ledger.refresh()
            async with anyio.create_task_group() as tasks:
                await self._assemble(db, tasks)
                await anyio.sleep_forever()

    async def _assemble(self, db: Database, tasks: Any) -> None:
        outside, loop = self.outside, self.outside.loop
        telegram = ScriptedTelegram(outside.server, self.pulse)
        turns, inbox, tokens = Turns(db), Inbox(db), CancelTokens()
        reactions = Reactions(telegram)
        presenter = Presenter(
            interval_s=3.0,
            now_s=loop.time,
            clock=outside.now_ms,
            react=lambda turn, emoji: reactions.put(turn.topic.chat_id, turn.asked_in, emoji),
            unreact=lambda turn: reactions.drop(turn.topic.chat_id, turn.asked_in),
        )

        async def set_live(turn_id: TurnId, message_id: int | None, is_open: bool) -> None:
            await turns.set_live(turn_id, message_id, is_open=is_open)

        postman = self.postman = Postman(
            telegram=telegram,
            outbox=Outbox(db),
            budget=Budget(group_per_minute=20),
            presenter=presenter,
            clock=outside.now_ms,
            now_s=loop.time,
            tokens=tokens,
            topic_lost=_unexpected,
            migrated=_unexpected,
            set_live=set_live,
            revoked=lambda: None,
        )
        runner = ScriptedRunner(outside.host, self.pulse)
        spec = AgentSpec(name="demo", protocol="demo", command=("demo",))
        kit = Kit(
            db=db,
            runner=runner,
            catalogue=Catalogue(agents={"demo": spec}, default_agent="demo", default_directory=outside.directory),
            policy=outside.policy,
            composer=Letters(presenter.has_live),
            post=postman,
            views=presenter,
            clock=outside.now_ms,
            tokens=tokens,
            places=Places(outside.policy.runs_limit),
            resumes=ResumeGate(outside.policy.resume_concurrent),
            warm=WarmPool(outside.policy.warm_limit),
            agent=lambda each: agent_for(each.protocol),
            environment=lambda _: {},
            new_run_id=outside.new_run_id,
            new_nonce=lambda: "nonce",
            fetch=_no_files,
            sweep_lost=lambda lost: sweep_lost(orchestrator, cast("LocalRunner", runner), lost),
            update_failed=lambda update_id, error: intake.failed(update_id, error),
        )
        orchestrator = Orchestrator(kit, tasks)
        self._turns, self._requests = turns, Requests(db)
        intake = Intake(
            telegram=telegram,
            inbox=inbox,
            clock=outside.now_ms,
            handle=lambda update: self._handle(orchestrator, inbox, update),
            set_aside=_unexpected,
        )
        await postman.load()
        await recover(orchestrator)
        for turn in await turns.live_left_open():
            presenter.closed(turn)
        tasks.start_soon(postman.serve)
        tasks.start_soon(reactions.serve)
        tasks.start_soon(intake.poll)
        tasks.start_soon(intake.sort)
        self.orchestrator = orchestrator
        self.ready = True

    async def _handle(self, orchestrator: Orchestrator, inbox: Inbox, update: StoredUpdate) -> None:
        """What the routers do: find out what is meant, submit it, return."""
        ask = Ask.from_update(json.loads(update.raw))
        origin = Origin(update_id=update.update_id, message_id=ask.message_id, user_id=UserId(ALICE), user_name="Alice")
        if ask.do in STOPS:
            await self._stop(orchestrator, inbox, ask, origin)
        elif ask.do == "decide":
            if not await deciding.decide(orchestrator, self._requests, ask, origin):
                await inbox.done(update_id=ask.update_id, at=self.outside.now_ms())
        elif ask.do == "reply":
            await deciding.reply(orchestrator, self._requests, ask, origin)
        elif ask.do == "steer":
            await deciding.steer(orchestrator, self._turns, ask, origin)
        else:
            orchestrator.submit(ask.topic, _command(ask, origin))

    async def _stop(self, orchestrator: Orchestrator, inbox: Inbox, ask: Ask, origin: Origin) -> None:
        turn = None if ask.turn_id is None else await self._turns.get(ask.turn_id)
        is_task = turn is not None and turn.kind is TurnKind.TASK
        waits = turn is not None and turn.state is TurnState.QUEUED
        if ask.do == "stop all":
            orchestrator.stop_all(ask.topic, origin)
        elif ask.do == "stop session":
            orchestrator.stop(ask.topic, Way.SESSION_BUTTON, origin, session_id=ask.session_id)
        elif ask.do == "press stop" and (turn is None or turn.state in TERMINAL_STATES):
            await inbox.done(update_id=ask.update_id, at=self.outside.now_ms())
        elif ask.do == "press stop" and turn is not None:
            way = Way.TASK_BUTTON if is_task else Way.CANCEL_BUTTON if waits else Way.LIVE_BUTTON
            orchestrator.stop(turn.topic, way, origin, turn_id=turn.id, reply_to=turn.reply_to)
        elif ask.do == "reply stop" and turn is not None and (is_task or waits):
            way = Way.REPLY_TO_TASK if is_task else Way.REPLY_TO_WAITING
            orchestrator.stop(turn.topic, way, origin, turn_id=turn.id)
        else:
            orchestrator.stop(ask.topic, Way.IN_TOPIC if ask.in_forum else Way.IN_CHAT, origin)

    def kill(self) -> None:
        """The process is gone at this instant; what it still does on its way out reaches nobody."""
        self.pulse.dead = True
        self.main.cancel()
        loop = self.outside.loop
        loop.run_for(0.0)
        assert self.main.done(), "something of a life that was ended goes on"
        if not self.main.cancelled():
            self.error = self.main.exception()


def _command(ask: Ask, origin: Origin) -> LaneCommand:
    match ask.do:
        case "prompt":
            return Prompt(origin=origin, text=ask.text)
        case "background":
            return Background(origin=origin, text=ask.text, parent_id=ask.turn_id)
        case "new":
            return OpenSession(origin=origin, text=ask.text)
        case "retry":
            return Retry(origin=origin)
        case "run held":
            return RunHeld(origin=origin)
        case "drop held":
            return DropHeld(origin=origin)
        case "resume" if ask.turn_id is not None:
            return ResumeTurn(origin=origin, turn_id=ask.turn_id)
        case other:
            raise AssertionError(other)


async def _no_files(turn: Turn) -> Fetched:
    raise AssertionError(f"turn {turn.id} has files")


async def _unexpected(*what: object) -> None:
    raise AssertionError(f"unexpected: {what}")
