"""The parts of the bot, put together."""

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import anyio
import structlog
from anyio.abc import TaskGroup

from bot.alarm import Alarm
from bot.budget import Budget
from bot.command_list import menu
from bot.desk import Desk, Me
from bot.files import Files
from bot.gate import Gate
from bot.intake import Intake
from bot.letters import Letters, reply
from bot.lost_topics import LostTopics
from bot.postman import Postman
from bot.presenter import Presenter
from bot.reactions import Reactions
from bot.reception import KnownBot, Reception, make_dispatcher
from bot.render import builder as b
from bot.settings import Settings
from bot.telegram import CallError, Telegram
from bot.version import VERSION
from bot.wiring import access_line, catalogue_of, policy_of
from cli_runner.agents.catalogue import agent_of
from cli_runner.environment import agent_environment
from cli_runner.local_runs import LocalRunner
from cli_runner.memory import available_share
from cli_runner.supervisor import process_table
from orchestrator.app import upkeep
from orchestrator.app.counter import Counter
from orchestrator.app.kit import Kit
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.app.places import Places, WarmPool
from orchestrator.app.recovery import recover
from orchestrator.app.resume_gate import ResumeGate
from orchestrator.domain.cancel_token import CancelTokens
from orchestrator.domain.ids import RunId, TopicKey, TurnId
from orchestrator.domain.records import StoredUpdate
from orchestrator.domain.states import TurnState
from storage.database import Database
from storage.inbox import Inbox
from storage.outbox import Outbox
from storage.runs import RunRows
from storage.topics import Topics
from storage.turns import Turns

log = structlog.get_logger()

_RETRY_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


def now_ms() -> int:
    """UTC epoch milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Parts:
    """What shutdown has to reach."""

    orchestrator: Orchestrator
    postman: Postman
    intake: Intake
    telegram: Telegram


async def assemble(
    *,
    settings: Settings,
    environ: Mapping[str, str],
    db: Database,
    telegram: Telegram,
    runner: LocalRunner,
    me: Me,
    tasks: TaskGroup,
) -> Parts:
    """Put the parts together, take over what is owed and what still runs, and start what serves."""
    token, directory = settings.telegram.token.get_secret_value(), settings.state.directory
    topics, turns, inbox = Topics(db), Turns(db), Inbox(db)
    reactions = Reactions(telegram)
    presenter = Presenter(
        interval_s=settings.delivery.live_interval,
        now_s=time.monotonic,
        clock=now_ms,
        react=lambda turn, emoji: reactions.put(turn.topic.chat_id, turn.asked_in, emoji),
        acknowledge=lambda chat_id, message_id: reactions.put(chat_id, message_id, "👌"),
        unreact=lambda turn: reactions.drop(turn.topic.chat_id, turn.asked_in),
    )
    gate = Gate(
        users=frozenset(settings.access.users),
        admins=frozenset(settings.access.admins),
        chats=frozenset(settings.access.chats),
        sender_chats=frozenset(settings.access.sender_chats),
        approved=await topics.approved(),
    )

    async def set_live(turn_id: TurnId, message_id: int | None, is_open: bool) -> None:
        await turns.set_live(turn_id, message_id, is_open=is_open)

    tokens = CancelTokens()
    postman = Postman(
        telegram=telegram,
        outbox=Outbox(db),
        budget=Budget(group_per_minute=settings.delivery.group_per_minute),
        presenter=presenter,
        clock=now_ms,
        tokens=tokens,
        topic_lost=lambda *lost: lost_topics.lost(*lost),
        migrated=lambda old, new: desk.migrate(old, new),
        set_live=set_live,
        revoked=lambda: log.error("telegram.token_refused"),
    )
    files = Files(telegram, directory / "files")
    kit = Kit(
        db=db,
        runner=runner,
        catalogue=catalogue_of(settings),
        policy=policy_of(settings),
        composer=Letters(presenter.has_live),
        post=postman,
        views=presenter,
        clock=now_ms,
        tokens=tokens,
        places=Places(settings.runs.limit),
        warm=WarmPool(settings.runs.warm, available_share),
        resumes=ResumeGate(settings.recovery.concurrent),
        agent=agent_of,
        environment=lambda spec: agent_environment(environ, spec, [token]),
        new_run_id=lambda: RunId(f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(5)}"),
        fetch=files.fetch,
        new_nonce=lambda: secrets.token_urlsafe(6),
        sweep_lost=lambda lost: sweep_lost(orchestrator, runner, lost),
        update_failed=lambda update_id, error: intake.failed(update_id, error),
    )
    orchestrator = Orchestrator(kit, tasks)
    desk = Desk(
        orchestrator=orchestrator,
        counter=Counter(kit),
        telegram=telegram,
        reactions=reactions,
        gate=gate,
        tasks=tasks,
        me=me,
        access_line=access_line(settings),
    )
    lost_topics = LostTopics(desk, settings.access.admins, now_ms)
    bot = KnownBot(token, me)
    reception = Reception(
        desk=desk,
        bot=bot,
        dispatcher=make_dispatcher(desk),
        clock=now_ms,
        done=inbox.done,
        refuse=inbox.refuse,
        unreadable=_as_unreadable(inbox),
    )
    intake = Intake(
        telegram=telegram,
        inbox=inbox,
        clock=now_ms,
        handle=reception.handle,
        set_aside=_SetAside(desk, settings),
        trouble=Alarm(telegram, settings.access.admins, tasks).ring,
    )
    await postman.load()
    await recover(orchestrator, version=VERSION, boot=process_table.boot_id())
    await _close_what_was_left_open(presenter, turns, Outbox(db))
    tasks.start_soon(postman.serve, name="postman")
    tasks.start_soon(reactions.serve, name="reactions")
    tasks.start_soon(_set_commands, telegram, name="command menus")
    kept = upkeep.Kept(turns_ms=int(settings.retention.turns * 1000), files_ms=int(settings.retention.files * 1000))
    tasks.start_soon(upkeep.serve, db, directory, kept, now_ms, name="upkeep")
    return Parts(orchestrator=orchestrator, postman=postman, intake=intake, telegram=telegram)


async def sweep_lost(orchestrator: Orchestrator, runner: LocalRunner, lost: RunId) -> None:
    """End what is left of a run whose supervisor vanished."""
    alive = {row.id for row in await RunRows(orchestrator.kit.db).live()}  # also those that no lane has yet
    for lane in orchestrator.lanes:
        alive |= {turn.run_id for turn in lane.turns.values() if turn.run_id is not None}
        alive |= {run.run_id for run in lane.runs.values()}
        alive |= set(lane.lingering)
    await runner.sweep(frozenset(alive - {lost}))


async def _close_what_was_left_open(presenter: Presenter, turns: Turns, outbox: Outbox) -> None:
    """Live messages of turns that ended say so. After «Stopped» was sent nothing of its turn is touched."""
    for turn in await turns.live_left_open():
        if turn.state not in (TurnState.STOPPED, TurnState.TIMED_OUT) or await outbox.owes_notice(turn.topic):
            presenter.closed(turn)
        else:
            await turns.set_live(turn.id, None, is_open=False)


class _SetAside:
    """An update could not be handled, however often: its author is told, if it has one."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self._desk = desk
        self._admins = settings.access.admins

    async def __call__(self, update: StoredUpdate, error: str) -> None:
        text = b.message(
            "⚠ Something that was sent to me could not be handled, and I gave it up after three tries: "
            f"update {update.update_id}. The log says why."
        )
        log.error("update.given_up", update=update.update_id, error=error)
        await self._desk.send(None, [reply(TopicKey(admin), None, text) for admin in self._admins])


def _as_unreadable(inbox: Inbox) -> Callable[[int, str, int], Awaitable[None]]:
    async def mark(update_id: int, error: str, at: int) -> None:
        await inbox.count_failure(update_id, error, at, final=True)

    return mark


async def _set_commands(telegram: Telegram) -> None:
    """Set the command menu; tried until Telegram takes it (Bot API, `setMyCommands`)."""
    for delay in (*_RETRY_S, None):
        try:
            await telegram.call("setMyCommands", {"commands": menu()})
        except CallError as error:
            log.info("commands.not_set", error=str(error))
        else:
            return
        if delay is not None:
            await anyio.sleep(delay)
