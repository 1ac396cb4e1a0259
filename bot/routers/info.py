"""`/start`, `/help`, `/status`."""

import time

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.address import topic_of
from bot.buttons import revoke_button, stop_button
from bot.command_list import COMMANDS
from bot.desk import Desk
from bot.render import builder as b
from bot.render.entities import RichText
from bot.wording import duration, processes, shortened
from bot.words.speech import say, say_rich
from orchestrator.app.lane import Lane
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.records import Session

router = Router(name="info")

_RULES_SHOWN = 10


@router.message(Command("start", ignore_case=True))
async def start(message: Message, desk: Desk, update_id: int) -> None:
    """What this is and how to begin."""
    chosen = desk.orchestrator.kit.catalogue.choice(await desk.counter.topic(topic_of(message)))
    text = say_rich("help-start", agent=chosen.agent, directory=chosen.directory)
    await desk.answer(update_id, topic_of(message), message.message_id, text)


@router.message(Command("help", ignore_case=True))
async def help_(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """All commands, or one in full."""
    wanted = (command.args or "").strip().lstrip("/").lower()
    await desk.answer(update_id, topic_of(message), message.message_id, help_text(wanted))


def help_text(wanted: str) -> RichText:
    """The help on one command, or the list of all."""
    found = next((each for each in COMMANDS if each.name == wanted), None)
    if wanted and found is None:
        return say_rich("help-no-command", name=wanted)
    if found is not None:
        return b.message(
            b.lines(
                say_rich("help-one", name=found.name, short=found.short),
                found.more,
                say_rich("help-admins-only") if found.admin else "",
                *(b.code(usage) for usage in found.usage),
            )
        )
    rows = [say_rich("help-row", name=each.name, short=each.short) for each in COMMANDS]
    return b.message(b.lines(say_rich("help-title"), *rows, b.text("\n", say_rich("help-tail"))))


@router.message(Command("status", ignore_case=True))
async def status(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """This topic, or the whole chat."""
    key = topic_of(message)
    if (command.args or "").strip().lower() == "all":
        await desk.answer(update_id, key, message.message_id, _status_of_chat(desk, key.chat_id))
        return
    topic = await desk.counter.topic(key)
    chosen = desk.orchestrator.kit.catalogue.choice(topic)
    session = None if topic.current_session_id is None else await desk.counter.session(topic.current_session_id)
    lane = desk.orchestrator.peek(key)
    strays = await desk.orchestrator.left_running(key)
    text = b.lines(
        say_rich("status-head", agent=chosen.agent, model=chosen.model, mode=chosen.mode),
        say_rich("status-directory", directory=chosen.directory),
        say_rich("status-project", project=chosen.project) if chosen.project else "",
        _session_line(session),
        *_rule_lines(session),
        *_turn_lines(lane),
        say_rich("status-left-running", processes=processes(strays)) if strays else "",
        say_rich(desk.access.id, **dict(desk.access.arguments)) if desk.access is not None else "",
    )
    current = None if lane is None else lane.state.current
    keyboard = [[stop_button(current, key.thread_id)]] if current is not None else []
    keyboard += [] if session is None else [[revoke_button(session, rule)] for rule in session.rules[-_RULES_SHOWN:]]
    await desk.answer(update_id, key, message.message_id, b.message(text), keyboard)


def _session_line(session: Session | None) -> RichText:
    if session is None:
        return say_rich("status-no-session")
    known = b.code(session.cli_session_id) if session.cli_session_id else say_rich("status-session-not-begun")
    return say_rich("status-session", id=str(session.id), name=session.name, known=known)


def _rule_lines(session: Session | None) -> list[str | RichText]:
    """What was allowed for the rest of the session: with buttons that take it back."""
    if session is None or not session.rules:
        return []
    rules = [say_rich("status-rule", rule=shortened(rule.label, 200), by=rule.by) for rule in session.rules]
    return [say_rich("status-rules"), *rules]


def _turn_lines(lane: Lane | None) -> list[str | RichText]:
    if lane is None or not lane.turns:
        return [say_rich("status-nothing")]
    now = time.time() * 1000
    lines: list[str | RichText] = []
    for turn_id in lane.state.active:
        turn = lane.turns[turn_id]
        lines.append(
            say_rich(
                "status-turn",
                task=turn_id in lane.state.tasks,
                id=str(turn_id),
                state=say("status-state", state=str(turn.state)),
                took=duration((now - (turn.started_at or now)) / 1000),
                prompt=shortened(turn.prompt, 80),
            )
        )
    if lane.state.queue:
        lines.append(say_rich("status-waiting", n=len(lane.state.queue)))
    if lane.state.held:
        lines.append(say_rich("status-resting", n=len(lane.state.held)))
    return lines or [say_rich("status-nothing")]


def _status_of_chat(desk: Desk, chat_id: int) -> RichText:
    lanes = [lane for lane in desk.orchestrator.lanes_of(chat_id) if lane.turns]
    rows: list[str | RichText] = []
    for lane in lanes:
        rows.append(b.text("\n", _place(lane.key)))
        rows += _turn_lines(lane)
    places = desk.orchestrator.kit.places.waiting
    return b.message(
        b.lines(
            say_rich("status-chat"),
            *rows,
            say_rich("status-chat-nothing") if not rows else "",
            say_rich("status-chat-places", n=places) if places else "",
        )
    )


def _place(key: TopicKey) -> RichText:
    if key.thread_id is None:
        return say_rich("status-chat-general")
    return say_rich("status-chat-topic", id=str(key.thread_id))
