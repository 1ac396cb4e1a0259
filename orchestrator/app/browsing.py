"""Directories to choose from: those in which agents may work, a page at a time, named by numbers that last."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread

from orchestrator.app.directories import Limits, is_allowed, limits_of, real_roots
from orchestrator.app.kit import Kit
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.policy import Choice
from orchestrator.domain.projects import Offer, Root
from storage.places import Places
from storage.topics import Topics

PAGE = 8
_LOOK_S = 3.0
_MOST_ENTRIES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Standpoint:
    """Where a topic works now. It `asks` if prompts wait until somebody says where."""

    choice: Choice
    is_chosen: bool
    asks: bool


async def standpoint(kit: Kit, key: TopicKey) -> Standpoint:
    """Where a topic works now."""
    topic = await Topics(kit.db).get(key)
    places = Places(kit.db)
    asks = await places.offer(key) is Offer.ASKS and not await places.has_worked(key)
    return Standpoint(choice=kit.catalogue.choice(topic), is_chosen=bool(topic.project or topic.directory), asks=asks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A directory in a list."""

    label: str
    number: int
    is_repository: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of the directories in one. `up` is the number of the one above, 0 if that is not allowed.

    With no `path` it lists the roots.
    """

    path: str
    number: int
    up: int
    entries: tuple[Entry, ...]
    page: int
    pages: int


async def listing(kit: Kit, path: str, page: int) -> Listing | None:
    """A page of what is in a directory; None if agents may not work there, or it is gone or does not answer."""
    limits = await limits_of(kit)
    with anyio.move_on_after(_LOOK_S):
        found = await anyio.to_thread.run_sync(_look, path, limits, abandon_on_cancel=True)
        return None if found is None else await _numbered(kit, path, found[0], found[1], page)
    return None


async def roots(kit: Kit, page: int) -> Listing | None:
    """A page of the directories below which agents may work; None if there is no limit."""
    limits = await limits_of(kit)
    if not limits.roots:
        return None
    known = dict.fromkeys(root.path for root in (*limits.roots, *(tree for tree, _ in limits.worktrees)))
    return await _numbered(kit, "", "", [(each, each, False) for each in known], page)


async def path_of(kit: Kit, number: int) -> str:
    """The directory that a number names; empty if none."""
    return await Places(kit.db).path(number)


async def _numbered(kit: Kit, path: str, up: str, found: Sequence[tuple[str, str, bool]], page: int) -> Listing:
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(page, 1), pages)
    shown = found[(page - 1) * PAGE : page * PAGE]
    wanted = [each for each in (path, up, *(inside for _, inside, _ in shown)) if each]
    numbers = await Places(kit.db).numbers(wanted, kit.clock())
    return Listing(
        path=path,
        number=numbers.get(path, 0),
        up=numbers.get(up, 0),
        entries=tuple(
            Entry(label=label, number=numbers[inside], is_repository=is_repository)
            for label, inside, is_repository in shown
        ),
        page=page,
        pages=pages,
    )


def _look(path: str, limits: Limits) -> tuple[str, list[tuple[str, str, bool]]] | None:
    """The directory above, and (name, path, whether it is a repository) of those inside, by name."""
    allowed = real_roots(limits) if limits.roots else []
    try:
        if not Path(path).is_dir() or not _may(path, allowed):
            return None
        with os.scandir(path) as entries:
            some = [entry for _, entry in zip(range(_MOST_ENTRIES), entries, strict=False)]
    except (OSError, ValueError):
        return None
    inside = [entry.path for entry in some if _is_shown(entry.name) and _is_open(entry, allowed)]
    inside.sort(key=lambda each: Path(each).name.casefold())
    found = [(Path(each).name, each, (Path(each) / ".git").exists()) for each in inside]
    up = str(Path(path).parent)
    return up if up != path and _may(up, allowed) else "", found


def _is_shown(name: str) -> bool:
    """Hidden ones are not; nor are names that are no text, which can't be stored."""
    return not name.startswith(".") and not any("\ud800" <= char <= "\udfff" for char in name)


def _may(path: str, allowed: Sequence[Root]) -> bool:
    return not allowed or is_allowed(path, allowed)


def _is_open(entry: os.DirEntry[str], allowed: Sequence[Root]) -> bool:
    """A directory into which one may go; a link only if what it leads to is one."""
    try:
        return entry.is_dir() and (not entry.is_symlink() or _may(entry.path, allowed))
    except OSError:
        return False
