"""Chats in which nobody let the bot work yet: an admin decides by button, and without a yes it leaves.

Where an admin of ours is there, the question is asked in the chat. Where somebody else added the bot, nothing is
said there; admins are asked in private. What was asked, and when, is stored, so that a restart forgets none of it.
"""

from collections.abc import Sequence
from typing import Protocol

import anyio
import structlog
from aiogram.types import Chat as TelegramChat

from bot.buttons import Keyboard, Press, Verb, button
from bot.gate import Gate
from bot.groups import Groups
from bot.letters import reply
from bot.render import builder as b
from bot.telegram import CallError, RefusedError, Telegram
from bot.words.speech import say, say_rich
from orchestrator.app.counter import Counter
from orchestrator.domain.errors import StoreError
from orchestrator.domain.ids import TopicKey, UserId
from orchestrator.domain.ports import Clock
from orchestrator.domain.records import Chat, Letter

log = structlog.get_logger()

LEAVES_AFTER_MS = 3_600_000
"""How long the bot waits for a yes."""

_AT_ONCE = 1
_RETRY_S = 30.0
_LONGEST_S = 3600.0


class IntroductionStore(Protocol):
    """What is remembered of chats about which admins were asked."""

    async def introduced(self, chat_id: int, who: str) -> None: ...

    async def undecided(self) -> Sequence[tuple[int, str, int]]: ...

    async def leave_at_once(self, chat_id: int) -> None: ...

    async def left(self, chat_id: int) -> None: ...


class Introductions:
    """Asks, approves, leaves. `clock` is UTC epoch milliseconds."""

    def __init__(
        self,
        *,
        telegram: Telegram,
        counter: Counter,
        gate: Gate,
        groups: Groups,
        store: IntroductionStore,
        admins: Sequence[int],
        clock: Clock,
    ) -> None:
        self._telegram = telegram
        self._counter = counter
        self._gate = gate
        self._groups = groups
        self._store = store
        self._admins = admins
        self._clock = clock
        self._woken = anyio.Event()

    async def admin_is_there(self, update_id: int, chat: TelegramChat, topic: TopicKey) -> bool:
        """Ask in the chat itself, once. False if that was done before."""
        await self._see(chat)
        if chat.type == "channel":
            return await self._leave_channel(update_id, chat)
        asked = [reply(topic, None, say_rich("group-asks"), _keyboard(chat.id, "group-work-here"))]
        return await self._asked(update_id, chat.id, asked)

    async def stranger_added(self, update_id: int, chat: TelegramChat, who: str) -> bool:
        """Ask admins in private; nothing is said in the chat. False if they were asked before."""
        await self._see(chat)
        if chat.type == "channel":
            return await self._leave_channel(update_id, chat)
        await self._store.introduced(chat.id, who)
        text = say_rich("group-introduced", who=who, group=named(chat))
        keyboard = _keyboard(chat.id, "group-work-there")
        letters = [reply(TopicKey(admin), None, b.message(text), keyboard) for admin in self._admins]
        return await self._asked(update_id, chat.id, letters)

    async def _leave_channel(self, update_id: int, chat: TelegramChat) -> bool:
        letters = [reply(TopicKey(admin), None, say_rich("group-channel", group=named(chat))) for admin in self._admins]
        if not await self._asked(update_id, chat.id, letters):
            return False
        await self.leave(chat.id)
        return True

    async def _asked(self, update_id: int, chat_id: int, letters: Sequence[Letter]) -> bool:
        if not await self._counter.ask_about_chat(update_id, chat_id, letters):
            return False
        log.info("group.introduced", chat=chat_id)
        self._woken.set()
        return True

    async def _see(self, chat: TelegramChat) -> None:
        await self._counter.see_chat(
            Chat(chat_id=chat.id, type=chat.type, title=chat.title or "", is_forum=bool(chat.is_forum))
        )

    async def approve(self, chat_id: int, user_id: UserId) -> None:
        """An admin lets the bot work in a chat."""
        await self._counter.approve_chat(chat_id, user_id)
        self._gate.approve(chat_id)
        await self._groups.look(chat_id)

    async def leave(self, chat_id: int) -> None:
        """An admin wants the bot to go: it does, now or once Telegram can be reached."""
        await self._store.leave_at_once(chat_id)
        self._woken.set()

    async def is_undecided(self, chat_id: int) -> bool:
        """Whether admins were asked about a chat and have not answered."""
        return any(each == chat_id for each, _, _ in await self._store.undecided())

    async def out(self, chat_id: int) -> None:
        """Somebody removed the bot from a chat where it did not work."""
        await self._store.left(chat_id)

    async def serve(self) -> None:
        """Leave chats for which nobody said yes in time, until cancelled."""
        while True:
            self._woken = anyio.Event()
            try:
                delay_s = await self._leave_due()
            except StoreError as error:
                log.error("introductions.store_refused", error=str(error))  # noqa: TRY400
                delay_s = _RETRY_S
            with anyio.move_on_after(delay_s):
                await self._woken.wait()

    async def _leave_due(self) -> float:
        """Leave what is due; how many seconds until the next is."""
        next_s = _LONGEST_S
        for chat_id, title, asked_at in await self._store.undecided():
            if self._gate.works_in_id(chat_id):
                continue
            left_s = (asked_at + LEAVES_AFTER_MS - self._clock()) / 1000
            if left_s > 0:
                next_s = min(next_s, left_s)
            elif not await self._go(chat_id, title, told=asked_at != _AT_ONCE):
                next_s = min(next_s, _RETRY_S)
        return next_s

    async def _go(self, chat_id: int, title: str, *, told: bool) -> bool:
        """Leave a chat. False if Telegram could not be asked."""
        try:
            await self._telegram.call("leaveChat", {"chat_id": chat_id}, timeout_s=15)
        except RefusedError as error:
            log.info("group.left_before", chat=chat_id, error=str(error))
            told = False
        except CallError as error:
            log.info("group.leaving_failed", chat=chat_id, error=str(error))
            return False
        log.info("group.left", chat=chat_id)
        if told:
            await self._groups.tell_admins(say_rich("group-left", group=f"«{title}»" if title else str(chat_id)))
        await self._store.left(chat_id)
        return True


def named(chat: TelegramChat) -> str:
    """A chat that admins need not know: its name and its id."""
    return say("group-named", title=chat.title or "?", id=str(chat.id))


def _keyboard(chat_id: int, yes: str) -> Keyboard:
    return [
        [
            button(say(yes), Press(Verb.APPROVE_CHAT, str(chat_id)), "success"),
            button(say("group-leave"), Press(Verb.LEAVE_CHAT, str(chat_id)), "danger"),
        ]
    ]
