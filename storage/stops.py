"""The last stop of each topic and chat: where the line is between what was sent before it and after it.

A stop overtakes prompts that were sent before it, and the bot may end between both. Updates are told
apart by `update_id`, which Telegram counts up, but begins anew somewhere after a week of silence (Bot
API, `Update`); so a line holds for a day, which is as long as Telegram keeps updates.
"""

from orchestrator.domain.ids import TopicKey
from storage.database import Transaction
from storage.topics import thread_column

_WHOLE_CHAT = -1
_HOLDS_MS = 24 * 3_600_000
_DRAW = """
    INSERT INTO stops (chat_id, thread_id, update_id, everything, at)
    VALUES (:chat_id, :thread_id, :update_id, :everything, :at)
    ON CONFLICT (chat_id, thread_id) DO UPDATE SET update_id = :update_id, everything = :everything, at = :at
"""
_BEHIND = """
    SELECT 1 FROM stops
    WHERE chat_id = :chat_id AND thread_id IN (:thread_id, :whole_chat) AND update_id > :update_id AND at > :since
        AND (everything = 1 OR :task = 0)
"""


async def draw_line(
    tx: Transaction, key: TopicKey, update_id: int, at: int, *, everything: bool, whole_chat: bool
) -> None:
    """What was sent before this update does not start by itself any more: prompts, with `everything` tasks too."""
    await tx.execute(
        _DRAW,
        {
            "chat_id": key.chat_id,
            "thread_id": _WHOLE_CHAT if whole_chat else thread_column(key),
            "update_id": update_id,
            "everything": int(everything),
            "at": at,
        },
    )


async def is_behind_line(tx: Transaction, key: TopicKey, update_id: int | None, at: int, *, task: bool) -> bool:
    """Whether a prompt or a task was sent before the last stop that concerns it."""
    return update_id is not None and await _is_stopped(tx, key, update_id=update_id, since=at - _HOLDS_MS, task=task)


async def was_stopped_after(tx: Transaction, key: TopicKey, at: int, *, task: bool) -> bool:
    """Whether a stop that would have concerned a turn was accepted after this moment."""
    return await _is_stopped(tx, key, update_id=-1, since=at, task=task)


async def _is_stopped(tx: Transaction, key: TopicKey, *, update_id: int, since: int, task: bool) -> bool:
    row = await tx.row(
        _BEHIND,
        {
            "chat_id": key.chat_id,
            "thread_id": thread_column(key),
            "whole_chat": _WHOLE_CHAT,
            "update_id": update_id,
            "since": since,
            "task": int(task),
        },
    )
    return row is not None
