"""A topic's own checkouts, and what git says about directories: as values, and read from git's output."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.domain.ids import TopicKey
from orchestrator.domain.words import Words

_MOST_NAME = 60


class WorktreeState(StrEnum):
    """What became of a worktree."""

    MAKING = "making"  # git may or may not have made it
    THERE = "there"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worktree:
    """A checkout that the bot made for a topic. `directory` is where the topic works in it.

    It was made at the commit `base` of `base_branch` (empty: of none) in the `repository` whose main checkout the
    topic worked in, at `source`; `came_from` is the directory that had been chosen for the topic, if one was.
    """

    id: int
    topic: TopicKey
    state: WorktreeState
    repository: str
    source: str
    path: str
    directory: str
    branch: str
    made_branch: bool
    base: str
    base_branch: str
    project: str
    came_from: str
    made_at: int

    @property
    def name(self) -> str:
        """How people call its repository."""
        return self.repository.rstrip("/").rpartition("/")[2].removesuffix(".git") or self.repository


class Deed(StrEnum):
    """What can be done with a worktree."""

    SHOW = "show"
    COMMIT = "commit"  # all that is not committed
    MERGE = "merge"  # its branch into the one that it was made from
    REMOVE = "remove"  # asks first
    REMOVE_NOW = "now"  # asks again if something would be lost
    REMOVE_ALL = "all"  # with what was said to be lost


def directory_name(repository: str, branch: str, taken: Sequence[str] = ()) -> str:
    """What a worktree's directory is called: `api-fix-login`, with a number where that is taken."""
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", f"{repository}-{branch}").strip("-.")[:_MOST_NAME] or "worktree"
    names = (plain, *(f"{plain}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def branch_fault(name: str) -> str:
    """Which sentence says why a word can't be a branch's name, before git is asked; empty if it may."""
    if not name or any(char.isspace() for char in name):
        return "project-branch-words"
    if name.startswith("-") or name == "HEAD":
        return "project-branch-odd"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """One checkout of a repository, as git lists them. `branch` is empty where none is checked out."""

    path: str
    branch: str = ""
    is_bare: bool = False


def read_checkouts(listing: str) -> tuple[Checkout, ...]:
    """What `git worktree list --porcelain` says; the first is the main one."""
    found = []
    for block in listing.split("\n\n"):
        fields = dict(line.partition(" ")[::2] for line in block.split("\n") if line)
        if "worktree" in fields:
            branch = fields.get("branch", "").removeprefix("refs/heads/")
            found.append(Checkout(path=fields["worktree"], branch=branch, is_bare="bare" in fields))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """How one file differs. Of a binary one no lines are counted."""

    path: str
    added: int = 0
    removed: int = 0
    is_binary: bool = False
    is_new: bool = False


def read_numstat(listing: str, *, are_new: bool = False) -> tuple[FileChange, ...]:
    """What `git diff --numstat -z --no-renames` says."""
    found = []
    for line in listing.split("\0"):
        added, _, rest = line.partition("\t")
        removed, tab, path = rest.partition("\t")
        if not tab:
            continue
        if added == "-":
            found.append(FileChange(path=path, is_binary=True, is_new=are_new))
        else:
            found.append(FileChange(path=path, added=int(added), removed=int(removed), is_new=are_new))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What differs between two states: the files, and the diff, perhaps only its beginning."""

    files: tuple[FileChange, ...] = ()
    diff: str = ""
    whole: bool = True

    @property
    def added(self) -> int:
        """Lines that came."""
        return sum(file.added for file in self.files)

    @property
    def removed(self) -> int:
        """Lines that went."""
        return sum(file.removed for file in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What changed in a directory: what is not committed, and in a worktree the commits since it was made."""

    directory: str
    branch: str
    uncommitted: Changes
    committed: Changes | None = None
    commits: tuple[str, ...] = ()
    more_new_files: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not self.uncommitted.files and not self.commits and (self.committed is None or not self.committed.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a worktree stands towards the branch that it was made from. `mark` changes with what would be lost."""

    uncommitted: int = 0
    ahead: int = 0
    is_merged: bool = False
    is_there: bool = True
    mark: str = ""


class Outcome(StrEnum):
    """How it ended, what was asked for of a worktree."""

    MADE = "made"
    TAKEN = "taken"  # it was there already, and is worked in again
    SHOWN = "shown"
    COMMITTED = "committed"
    NOTHING_TO_COMMIT = "clean"
    MERGED = "merged"
    MERGED_BEFORE = "merged-before"
    CONFLICTS = "conflicts"  # the merge was taken back
    COMMIT_FIRST = "commit-first"
    ASK_AGAIN = "ask-again"
    REMOVED = "removed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tended:
    """What became of a deed. `files` are those in conflict, `why` says what failed."""

    outcome: Outcome
    worktree: Worktree | None = None
    standing: Standing = Standing()
    files: tuple[str, ...] = ()
    commit: str = ""
    branch_gone: bool = False
    why: Words | None = None
