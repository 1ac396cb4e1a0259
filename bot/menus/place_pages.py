"""The pages about where a topic works: its place, the offer to a new topic, the browser of directories. Pure."""

from collections.abc import Sequence

from bot.menus.page import Button, Choice, Page, in_rows, marked
from bot.menus.way import token
from bot.render import builder as b
from bot.words.speech import say, say_rich
from orchestrator.app.browsing import Entry, Listing, Standpoint
from orchestrator.app.directories import shown

AREA = "at"
_MOST_PROJECTS = 24
_PATH_CHARS = 400


def place(now: Standpoint, projects: Sequence[str]) -> Page:
    """Where a topic works, and what else there is."""
    choice = now.choice
    if now.asks:
        return offer(asks=True, directory=choice.directory, projects=projects)
    text = b.message(
        b.lines(
            say_rich("project-works", directory=_path(choice.directory), project=choice.project),
            say_rich("project-works-hint") if projects else say_rich("project-works-none"),
        )
    )
    last: list[Button] = [Choice(label=say("project-other"), to=("b",))]
    if now.is_chosen:
        last.append(Choice(label=say("project-none"), to=("n",), acts=True))
    return Page(text=text, rows=(*_projects(projects, choice.project), tuple(last)))


def offer(*, asks: bool, directory: str, projects: Sequence[str]) -> Page:
    """What a topic of which nobody said where it works is asked, or told."""
    if asks:
        here = Choice(label=say("project-here", directory=_path(directory)), to=("h",), acts=True)
        browse = Choice(label=say("project-browse"), to=("b",))
        return Page(text=say_rich("project-where"), rows=(*_projects(projects), (here, browse)))
    other = Choice(label=say("project-other"), to=("b",))
    text = say_rich("project-offer", directory=_path(directory))
    return Page(text=text, rows=(*_projects(projects), (other,)))


def _projects(projects: Sequence[str], chosen: str = "") -> tuple[tuple[Button, ...], ...]:
    return in_rows(
        [
            Choice(label=marked(name, chosen=name == chosen), to=("p", token(name)), acts=True)
            for name in projects[:_MOST_PROJECTS]
        ]
    )


def browser(found: Listing, *, has_roots: bool) -> Page:
    """A page of the directories in one, or of the roots."""
    if not found.path:
        return Page(text=say_rich("project-browser-roots"), rows=(*_entries(found.entries, "t"), *_pages(found)))
    above: list[Button] = []
    if found.up:
        above.append(Choice(label=say("project-browser-up"), to=("d", str(found.up), "1")))
    if has_roots:
        above.append(Choice(label=say("project-browser-all"), to=("t", "1")))
    text = b.message(
        b.lines(
            say_rich("project-browser", directory=_path(found.path)),
            "" if found.entries else say_rich("project-browser-empty"),
        )
    )
    use = Choice(label=say("project-browser-use"), to=("u", str(found.number)), acts=True, style="success")
    rows = ((use,), *_entries(found.entries, "d"), *_pages(found), tuple(above))
    return Page(text=text, rows=tuple(row for row in rows if row))


def _entries(entries: Sequence[Entry], kind: str) -> tuple[tuple[Button, ...], ...]:
    return in_rows([Choice(label=_label(entry, kind), to=("d", str(entry.number), "1")) for entry in entries])


def _label(entry: Entry, kind: str) -> str:
    name = _path(entry.label) if kind == "t" else entry.label
    return say("project-browser-repository" if entry.is_repository else "project-browser-folder", name=name)


def _pages(found: Listing) -> tuple[tuple[Button, ...], ...]:
    if found.pages == 1:
        return ()
    base = ("d", str(found.number)) if found.path else ("t",)
    before, after = found.page - 1 or found.pages, found.page % found.pages + 1
    row = [("◀", before), (f"{found.page}/{found.pages}", found.page), ("▶", after)]
    return (tuple(Choice(label=label, to=(*base, str(number))) for label, number in row),)


def _path(path: str) -> str:
    """A path as people write it; of one that is absurdly long the end."""
    said = shown(path)
    return said if len(said) <= _PATH_CHARS else f"…{said[-_PATH_CHARS:]}"
