"""Decisions about what agents ask: presses of its buttons, and replies to its message."""

from aiogram.types import CallbackQuery, Message

from bot.address import replied_message_id
from bot.buttons import Press
from bot.desk import Desk
from bot.origin import origin_of_press
from bot.pressed import without_buttons
from bot.words.speech import say, worded
from orchestrator.domain import requests as rules
from orchestrator.domain.commands import Decide, Origin, RevokeRule, StopAgentTask
from orchestrator.domain.errors import Refusal
from orchestrator.domain.ids import RequestId, SessionId, TopicKey
from orchestrator.domain.requests import (
    Act,
    ChooseOption,
    Dismiss,
    Draft,
    FinishPicking,
    GoBack,
    PickChoice,
    Request,
    Say,
)

_MOST_DIGITS = 18


async def decide(query: CallbackQuery, press: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    """A button below something that an agent asks."""
    number, _, rest = press.argument.partition(".")
    nonce, _, code = rest.rpartition(".")
    request = await desk.counter.request(RequestId(int(number))) if _is_number(number) else None
    if request is None or request.nonce != nonce or request.topic.chat_id != key.chat_id:
        await _refuse(query, desk, update_id, say("press-no-request"))
        return
    turn = await desk.counter.turn(request.turn_id)
    is_admin = desk.gate.is_admin(query.from_user.id)
    asker = None if turn is None else turn.sender_id
    if not rules.may_decide(asker, origin_of_press(query, update_id).user_id, is_admin=is_admin):
        name = turn.sender_name if turn is not None and turn.sender_name else ""
        await _refuse(query, desk, update_id, say("refusal-request-whose", name=name))
        return
    if not request.is_open:
        desk.toast(query.id, say("press-old-request"), alert=True)
        await desk.send(update_id, without_buttons(query, key))
        return
    if code == "w":
        await _refuse(query, desk, update_id, _how_to_say(request))
        return
    act = _act(code)
    if act is None:
        await _refuse(query, desk, update_id, say("press-unknown"))
        return
    try:
        outcome = rules.act(request.asked, request.draft, act)
    except Refusal as refusal:
        await _refuse(query, desk, update_id, worded(refusal.words))
        return
    desk.toast(query.id, "" if isinstance(outcome, Draft) else say("request-toast-passed-on"))
    command = Decide(
        origin=origin_of_press(query, update_id), request_id=request.id, nonce=nonce, act=act, is_admin=is_admin
    )
    desk.orchestrator.submit(request.topic, command)


async def revoke(query: CallbackQuery, press: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    """Take back what was allowed for the rest of a session."""
    parts = press.argument.split(".")
    if len(parts) != 3 or not all(_is_number(part) for part in parts):
        await _refuse(query, desk, update_id, say("press-unknown"))
        return
    session_id, number, at = (int(part) for part in parts)
    desk.toast(query.id, say("request-toast-taking-back"))
    desk.orchestrator.submit(
        key,
        RevokeRule(origin=origin_of_press(query, update_id), session_id=SessionId(session_id), number=number, at=at),
    )


async def stop_agent_task(query: CallbackQuery, press: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    """End one of an agent's own background tasks."""
    number, _, task_id = press.argument.partition(".")
    session = await desk.counter.session(SessionId(int(number))) if _is_number(number) else None
    if session is None or session.topic.chat_id != key.chat_id:
        await _refuse(query, desk, update_id, say("press-no-session"))
        return
    desk.toast(query.id, say("stop-toast-ending"))
    command = StopAgentTask(origin=origin_of_press(query, update_id), session_id=session.id, task_id=task_id)
    desk.orchestrator.submit(session.topic, command)


async def take_reply(message: Message, desk: Desk, origin: Origin, text: str) -> bool:
    """Whether a message replied to something that an agent asks and waits for; then it is handed on."""
    replied = replied_message_id(message)
    request = None if replied is None else await desk.counter.request_of_message(message.chat.id, replied)
    if request is None or not request.is_open:
        return False
    desk.orchestrator.submit(
        request.topic,
        Decide(
            origin=origin,
            request_id=request.id,
            nonce=None,
            act=Say(text=text),
            is_admin=desk.gate.is_admin(origin.user_id),
        ),
    )
    return True


async def _refuse(query: CallbackQuery, desk: Desk, update_id: int, text: str) -> None:
    desk.toast(query.id, text, alert=True)
    await desk.send(update_id, [])


def _how_to_say(request: Request) -> str:
    if rules.is_plan(request.asked):
        return say("request-how-to-revise")
    return say("request-how-to-deny")


def _act(code: str) -> Act | None:
    kind, rest = code[:1], code[1:]
    if kind == "o" and _is_number(rest):
        return ChooseOption(index=int(rest))
    if kind == "c":
        question, _, choice = rest.partition("-")
        if _is_number(question) and _is_number(choice):
            return PickChoice(question=int(question), choice=int(choice))
    if kind == "f" and _is_number(rest):
        return FinishPicking(question=int(rest))
    plain: dict[str, Act] = {"b": GoBack(), "x": Dismiss()}
    return plain.get(code)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
