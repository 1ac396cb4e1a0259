"""`/steer`, and replies to a live message: said into the turn at work."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.address import replied_message_id, topic_of
from bot.desk import Desk
from bot.origin import origin_of
from bot.words.speech import say_rich
from orchestrator.domain.commands import Origin, SteerTurn
from orchestrator.domain.ids import TurnId
from orchestrator.domain.states import TERMINAL_STATES, TurnState

router = Router(name="steering")


@router.message(Command("steer", ignore_case=True))
async def steer(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """Say something to the agent while it works."""
    text = (command.args or "").strip()
    if not text:
        hint = say_rich("steer-usage")
        await desk.answer(update_id, topic_of(message), message.message_id, hint)
        return
    replied = replied_message_id(message)
    turn_id = None if replied is None else await _live_turn(message, desk, replied)
    say_into(message, desk, origin_of(message, update_id), text, turn_id)


async def live_turn_of_reply(message: Message, desk: Desk) -> TurnId | None:
    """The turn at work whose live message was replied to."""
    replied = replied_message_id(message)
    return None if replied is None else await _live_turn(message, desk, replied)


async def _live_turn(message: Message, desk: Desk, replied: int) -> TurnId | None:
    turn = await desk.counter.turn_of_message(message.chat.id, replied)
    if turn is None or turn.live_message_id != replied or turn.topic != topic_of(message):
        return None
    return None if turn.state in TERMINAL_STATES or turn.state is TurnState.STOPPING else turn.id


def say_into(message: Message, desk: Desk, origin: Origin, text: str, turn_id: TurnId | None) -> None:
    """Say something into a turn at work; without a `turn_id` into that of the conversation."""
    desk.reactions.put(message.chat.id, message.message_id, "👀")
    desk.orchestrator.submit(topic_of(message), SteerTurn(origin=origin, text=text, turn_id=turn_id))
