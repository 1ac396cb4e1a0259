"""Presses about chats and topics themselves: who lets the bot work where, what a closed topic's work becomes."""

from aiogram.types import CallbackQuery

from bot.address import topic_of_press
from bot.buttons import Press
from bot.desk import Desk
from bot.lost_topics import redirected, working
from bot.origin import origin_of_press
from bot.pressed import without_buttons
from bot.render import builder as b
from bot.render.entities import RichText
from bot.words.speech import say, say_rich
from orchestrator.domain.ids import TopicKey, UserId
from orchestrator.domain.reach import Way

_MOST_DIGITS = 18


async def approve_chat(query: CallbackQuery, press: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    """The bot may work in the chat that is named."""
    lives, chat_id = desk.lives, await _meant(query, press, desk, update_id)
    if chat_id is None or not await _may_decide(query, chat_id, key, desk, update_id):
        return
    if desk.gate.works_in_id(chat_id):
        desk.toast(query.id, say("group-toast-approved-before"))
        await desk.send(update_id, without_buttons(query, key))
        return
    await lives.introductions.approve(chat_id, UserId(query.from_user.id))
    desk.toast(query.id, say("group-toast-approved"))
    here = chat_id == key.chat_id
    said = say_rich("group-approved") if here else await _approved_elsewhere(desk, chat_id)
    lacks = await lives.groups.lacks(chat_id)
    head = [say_rich("group-lacks" if here else "group-lacks-there", group=await lives.groups.named(chat_id))]
    text = b.message(b.lines(said, *(head if lacks else []), *lacks))
    await desk.answer(update_id, key, None, text)
    await desk.send(None, without_buttons(query, key))


async def _approved_elsewhere(desk: Desk, chat_id: int) -> RichText:
    return say_rich("group-approved-elsewhere", group=await desk.lives.groups.named(chat_id))


async def leave_chat(query: CallbackQuery, press: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    """The bot may not: it leaves."""
    chat_id = await _meant(query, press, desk, update_id)
    if chat_id is None or not await _may_decide(query, chat_id, key, desk, update_id):
        return
    if desk.gate.works_in_id(chat_id):
        listed = desk.gate.is_listed(chat_id)
        desk.toast(query.id, say("group-toast-listed" if listed else "group-toast-approved-before"), alert=True)
        await desk.send(update_id, without_buttons(query, key))
        return
    desk.toast(query.id, say("group-toast-leaving"))
    await desk.lives.introductions.leave(chat_id)
    await desk.send(update_id, without_buttons(query, key) if chat_id != key.chat_id else [])


async def _meant(query: CallbackQuery, press: Press, desk: Desk, update_id: int) -> int | None:
    """The chat that is named; None if none is, and then the press is answered."""
    chat_id = chat_of(press)
    if chat_id is None:
        await _refuse(query, desk, update_id, say("press-unknown"))
    return chat_id


async def _may_decide(query: CallbackQuery, chat_id: int, key: TopicKey, desk: Desk, update_id: int) -> bool:
    """Whether this press may decide about a chat: by an admin, there or in private, while it is to be decided."""
    if not desk.gate.is_admin(query.from_user.id) or (chat_id != key.chat_id and key.chat_id != query.from_user.id):
        await _refuse(query, desk, update_id, say("person-only-admins"))
        return False
    if not desk.gate.works_in_id(chat_id) and not await desk.lives.introductions.is_undecided(chat_id):
        desk.toast(query.id, say("group-toast-decided"), alert=True)
        await desk.send(update_id, without_buttons(query, key))
        return False
    return True


async def stop_place(query: CallbackQuery, press: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    """All that works in the topic that is named stops. In another chat than where it is pressed: for admins."""
    chat_id = chat_of(press)
    if chat_id is None or (chat_id != key.chat_id and not desk.gate.is_admin(query.from_user.id)):
        await _refuse(query, desk, update_id, say("person-only-admins"))
        return
    meant = TopicKey(chat_id, press.thread_id)
    pressed = topic_of_press(query, None) or key
    if not working(desk.orchestrator, meant):
        desk.toast(query.id, say("topic-toast-nothing"))
        await desk.send(update_id, without_buttons(query, pressed))
        return
    desk.toast(query.id, say("topic-toast-stopping"))
    desk.orchestrator.stop(meant, Way.CLOSED_TOPIC, origin_of_press(query, update_id))
    if meant.chat_id == pressed.chat_id:
        await desk.send(None, without_buttons(query, pressed))


async def go_on(query: CallbackQuery, _: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    """What works in a closed topic goes on."""
    desk.toast(query.id, say("topic-toast-goes-on"))
    await desk.send(update_id, without_buttons(query, topic_of_press(query, None) or key))


async def deliver(query: CallbackQuery, press: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    """What is held for a topic that is lost comes here. `press` names that topic, `key` is where it was pressed."""
    chat_id = chat_of(press)
    if chat_id is None or not desk.gate.is_admin(query.from_user.id):
        await _refuse(query, desk, update_id, say("person-only-admins"))
        return
    here = topic_of_press(query, None) or key
    lost = TopicKey(chat_id, press.thread_id)
    count = await desk.counter.deliver_elsewhere(lost, lambda letter: redirected(letter, here))
    desk.toast(query.id, say("topic-toast-delivering" if count else "topic-toast-nothing-held"))
    await desk.send(update_id, without_buttons(query, here))


def chat_of(press: Press) -> int | None:
    """The chat that a button names; None if it names none."""
    digits = press.argument.removeprefix("-")
    if not digits.isascii() or not digits.isdecimal() or len(digits) > _MOST_DIGITS:
        return None
    return int(press.argument)


async def _refuse(query: CallbackQuery, desk: Desk, update_id: int, text: str) -> None:
    desk.toast(query.id, text, alert=True)
    await desk.send(update_id, [])
