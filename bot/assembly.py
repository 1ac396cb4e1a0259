"""The parts of the bot, put together."""

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import anyio
import structlog
from anyio.abc import TaskGroup

from bot.alarm import Alarm
from bot.answer_files import AnswerFiles
from bot.budget import Budget
from bot.chat_actions import ChatActions
from bot.chat_lives import chat_lives
from bot.command_list import menus
from bot.desk import Desk, Me
from bot.drafts import Drafts
from bot.files import Files
from bot.gate import Gate
from bot.gatherer import Gathered, Gatherer
from bot.intake import Intake
from bot.letters import Letters, reply
from bot.namer import Namer
from bot.postman import Postman
from bot.presenter import Presenter
from bot.reactions import Reactions
from bot.reception import KnownBot, Reception, make_dispatcher
from bot.restarting import Restarter
from bot.restarting import done as restart_done
from bot.rich_latch import EVERYWHERE, RichLatch
from bot.routers import prompts
from bot.settings import Settings
from bot.telegram import OFFICIAL_API, CallError, Telegram
from bot.version import VERSION
from bot.voice import scribe_of, voice_spec
from bot.wiring import access_words, catalogue_of, own_files, policy_of
from bot.words.speech import say_rich
from cli_runner.agents.catalogue import agent_of
from cli_runner.environment import agent_environment
from cli_runner.file_lookup import Shelf
from cli_runner.git import Git
from cli_runner.local_runs import LocalRunner
from cli_runner.memory import available_share
from cli_runner.supervisor import process_table
from orchestrator.app import restarts, upkeep
from orchestrator.app.counter import Counter
from orchestrator.app.kit import Kit
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.app.places import Places, WarmPool
from orchestrator.app.recovery import recover
from orchestrator.app.resume_gate import ResumeGate
from orchestrator.domain.cancel_token import CancelTokens
from orchestrator.domain.ids import RunId, TopicKey, TurnId
from orchestrator.domain.records import StoredUpdate
from orchestrator.domain.run_events import Swept
from orchestrator.domain.states import Priority, TurnState
from storage.database import Database
from storage.inbox import Inbox
from storage.outbox import Outbox
from storage.runs import RunRows
from storage.standings import Standings
from storage.titles import Titles
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
    restarter: Restarter,
) -> Parts:
    """Put the parts together, take over what is owed and what still runs, and start what serves."""
    token, directory = settings.telegram.token.get_secret_value(), settings.state.directory
    topics, turns, inbox = Topics(db), Turns(db), Inbox(db)
    reactions, tokens = Reactions(telegram), CancelTokens()
    budget = Budget(
        group_per_minute=settings.delivery.group_per_minute, live_interval_s=settings.delivery.live_interval
    )
    actions = ChatActions(telegram, tokens, budget)
    drafts = Drafts(telegram, tokens, budget, wanted=settings.delivery.drafts == "auto")
    namer = Namer(telegram, Titles(db), name=settings.topics.name, icon=settings.topics.icon)
    presenter = Presenter(
        interval_s=settings.delivery.live_interval,
        now_s=time.monotonic,
        clock=now_ms,
        react=lambda turn, emoji: reactions.put(turn.topic.chat_id, turn.asked_in, emoji),
        acknowledge=lambda chat_id, message_id: reactions.put(chat_id, message_id, "👌"),
        unreact=lambda turn: reactions.drop(turn.topic.chat_id, turn.asked_in),
        beside=(actions, drafts, namer),
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

    async def hush(chat_id: int) -> None:
        await drafts.hush(chat_id)
        await reactions.hush(chat_id)

    latch = RichLatch(enabled=settings.delivery.rich == "auto", refused=await Outbox(db).facts(EVERYWHERE))
    postman = Postman(
        telegram=telegram,
        outbox=Outbox(db),
        budget=budget,
        presenter=presenter,
        clock=now_ms,
        tokens=tokens,
        topic_lost=lambda *lost: lives.lost_topics.lost(*lost),
        migrated=lambda old, new: desk.migrate(old, new),
        set_live=set_live,
        revoked=lambda: log.error("telegram.token_refused"),
        hush=hush,
        latch=latch,
    )
    files = Files(
        telegram,
        directory / "files",
        scribe=scribe_of(settings.voice, agent_environment(environ, voice_spec(), settings.secrets())),
        is_local=settings.telegram.api_url != OFFICIAL_API,
    )
    shelf = Shelf(directory / "files", own_files(settings))
    composer = AnswerFiles(Letters(presenter.has_live, latch), shelf.copy)
    kit = Kit(
        db=db,
        runner=runner,
        catalogue=catalogue_of(settings),
        policy=policy_of(settings),
        composer=composer,
        collect=composer.collect,
        post=postman,
        views=presenter,
        clock=now_ms,
        tokens=tokens,
        places=Places(settings.runs.limit),
        warm=WarmPool(settings.runs.warm, available_share),
        resumes=ResumeGate(settings.recovery.concurrent),
        agent=agent_of,
        environment=lambda spec: agent_environment(environ, spec, [token]),
        git=Git(environ=environ, secrets=(token,)),
        new_run_id=lambda: RunId(f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(5)}"),
        fetch=files.fetch,
        new_nonce=lambda: secrets.token_urlsafe(6),
        sweep_lost=lambda lost: sweep_lost(orchestrator, runner, lost),
        update_failed=lambda update_id, error: intake.failed(update_id, error),
    )
    orchestrator, counter = Orchestrator(kit, tasks), Counter(kit)
    lives = await chat_lives(
        telegram=telegram,
        orchestrator=orchestrator,
        counter=counter,
        gate=gate,
        store=Standings(db),
        migrated=lambda old, new: desk.migrate(old, new),
        admins=settings.access.admins,
        namer=namer,
        me=(me.id, me.username, me.reads_all),
        clock=now_ms,
    )

    async def deliver(key: TopicKey, gathered: Sequence[Gathered]) -> None:
        await prompts.deliver(desk, key, gathered)

    def failed(update_id: int | None, error: Exception) -> None:
        intake.failed(update_id, error)

    gatherer = Gatherer(tasks=tasks, deliver=deliver, failed=failed)
    desk = Desk(
        orchestrator=orchestrator,
        counter=counter,
        telegram=telegram,
        reactions=reactions,
        gate=gate,
        tasks=tasks,
        me=me,
        lives=lives,
        files=files,
        gatherer=gatherer,
        shelf=shelf,
        delay_s=lambda chat_id: budget.wait(chat_id, Priority.ANSWER, time.monotonic()),
        access=access_words(settings),
        restarter=restarter,
    )
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
        expect=desk.gatherer.expect,
        set_aside=_SetAside(desk, settings),
        trouble=Alarm(telegram, settings.access.admins, tasks).ring,
    )
    await postman.load()
    await recover(orchestrator, version=VERSION, boot=process_table.boot_id())
    await restarts.tell_done(kit, restart_done)
    await _close_what_was_left_open(presenter, turns, Outbox(db))
    tasks.start_soon(postman.serve, name="postman")
    tasks.start_soon(reactions.serve, name="reactions")
    tasks.start_soon(actions.serve, name="chat actions")
    tasks.start_soon(drafts.serve, name="drafts")
    tasks.start_soon(lives.serve, sorted(gate.groups), name="chats")
    tasks.start_soon(_set_commands, telegram, name="command menus")
    kept = upkeep.Kept(turns_ms=int(settings.retention.turns * 1000), files_ms=int(settings.retention.files * 1000))
    tasks.start_soon(upkeep.serve, db, directory, kept, now_ms, name="upkeep")
    return Parts(orchestrator=orchestrator, postman=postman, intake=intake, telegram=telegram)


async def sweep_lost(orchestrator: Orchestrator, runner: LocalRunner, lost: RunId) -> Swept:
    """End what is left of a run whose supervisor vanished."""
    alive = {row.id for row in await RunRows(orchestrator.kit.db).live()}  # also those that no lane has yet
    for lane in orchestrator.lanes:
        alive |= {turn.run_id for turn in lane.turns.values() if turn.run_id is not None}
        alive |= {run.run_id for run in lane.runs.values()}
        alive |= set(lane.lingering)
    return await runner.sweep(frozenset(alive - {lost}))


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
        text = say_rich("chat-given-up", id=str(update.update_id))
        log.error("update.given_up", update=update.update_id, error=error)
        await self._desk.send(None, [reply(TopicKey(admin), None, text) for admin in self._admins])


def _as_unreadable(inbox: Inbox) -> Callable[[int, str, int], Awaitable[None]]:
    async def mark(update_id: int, error: str, at: int) -> None:
        await inbox.count_failure(update_id, error, at, final=True)

    return mark


async def _set_commands(telegram: Telegram) -> None:
    """Set the command menus, that of everybody first; tried until Telegram takes them (Bot API, `setMyCommands`)."""
    left = [{"commands": menu} | ({"language_code": code} if code else {}) for code, menu in menus().items()]
    for delay in (*_RETRY_S, None):
        try:
            while left:
                await telegram.call("setMyCommands", left[0])
                left.pop(0)
        except CallError as error:
            log.info("commands.not_set", error=str(error))
        if not left:
            return
        if delay is not None:
            await anyio.sleep(delay)
