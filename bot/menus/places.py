"""The menu of where a topic works: `/project`, `/dir`, and what a new topic is offered."""

from bot.menus import place_pages
from bot.menus.area import Area, Done, Visit
from bot.menus.page import Page, Path
from bot.menus.way import number, token
from bot.words.speech import say
from orchestrator.app import browsing
from orchestrator.domain.commands import Choose, Setting


async def _render(visit: Visit, path: Path) -> Page | None:
    kit = visit.desk.orchestrator.kit
    match path:
        case ():
            return place_pages.place(await browsing.standpoint(kit, visit.key), sorted(kit.catalogue.projects))
        case ("b",):
            here = await browsing.standpoint(kit, visit.key)
            return await _browser(visit, here.choice.directory, 1) or await _roots(visit, 1)
        case ("t", page):
            return await _roots(visit, number(page) or 1)
        case ("d", place, page):
            directory = await browsing.path_of(kit, number(place) or 0)
            return await _browser(visit, directory, number(page) or 1) if directory else None
        case _:
            return None


async def _browser(visit: Visit, directory: str, page: int) -> Page | None:
    kit = visit.desk.orchestrator.kit
    found = await browsing.listing(kit, directory, page)
    return None if found is None else place_pages.browser(found, has_roots=bool(kit.catalogue.projects))


async def _roots(visit: Visit, page: int) -> Page | None:
    found = await browsing.roots(visit.desk.orchestrator.kit, page)
    return None if found is None else place_pages.browser(found, has_roots=True)


async def _act(visit: Visit, path: Path) -> Done | None:
    kit = visit.desk.orchestrator.kit
    match path:
        case ("p", wanted):
            name = next((each for each in kit.catalogue.projects if token(each) == wanted), None)
            if name is None:
                return Done(toast=say("project-toast-gone"), alert=True)
            return await _choose(visit, Setting.PROJECT, name)
        case ("n",):
            return await _choose(visit, Setting.PROJECT, "")
        case ("h",):
            return await _choose(visit, Setting.DIRECTORY, kit.catalogue.default_directory)
        case ("u", place):
            directory = await browsing.path_of(kit, number(place) or 0)
            return await _choose(visit, Setting.DIRECTORY, directory) if directory else None
        case _:
            return None


async def _choose(visit: Visit, setting: Setting, value: str) -> Done:
    """Whether agents may work there is looked at by the lane, now."""
    choice = (await browsing.standpoint(visit.desk.orchestrator.kit, visit.key)).choice
    is_so = value == (choice.project if setting is Setting.PROJECT else choice.directory)
    visit.submit(visit.key, Choose(origin=visit.origin, setting=setting, value=value))
    return Done(show=(), toast=say("project-toast-so") if is_so else "")


AREA = Area(name=place_pages.AREA, render=_render, act=_act)
