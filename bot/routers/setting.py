"""`/settings`: what is chosen for this topic, as a menu; `/settings NAME VALUE` sets one thing. For admins."""

from collections.abc import Mapping
from types import MappingProxyType

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.address import topic_of
from bot.desk import Desk
from bot.menus.menu import open_menu
from bot.menus.settings_pages import SETTINGS
from bot.origin import origin_of
from bot.routers import choices
from bot.words.speech import say_rich
from orchestrator.domain.commands import Setting

router = Router(name="setting")

_NAMES: Mapping[str, Setting] = MappingProxyType(
    {
        "agent": Setting.AGENT,
        "model": Setting.MODEL,
        "mode": Setting.MODE,
        "project": Setting.PROJECT,
        "dir": Setting.DIRECTORY,
        "verbosity": Setting.VERBOSITY,
        "busy": Setting.WHEN_BUSY,
    }
)
_MORE_NAMES: Mapping[str, str] = MappingProxyType(
    {"directory": "dir", "when_busy": "busy", "when-busy": "busy", "live": "verbosity"}
)


@router.message(Command("settings", ignore_case=True))
async def settings(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """The menu, one page of it, or a setting at once."""
    key, origin = topic_of(message), origin_of(message, update_id)
    if not desk.gate.is_admin(origin.user_id):
        await desk.answer(update_id, key, message.message_id, say_rich("settings-only-admins"))
        return
    name, _, value = (command.args or "").strip().partition(" ")
    name = _MORE_NAMES.get(name.lower(), name.lower())
    setting = _NAMES.get(name)
    if name and setting is None:
        await desk.answer(
            update_id, key, message.message_id, say_rich("settings-unknown", name=name, names=", ".join(_NAMES))
        )
    elif setting is None or not value.strip():
        await open_menu(message, desk, update_id, SETTINGS, (name,) if name else ())
    else:
        choices.submit(desk, key, origin, setting, value.strip())
