"""Where agents may work, as the file system has it: links are followed before anything is compared."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread

from orchestrator.app.kit import Kit
from orchestrator.domain.errors import Refusal
from orchestrator.domain.projects import Root, is_below, nearest, roots_of
from orchestrator.domain.words import Words, words
from orchestrator.domain.worktrees import WorktreeState
from storage.worktrees import Worktrees

_LOOK_S = 20.0
"""How long a directory may take to be looked at."""

_MOST_ENTRIES = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where agents may work: `roots` that people gave, and the `worktrees` that were made of what lies in them.

    Without roots there is no limit.
    """

    roots: tuple[Root, ...] = ()
    worktrees: tuple[tuple[Root, str], ...] = ()


async def limits_of(kit: Kit) -> Limits:
    """The limits as they are now."""
    roots = roots_of(kit.catalogue)
    if not roots:
        return Limits()
    known = [each for each in await Worktrees(kit.db).known() if each.state is WorktreeState.THERE]
    return Limits(roots=roots, worktrees=tuple((Root(each.path, each.branch), each.source) for each in known))


async def check_place(kit: Kit, directory: str) -> None:
    """Raises Refusal if no agent can, or may, work in a directory."""
    limits = await limits_of(kit)
    fault: Words | None = words("project-silent")
    with anyio.move_on_after(_LOOK_S):
        fault = await anyio.to_thread.run_sync(_fault, directory, limits, abandon_on_cancel=True)
    if fault is not None:
        raise Refusal(fault)


def real_roots(limits: Limits) -> list[Root]:
    """The roots with links followed. A worktree counts while what it was made of does."""
    found = [Root(os.path.realpath(root.path), root.name) for root in limits.roots]
    given = [root.path for root in found]
    for tree, source in limits.worktrees:
        if any(is_below(os.path.realpath(source), root) for root in given):
            found.append(Root(os.path.realpath(tree.path), tree.name))
    return found


def _fault(directory: str, limits: Limits) -> Words | None:
    try:
        if not Path(directory).is_dir():
            return _is_missing(directory)
        if not limits.roots or is_allowed(directory, real_roots(limits)):
            return None
    except (OSError, ValueError) as error:
        return words("project-unusable", directory=directory, why=str(error))
    return words("project-outside", directory=shown(directory), roots=_listed(limits.roots))


def is_allowed(directory: str, roots: Sequence[Root]) -> bool:
    """Whether a directory is within roots whose links are followed already."""
    real = os.path.realpath(directory)
    return any(is_below(real, root.path) for root in roots)


def _is_missing(directory: str) -> Words:
    path = Path(directory)
    name = "project-not-a-directory" if path.exists() else "project-missing"
    return words(name, directory=directory, near=_nearest_directory(path))


def _nearest_directory(path: Path) -> str:
    """The directory beside a missing one that has nearly its name."""
    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for _, entry in zip(range(_MOST_ENTRIES), entries, strict=False) if entry.is_dir()]
    except OSError:
        return ""
    found = nearest(path.name, names)
    return str(path.parent / found) if found else ""


def meant(written: str, base: str) -> str:
    """The directory that a person means: `~` is the home, what does not begin with / is below `base`.

    Raises Refusal for what can't be a path.
    """
    if "\0" in written or "\n" in written:
        raise Refusal("project-path-odd")
    try:
        path = Path(written).expanduser()
    except RuntimeError:
        raise Refusal("project-no-home", name=written.split("/")[0]) from None
    return os.path.normpath(Path(base).expanduser() / path)


def shown(path: str) -> str:
    """A path as people write it: with ~ for the home."""
    home = str(Path.home())
    if path == home:
        return "~"
    return f"~{path[len(home) :]}" if path.startswith(f"{home}/") else path


def _listed(roots: Sequence[Root]) -> str:
    return ", ".join(f"{root.name} ({shown(root.path)})" if root.name else shown(root.path) for root in roots)
