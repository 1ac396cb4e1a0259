"""Drafts: in a private chat the answer grows before the eyes of the one who waits for it.

A draft (Bot API, `sendMessageDraft`) is a bubble that Telegram shows while a message is being written: private
chats only, for 30 s after its last frame or until the bot's next message there. Nothing of it stays, so
nothing depends on it: the live message with its Stop button, requests and the answer are what they are in
groups. Frames are never tried again; a chat that refuses one gets no more of them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import anyio
import structlog
from anyio.abc import TaskGroup

from bot.budget import Budget
from bot.render import builder as b
from bot.render.entities import MAX_TEXT_UNITS, RichText
from bot.render.growing import render_growing
from bot.render.split import split
from bot.telegram import CallError, RefusedError, RetryAfterError, Telegram, UnauthorizedError
from orchestrator.domain.cancel_token import CancelTokens, TurnStopped, bound
from orchestrator.domain.ids import TurnId
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.states import TurnKind

log = structlog.get_logger()

_INTERVAL_S = 1.0
_LONGEST_INTERVAL_S = 15.0
_KEEP_ALIVE_S = 20.0
"""Telegram forgets a draft 30 s after its last frame."""

_CALL_S = 5.0
_SHOWN_CHARS = 3_000
_METHOD = "sendMessageDraft"


@dataclass(slots=True, eq=False)
class _Stream:
    """One turn that is streamed."""

    live: LiveTurn
    dirty: bool = True
    framed_s: float = 0.0


@dataclass(slots=True, eq=False)
class _Chat:
    """The streams of one private chat. Its frames are made one at a time, at least `interval_s` apart."""

    streams: dict[TurnId, _Stream] = field(default_factory=dict)
    woken: anyio.Event = field(default_factory=anyio.Event)
    idle: anyio.Event = field(default_factory=anyio.Event)
    interval_s: float = _INTERVAL_S
    next_s: float = 0.0
    working: bool = False
    refused: bool = False

    def next(self, now: float) -> tuple[float, _Stream] | None:
        """The stream that goes next and when; those with something new first, then the oldest frame."""
        due = [(self._due(each), each) for each in self.streams.values() if not each.live.waits_for_person]
        return min(due, key=lambda pair: (max(now, pair[0]), pair[1].framed_s), default=None)

    def _due(self, stream: _Stream) -> float:
        return max(self.next_s, 0.0 if stream.dirty else stream.framed_s + _KEEP_ALIVE_S)


class Drafts:
    """Streams what agents say in private chats. `serve` owns it; a companion of the presenter.

    `now_s` is monotonic. Where `wanted` is false it does nothing.
    """

    def __init__(
        self,
        telegram: Telegram,
        tokens: CancelTokens,
        budget: Budget,
        *,
        wanted: bool = True,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._telegram = telegram
        self._tokens = tokens
        self._budget = budget
        self._now_s = now_s
        self._chats: dict[int, _Chat] = {}
        self._of: dict[TurnId, _Chat] = {}
        self._wanted = wanted
        self._tasks: TaskGroup | None = None

    def opened(self, live: LiveTurn) -> None:
        """A turn works: what it says is streamed, if it has a private chat to itself."""
        turn = live.turn
        # Private chats have the positive ids of their people (Bot API, `Chat.id`).
        if not self._wanted or turn.topic.chat_id <= 0 or turn.kind is TurnKind.TASK:
            return
        chat = self._chats.setdefault(turn.topic.chat_id, _Chat())
        if chat.refused:
            return
        chat.streams.setdefault(turn.id, _Stream(live)).live = live
        self._of[turn.id] = chat
        self._wake(turn.topic.chat_id, chat)

    def changed(self, turn_id: TurnId) -> None:
        """The agent said more, or waits for somebody, or goes on."""
        chat = self._of.get(turn_id)
        if chat is not None:
            chat.streams[turn_id].dirty = True
            self._wake(chat.streams[turn_id].live.turn.topic.chat_id, chat)

    def shown(self, turn_id: TurnId) -> None:
        """A message takes the draft away: the next frame brings it back."""
        chat = self._of.get(turn_id)
        if chat is not None:
            chat.streams[turn_id].dirty = True

    def over(self, turn_id: TurnId) -> None:
        """The answer comes, or nothing does: no more frames."""
        chat = self._of.pop(turn_id, None)
        if chat is not None:
            chat.streams.pop(turn_id, None)

    def streams(self, turn_id: TurnId) -> bool:
        """Whether people see there what the agent says."""
        return turn_id in self._of

    async def hush(self, chat_id: int) -> None:
        """Wait until no frame is under way: one that came after the answer would stay below it."""
        chat = self._chats.get(chat_id)
        while chat is not None and chat.working and not chat.idle.is_set():
            await chat.idle.wait()

    async def serve(self) -> None:
        """Stream until cancelled."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            try:
                for chat_id, chat in self._chats.items():
                    self._wake(chat_id, chat)
                await anyio.sleep_forever()
            finally:
                self._tasks = None

    def _wake(self, chat_id: int, chat: _Chat) -> None:
        chat.woken.set()
        if not chat.working and self._tasks is not None:
            chat.working = True
            chat.idle.set()
            self._tasks.start_soon(self._work, chat_id, chat, name=f"drafts of {chat_id}")

    async def _work(self, chat_id: int, chat: _Chat) -> None:
        """Make the frames of one chat; ends when nothing is streamed there."""
        try:
            while chat.streams:
                chat.woken = anyio.Event()
                now = self._now_s()
                chat.next_s = max(chat.next_s, now + self._budget.silence_left(chat_id, now))
                found = chat.next(now)
                if found is None or found[0] > now:
                    with anyio.move_on_after(None if found is None else found[0] - now):
                        await chat.woken.wait()
                    continue
                chat.idle = anyio.Event()
                try:
                    await self._frame(chat_id, chat, found[1])
                finally:
                    chat.idle.set()
        finally:
            chat.working = False

    async def _frame(self, chat_id: int, chat: _Chat, stream: _Stream) -> None:
        turn, rich = stream.live.turn, draft_text(stream.live)
        params: dict[str, Any] = {
            "chat_id": chat_id,
            "draft_id": int(turn.id),
            "text": rich.text,
            "can_stop": True,
            "keep_on_stop": True,
        }
        if turn.topic.thread_id is not None:
            params["message_thread_id"] = turn.topic.thread_id
        if rich.entities:
            params["entities"] = rich.entity_dicts()
        stream.dirty = False
        try:
            with bound(self._tokens.find(turn.id)):
                await self._telegram.call(_METHOD, params, timeout_s=_CALL_S)
        except TurnStopped:
            self.over(turn.id)
        except RetryAfterError as error:
            # The frame is skipped, and the chat's messages are silent too: they share what Telegram gives. It
            # publishes no limits for drafts; from now on there are fewer.
            chat.interval_s = min(_LONGEST_INTERVAL_S, chat.interval_s * 2)
            self._budget.freeze(chat_id, self._now_s() + error.seconds)
            stream.dirty = True
            return
        except (RefusedError, UnauthorizedError) as error:
            self._latch_off(chat, error)
        except CallError as error:
            log.debug("draft.failed", chat=chat_id, error=str(error))
        stream.framed_s = self._now_s()
        chat.next_s = stream.framed_s + chat.interval_s

    def _latch_off(self, chat: _Chat, error: CallError) -> None:
        """No drafts here: the live message alone shows what the agent says, and is edited as in groups."""
        log.info("drafts.refused", error=str(error))
        chat.refused = True
        for turn_id in list(chat.streams):
            self.over(turn_id)


def draft_text(live: LiveTurn) -> RichText:
    """What a draft shows: the end of what the agent says, as it will look. Empty means «Thinking…»."""
    said = live.progress.tail.strip()
    cut = said[-_SHOWN_CHARS:]
    if len(cut) < len(said):
        cut = cut.split("\n", 1)[-1] if "\n" in cut else cut
        rich = b.message("…\n", render_growing(cut))
    else:
        rich = render_growing(cut)
    parts = split(rich, MAX_TEXT_UNITS)
    return parts[0] if parts else RichText()
