"""`/new`, `/bg`, `/sessions`, `/tasks`, `/queue`, `/usage`."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.address import topic_of
from bot.desk import Desk
from bot.menus import menu
from bot.menus import queue as queue_menu
from bot.menus import sessions as sessions_menu
from bot.menus import tasks as tasks_menu
from bot.menus import usage as usage_menu
from bot.menus.way import number
from bot.origin import origin_of
from bot.words.speech import say, say_rich
from orchestrator.domain.commands import (
    Background,
    MoveUp,
    NameSession,
    OpenSession,
    RunNow,
    SwitchSession,
)
from orchestrator.domain.ids import SessionId, TurnId
from orchestrator.domain.reach import Way
from orchestrator.domain.states import TERMINAL_STATES, TurnKind, TurnState

router = Router(name="sessions")


@router.message(Command("new", ignore_case=True))
async def new(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """A fresh session: `/new [agent] [prompt]`."""
    words = (command.args or "").strip()
    first, _, rest = words.partition(" ")
    known = desk.orchestrator.kit.catalogue.agents
    agent, text = (first, rest.strip()) if first in known else ("", words)
    desk.orchestrator.submit(
        topic_of(message), OpenSession(origin=origin_of(message, update_id), agent=agent, text=text)
    )


@router.message(Command("bg", ignore_case=True))
async def background(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """A task beside the conversation: `/bg PROMPT`."""
    text = (command.args or "").strip()
    if not text:
        usage = say_rich("task-bg-usage")
        await desk.answer(update_id, topic_of(message), message.message_id, usage)
        return
    desk.orchestrator.submit(topic_of(message), Background(origin=origin_of(message, update_id), text=text))


@router.message(Command("sessions", ignore_case=True))
async def sessions(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """The kept sessions, as a menu; or one of them named, switched to, stopped or deleted."""
    words = (command.args or "").split()
    match [word.lower() for word in words[:1]]:
        case []:
            await menu.open_menu(message, desk, update_id, sessions_menu.AREA)
        case ["all"] if len(words) == 1:
            await menu.open_menu(message, desk, update_id, sessions_menu.AREA, ("a", "1"))
        case ["name"] if len(words) > 1:
            named = NameSession(origin=origin_of(message, update_id), name=" ".join(words[1:]))
            desk.orchestrator.submit(topic_of(message), named)
        case ["switch" | "stop" | "delete" as what] if len(words) > 1:
            await _do_with_session(message, desk, update_id, what, " ".join(words[1:]))
        case [word] if len(words) == 1 and word.isdecimal():
            await _do_with_session(message, desk, update_id, "show", word)
        case _:
            await desk.answer(update_id, topic_of(message), message.message_id, say_rich("session-usage"))


async def _do_with_session(message: Message, desk: Desk, update_id: int, what: str, words: str) -> None:
    key, found = topic_of(message), number(words)
    session = await (
        desk.counter.session_with_name(key, words) if found is None else desk.counter.session(SessionId(found))
    )
    if session is None or session.topic.chat_id != key.chat_id:
        await desk.answer(update_id, key, message.message_id, say_rich("session-no-such", name=words))
        return
    origin = origin_of(message, update_id)
    match what:
        case "switch":
            desk.orchestrator.submit(key, SwitchSession(origin=origin, session_id=session.id))
        case "stop":
            desk.orchestrator.stop(session.topic, Way.SESSION_BUTTON, origin, session_id=session.id)
        case _:
            page = "d" if what == "delete" else "i"
            await menu.open_menu(message, desk, update_id, sessions_menu.AREA, (page, str(session.id)))


@router.message(Command("tasks", ignore_case=True))
async def tasks(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """The chat's tasks, as a menu; or one of them shown, stopped or deleted."""
    words = (command.args or "").lower().split()
    match words:
        case []:
            await menu.open_menu(message, desk, update_id, tasks_menu.AREA)
        case ["stop" | "delete" as what, word] if number(word) is not None:
            await _do_with_task(message, desk, update_id, what, TurnId(int(word)))
        case [word] if number(word) is not None:
            await _do_with_task(message, desk, update_id, "show", TurnId(int(word)))
        case _:
            await desk.answer(update_id, topic_of(message), message.message_id, say_rich("task-usage"))


async def _do_with_task(message: Message, desk: Desk, update_id: int, what: str, turn_id: TurnId) -> None:
    key, turn = topic_of(message), await desk.counter.turn(turn_id)
    if turn is None or turn.topic.chat_id != key.chat_id or turn.kind is not TurnKind.TASK or turn.unlisted:
        await desk.answer(update_id, key, message.message_id, say_rich("task-no-such", id=str(turn_id)))
        return
    if what == "stop" and turn.state in TERMINAL_STATES:
        text = say_rich("task-over", id=str(turn_id), state=say("task-state", state=str(turn.state)))
        await desk.answer(update_id, key, message.message_id, text)
    elif what == "stop":
        desk.orchestrator.stop(turn.topic, Way.TASK_BUTTON, origin_of(message, update_id), turn_id=turn_id)
    else:
        page = "d" if what == "delete" else "i"
        await menu.open_menu(message, desk, update_id, tasks_menu.AREA, (page, str(turn_id)))


@router.message(Command("queue", ignore_case=True))
async def queue(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """What waits in this topic, as a menu; or one prompt moved up, run now or cancelled."""
    key, origin = topic_of(message), origin_of(message, update_id)
    match (command.args or "").lower().split():
        case []:
            await menu.open_menu(message, desk, update_id, queue_menu.AREA)
        case ["up", word] if number(word) is not None:
            desk.orchestrator.submit(key, MoveUp(origin=origin, turn_id=TurnId(int(word))))
        case ["now", word] if number(word) is not None:
            desk.orchestrator.submit(key, RunNow(origin=origin, turn_id=TurnId(int(word))))
        case ["cancel", word] if number(word) is not None:
            await _cancel(message, desk, update_id, TurnId(int(word)))
        case _:
            await desk.answer(update_id, key, message.message_id, say_rich("waiting-usage"))


async def _cancel(message: Message, desk: Desk, update_id: int, turn_id: TurnId) -> None:
    key, turn = topic_of(message), await desk.counter.turn(turn_id)
    if turn is None or turn.topic != key or turn.state in TERMINAL_STATES:
        await desk.answer(update_id, key, message.message_id, say_rich("queue-gone", id=str(turn_id)))
    elif turn.state is not TurnState.QUEUED:
        await desk.answer(update_id, key, message.message_id, say_rich("queue-begun", id=str(turn_id)))
    else:
        desk.orchestrator.stop(key, Way.CANCEL_BUTTON, origin_of(message, update_id), turn_id=turn_id)


@router.message(Command("usage", ignore_case=True))
async def usage(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """Tokens and money: of this topic, or of the chat."""
    words = (command.args or "").lower().split()
    if words in ([], ["all"]):
        await menu.open_menu(message, desk, update_id, usage_menu.AREA, ("c",) if words else ("h",))
        return
    await desk.answer(update_id, topic_of(message), message.message_id, say_rich("usage-wrong"))
