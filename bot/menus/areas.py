"""All areas of menus, by the name that stands in their buttons."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.menus import places, queue, sessions, tasks, usage, worktrees
from bot.menus.area import Area
from bot.menus.settings_pages import CHOICES, SETTINGS

_ALL: tuple[Area, ...] = (
    places.AREA,
    worktrees.AREA,
    sessions.AREA,
    tasks.AREA,
    queue.AREA,
    usage.AREA,
    CHOICES,
    SETTINGS,
)

AREAS: Mapping[str, Area] = MappingProxyType({area.name: area for area in _ALL})
