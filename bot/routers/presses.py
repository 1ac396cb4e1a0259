"""Button presses. Each is answered at once, checked like any other request, and works after a restart."""

from collections.abc import Awaitable, Callable

import structlog
from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.address import topic_of_press
from bot.buttons import Press, Verb
from bot.desk import Desk
from bot.letter_body import edit_text
from bot.menus import menu
from bot.origin import origin_of_press
from bot.pressed import without_buttons
from bot.routers import asked, choices, lives
from bot.words.speech import say, say_rich
from orchestrator.domain.commands import (
    ContinueTurn,
    DropHeld,
    ExtendTurn,
    ResumeTurn,
    RunAgain,
    RunHeld,
    Setting,
    SwitchSession,
)
from orchestrator.domain.ids import SessionId, TopicKey, TurnId
from orchestrator.domain.reach import Way
from orchestrator.domain.records import Letter, Turn
from orchestrator.domain.states import TERMINAL_STATES, Priority, TurnKind, TurnState

router = Router(name="presses")
log = structlog.get_logger()

_Handler = Callable[[CallbackQuery, Press, TopicKey, Desk, int], Awaitable[None]]


@router.callback_query()
async def press(query: CallbackQuery, desk: Desk, update_id: int) -> None:
    """Do what a button asks for."""
    meant = Press.parse(query.data)
    key = topic_of_press(query, meant.thread_id) if meant is not None else None
    if meant is None or key is None:
        await refuse(query, desk, update_id, say("press-unknown"))
        return
    await _HANDLERS[meant.verb](query, meant, key, desk, update_id)


async def refuse(query: CallbackQuery, desk: Desk, update_id: int, text: str) -> None:
    """Say no, and be done."""
    desk.toast(query.id, text, alert=True)
    await desk.send(update_id, [])


async def _stop(query: CallbackQuery, press: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    turn = await desk.counter.turn(TurnId(int(press.argument))) if press.argument.isdecimal() else None
    if turn is None or turn.topic.chat_id != key.chat_id:
        await refuse(query, desk, update_id, say("press-no-turn"))
        return
    if turn.state in TERMINAL_STATES:
        desk.toast(query.id, say("stop-toast-over"))
        await desk.send(update_id, without_buttons(query, key))
        return
    desk.toast(query.id, say("stop-toast-cancelled") if turn.state is TurnState.QUEUED else say("stop-toast"))
    desk.orchestrator.stop(
        turn.topic, _way(turn), origin_of_press(query, update_id), turn_id=turn.id, reply_to=turn.reply_to
    )
    if turn.state is TurnState.QUEUED and isinstance(query.message, Message):
        body = edit_text(key.chat_id, query.message.message_id, say_rich("queue-cancelled"))
        await desk.send(None, [Letter(topic=key, priority=Priority.NOTICE, body=body.to_json())])


def _way(turn: Turn) -> Way:
    if turn.kind is TurnKind.TASK:
        return Way.TASK_BUTTON
    return Way.CANCEL_BUTTON if turn.state is TurnState.QUEUED else Way.LIVE_BUTTON


async def _stop_session(query: CallbackQuery, press: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    session = await desk.counter.session(SessionId(int(press.argument))) if press.argument.isdecimal() else None
    if session is None or session.topic.chat_id != key.chat_id:
        await refuse(query, desk, update_id, say("press-no-session"))
        return
    desk.toast(query.id, say("stop-toast"))
    desk.orchestrator.stop(session.topic, Way.SESSION_BUTTON, origin_of_press(query, update_id), session_id=session.id)


async def _resume(query: CallbackQuery, press: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    if not press.argument.isdecimal():
        await refuse(query, desk, update_id, say("press-unknown"))
        return
    desk.toast(query.id, say("recovery-toast-resuming"))
    command = ResumeTurn(origin=origin_of_press(query, update_id), turn_id=TurnId(int(press.argument)))
    desk.orchestrator.submit(key, command)
    await desk.send(None, without_buttons(query, key))


async def _again(query: CallbackQuery, press: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    turn = await desk.counter.turn(TurnId(int(press.argument))) if press.argument.isdecimal() else None
    if turn is None or turn.topic.chat_id != key.chat_id:
        await refuse(query, desk, update_id, say("press-no-turn"))
        return
    desk.toast(query.id, say("file-again-doing"))
    desk.orchestrator.submit(turn.topic, RunAgain(origin=origin_of_press(query, update_id), turn_id=turn.id))
    await desk.send(None, without_buttons(query, key))


async def _discard(query: CallbackQuery, _: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    desk.toast(query.id, say("recovery-toast-discarded"))
    await desk.send(update_id, without_buttons(query, key))


async def _extend(query: CallbackQuery, press: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    turn = await desk.counter.turn(TurnId(int(press.argument))) if press.argument.isdecimal() else None
    if turn is None or turn.topic.chat_id != key.chat_id:
        await refuse(query, desk, update_id, say("press-no-turn"))
        return
    if turn.state in TERMINAL_STATES or turn.state is TurnState.STOPPING:
        desk.toast(query.id, say("deadline-toast-over"))
        await desk.send(update_id, without_buttons(query, key))
        return
    desk.toast(query.id, say("deadline-toast-more"))
    desk.orchestrator.submit(turn.topic, ExtendTurn(origin=origin_of_press(query, update_id), turn_id=turn.id))


async def _continue(query: CallbackQuery, press: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    if not press.argument.isdecimal():
        await refuse(query, desk, update_id, say("press-unknown"))
        return
    desk.toast(query.id, say("deadline-toast-continue"))
    command = ContinueTurn(origin=origin_of_press(query, update_id), turn_id=TurnId(int(press.argument)))
    desk.orchestrator.submit(key, command)
    await desk.send(None, without_buttons(query, key))


async def _run_held(query: CallbackQuery, _: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    desk.toast(query.id)
    desk.orchestrator.submit(key, RunHeld(origin=origin_of_press(query, update_id)))
    await desk.send(None, without_buttons(query, key))


async def _drop_held(query: CallbackQuery, _: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    desk.toast(query.id)
    desk.orchestrator.submit(key, DropHeld(origin=origin_of_press(query, update_id)))
    await desk.send(None, without_buttons(query, key))


async def _set(query: CallbackQuery, press: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    name, _, value = press.argument.partition(":")
    if name not in choices.BY_ANYBODY:
        await refuse(query, desk, update_id, say("press-unknown"))
        return
    desk.toast(query.id)
    choices.submit(desk, key, origin_of_press(query, update_id), Setting(name), value)


async def _switch(query: CallbackQuery, press: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    if not press.argument.isdecimal():
        await refuse(query, desk, update_id, say("press-unknown"))
        return
    desk.toast(query.id)
    command = SwitchSession(origin=origin_of_press(query, update_id), session_id=SessionId(int(press.argument)))
    desk.orchestrator.submit(key, command)


_HANDLERS: dict[Verb, _Handler] = {
    Verb.STOP: _stop,
    Verb.STOP_SESSION: _stop_session,
    Verb.RESUME: _resume,
    Verb.AGAIN: _again,
    Verb.DISCARD: _discard,
    Verb.EXTEND: _extend,
    Verb.CONTINUE: _continue,
    Verb.DECIDE: asked.decide,
    Verb.STOP_AGENT_TASK: asked.stop_agent_task,
    Verb.REVOKE: asked.revoke,
    Verb.RUN_HELD: _run_held,
    Verb.DROP_HELD: _drop_held,
    Verb.SET: _set,
    Verb.SWITCH: _switch,
    Verb.DELIVER: lives.deliver,
    Verb.APPROVE_CHAT: lives.approve_chat,
    Verb.LEAVE_CHAT: lives.leave_chat,
    Verb.STOP_PLACE: lives.stop_place,
    Verb.GO_ON: lives.go_on,
    Verb.MENU: menu.press,
}
