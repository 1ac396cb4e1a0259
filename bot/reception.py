"""Reception: one stored update, read, judged at the gate, handed to the dispatcher.

aiogram's models are strict where the Bot API grows: a new member of a closed union makes a whole
message unreadable. Such an update is read again with nothing but what a prompt needs; only if that
fails too is it set aside.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import Chat as TelegramChat
from aiogram.types import Update, User
from pydantic import ValidationError

from bot.address import topic_of
from bot.buttons import Press, Verb
from bot.desk import Desk, Me
from bot.gate import Verdict, Visitor, visitor_of
from bot.migrated import moved_along
from bot.routers import (
    chats,
    choices,
    drafts,
    edits,
    get,
    info,
    presses,
    projects,
    prompts,
    restarts,
    sessions,
    setting,
    steering,
    stopping,
    whoami,
)
from bot.topic_names import TopicNames
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.ports import Clock
from orchestrator.domain.records import Chat, StoredUpdate

log = structlog.get_logger()

_NEEDED = frozenset(
    {
        *("message_id", "date", "chat", "from", "sender_chat", "text", "caption", "message_thread_id"),
        *("is_topic_message", "edit_date", "forum_topic_closed", "forum_topic_reopened"),
        *("migrate_to_chat_id", "migrate_from_chat_id"),
    }
)


class KnownBot(Bot):
    """aiogram's bot, for the dispatcher only: it knows itself and never calls Telegram."""

    def __init__(self, token: str, me: Me) -> None:
        super().__init__(token)
        self._myself = User(id=me.id, is_bot=True, first_name=me.username, username=me.username)

    async def me(self) -> User:
        """The bot's own user."""
        return self._myself


def make_dispatcher(desk: Desk) -> Dispatcher:
    """The routers, in the order in which they are asked: prompts take what is left."""
    dispatcher = Dispatcher(disable_fsm=True, desk=desk)
    dispatcher.include_routers(
        stopping.router,
        drafts.router,
        steering.router,
        sessions.router,
        projects.router,
        choices.router,
        restarts.router,
        setting.router,
        info.router,
        whoami.router,
        presses.router,
        chats.router,
        edits.router,
        get.router,
        prompts.router,
    )
    return dispatcher


class Reception:
    """Takes stored updates. `refuse` forgets what an update said; `done` marks one without an effect."""

    def __init__(
        self,
        *,
        desk: Desk,
        bot: Bot,
        dispatcher: Dispatcher,
        clock: Clock,
        done: Callable[[int, int], Awaitable[None]],
        refuse: Callable[[int, int], Awaitable[None]],
        unreadable: Callable[[int, str, int], Awaitable[None]],
    ) -> None:
        self._desk = desk
        self._bot = bot
        self._dispatcher = dispatcher
        self._clock = clock
        self._done = done
        self._refuse = refuse
        self._unreadable = unreadable
        self._seen: dict[int, tuple[str, str, bool]] = {}
        self._names = TopicNames(desk)

    async def handle(self, stored: StoredUpdate) -> None:
        """Handle one update; whoever stores its effect marks it as done."""
        update = read_update(stored.raw, self._bot)
        if isinstance(update, str):
            log.error("update.unreadable", update=stored.update_id, error=update[:500])
            await self._unreadable(stored.update_id, update, self._clock())
            return
        update = moved_along(update, self._desk.lives.moved)
        visitor = visitor_of(update)
        match self._desk.gate.judge(visitor):
            case Verdict.ALLOWED | Verdict.FACT as verdict:
                await self._dispatch(stored, update, visitor, verdict)
            case Verdict.WHOAMI_ONLY:
                await self._stranger(stored, update)
            case Verdict.UNKNOWN_CHAT:
                await self._unknown_chat(stored, update, visitor)
            case Verdict.INTRODUCED:
                await self._introduced(stored, update, visitor)
            case Verdict.REFUSED:
                log.info("update.refused", update=stored.update_id, chat=visitor.chat.id if visitor.chat else None)
                await self._refuse(stored.update_id, self._clock())

    async def _dispatch(self, stored: StoredUpdate, update: Update, visitor: Visitor, verdict: Verdict) -> None:
        if visitor.chat is not None:
            await self._see(visitor.chat)
        if update.message is not None:
            await self._desk.lives.lost_topics.heard_from(topic_of(update.message))
            await self._names.learn(update.message)
        await self._desk.gatherer.before(update)
        result = await self._dispatcher.feed_update(self._bot, update, update_id=stored.update_id, verdict=verdict)
        if result is UNHANDLED:
            await self._done(stored.update_id, self._clock())

    async def _see(self, chat: TelegramChat) -> None:
        """Remember a chat, if it is not as it was."""
        now = (chat.type, chat.title or "", bool(chat.is_forum))
        if self._seen.get(chat.id) != now:
            await self._desk.counter.see_chat(Chat(chat_id=chat.id, type=now[0], title=now[1], is_forum=now[2]))
            self._seen[chat.id] = now

    async def _stranger(self, stored: StoredUpdate, update: Update) -> None:
        """A stranger in private may learn their own id, and nothing else."""
        message = update.message
        words = (message.text or "").split() if message is not None else []
        if message is not None and words and words[0].partition("@")[0].lower() == "/whoami":
            text = await whoami.whoami_text(message, self._desk, Verdict.WHOAMI_ONLY)
            await self._desk.answer(stored.update_id, topic_of(message), message.message_id, text)
            return
        await self._refuse(stored.update_id, self._clock())

    async def _unknown_chat(self, stored: StoredUpdate, update: Update, visitor: Visitor) -> None:
        """An admin is where nobody let the bot work yet: ask, once."""
        press = Press.parse(update.callback_query.data) if update.callback_query is not None else None
        if press is not None and press.verb in (Verb.APPROVE_CHAT, Verb.LEAVE_CHAT):
            await self._dispatch(stored, update, visitor, Verdict.UNKNOWN_CHAT)
        elif visitor.chat is None or await self._is_out(update, visitor.chat):
            await self._refuse(stored.update_id, self._clock())
        else:
            key = topic_of(update.message) if update.message is not None else TopicKey(visitor.chat.id)
            if not await self._desk.lives.introductions.admin_is_there(stored.update_id, visitor.chat, key):
                await self._refuse(stored.update_id, self._clock())

    async def _introduced(self, stored: StoredUpdate, update: Update, visitor: Visitor) -> None:
        """Somebody who is no admin of ours added the bot to a chat, or took it out."""
        user, chat = visitor.user, visitor.chat
        if user is None or chat is None or user.id == self._desk.me.id or await self._is_out(update, chat):
            await self._refuse(stored.update_id, self._clock())
            return
        who = f"{user.full_name} ({user.id})"
        if not await self._desk.lives.introductions.stranger_added(stored.update_id, chat, who):
            await self._refuse(stored.update_id, self._clock())

    async def _is_out(self, update: Update, chat: TelegramChat) -> bool:
        """Whether an update says that the bot is not in a chat any more; then nothing is asked about it."""
        member = update.my_chat_member
        if member is None or member.new_chat_member.status not in ("left", "kicked"):
            return False
        await self._desk.lives.introductions.out(chat.id)
        return True


def read_update(raw: str, bot: Bot) -> Update | str:
    """An update from its raw JSON; what is wrong with it if it can't be read."""
    try:
        found = json.loads(raw)
    except ValueError as error:
        return f"not JSON: {error}"
    try:
        return Update.model_validate(found, context={"bot": bot})
    except ValidationError as error:
        reason = f"{error.error_count()} unreadable: {error.errors(include_url=False, include_input=False)[:3]}"
    reduced = _reduced_update(found) if isinstance(found, dict) else None
    if reduced is not None:
        try:
            return Update.model_validate(reduced, context={"bot": bot})
        except ValidationError:
            pass
    return reason


def _reduced_update(found: dict[str, Any]) -> dict[str, Any] | None:
    """The same update with nothing but what a prompt or a press needs; None for other kinds."""
    message, query = found.get("message"), found.get("callback_query")
    if isinstance(message, dict):
        return {"update_id": found.get("update_id"), "message": _reduced(message)}
    if isinstance(edited := found.get("edited_message"), dict):
        return {"update_id": found.get("update_id"), "edited_message": _reduced(edited)}
    if isinstance(query, dict):
        kept = {name: value for name, value in query.items() if name in ("id", "from", "chat_instance", "data")}
        if isinstance(query.get("message"), dict):
            kept["message"] = _reduced(query["message"])
        return {"update_id": found.get("update_id"), "callback_query": kept}
    return None


def _reduced(message: dict[str, Any]) -> dict[str, Any]:
    """A message with nothing but what a prompt needs."""
    kept = {name: value for name, value in message.items() if name in _NEEDED}
    replied = message.get("reply_to_message")
    if isinstance(replied, dict) and "forum_topic_created" not in replied:
        kept["reply_to_message"] = {
            name: value for name, value in replied.items() if name in ("message_id", "date", "chat")
        }
    return kept
