"""`/new`, `/sessions`, `/bg`, `/tasks`."""

import time

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.address import topic_of
from bot.buttons import end_task_button, stop_button, stop_session_button
from bot.desk import Desk
from bot.origin import origin_of
from bot.render import builder as b
from bot.render.entities import RichText
from bot.wording import duration, shortened
from orchestrator.domain.commands import Background, OpenSession, SwitchSession
from orchestrator.domain.ids import SessionId, TopicKey, TurnId
from orchestrator.domain.reach import Way
from orchestrator.domain.records import Session, Turn
from orchestrator.domain.states import TERMINAL_STATES, TurnState

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
        usage = b.message("⚠ Say what the task is: ", b.code("/bg run the tests and report"))
        await desk.answer(update_id, topic_of(message), message.message_id, usage)
        return
    desk.orchestrator.submit(topic_of(message), Background(origin=origin_of(message, update_id), text=text))


@router.message(Command("sessions", ignore_case=True))
async def sessions(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """The kept sessions: `/sessions [all]`, `/sessions switch N`, `/sessions stop N`."""
    key = topic_of(message)
    words = (command.args or "").split()
    if len(words) == 2 and words[0].lower() == "switch" and words[1].isdecimal():
        desk.orchestrator.submit(
            key, SwitchSession(origin=origin_of(message, update_id), session_id=SessionId(int(words[1])))
        )
        return
    if len(words) == 2 and words[0].lower() == "stop" and words[1].isdecimal():
        await _stop_session(message, desk, update_id, SessionId(int(words[1])))
        return
    everywhere = words[:1] == ["all"]
    if words and not everywhere:
        usage = b.message(
            b.text("⚠ Use ", b.code("/sessions"), ", ", b.code("/sessions all"), ", "),
            b.text(b.code("/sessions switch 3"), " or ", b.code("/sessions stop 3"), "."),
        )
        await desk.answer(update_id, key, message.message_id, usage)
        return
    found = await (desk.counter.sessions_of_chat(key.chat_id) if everywhere else desk.counter.sessions(key))
    current = (await desk.counter.topic(key)).current_session_id
    rows = [await _session_row(desk, each, current=each.id == current) for each in found[:20]]
    text = b.lines(
        b.bold("Sessions of this chat" if everywhere else "Sessions here"),
        *rows,
        "None yet: the first prompt opens one." if not rows else "",
        "Go on with one: /sessions switch N" if len(rows) > 1 else "",
    )
    busy = [each for each in found[:20] if each.id in desk.orchestrator.busy_sessions(each.topic)]
    buttons = [stop_session_button(each.id, each.topic.thread_id) for each in busy[:8]]
    keyboard = [buttons[nth : nth + 2] for nth in range(0, len(buttons), 2)]
    await desk.answer(update_id, key, message.message_id, b.message(text), keyboard)


async def _stop_session(message: Message, desk: Desk, update_id: int, session_id: SessionId) -> None:
    session, key = await desk.counter.session(session_id), topic_of(message)
    if session is None or session.topic.chat_id != key.chat_id:
        text = b.message(f"⚠ There is no session {session_id} in this chat. /sessions all lists them.")
        await desk.answer(update_id, key, message.message_id, text)
        return
    origin = origin_of(message, update_id)
    desk.orchestrator.stop(session.topic, Way.SESSION_BUTTON, origin, session_id=session_id)


async def _session_row(desk: Desk, session: Session, *, current: bool) -> RichText:
    turn = await desk.counter.last_turn(session.id)
    state = "idle" if turn is None or turn.state in TERMINAL_STATES else str(turn.state)
    age = duration(time.time() - session.used_at / 1000)
    return b.text(
        "\n",
        b.bold(f"{'●' if current else '○'} {session.id}"),
        f" {session.name or session.agent} · {state} · {age} ago\n",
        b.code(session.directory),
        f"\n{shortened(turn.prompt, 80)}" if turn is not None else "",
    )


@router.message(Command("tasks", ignore_case=True))
async def tasks(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """The chat's tasks: `/tasks`, `/tasks stop ID`."""
    key = topic_of(message)
    words = (command.args or "").split()
    if len(words) == 2 and words[0].lower() == "stop" and words[1].isdecimal():
        await _stop_task(message, desk, update_id, TurnId(int(words[1])))
        return
    if words:
        usage = b.message("⚠ Use ", b.code("/tasks"), " or ", b.code("/tasks stop 12"), ".")
        await desk.answer(update_id, key, message.message_id, usage)
        return
    found = await desk.counter.tasks(key.chat_id)
    strays = await desk.orchestrator.left_running(key)
    own = desk.orchestrator.agent_tasks(key.chat_id)
    text = b.lines(
        b.bold("Tasks of this chat"),
        *[_task_row(turn) for turn in found],
        "None yet. /bg PROMPT starts one." if not found else "",
        b.text("\n", b.bold("Agents' own, in the background")) if own else "",
        *(b.text(f"⚙ {shortened(task.title or task.task_id, 100)}{_where(topic)}") for topic, _, task in own[:10]),
        b.text("\n", b.bold("Left running by this topic's turns"), ": /stop ends them") if strays else "",
        *(b.text("\n", b.code(shortened(note.command, 60)), f" (pid {note.pid})") for note in strays[:10]),
    )
    running = [turn for turn in found if turn.state not in TERMINAL_STATES]
    keyboard = [[stop_button(turn.id, turn.topic.thread_id, f"⏹ Stop {turn.id}")] for turn in running[:8]]
    keyboard += [[end] for topic, session_id, task in own[:8] if (end := end_task_button(topic, session_id, task))]
    await desk.answer(update_id, key, message.message_id, b.message(text), keyboard)


def _where(topic: TopicKey) -> str:
    return "" if topic.thread_id is None else f" · topic {topic.thread_id}"


def _task_row(turn: Turn) -> RichText:
    began = (turn.started_at or turn.created_at) / 1000
    ended = time.time() if turn.ended_at is None else turn.ended_at / 1000
    sign = {TurnState.DONE: "✓", TurnState.FAILED: "✗", TurnState.STOPPED: "⏹", TurnState.LOST: "⚡"}.get(
        turn.state, "⚙"
    )
    return b.text(
        "\n",
        b.bold(f"{sign} {turn.id}"),
        f" {turn.state} · {duration(ended - began)}{_where(turn.topic)}\n{shortened(turn.prompt, 100)}",
    )


async def _stop_task(message: Message, desk: Desk, update_id: int, turn_id: TurnId) -> None:
    turn = await desk.counter.turn(turn_id)
    key: TopicKey = topic_of(message)
    if turn is None or turn.topic.chat_id != key.chat_id:
        text = b.message(f"⚠ There is no task {turn_id} in this chat. /tasks lists them.")
        await desk.answer(update_id, key, message.message_id, text)
        return
    if turn.state in TERMINAL_STATES:
        text = b.message(f"Nothing is running: task {turn_id} is {turn.state} already.")
        await desk.answer(update_id, key, message.message_id, text)
        return
    desk.orchestrator.stop(turn.topic, Way.TASK_BUTTON, origin_of(message, update_id), turn_id=turn_id)
