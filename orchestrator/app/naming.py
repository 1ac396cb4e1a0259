"""Topics get names; one that is called like a project is bound to it, while nothing was chosen or done there."""

from collections.abc import Callable, Sequence

from orchestrator.app.kit import Kit
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.policy import Project
from orchestrator.domain.projects import project_called
from orchestrator.domain.records import Letter
from storage import inbox, outbox, places, topics


async def name_topic(
    kit: Kit,
    update_id: int | None,
    key: TopicKey,
    name: str,
    told: Callable[[Project], Sequence[Letter]],
) -> None:
    """Remember a topic's name, bind it if that is a project's, say so, and be done with the update: in one commit."""
    at = kit.clock()
    stored = []
    async with kit.db.transaction() as tx:
        if not await inbox.mark_done(tx, update_id, at):
            return
        await topics.name(tx, key, name)
        project = kit.catalogue.projects.get(project_called(name, kit.catalogue.projects))
        if project is not None and await places.bind(tx, key, project.name):
            stored = [await outbox.add(tx, letter, at) for letter in told(project)]
    kit.post.put(stored)
