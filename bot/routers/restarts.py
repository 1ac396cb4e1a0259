"""`/restart`: the bot ends in an orderly way and starts anew. For admins."""

import structlog
from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from bot.address import topic_of
from bot.desk import Desk
from bot.letters import reply
from bot.words.speech import say_rich
from orchestrator.app.restarts import announce

router = Router(name="restarts")
log = structlog.get_logger()


@router.message(Command("restart", ignore_case=True))
async def restart(message: Message, desk: Desk, update_id: int) -> None:
    """Restart, unless the configuration would keep the bot from coming back."""
    key = topic_of(message)
    if not desk.gate.is_admin(message.from_user.id if message.from_user else None):
        await desk.answer(update_id, key, message.message_id, say_rich("restart-only-admins"))
        return
    if fault := desk.restarter.fault():
        await desk.answer(update_id, key, message.message_id, say_rich("restart-refused", fault=fault))
        return
    letter = reply(key, message.message_id, say_rich("restart-begun"))
    if await announce(desk.orchestrator.kit, update_id, letter):
        log.info("app.restart_asked", update=update_id)
        desk.restarter.begin()
