"""The menu of a topic's worktree: what changed, committed, merged, removed. Its lane does it, beside the others."""

from bot.menus import worktree_pages
from bot.menus.area import Area, Done, Visit
from bot.menus.page import Page, Path
from bot.menus.way import number
from bot.words.speech import say, say_rich
from orchestrator.app import topic_worktrees
from orchestrator.domain.commands import ShowDiff, TendWorktree
from orchestrator.domain.errors import Refusal
from orchestrator.domain.worktrees import Deed

_DEEDS = {"c": Deed.COMMIT, "m": Deed.MERGE, "x": Deed.REMOVE_NOW, "w": Deed.SHOW, "q": Deed.SHOW, "a": Deed.SHOW}


async def _render(visit: Visit, path: Path) -> Page | None:
    """What a path shows; only after an act, for git may take its time."""
    kind, wanted = path if len(path) == 2 else ("w", "0")
    try:
        found = await topic_worktrees.standing(visit.desk.orchestrator.kit, visit.key, number(wanted) or 0)
    except Refusal:
        found = None
    if found is None:
        return None if path else Page(text=say_rich("project-worktree-none-left"))
    tree, now = found
    match kind:
        case "w":
            return worktree_pages.worktree(tree, now)
        case "q":
            return worktree_pages.removal(tree, now)
        case "a":
            return worktree_pages.removal_again(tree, now)
        case _:
            return None


async def _act(visit: Visit, path: Path) -> Done | None:
    match path:
        case ("d", _):
            visit.submit(visit.key, ShowDiff(origin=visit.origin))
            return Done(toast=say("project-toast-working"), show=None)
        case ("y", wanted, mark):
            return _tend(visit, wanted, Deed.REMOVE_ALL, (), mark)
        case (kind, wanted) if kind in _DEEDS:
            shown = {"x": (), "q": ("q", wanted), "a": ("a", wanted)}.get(kind, ("w", wanted))
            return _tend(visit, wanted, _DEEDS[kind], shown)
        case _:
            return None


def _tend(visit: Visit, wanted: str, deed: Deed, show: Path, mark: str = "") -> Done | None:
    found = number(wanted)
    if not found:
        return None
    visit.submit(visit.key, TendWorktree(origin=visit.origin, number=found, deed=deed, mark=mark))
    return Done(toast=say("project-toast-working"), show=show)


AREA = Area(name=worktree_pages.AREA, render=_render, act=_act)
