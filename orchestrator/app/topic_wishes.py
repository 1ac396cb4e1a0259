"""What a topic wants beside its agent: what becomes of a prompt that comes while one works."""

from orchestrator.app.lane import Lane
from orchestrator.domain.lane import WhenBusy
from storage.topics import Topics


async def when_busy(lane: Lane) -> WhenBusy:
    """What becomes of a prompt that comes while one works here."""
    return lane.kit.policy.when_busy_in(await Topics(lane.kit.db).get(lane.key))
