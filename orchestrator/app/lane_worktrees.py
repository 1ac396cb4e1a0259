"""A topic's own checkouts: git makes, merges and removes them beside the lane, which then stores what came of it."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import anyio
import structlog

from orchestrator.app import checkouts, lane_places, topic_worktrees
from orchestrator.app.change import Change
from orchestrator.app.differences import diff_of
from orchestrator.app.directories import check_place, shown
from orchestrator.app.lane import Lane
from orchestrator.app.lane_boarding import advance
from orchestrator.app.lane_messages import DiffRead, WorktreeTended
from orchestrator.domain.commands import OpenWorktree, ShowDiff, TendWorktree
from orchestrator.domain.errors import Refusal, TopicdError, in_words
from orchestrator.domain.notices import DiffTold, Refused, WorktreeTold
from orchestrator.domain.projects import is_below
from orchestrator.domain.records import Topic
from orchestrator.domain.words import words
from orchestrator.domain.worktrees import (
    Deed,
    Outcome,
    Tended,
    Worktree,
    WorktreeState,
    directory_name,
)
from storage import topics, worktrees
from storage.topics import Topics
from storage.worktrees import Worktrees

log = structlog.get_logger()

_LOOK_S = 2.0
"""How long supervisors may take to say what runs."""

_TOLD = frozenset({Outcome.CONFLICTS, Outcome.COMMIT_FIRST, Outcome.ASK_AGAIN})
"""What a page of a menu does not show by itself."""


async def open_worktree(lane: Lane, command: OpenWorktree) -> None:
    """Make a worktree for the topic, or go back to the one that it has of this branch."""
    lane.aside(partial(_tended, command, partial(_open, lane, command)), f"worktree {command.branch}")


async def tend(lane: Lane, command: TendWorktree) -> None:
    """Do something with a worktree of this topic."""
    lane.aside(partial(_tended, command, partial(_tend, lane, command)), f"{command.deed} worktree {command.number}")


async def _tended(
    command: OpenWorktree | TendWorktree, work: Callable[[], Coroutine[None, None, Tended]]
) -> WorktreeTended:
    try:
        found = await work()
    except (TopicdError, OSError) as error:
        return WorktreeTended(command=command, tended=Tended(outcome=Outcome.FAILED, why=in_words(error)))
    except Exception as error:
        # What was asked for is over, and the topic goes on, whatever it was.
        log.exception("worktree.failed", command=type(command).__name__)
        return WorktreeTended(command=command, tended=Tended(outcome=Outcome.FAILED, why=in_words(error)))
    return WorktreeTended(command=command, tended=found)


async def show_diff(lane: Lane, command: ShowDiff) -> None:
    """Show what changed where the topic works; nothing waits for that."""
    lane.spawn(partial(_read_diff, lane, command), "diff")


async def _read_diff(lane: Lane, command: ShowDiff) -> None:
    try:
        diff, tree = await diff_of(lane.kit, lane.key)
    except (TopicdError, OSError) as error:
        lane.post(DiffRead(command=command, diff=None, fault=in_words(error)))
    else:
        lane.post(DiffRead(command=command, diff=diff, worktree=tree))


async def diff_read(lane: Lane, message: DiffRead) -> None:
    """Tell what changed."""
    origin, diff = message.command.origin, message.diff
    async with lane.change(origin.update_id) as change:
        if diff is None:
            await change.say(
                Refused(topic=lane.key, reply_to=origin.message_id, text=message.fault or words("project-gone"))
            )
        else:
            told = DiffTold(
                topic=lane.key, reply_to=origin.message_id, diff=diff, worktree=message.worktree, at=change.at
            )
            await change.say(told)


async def _open(lane: Lane, command: OpenWorktree) -> Tended:
    kit = lane.kit
    topic = await Topics(kit.db).get(lane.key)
    here = kit.catalogue.choice(topic).directory
    mine = await Worktrees(kit.db).of_topic(lane.key)
    current = next((each for each in mine if is_below(here, each.path)), None)
    await _clear_unfinished(lane, mine)
    mine = await Worktrees(kit.db).of_topic(lane.key)
    source = current.source if current is not None else here
    await check_place(kit, source)
    place = await checkouts.place_of(kit.git, source)
    await checkouts.check_branch(kit.git, source, command.branch)
    if not place.head:
        raise Refusal("project-no-commits", directory=shown(place.top))
    known = await checkouts.checkouts_of(kit.git, source)
    there = next((each for each in known if each.branch == command.branch), None)
    if there is not None:
        for tree in mine:
            if tree.state is WorktreeState.THERE and _same(tree.path, there.path):
                return Tended(outcome=Outcome.TAKEN, worktree=tree)
        raise Refusal("project-branch-taken", branch=command.branch, directory=shown(there.path))
    is_new = not await checkouts.has_branch(kit.git, source, command.branch)
    base = place.head
    if not is_new:
        common = await checkouts.asked(kit.git, source, "merge-base", "HEAD", f"refs/heads/{command.branch}")
        base = common.text if common.ok else base
    taken = checkouts.taken_names(kit.catalogue.worktrees, known, mine)
    name = directory_name(Path(place.top).name, command.branch, taken)
    path = str(Path(kit.catalogue.worktrees) / name)
    tree = Worktree(
        id=0,
        topic=lane.key,
        state=WorktreeState.MAKING,
        repository=place.top,
        source=source,
        path=path,
        directory=path,
        branch=command.branch,
        made_branch=is_new,
        base=base,
        base_branch=place.branch,
        project=topic.project,
        came_from=topic.directory if current is None else current.came_from,
        made_at=kit.clock(),
    )
    return Tended(outcome=Outcome.MADE, worktree=await _make(lane, tree, place.prefix))


async def _make(lane: Lane, tree: Worktree, prefix: str) -> Worktree:
    """What is about to be made is stored first: what a crash leaves half-made is taken away before the next."""
    async with lane.kit.db.transaction() as tx:
        tree = await worktrees.add(tx, tree)
    try:
        await checkouts.make(lane.kit.git, tree)
    except Refusal:
        async with lane.kit.db.transaction() as tx:
            await worktrees.mark(tx, tree.id, WorktreeState.GONE, lane.kit.clock())
        raise
    inside = Path(tree.path) / prefix
    if prefix and await anyio.Path(inside).is_dir():
        tree = replace(tree, directory=str(inside))
        async with lane.kit.db.transaction() as tx:
            await worktrees.set_directory(tx, tree.id, tree.directory)
    return tree


async def _clear_unfinished(lane: Lane, mine: Sequence[Worktree]) -> None:
    """What a crash left half-made, and what somebody deleted by hand."""
    for tree in mine:
        if tree.state is WorktreeState.MAKING or not await anyio.Path(tree.path).is_dir():
            await checkouts.unmake(lane.kit.git, tree)
            async with lane.kit.db.transaction() as tx:
                await worktrees.mark(tx, tree.id, WorktreeState.GONE, lane.kit.clock())


def _same(one: str, other: str) -> bool:
    return Path(one).resolve() == Path(other).resolve()


async def _tend(lane: Lane, command: TendWorktree) -> Tended:
    kit = lane.kit
    if not command.number:
        return await _show(lane)
    tree = await Worktrees(kit.db).get(command.number)
    if tree is None or tree.topic != lane.key or tree.state is not WorktreeState.THERE:
        raise Refusal("project-gone")
    match command.deed:
        case Deed.COMMIT:
            topic = await Topics(kit.db).get(lane.key)
            return await checkouts.commit(kit.git, tree, topic.name or f"Work on {tree.branch}")
        case Deed.MERGE:
            return await checkouts.merge(kit.git, tree)
        case Deed.REMOVE_NOW | Deed.REMOVE_ALL:
            return await _remove(lane, tree, command)
        case _:
            return Tended(outcome=Outcome.SHOWN, worktree=tree)


async def _show(lane: Lane) -> Tended:
    """The worktree that the topic is in, else its last one."""
    tree = await topic_worktrees.current(lane.kit, lane.key)
    if tree is None:
        here = lane.kit.catalogue.choice(await Topics(lane.kit.db).get(lane.key)).directory
        raise Refusal("project-no-worktree", directory=shown(here))
    return Tended(outcome=Outcome.SHOWN, worktree=tree, standing=await checkouts.standing(lane.kit.git, tree))


async def _remove(lane: Lane, tree: Worktree, command: TendWorktree) -> Tended:
    if await Worktrees(lane.kit.db).is_worked_in(tree.path) or await _runs_on(lane, tree):
        raise Refusal("project-busy")
    now = await checkouts.standing(lane.kit.git, tree)
    loses = now.is_there and (now.uncommitted or not now.is_merged)
    if loses and (command.deed is Deed.REMOVE_NOW or command.mark != now.mark):
        return Tended(outcome=Outcome.ASK_AGAIN, worktree=tree, standing=now)
    gone = await checkouts.remove(lane.kit.git, tree, now)
    return Tended(outcome=Outcome.REMOVED, worktree=tree, standing=now, branch_gone=gone)


async def _runs_on(lane: Lane, tree: Worktree) -> bool:
    """Whether a program that waits for prompts has something of its own running there, or does not say."""
    there = [each for each in lane.runs.values() if is_below(each.directory or "/", tree.path)]
    if any(run.background for run in there):
        return True
    with anyio.move_on_after(_LOOK_S):
        for run in there:
            if not run.program_ended and (await run.run.status()).strays:
                return True
        return False
    return True


async def tended(lane: Lane, message: WorktreeTended) -> None:
    """Git is through: the topic moves, if it does, in one change with what is said."""
    command, found = message.command, message.tended
    tree = found.worktree
    async with lane.change(command.origin.update_id) as change:
        if tree is None:
            why = found.why or words("project-gone")
            await change.say(Refused(topic=lane.key, reply_to=command.origin.message_id, text=why))
            return
        remark = ""
        topic = await topics.ensure(change.tx, lane.key)
        if found.outcome in (Outcome.MADE, Outcome.TAKEN):
            await worktrees.mark(change.tx, tree.id, WorktreeState.THERE, change.at)
            remark = await _move(lane, change, topic, tree.directory)
        elif found.outcome is Outcome.REMOVED:
            await worktrees.mark(change.tx, tree.id, WorktreeState.GONE, change.at)
            if is_below(topic.directory or "/", tree.path):
                remark = await _move(lane, change, topic, tree.came_from)
            _retire_idle(lane, change, tree)
        if found.outcome in _TOLD or found.outcome is Outcome.REMOVED or not command.origin.quiet:
            await change.say(
                WorktreeTold(
                    topic=lane.key, reply_to=command.origin.message_id, tended=found, remark=remark, at=change.at
                )
            )


async def _move(lane: Lane, change: Change, topic: Topic, directory: str) -> str:
    """The topic works elsewhere from now on; where that is, if it did not say so itself."""
    asked = await lane_places.is_asked(lane, change)
    before = lane.kit.catalogue.choice(topic)
    chosen = replace(topic, directory=directory)
    after = lane.kit.catalogue.choice(chosen)
    if before.directory != after.directory:
        chosen = replace(chosen, current_session_id=None)
    await topics.choose(change.tx, chosen)
    if asked and await lane_places.answered(lane, change, chosen):
        await advance(lane, change)
    return after.directory


def _retire_idle(lane: Lane, change: Change, tree: Worktree) -> None:
    for run in lane.runs.values():
        if is_below(run.directory, tree.path) and run.live is None and not run.program_ended:
            change.then(run.retire)
