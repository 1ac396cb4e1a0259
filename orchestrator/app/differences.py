"""What changed in a directory: read from git, without touching the repository's own index."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import anyio.to_thread

from cli_runner.git import Git
from orchestrator.app.checkouts import READS_ONLY, asked, is_ancestor, place_of
from orchestrator.app.directories import check_place, shown
from orchestrator.app.kit import Kit
from orchestrator.domain.errors import Refusal
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.projects import is_below
from orchestrator.domain.worktrees import Changes, Diff, FileChange, Worktree, read_numstat
from storage.topics import Topics
from storage.worktrees import Worktrees

_PLAIN = ("-c", "core.quotePath=false", "-c", "core.fsmonitor=false")
_DIFF = ("diff", "--no-color", "--no-ext-diff", "--no-textconv")
_MOST_COMMITS = 50


async def diff_of(kit: Kit, key: TopicKey) -> tuple[Diff, Worktree | None]:
    """What changed where a topic works, and the worktree that this is, if it is one. Raises Refusal."""
    directory = kit.catalogue.choice(await Topics(kit.db).get(key)).directory
    await check_place(kit, directory)
    place = await place_of(kit.git, directory)
    tree = next((each for each in await Worktrees(kit.db).of_topic(key) if is_below(directory, each.path)), None)
    base = place.head or await _empty_tree(kit.git, directory)
    uncommitted = await _uncommitted(kit.git, directory, base)
    diff = Diff(directory=directory, branch=place.branch, uncommitted=uncommitted)
    if tree is not None and place.head:
        begun = await _begun_at(kit.git, tree, place.head)
        log = await asked(
            kit.git, directory, "log", "--format=%h %s", f"--max-count={_MOST_COMMITS}", f"{begun}..{place.head}"
        )
        commits = tuple(line for line in log.text.split("\n") if line)
        committed = await _changes(kit.git, directory, {}, begun, place.head, "--")
        diff = Diff(
            directory=directory, branch=place.branch, uncommitted=uncommitted, committed=committed, commits=commits
        )
    return diff, tree


async def _begun_at(git: Git, tree: Worktree, head: str) -> str:
    """Where the branch's own work begins: what came from the branch that it was made from is not its own."""
    common = await asked(git, tree.path, "merge-base", f"refs/heads/{tree.base_branch}", head)
    if not tree.base_branch or not common.ok or common.text == head:
        return tree.base
    return common.text if await is_ancestor(git, tree.path, tree.base, common.text) else tree.base


async def _empty_tree(git: Git, directory: str) -> str:
    return (await asked(git, directory, "hash-object", "-t", "tree", "/dev/null")).text


async def _uncommitted(git: Git, directory: str, base: str) -> Changes:
    """With files that git does not know yet, which a copy of the index is told of."""
    index = await asked(git, directory, "rev-parse", "--path-format=absolute", "--git-path", "index")
    copied = await anyio.to_thread.run_sync(_copied, Path(directory) / index.text)
    try:
        own = {**READS_ONLY, "GIT_INDEX_FILE": str(copied / "index")}
        added = await git.run([*_PLAIN, "add", "--intent-to-add", "--", "."], directory, extra=own)
        if not added.ok and "did not match any file" not in added.error:
            raise Refusal("project-not-looked", directory=shown(directory), why=added.why)
        return await _changes(git, directory, own, base, "--", ".")
    finally:
        await anyio.to_thread.run_sync(lambda: shutil.rmtree(copied, ignore_errors=True))


def _copied(index: Path) -> Path:
    """A directory of its own with a copy of an index, if there is one yet."""
    directory = Path(tempfile.mkdtemp(prefix="topicd-diff-"))
    if index.exists():
        shutil.copyfile(index, directory / "index")
    return directory


async def _changes(git: Git, directory: str, extra: dict[str, str], *between: str) -> Changes:
    environment = {**READS_ONLY, **extra}

    async def said(*options: str) -> tuple[str, bool]:
        result = await git.run([*_PLAIN, *_DIFF, *options, *between], directory, extra=environment)
        if not result.ok:
            raise Refusal("project-not-compared", directory=shown(directory), why=result.why)
        return result.out.decode(errors="replace"), result.whole

    files = read_numstat((await said("--no-renames", "--numstat", "-z"))[0])
    new = set((await said("--no-renames", "--diff-filter=A", "--name-only", "-z"))[0].split("\0"))
    diff, whole = await said("--find-renames")
    return Changes(files=_marked(files, new), diff=diff, whole=whole)


def _marked(files: Sequence[FileChange], new: set[str]) -> tuple[FileChange, ...]:
    return tuple(
        FileChange(
            path=file.path,
            added=file.added,
            removed=file.removed,
            is_binary=file.is_binary,
            is_new=file.path in new,
        )
        for file in files
    )
