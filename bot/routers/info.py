"""`/start`, `/help`, `/whoami`, `/status`."""

import time

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message, User

from bot.address import topic_of
from bot.buttons import revoke_button, stop_button
from bot.command_list import COMMANDS
from bot.desk import Desk
from bot.gate import Verdict
from bot.render import builder as b
from bot.render.entities import RichText
from bot.wording import count, duration, processes, shortened
from orchestrator.app.lane import Lane
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.records import Session

router = Router(name="info")

_RULES_SHOWN = 10


@router.message(Command("start", ignore_case=True))
async def start(message: Message, desk: Desk, update_id: int) -> None:
    """What this is and how to begin."""
    chosen = desk.orchestrator.kit.catalogue.choice(await desk.counter.topic(topic_of(message)))
    text = b.lines(
        b.bold("Hello. I run coding agents."),
        "Each topic of a forum is one conversation with one agent in one directory. Write what you want done, "
        "watch it work, stop it at any time.",
        b.text("\nHere ", b.bold(chosen.agent), " works in ", b.code(chosen.directory), "."),
        "\n/agent and /dir change that, /help lists all commands.",
    )
    await desk.answer(update_id, topic_of(message), message.message_id, b.message(text))


@router.message(Command("help", ignore_case=True))
async def help_(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """All commands, or one in full."""
    wanted = (command.args or "").strip().lstrip("/").lower()
    await desk.answer(update_id, topic_of(message), message.message_id, help_text(wanted))


def help_text(wanted: str) -> RichText:
    """The help on one command, or the list of all."""
    found = next((each for each in COMMANDS if each.name == wanted), None)
    if wanted and found is None:
        return b.message("⚠ There is no command ", b.code(f"/{wanted}"), ". /help lists them all.")
    if found is not None:
        return b.message(
            b.lines(
                b.text(b.bold(f"/{found.name}"), f": {found.short}."),
                found.more,
                "For admins only." if found.admin else "",
                *(b.code(usage) for usage in found.usage),
            )
        )
    rows = [b.text(f"/{each.name} ", b.italic(each.short)) for each in COMMANDS]
    tail = "\nAnything else that you write is a prompt for the agent of this topic."
    return b.message(b.lines(b.bold("Commands"), *rows, tail))


@router.message(Command("whoami", ignore_case=True))
async def whoami(message: Message, desk: Desk, update_id: int) -> None:
    """Ids, and what one may do."""
    text = whoami_text(message, desk, Verdict.ALLOWED)
    await desk.answer(update_id, topic_of(message), message.message_id, text)


def whoami_text(message: Message, desk: Desk, verdict: Verdict) -> RichText:
    """The ids of a person, the chat and the topic, and what the person may do here."""
    user: User | None = message.from_user
    key = topic_of(message)
    may = "use this bot, and administer it" if desk.gate.is_admin(user.id if user else None) else "use this bot"
    if verdict is not Verdict.ALLOWED:
        may = "do nothing here: ask the bot's owner to add your id to [access] users"
    return b.message(
        b.lines(
            b.text("You: ", b.code(str(user.id if user else "?"))),
            b.text("This chat: ", b.code(str(key.chat_id))),
            b.text("This topic: ", b.code(str(key.thread_id))) if key.thread_id is not None else "",
            f"You may {may}.",
        )
    )


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
        b.text(b.bold(chosen.agent), f" · {chosen.model or 'its own model'} · mode {chosen.mode}"),
        b.text("Directory: ", b.code(chosen.directory)),
        f"Project: {chosen.project}" if chosen.project else "",
        _session_line(session),
        *_rule_lines(session),
        *_turn_lines(lane),
        b.text("Left running: ", processes(strays)) if strays else "",
        b.italic(desk.access_line) if desk.access_line else "",
    )
    current = None if lane is None else lane.state.current
    keyboard = [[stop_button(current, key.thread_id)]] if current is not None else []
    keyboard += [] if session is None else [[revoke_button(session, rule)] for rule in session.rules[-_RULES_SHOWN:]]
    await desk.answer(update_id, key, message.message_id, b.message(text), keyboard)


def _session_line(session: Session | None) -> RichText:
    if session is None:
        return b.text("Session: none yet, the first prompt opens one")
    name = f" «{session.name}»" if session.name else ""
    known = b.code(session.cli_session_id) if session.cli_session_id else b.text("not begun")
    return b.text(f"Session {session.id}{name}: ", known)


def _rule_lines(session: Session | None) -> list[str | RichText]:
    """What was allowed for the rest of the session: with buttons that take it back."""
    if session is None or not session.rules:
        return []
    rules = [
        b.text("• ", shortened(rule.label, 200), b.italic(f" ({rule.by})" if rule.by else "")) for rule in session.rules
    ]
    return ["Allowed for this session:", *rules]


def _turn_lines(lane: Lane | None) -> list[str | RichText]:
    if lane is None or not lane.turns:
        return ["Nothing is running here."]
    now = time.time() * 1000
    lines: list[str | RichText] = []
    for turn_id in lane.state.active:
        turn = lane.turns[turn_id]
        took = duration((now - (turn.started_at or now)) / 1000)
        what = "Task" if turn_id in lane.state.tasks else "Turn"
        lines.append(b.text(b.bold(f"{what} {turn_id}"), f" {turn.state}, {took}: {shortened(turn.prompt, 80)}"))
    if lane.state.queue:
        lines.append(f"Waiting: {count(len(lane.state.queue), 'prompt')}")
    if lane.state.held:
        lines.append(f"Resting since the last stop: {count(len(lane.state.held), 'prompt')}")
    return lines or ["Nothing is running here."]


def _status_of_chat(desk: Desk, chat_id: int) -> RichText:
    lanes = [lane for lane in desk.orchestrator.lanes_of(chat_id) if lane.turns]
    rows: list[str | RichText] = []
    for lane in lanes:
        rows.append(b.text("\n", b.bold(_place(lane.key))))
        rows += _turn_lines(lane)
    places = desk.orchestrator.kit.places.waiting
    return b.message(
        b.lines(
            b.bold("This chat"),
            *rows,
            "Nothing is running in this chat." if not rows else "",
            f"{places} waiting for a free place." if places else "",
        )
    )


def _place(key: TopicKey) -> str:
    return "General" if key.thread_id is None else f"Topic {key.thread_id}"
