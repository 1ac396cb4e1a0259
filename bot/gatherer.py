"""Gathering: messages that are one prompt wait for each other.

Nothing of it is stored: the updates stay in the inbox until the one change that stores their prompt marks all of them
as done, so after a kill they come again and are gathered again.
"""

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import anyio
import structlog
from aiogram.types import InaccessibleMessage, Message, Update
from anyio.abc import TaskGroup

from bot.address import replied_message_id, topic_of
from bot.command_list import COMMANDS
from bot.gathering import COMMENT_S, LONGEST_S, WINDOW_S, Piece, comments_among, goes_on, is_complete, joins, opens
from bot.render.entities import utf16_len
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.records import StoredUpdate

log = structlog.get_logger()

_OURS = frozenset(each.name for each in COMMANDS) | {"start"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A message of a prompt, and the updates that are done with it.

    `goes_on`: it is the rest of the text before it. `follows` is the message that was a comment on it, if that went
    on its way before.
    """

    message: Message
    update_ids: tuple[int, ...]
    goes_on: bool = False
    follows: int | None = None


class Deliver(Protocol):
    """Makes a prompt of messages."""

    def __call__(self, key: TopicKey, gathered: Sequence[Gathered], /) -> Awaitable[None]: ...


@dataclass(slots=True)
class _Bundle:
    """What was gathered so far."""

    pieces: list[Piece] = field(default_factory=list)
    messages: list[Gathered] = field(default_factory=list)
    ends_s: float = math.inf
    due_s: float = 0.0
    grown: anyio.Event = field(default_factory=anyio.Event)


class Gatherer:
    """One bundle a topic at most. `deliver` gets prompts in the order in which they were sent.

    `failed` is told of updates whose bundle could not be delivered. `now_s` is monotonic.
    """

    def __init__(
        self,
        *,
        tasks: TaskGroup,
        deliver: Deliver,
        failed: Callable[[int, Exception], None],
        now_s: Callable[[], float] = anyio.current_time,
        window_s: float = WINDOW_S,
    ) -> None:
        self._tasks = tasks
        self._deliver = deliver
        self._failed = failed
        self._now_s = now_s
        self._window_s = window_s
        self._open: dict[TopicKey, _Bundle] = {}
        self._locks: dict[TopicKey, anyio.Lock] = {}
        self._comments: frozenset[int] = frozenset()
        self._last: dict[TopicKey, Message] = {}

    def expect(self, batch: Sequence[StoredUpdate]) -> None:
        """These updates are handled next, in this order."""
        self._comments |= comments_among([(each.update_id, each.raw) for each in batch])

    async def take(self, message: Message, update_id: int) -> None:
        """Deliver a message, or let it wait for those that belong to it."""
        key = topic_of(message)
        piece = piece_of(message, comments=update_id in self._comments)
        self._comments -= {update_id}
        async with self._lock(key):
            bundle = self._open.get(key)
            if bundle is not None and joins(bundle.pieces, piece):
                self._add(bundle, piece, message, update_id)
                if is_complete(bundle.pieces):
                    await self._close(key)
                return
            await self._close(key)
            before = self._last.pop(key, None)
            if not opens(piece):
                self._last[key] = message
                await self._deliver(key, [Gathered(message=message, update_ids=(update_id,))])
                return
            bundle = self._open[key] = _Bundle(ends_s=self._now_s() + LONGEST_S)
            self._add(bundle, piece, message, update_id)
            if before is not None and piece.forwarded and is_comment(before, message):
                bundle.messages[0] = replace(bundle.messages[0], follows=before.message_id)
            self._tasks.start_soon(self._wait, key, bundle, name=f"gathering in {key}")

    async def edited(self, message: Message, update_id: int) -> bool:
        """Whether a message that was changed is still being gathered; then it counts as it is now."""
        key = topic_of(message)
        if key not in self._open:
            return False
        async with self._lock(key):
            bundle = self._open.get(key)
            for nth, each in enumerate(bundle.messages if bundle is not None else ()):
                if each.message.message_id == message.message_id and bundle is not None:
                    bundle.messages[nth] = replace(each, message=message, update_ids=(*each.update_ids, update_id))
                    return True
        return False

    async def before(self, update: Update) -> None:
        """Something else happens: what is gathered there was sent before it."""
        if not self._open:
            return
        if update.message is not None:
            word = _command(update.message)
            if word == "stop_all":
                for key in [each for each in self._open if each.chat_id == update.message.chat.id]:
                    await self.close(key)
            elif word in _OURS:
                await self.close(topic_of(update.message))
        elif update.callback_query is not None and update.callback_query.message is not None:
            pressed = update.callback_query.message
            keys = [each for each in self._open if each.chat_id == pressed.chat.id]
            known = not isinstance(pressed, InaccessibleMessage)
            for key in keys:
                if not known or (isinstance(pressed, Message) and topic_of(pressed) == key):
                    await self.close(key)

    async def close(self, key: TopicKey) -> None:
        """Deliver what was gathered in a topic."""
        async with self._lock(key):
            await self._close(key)

    def _lock(self, key: TopicKey) -> anyio.Lock:
        return self._locks.setdefault(key, anyio.Lock())

    def _add(self, bundle: _Bundle, piece: Piece, message: Message, update_id: int) -> None:
        rest = bool(bundle.pieces) and goes_on(bundle.pieces[-1], piece)
        bundle.pieces.append(piece)
        bundle.messages.append(Gathered(message=message, update_ids=(update_id,), goes_on=rest))
        bundle.due_s = min(self._now_s() + self._window_s, bundle.ends_s)
        bundle.grown.set()

    async def _wait(self, key: TopicKey, bundle: _Bundle) -> None:
        while (left := bundle.due_s - self._now_s()) > 0 and self._open.get(key) is bundle:
            bundle.grown = anyio.Event()
            with anyio.move_on_after(left):
                await bundle.grown.wait()
        async with self._lock(key):
            if self._open.get(key) is bundle:
                await self._close(key)

    async def _close(self, key: TopicKey) -> None:
        bundle = self._open.pop(key, None)
        if bundle is None:
            return
        bundle.grown.set()
        try:
            await self._deliver(key, bundle.messages)
        except Exception as error:
            # Whatever it was, the updates are handled again, and what comes next gets its turn.
            log.exception("gathering.failed", topic=str(key))
            for update_id in [each for gathered in bundle.messages for each in gathered.update_ids]:
                self._failed(update_id, error)


def piece_of(message: Message, *, comments: bool = False) -> Piece:
    """What of a message says whether it belongs to others."""
    sender = message.sender_chat.id if message.sender_chat is not None else None
    if sender is None and message.from_user is not None:
        sender = message.from_user.id
    return Piece(
        sender=sender,
        units=utf16_len(message.text or ""),
        album=message.media_group_id or "",
        forwarded=message.forward_origin is not None,
        replies=replied_message_id(message) is not None,
        comments=comments,
    )


def is_comment(before: Message, forwarded: Message) -> bool:
    """Whether a message that was delivered is a comment on what is forwarded now."""
    same = piece_of(before).sender == piece_of(forwarded).sender
    late = (forwarded.date - before.date).total_seconds()
    return same and bool(before.text) and before.forward_origin is None and late <= COMMENT_S


def _command(message: Message) -> str:
    text = message.text or ""
    word = text.split(maxsplit=1)[0] if text.startswith("/") else ""
    return word[1:].partition("@")[0].lower()
