"""`/steer`, and replies to a live message: said into the turn at work."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.address import replied_message_id, topic_of
from bot.desk import Desk
from bot.origin import origin_of
from bot.render import builder as b
from orchestrator.domain.commands import SteerTurn
from orchestrator.domain.ids import TurnId
from orchestrator.domain.states import TERMINAL_STATES, TurnState

router = Router(name="steering")


@router.message(Command("steer", ignore_case=True))
async def steer(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """Say something to the agent while it works."""
    text = (command.args or "").strip()
    if not text:
        hint = b.message("⚠ What should it be told? Write ", b.code("/steer TEXT"), ", or reply to its live message.")
        await desk.answer(update_id, topic_of(message), message.message_id, hint)
        return
    replied = replied_message_id(message)
    _submit(message, desk, update_id, text, None if replied is None else await _live_turn(message, desk, replied))


async def take_reply(message: Message, desk: Desk, update_id: int) -> bool:
    """Whether a message replied to the live message of a turn at work; then it is said into that."""
    replied = replied_message_id(message)
    turn_id = None if replied is None else await _live_turn(message, desk, replied)
    if turn_id is None:
        return False
    _submit(message, desk, update_id, message.text or "", turn_id)
    return True


async def _live_turn(message: Message, desk: Desk, replied: int) -> TurnId | None:
    turn = await desk.counter.turn_of_message(message.chat.id, replied)
    if turn is None or turn.live_message_id != replied or turn.topic != topic_of(message):
        return None
    return None if turn.state in TERMINAL_STATES or turn.state is TurnState.STOPPING else turn.id


def _submit(message: Message, desk: Desk, update_id: int, text: str, turn_id: TurnId | None) -> None:
    command = SteerTurn(origin=origin_of(message, update_id), text=text, turn_id=turn_id)
    desk.reactions.put(message.chat.id, message.message_id, "👀")
    desk.orchestrator.submit(topic_of(message), command)
