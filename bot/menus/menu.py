"""Menus: opened by a command, then edited in place with each press. Nothing of them is kept in memory.

A press is checked like any other request: the gate let its author in, the area says whether it is for admins, the
page's age is in the button, and what it is about is looked up. What changes something is done by a lane or by a
commit of its own; then the page is shown as it is now.
"""

import math
from dataclasses import replace

import anyio
import structlog
from aiogram.types import CallbackQuery, Message

from bot.address import replied_message_id, topic_of
from bot.buttons import Press
from bot.desk import Desk
from bot.letter_body import edit_text
from bot.letters import reply
from bot.menus.area import Area, Done, Visit
from bot.menus.areas import AREAS
from bot.menus.page import Page, Path
from bot.menus.way import MOST_AGE_MINUTES, Way, keyboard
from bot.origin import origin_of, origin_of_press
from bot.render import builder as b
from bot.words.speech import say, say_rich
from orchestrator.domain.commands import Origin
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.records import Letter
from orchestrator.domain.states import Priority

log = structlog.get_logger()

_SHOWN_AFTER_S = 10.0
"""A lane that takes longer over a command shows nothing; the next press does."""

_SOON_S = 2.5
"""A page that takes longer is announced; below that people see it come."""

_MINUTE_MS = 60_000


async def open_menu(message: Message, desk: Desk, update_id: int, area: Area, path: Path = ()) -> None:
    """Answer a command with a page; with the first one if there is no such page."""
    key = topic_of(message)
    visit = _visit(desk, key, origin_of(message, update_id))
    if area.admins_only and not visit.is_admin:
        await desk.answer(update_id, key, message.message_id, say_rich("menu-admins-only-command"))
        return
    page, _ = await _page(visit, area, path)
    letter = reply(key, message.message_id, page.text, keyboard(page, area.name, key.thread_id, visit.now_ms))
    await desk.send(update_id, [letter])


async def press(query: CallbackQuery, meant: Press, key: TopicKey, desk: Desk, update_id: int) -> None:
    """Show another page, or do what a button says and show what came of it."""
    way = Way.parse(meant.argument)
    area = None if way is None else AREAS.get(way.area)
    visit = _visit(desk, key, origin_of_press(query, update_id))
    shown_in = query.message.message_id if isinstance(query.message, Message) else None
    if way is None or area is None:
        await _say_no(visit, query, update_id, say("menu-unknown"))
    elif area.admins_only and not visit.is_admin:
        await _say_no(visit, query, update_id, say("menu-admins-only"))
    elif way.is_old(visit.now_ms):
        desk.toast(query.id, say("menu-old"))
        await _show(visit, area, () if way.acts else way.path, shown_in, update_id)
    elif way.acts:
        done = await area.act(visit, way.path) or Done(toast=say("menu-gone"))
        desk.toast(query.id, done.toast or _slow(visit), alert=done.alert)
        await _finish(visit, area, done, shown_in)
    else:
        page = await area.render(visit, way.path)
        desk.toast(query.id, _slow(visit) if page is not None else say("menu-gone"))
        await _show(visit, area, way.path if page is not None else (), shown_in, update_id)


async def take_reply(message: Message, desk: Desk, origin: Origin, text: str) -> bool:
    """Whether a message replied to a page that hears; then it was said to that."""
    replied = replied_message_id(message)
    found = None if replied is None else await desk.counter.menu_replies.get(message.chat.id, replied)
    if found is None:
        return False
    name, written, at = found
    area = AREAS.get(name)
    visit = _visit(desk, topic_of(message), origin)
    if area is None or area.hear is None or visit.now_ms - at > MOST_AGE_MINUTES * _MINUTE_MS:
        return False
    if area.admins_only and not visit.is_admin:
        return False
    done = await area.hear(visit, tuple(written.split(".")), text)
    if done is None:
        return False
    if done.alert:
        await _send(visit, origin.update_id, reply(visit.key, message.message_id, b.message(done.toast)))
        return True
    desk.reactions.put(message.chat.id, message.message_id, "👌")
    await _finish(visit, area, done, replied)
    return True


def _visit(desk: Desk, key: TopicKey, origin: Origin) -> Visit:
    return Visit(
        desk=desk,
        key=key,
        origin=replace(origin, quiet=True),
        is_admin=desk.gate.is_admin(origin.user_id),
        now_ms=desk.orchestrator.kit.clock(),
    )


def _slow(visit: Visit) -> str:
    """What to say at once where a page can be shown only later; nothing else if it comes soon."""
    delay = visit.desk.delay_s(visit.key.chat_id)
    return say("menu-slow", seconds=math.ceil(delay)) if delay > _SOON_S else ""


async def _say_no(visit: Visit, query: CallbackQuery, update_id: int, text: str) -> None:
    visit.desk.toast(query.id, text, alert=True)
    await _send(visit, update_id)


async def _finish(visit: Visit, area: Area, done: Done, shown_in: int | None) -> None:
    """Show what came of something. What was handed to a lane is done by that, and the update with it."""
    if visit.handed_to is not None:
        if done.show is not None:
            visit.desk.tasks.start_soon(_show_afterwards, visit, area, done.show, shown_in)
    elif done.show is not None:
        await _show(visit, area, done.show, shown_in, visit.origin.update_id)
    else:
        await _send(visit, visit.origin.update_id)


async def _send(visit: Visit, update_id: int | None, *letters: Letter) -> None:
    more = () if update_id is None else visit.origin.more_ids
    await visit.desk.counter.answer(update_id, letters, more_ids=more)


async def _show_afterwards(visit: Visit, area: Area, path: Path, shown_in: int | None) -> None:
    """Once the lane has done what it was told: the page as it is then."""
    desk, key, update_id = visit.desk, visit.handed_to or visit.key, visit.origin.update_id
    try:
        with anyio.move_on_after(_SHOWN_AFTER_S):
            while True:
                changed = desk.orchestrator.lane(key).changed
                if update_id is None or await desk.counter.is_handled(update_id):
                    break
                await changed.wait()
        await _show(visit, area, path, shown_in, None)
    except Exception:
        # What it shows is done; a page that stays as it was must not take the bot down.
        log.exception("menu.not_shown", area=area.name)


async def _show(visit: Visit, area: Area, path: Path, shown_in: int | None, update_id: int | None) -> None:
    page, path = await _page(visit, area, path)
    desk, key = visit.desk, visit.key
    rows = keyboard(page, area.name, key.thread_id, desk.orchestrator.kit.clock())
    if shown_in is None:
        letter = reply(key, None, page.text, rows)
    else:
        await _listen(visit, area, path if page.hears else None, shown_in)
        body = edit_text(key.chat_id, shown_in, page.text, rows)
        # Somebody looks at it, and waits.
        letter = Letter(topic=key, priority=Priority.ANSWER, body=body.to_json())
    await _send(visit, update_id, letter)


async def _listen(visit: Visit, area: Area, path: Path | None, message_id: int) -> None:
    """Take answers to a message for those to its page, or no longer."""
    replies, chat_id = visit.desk.counter.menu_replies, visit.key.chat_id
    if path is not None:
        await replies.put(chat_id, message_id, area.name, ".".join(path), visit.now_ms)
    elif await replies.get(chat_id, message_id) is not None:
        await replies.drop(chat_id, message_id)


async def _page(visit: Visit, area: Area, path: Path) -> tuple[Page, Path]:
    """A page and its path; the first one where that is gone."""
    page = await area.render(visit, path)
    if page is not None:
        return page, path
    page = await area.render(visit, ())
    if page is None:
        raise ValueError(f"the first page of the menus «{area.name}» is missing")
    return page, ()
