"""A topic's worktrees as they are now, for those who look."""

from orchestrator.app import checkouts
from orchestrator.app.kit import Kit
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.projects import is_below
from orchestrator.domain.worktrees import Standing, Worktree, WorktreeState
from storage.topics import Topics
from storage.worktrees import Worktrees


async def current(kit: Kit, key: TopicKey) -> Worktree | None:
    """The worktree that a topic is in, else its last one, if it has one."""
    here = kit.catalogue.choice(await Topics(kit.db).get(key)).directory
    mine = [each for each in await Worktrees(kit.db).of_topic(key) if each.state is WorktreeState.THERE]
    return next((each for each in mine if is_below(here, each.path)), mine[-1] if mine else None)


async def standing(kit: Kit, key: TopicKey, number: int) -> tuple[Worktree, Standing] | None:
    """A worktree of a topic and how it stands; with 0 that which it is in. None if there is none.

    Raises Refusal if git can't be asked.
    """
    tree = await Worktrees(kit.db).get(number) if number else await current(kit, key)
    if tree is None or tree.topic != key or tree.state is not WorktreeState.THERE:
        return None
    return tree, await checkouts.standing(kit.git, tree)
