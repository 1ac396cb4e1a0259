"""`/stop`, `/stop_all`, `/retry`, `/resume`. What each takes is in `orchestrator.domain.reach`."""

import re

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.address import replied_message_id, topic_of
from bot.desk import Desk
from bot.origin import origin_of
from bot.words.speech import say_rich
from orchestrator.domain.commands import Resume, Retry
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.reach import Way
from orchestrator.domain.records import Turn
from orchestrator.domain.states import TurnKind, TurnState

router = Router(name="stopping")

_CLI_SESSION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{2,127}")


@router.message(Command("stop", ignore_case=True))
async def stop(message: Message, desk: Desk, update_id: int) -> None:
    """Stop this topic's turn, or what was replied to."""
    key, origin = topic_of(message), origin_of(message, update_id)
    desk.reactions.put(message.chat.id, message.message_id, "👌", first=True)
    replied = replied_message_id(message)
    turn = None if replied is None else await desk.counter.turn_of_message(message.chat.id, replied)
    if turn is not None and (way := _meant_by_reply(turn)) is not None:
        desk.orchestrator.stop(turn.topic, way, origin, turn_id=turn.id)
        return
    way = Way.IN_TOPIC if await has_topics(desk, message, key) else Way.IN_CHAT
    desk.orchestrator.stop(key, way, origin)


def _meant_by_reply(turn: Turn) -> Way | None:
    """What a reply to a turn's message means; None if it means the topic."""
    if turn.kind is TurnKind.TASK:
        return Way.REPLY_TO_TASK
    return Way.REPLY_TO_WAITING if turn.state is TurnState.QUEUED else None


async def has_topics(desk: Desk, message: Message, key: TopicKey) -> bool:
    """Whether a chat is divided into topics; `is_forum` may be missing where `is_topic_message` is set."""
    if key.thread_id is not None or message.chat.is_forum:
        return True
    return any(topic.key.thread_id is not None for topic in await desk.counter.topics_of(message.chat.id))


@router.message(Command("stop_all", ignore_case=True))
async def stop_all(message: Message, desk: Desk, update_id: int) -> None:
    """Stop everything in the chat."""
    if not desk.gate.is_admin(message.from_user.id if message.from_user else None):
        text = say_rich("stop-all-only-admins")
        await desk.answer(update_id, topic_of(message), message.message_id, text)
        return
    desk.reactions.put(message.chat.id, message.message_id, "👌", first=True)
    desk.orchestrator.stop_all(topic_of(message), origin_of(message, update_id))


@router.message(Command("retry", ignore_case=True))
async def retry(message: Message, desk: Desk, update_id: int) -> None:
    """The last prompt again."""
    desk.orchestrator.submit(topic_of(message), Retry(origin=origin_of(message, update_id)))


@router.message(Command("resume", ignore_case=True))
async def resume(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """What was interrupted, or a session by the agent's own id."""
    key, words = topic_of(message), (command.args or "").split()
    if len(words) > 1 or (words and not _CLI_SESSION_ID.fullmatch(words[0])):
        usage = say_rich("recovery-usage")
        await desk.answer(update_id, key, message.message_id, usage)
        return
    submitted = Resume(origin=origin_of(message, update_id), cli_session_id=words[0] if words else "")
    desk.orchestrator.submit(key, submitted)
