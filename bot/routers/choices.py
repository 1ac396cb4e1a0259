"""`/agent`, `/model`, `/mode`: show or set, for this topic."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.address import topic_of
from bot.desk import Desk
from bot.menus.menu import open_menu
from bot.menus.settings_pages import CHOICES
from bot.origin import origin_of
from orchestrator.domain.commands import Choose, Origin, Setting
from orchestrator.domain.ids import TopicKey

router = Router(name="choices")

_COMMANDS = {
    "agent": Setting.AGENT,
    "model": Setting.MODEL,
    "mode": Setting.MODE,
}

BY_ANYBODY = frozenset({*_COMMANDS.values(), Setting.PROJECT, Setting.DIRECTORY})
"""What everybody may set who may use the bot; the other settings are for admins."""

_DEFAULT = "default"


@router.message(Command(*_COMMANDS, ignore_case=True))
async def choice(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """Show what is chosen, with buttons for what can be; or set it."""
    setting = _COMMANDS[command.command.lower()]
    key, value = topic_of(message), (command.args or "").strip()
    if value:
        submit(desk, key, origin_of(message, update_id), setting, value)
        return
    await open_menu(message, desk, update_id, CHOICES, (setting.value,))


def submit(desk: Desk, key: TopicKey, origin: Origin, setting: Setting, value: str) -> None:
    """Set one thing; `default` goes back to what holds without a choice."""
    chosen = "" if value == _DEFAULT else value
    desk.orchestrator.submit(key, Choose(origin=origin, setting=setting, value=chosen))
