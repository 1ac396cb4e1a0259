"""What is asked of git about directories, and done with it to checkouts. Nothing here knows a topic's lane."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread

from cli_runner.git import Git, GitResult
from orchestrator.app.directories import shown
from orchestrator.domain.errors import Refusal
from orchestrator.domain.worktrees import (
    Checkout,
    Outcome,
    Standing,
    Tended,
    Worktree,
    branch_fault,
    read_checkouts,
)

READS_ONLY = {"GIT_OPTIONAL_LOCKS": "0"}
_LOOK_S = 20.0
_PLAIN = ("-c", "core.quotePath=false", "-c", "core.fsmonitor=false")


async def asked(git: Git, directory: str, *words: str) -> GitResult:
    """What git says to a question that changes nothing."""
    return await git.run([*_PLAIN, *words], directory, timeout_s=_LOOK_S, extra=READS_ONLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a directory is in a repository. `head` is the commit checked out there, `branch` empty without one."""

    top: str
    prefix: str
    head: str
    branch: str


async def place_of(git: Git, directory: str) -> Place:
    """Raises Refusal if a directory is in no repository."""
    found = await asked(git, directory, "rev-parse", "--show-toplevel", "--show-prefix")
    if not found.ok:
        if "dubious ownership" in found.error:
            raise Refusal("project-untrusted", directory=shown(directory), why=found.why)
        raise Refusal("project-no-repository", directory=shown(directory))
    top, _, prefix = found.text.partition("\n")
    head = await asked(git, directory, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    branch = await asked(git, directory, "symbolic-ref", "--quiet", "--short", "HEAD")
    return Place(top=top, prefix=prefix.rstrip("/"), head=head.text, branch=branch.text)


async def checkouts_of(git: Git, directory: str) -> tuple[Checkout, ...]:
    """All checkouts of a directory's repository, the main one first."""
    return read_checkouts((await asked(git, directory, "worktree", "list", "--porcelain")).text)


async def check_branch(git: Git, directory: str, branch: str) -> None:
    """Raises Refusal if a word can't be a branch's name."""
    fault = branch_fault(branch)
    if not fault and not (await asked(git, directory, "check-ref-format", f"refs/heads/{branch}")).ok:
        fault = "project-branch-odd"
    if fault:
        raise Refusal(fault, branch=branch[:100])


async def has_branch(git: Git, directory: str, branch: str) -> bool:
    """Whether there is a branch of this name."""
    return (await asked(git, directory, "show-ref", "--verify", "--quiet", f"refs/heads/{branch}")).ok


async def is_ancestor(git: Git, directory: str, older: str, newer: str) -> bool:
    """Whether everything of one commit is in another."""
    return (await asked(git, directory, "merge-base", "--is-ancestor", older, newer)).ok


async def make(git: Git, tree: Worktree) -> None:
    """Make a checkout, and its branch where it is new. Raises Refusal; then nothing of it is left."""
    await anyio.Path(tree.path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    how = ["-b", tree.branch, tree.path, tree.base] if tree.made_branch else [tree.path, tree.branch]
    async with git.alone(tree.repository):
        try:
            made = await git.run(["worktree", "add", "--quiet", *how], tree.repository)
        except Refusal:
            await _unmake(git, tree)
            raise
        # A hook that fails after the checkout does not undo it: git makes the worktree and complains.
        if not made.ok and not (Path(tree.path) / ".git").exists():
            await _unmake(git, tree)
            raise Refusal("project-not-made", why=made.why)


async def unmake(git: Git, tree: Worktree) -> None:
    """Take away what is left of one that was never finished: nobody worked there."""
    async with git.alone(tree.repository):
        await _unmake(git, tree)


async def _unmake(git: Git, tree: Worktree) -> None:
    await git.run(["worktree", "remove", "--force", "--force", tree.path], tree.repository)
    await git.run(["worktree", "prune"], tree.repository)
    tip = await asked(git, tree.repository, "rev-parse", "--verify", "--quiet", f"refs/heads/{tree.branch}")
    if tree.made_branch and tip.text == tree.base:
        await git.run(["branch", "--quiet", "-D", tree.branch], tree.repository)


async def standing(git: Git, tree: Worktree) -> Standing:
    """How a worktree stands now. Raises Refusal if its repository can't be asked."""
    if not await anyio.Path(tree.repository).is_dir():
        raise Refusal("project-repository-gone", directory=shown(tree.repository))
    target = f"refs/heads/{tree.base_branch}" if tree.base_branch else "HEAD"
    branch = f"refs/heads/{tree.branch}"
    merged = not await has_branch(git, tree.repository, tree.branch)
    merged = merged or await is_ancestor(git, tree.repository, branch, target)
    ahead = await asked(git, tree.repository, "rev-list", "--count", f"{target}..{branch}")
    if not await anyio.to_thread.run_sync((Path(tree.path) / ".git").exists):
        return Standing(is_there=False, is_merged=merged, ahead=_number(ahead))
    status = await asked(git, tree.path, "status", "--porcelain", "-z")
    head = await asked(git, tree.path, "rev-parse", "--verify", "--quiet", "HEAD")
    if not status.ok:
        raise Refusal("project-not-looked", directory=shown(tree.path), why=status.why)
    lost = hashlib.sha256(status.out + head.out + str(_number(ahead)).encode()).hexdigest()[:8]
    changed = len([line for line in status.text.split("\0") if line[2:3] == " "])
    return Standing(uncommitted=changed, ahead=_number(ahead), is_merged=merged, mark=lost)


def _number(result: GitResult) -> int:
    return int(result.text) if result.ok and result.text.isdecimal() else 0


async def commit(git: Git, tree: Worktree, message: str) -> Tended:
    """Commit all that changed in a worktree. Raises Refusal with git's words."""
    async with git.alone(tree.repository):
        now = await standing(git, tree)
        if not now.uncommitted:
            return Tended(outcome=Outcome.NOTHING_TO_COMMIT, worktree=tree, standing=now)
        for words in (["add", "--all"], ["commit", "--quiet", "--message", message]):
            done = await git.run(words, tree.path)
            if not done.ok:
                raise Refusal("project-not-committed", why=done.why)
        head = await asked(git, tree.path, "rev-parse", "--short", "HEAD")
        return Tended(outcome=Outcome.COMMITTED, worktree=tree, standing=await standing(git, tree), commit=head.text)


async def merge(git: Git, tree: Worktree) -> Tended:
    """Merge a worktree's branch into the one that it was made from, where that is checked out.

    A merge with conflicts is taken back. Raises Refusal where it can't be tried; then nothing changed.
    """
    async with git.alone(tree.repository):
        now = await standing(git, tree)
        if now.uncommitted:
            return Tended(outcome=Outcome.COMMIT_FIRST, worktree=tree, standing=now)
        await _check_mergeable(git, tree, now)
        if now.is_merged:
            return Tended(outcome=Outcome.MERGED_BEFORE, worktree=tree, standing=now)
        try:
            merged = await git.run(["merge", "--no-edit", "--quiet", f"refs/heads/{tree.branch}"], tree.repository)
        except Refusal:
            await git.run(["merge", "--abort"], tree.repository)
            raise
        if not merged.ok:
            return await _take_back(git, tree, now, merged)
        head = await asked(git, tree.repository, "rev-parse", "--short", "HEAD")
        return Tended(outcome=Outcome.MERGED, worktree=tree, standing=await standing(git, tree), commit=head.text)


async def _take_back(git: Git, tree: Worktree, before: Standing, merged: GitResult) -> Tended:
    found = await asked(git, tree.repository, "diff", "--name-only", "--diff-filter=U", "-z")
    files = tuple(name for name in found.text.split("\0") if name)
    undone = await git.run(["merge", "--abort"], tree.repository)
    if files and not undone.ok:
        raise Refusal("project-not-taken-back", directory=shown(tree.repository), why=undone.why)
    if files:
        return Tended(outcome=Outcome.CONFLICTS, worktree=tree, standing=before, files=files)
    raise Refusal("project-not-merged", why=merged.why)


async def _check_mergeable(git: Git, tree: Worktree, now: Standing) -> None:
    where, into = shown(tree.repository), tree.base_branch
    if not into:
        raise Refusal("project-no-base", branch=tree.branch)
    if now.is_there:
        inside = await asked(git, tree.path, "symbolic-ref", "--quiet", "--short", "HEAD")
        if inside.text != tree.branch:
            raise Refusal("project-other-inside", there=inside.text, branch=tree.branch)
    if not await has_branch(git, tree.repository, tree.branch):
        raise Refusal("project-branch-lost", branch=tree.branch)
    there = await asked(git, tree.repository, "symbolic-ref", "--quiet", "--short", "HEAD")
    if there.text != into:
        raise Refusal("project-other-branch", directory=where, there=there.text, into=into)
    status = await asked(git, tree.repository, "status", "--porcelain", "--untracked-files=no")
    if not status.ok or status.text:
        raise Refusal("project-dirty", directory=where)
    unfinished = await asked(git, tree.repository, "rev-parse", "--verify", "--quiet", "MERGE_HEAD")
    if unfinished.ok:
        raise Refusal("project-merging", directory=where)


async def remove(git: Git, tree: Worktree, now: Standing) -> bool:
    """Remove a worktree with all that is not committed there, and its branch if the bot made it and it is merged.

    Returns whether the branch is gone. Raises Refusal; then it is still there.
    """
    async with git.alone(tree.repository):
        if now.is_there:
            removed = await git.run(["worktree", "remove", "--force", tree.path], tree.repository)
            if not removed.ok:
                raise Refusal("project-not-removed", why=removed.why)
        else:
            await git.run(["worktree", "prune"], tree.repository)
        if not (tree.made_branch and now.is_merged):
            return False
        return (await git.run(["branch", "--quiet", "-D", tree.branch], tree.repository)).ok


def taken_names(directory: str, checkouts: Sequence[Checkout], known: Sequence[Worktree]) -> list[str]:
    """The names that a new worktree in a directory can't have."""
    there = os.listdir(directory) if os.path.isdir(directory) else []  # noqa: PTH112, PTH208 - names only
    return [*there, *(Path(path).name for path in (*(each.path for each in checkouts), *(each.path for each in known)))]
