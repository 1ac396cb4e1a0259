"""The stop button of a draft in a private chat. Telegram only stops showing the draft; the rest is ours."""

from aiogram import Router
from aiogram.types import MessageGenerationStopped

from bot.desk import Desk
from orchestrator.domain.commands import Origin
from orchestrator.domain.ids import TurnId, UserId
from orchestrator.domain.reach import Way
from orchestrator.domain.states import TERMINAL_STATES

router = Router(name="drafts")


@router.stopped_message_generation()
async def stopped(event: MessageGenerationStopped, desk: Desk, update_id: int) -> None:
    """Stop the turn whose draft it was, and no other; a private chat has the id of its only person."""
    turn = await desk.counter.turn(TurnId(event.draft_id))
    if turn is None or turn.topic.chat_id != event.chat.id or turn.state in TERMINAL_STATES:
        await desk.send(update_id, [])
        return
    origin = Origin(update_id=update_id, user_id=UserId(event.chat.id), user_name=event.chat.full_name)
    desk.orchestrator.stop(turn.topic, Way.LIVE_BUTTON, origin, turn_id=turn.id, reply_to=turn.reply_to)
