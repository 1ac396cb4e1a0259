"""Names topics after their first prompt, if that is wanted: once, and never one that a person named.

It is no message, so it spends nothing of the message budget. What goes wrong is logged and not tried again.
"""

from typing import Protocol

import anyio
import structlog

from bot.telegram import CallError, NotTakenError, RetryAfterError, Telegram
from bot.topic_titles import icon_for, is_placeholder, title_of
from orchestrator.domain.errors import StoreError
from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.ports import LiveTurn

log = structlog.get_logger()

_MOST_WAITING = 200
_TRIES = 3


class TitleStore(Protocol):
    """What is remembered of topics' names."""

    async def set_implicit(self, key: TopicKey, *, implicit: bool) -> None: ...

    async def take(self, key: TopicKey) -> bool: ...


class Namer:
    """Is told of every turn at work (as a companion of live messages) and of every name."""

    def __init__(self, telegram: Telegram, store: TitleStore, *, name: bool, icon: bool) -> None:
        self._telegram = telegram
        self._store = store
        self._wants_name = name
        self._wants_icon = icon
        self._send, self._receive = anyio.create_memory_object_stream[tuple[TopicKey, str, str]](_MOST_WAITING)

    async def created(self, key: TopicKey, name: str, *, is_implicit: bool) -> None:
        """A topic is new."""
        if is_placeholder(name, is_implicit=is_implicit):
            await self._store.set_implicit(key, implicit=True)

    async def renamed(self, key: TopicKey) -> None:
        """A person chose a name: it stays."""
        await self._store.set_implicit(key, implicit=False)

    async def serve(self) -> None:
        """Name topics until cancelled."""
        async with self._receive:
            async for key, prompt, subject in self._receive:
                try:
                    if await self._store.take(key):
                        await self._name(key, prompt, subject)
                except StoreError as error:
                    log.warning("topic.not_named", topic=str(key), error=str(error))

    async def _name(self, key: TopicKey, prompt: str, subject: str) -> None:
        params: dict[str, object] = {"chat_id": key.chat_id, "message_thread_id": key.thread_id}
        if self._wants_name and (title := title_of(prompt)):
            params["name"] = title
        try:
            if self._wants_icon and (icon := await self._icon(subject)):
                params["icon_custom_emoji_id"] = icon
            if len(params) > 2:
                await self._call("editForumTopic", params)
                log.info("topic.named", chat=key.chat_id, thread=key.thread_id)
        except CallError as error:
            log.warning("topic.not_named", chat=key.chat_id, thread=key.thread_id, error=str(error))

    async def _icon(self, subject: str) -> str:
        stickers = await self._call("getForumTopicIconStickers", {})
        return icon_for(subject, stickers) if isinstance(stickers, list) else ""

    async def _call(self, method: str, params: dict[str, object]) -> object:
        for _ in range(_TRIES - 1):
            try:
                return await self._telegram.call(method, params, timeout_s=15)
            except RetryAfterError as error:
                await anyio.sleep(error.seconds)
            except NotTakenError:
                await anyio.sleep(1.0)
        return await self._telegram.call(method, params, timeout_s=15)

    # As a companion of live messages

    def opened(self, live: LiveTurn) -> None:
        """A turn works: its prompt may be the first of its topic."""
        turn = live.turn
        if turn.topic.thread_id is None or turn.by_agent or not (self._wants_name or self._wants_icon):
            return
        try:
            self._send.send_nowait((turn.topic, turn.prompt, f"{live.agent} {live.directory}"))
        except anyio.WouldBlock:
            log.info("topic.not_named", topic=str(turn.topic), error="too many at once")

    def changed(self, turn_id: TurnId) -> None:
        """Nothing of it matters."""

    def shown(self, turn_id: TurnId) -> None:
        """Nothing of it matters."""

    def over(self, turn_id: TurnId) -> None:
        """Nothing of it matters."""

    def streams(self, turn_id: TurnId) -> bool:
        """It shows nothing."""
        del turn_id
        return False
