"""`/project`, `/dir`, `/worktree`, `/diff`: where a topic works, and what changed there."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.address import topic_of
from bot.desk import Desk
from bot.menus import places
from bot.menus.menu import open_menu
from bot.origin import origin_of
from orchestrator.domain.commands import Choose, OpenWorktree, Setting, ShowDiff, TendWorktree
from orchestrator.domain.worktrees import Deed

router = Router(name="projects")

_DEFAULT = "default"


@router.message(Command("project", "dir", ignore_case=True))
async def where(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """Show where the topic works, with what it can be; or set it. `default` goes back to what holds without."""
    setting = Setting.PROJECT if command.command.lower() == "project" else Setting.DIRECTORY
    value = (command.args or "").strip()
    if not value:
        await open_menu(message, desk, update_id, places.AREA, ("b",) if setting is Setting.DIRECTORY else ())
        return
    chosen = Choose(
        origin=origin_of(message, update_id), setting=setting, value="" if value.lower() == _DEFAULT else value
    )
    desk.orchestrator.submit(topic_of(message), chosen)


@router.message(Command("worktree", ignore_case=True))
async def worktree(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """Give the topic a worktree of its own: `/worktree BRANCH`; without a branch the one that it has is shown."""
    origin, branch = origin_of(message, update_id), (command.args or "").strip()
    if branch:
        desk.orchestrator.submit(topic_of(message), OpenWorktree(origin=origin, branch=branch))
    else:
        desk.orchestrator.submit(topic_of(message), TendWorktree(origin=origin, number=0, deed=Deed.SHOW))


@router.message(Command("diff", ignore_case=True))
async def diff(message: Message, desk: Desk, update_id: int) -> None:
    """Show what changed where the topic works."""
    desk.orchestrator.submit(topic_of(message), ShowDiff(origin=origin_of(message, update_id)))
