"""The bot's place in its groups: whether it is inside, which rights it has, and what follows when that changes.

Telegram is asked each time: at start, when an update tells of a change (Bot API, `my_chat_member`), and when a
message is refused. What became worse is told to admins in private, once; what was held is delivered once it can be.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

import anyio
import structlog

from bot.letters import reply
from bot.render import builder as b
from bot.render.entities import RichText
from bot.rights import checklist, standing_of
from bot.telegram import CallError, MigratedError, RefusedError, Telegram
from bot.words.speech import say_rich
from orchestrator.app.counter import Counter
from orchestrator.domain.errors import StoreError
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.records import Chat
from orchestrator.domain.standing import NEEDED, Right, Standing

log = structlog.get_logger()

_ANSWER_S = 15.0
_MOST_WAITING = 1000
_STORE_RETRY_S = 5.0


class StandingStore(Protocol):
    """What is remembered of the bot's place in its chats."""

    async def get(self, chat_id: int) -> Standing: ...

    async def put(self, chat_id: int, standing: Standing) -> None: ...

    async def held_in(self, chat_id: int) -> Sequence[TopicKey]: ...


class Groups:
    """Looks at one group after the other. `migrated` is told of groups that became supergroups."""

    def __init__(
        self,
        *,
        telegram: Telegram,
        counter: Counter,
        store: StandingStore,
        migrated: Callable[[int, int], Awaitable[None]],
        admins: Sequence[int],
        me_id: int,
        username: str,
        reads_all: bool,
    ) -> None:
        self._telegram = telegram
        self._counter = counter
        self._store = store
        self._migrated = migrated
        self._admins = admins
        self._me_id = me_id
        self._username = username
        self._reads_all = reads_all
        self._looking = anyio.Lock()
        self._send, self._receive = anyio.create_memory_object_stream[int](_MOST_WAITING)

    async def serve(self, chats: Iterable[int]) -> None:
        """Look at these chats now, and at others when something is said of them, until cancelled."""
        for chat_id in chats:
            await self._look_safely(chat_id)
        async with self._receive:
            async for chat_id in self._receive:
                await self._look_safely(chat_id)

    async def _look_safely(self, chat_id: int) -> None:
        while True:
            try:
                await self.look(chat_id)
            except StoreError as error:
                log.error("groups.store_refused", chat=chat_id, error=str(error))  # noqa: TRY400
                await anyio.sleep(_STORE_RETRY_S)
            except Exception:
                # One group that can't be understood must not take the bot down.
                log.exception("groups.look_failed", chat=chat_id)
                return
            else:
                return

    def look_soon(self, chat_id: int) -> None:
        """Look at a group beside what happens now; after a crash the next life does it at its start."""
        try:
            self._send.send_nowait(chat_id)
        except anyio.WouldBlock:
            log.warning("groups.too_many_changes", chat=chat_id)

    async def standing(self, chat_id: int) -> Standing:
        """As last seen."""
        return await self._store.get(chat_id)

    async def named(self, chat_id: int) -> str:
        """A chat as people know it."""
        chat = await self._counter.chat(chat_id)
        return f"«{chat.title}»" if chat is not None and chat.title else str(chat_id)

    async def lacks(self, chat_id: int) -> Sequence[RichText]:
        """What is missing in a group, one line each, as last seen."""
        return checklist((await self._store.get(chat_id)).missing, self._username)

    async def look(self, chat_id: int) -> Standing | None:
        """What the bot may do in a group now; None if Telegram can't say. Tells what changed, and acts on it."""
        async with self._looking:
            now = await self._ask(chat_id)
            if now is None:
                return None
            before = await self._store.get(chat_id)
            if now != replace(before, introduced_by=""):
                log.info("group.standing", chat=chat_id, inside=now.inside, missing=sorted(now.missing))
            await self._tell(chat_id, before, now)
            await self._store.put(chat_id, now)
            return now

    async def _ask(self, chat_id: int) -> Standing | None:
        try:
            chat = await self._telegram.call("getChat", {"chat_id": chat_id}, timeout_s=_ANSWER_S)
            about = {"chat_id": chat_id, "user_id": self._me_id}
            member = await self._telegram.call("getChatMember", about, timeout_s=_ANSWER_S)
        except MigratedError as error:
            await self._migrated(chat_id, error.chat_id)
            return None
        except RefusedError as error:
            log.info("group.closed_to_us", chat=chat_id, error=str(error))
            return Standing(inside=False)
        except CallError as error:
            log.info("group.not_looked_at", chat=chat_id, error=str(error))
            return None
        if not isinstance(chat, dict) or not isinstance(member, dict):
            return None
        title, is_forum = str(chat.get("title") or ""), bool(chat.get("is_forum"))
        await self._counter.see_chat(
            Chat(chat_id=chat_id, type=str(chat.get("type") or ""), title=title, is_forum=is_forum)
        )
        return standing_of(chat, member, reads_all=self._reads_all)

    async def _tell(self, chat_id: int, before: Standing, now: Standing) -> None:
        held = 0
        if now.can_write and (not before.can_write or now.missing < before.missing):
            held = await self._release(chat_id)
        group = await self.named(chat_id)
        lost = (now.missing - before.missing - {Right.FORUM}) if before.inside is not None else frozenset()
        if before.inside is None and now.can_write:
            return
        if now.inside is False:
            if before.inside:
                await self.tell_admins(say_rich("group-out", group=group, bot=self._username))
        elif not now.can_write and before.can_write:
            await self.tell_admins(
                say_rich("group-muted", group=group), *checklist(now.missing & NEEDED, self._username)
            )
        elif now.can_write and not before.can_write:
            await self.tell_admins(say_rich("group-back", group=group, n=held))
        elif lost:
            await self.tell_admins(say_rich("group-weaker", group=group), *checklist(lost, self._username))

    async def _release(self, chat_id: int) -> int:
        return sum([await self._counter.topic_condition(key, "open") for key in await self._store.held_in(chat_id)])

    async def tell_admins(self, *lines: RichText) -> None:
        """Say something to every admin in private."""
        text = b.message(b.lines(*lines))
        await self._counter.answer(None, [reply(TopicKey(admin), None, text) for admin in self._admins])
