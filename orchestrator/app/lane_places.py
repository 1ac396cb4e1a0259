"""Where a topic works: offered with its first prompt, answered by whatever is chosen."""

from dataclasses import replace

from orchestrator.app.change import Change
from orchestrator.app.lane import Lane
from orchestrator.domain.ids import SessionId
from orchestrator.domain.lane import let_go
from orchestrator.domain.notices import PlaceOffered
from orchestrator.domain.projects import FirstPrompt, Offer, first_prompt, may_be_offered
from orchestrator.domain.records import Topic, Turn
from storage import places, sessions, stops, topics


async def judge(lane: Lane, change: Change) -> FirstPrompt:
    """What becomes of a prompt that comes now."""
    if not lane.kit.catalogue.projects:
        return FirstPrompt.RUNS
    topic = await topics.ensure(change.tx, lane.key)
    if not may_be_offered(topic, lane.kit.catalogue):
        return FirstPrompt.RUNS
    offer = await places.offer_of(change.tx, lane.key)
    has_worked = await places.has_worked(change.tx, lane.key)
    return first_prompt(topic, lane.kit.catalogue, offer, has_worked=has_worked)


async def offer(lane: Lane, change: Change, turn: Turn, fate: FirstPrompt) -> None:
    """Offer projects and directories with a prompt; ask for one if it waits for the answer."""
    if fate is FirstPrompt.RUNS:
        return
    waits = fate is FirstPrompt.WAITS and turn.id in change.state.held
    before = await places.offer_of(change.tx, lane.key)
    if waits and before is Offer.ASKS and len(change.state.held) > 1:
        return  # the question stands above already
    await places.set_offer(change.tx, lane.key, Offer.ASKS if waits else Offer.MADE)
    choice = lane.kit.catalogue.choice(await topics.ensure(change.tx, lane.key))
    await change.say(
        PlaceOffered(
            topic=lane.key,
            reply_to=turn.reply_to,
            asks=waits,
            directory=choice.directory,
            projects=tuple(sorted(lane.kit.catalogue.projects)),
            at=change.at,
        )
    )


async def is_asked(lane: Lane, change: Change) -> bool:
    """Whether prompts wait here until somebody says where to work."""
    if not lane.kit.catalogue.projects or await places.offer_of(change.tx, lane.key) is not Offer.ASKS:
        return False
    return not await places.has_worked(change.tx, lane.key)


async def answered(lane: Lane, change: Change, topic: Topic) -> int:
    """Somebody said where: what waited for that is to run there. How many prompts that are.

    Their session, in which nothing was done yet, becomes what the topic says now. Those that a stop let rest go on
    resting, but there.
    """
    await places.set_offer(change.tx, lane.key, Offer.ANSWERED)
    choice = lane.kit.catalogue.choice(topic)
    spec = lane.kit.catalogue.agents[choice.agent]
    freed = []
    settled: set[SessionId] = set()
    for turn_id in change.state.held:
        turn = change.turns[turn_id]
        if turn.session_id not in settled:
            settled.add(turn.session_id)
            fresh = lane.kit.agent(spec).new_session_id()
            await places.settle(change.tx, turn.session_id, choice, fresh)
        if not await stops.was_stopped_after(change.tx, lane.key, turn.created_at, task=False):
            await places.let_go(change.tx, turn_id)
            change.turns[turn_id] = replace(turn, held=False)
            freed.append(turn_id)
    change.state = let_go(change.state, freed)
    if topic.current_session_id is None and settled:
        found = [each for number in settled if (each := await sessions.get(change.tx, number)) is not None]
        if found:
            await topics.choose(change.tx, replace(topic, current_session_id=found[-1].id))
    return len(freed)
