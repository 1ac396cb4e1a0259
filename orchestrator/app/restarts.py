"""A restart of the bot that a person asked for: told before it, and told when it is done, once each."""

import json
from collections.abc import Callable

from orchestrator.app.kit import Kit
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.records import Letter
from storage import facts, inbox, outbox

_FACT = "restart"


async def announce(kit: Kit, update_id: int | None, letter: Letter) -> bool:
    """Owe the word that the bot restarts, and be done with the update that asked for it, in one commit.

    False if it was done before: then the bot has been restarted for it, and must not be again.
    """
    at = kit.clock()
    async with kit.db.transaction() as tx:
        if not await inbox.mark_done(tx, update_id, at):
            return False
        stored = await outbox.add(tx, letter, at)
        where = {"letter": stored.id, "chat": letter.topic.chat_id, "thread": letter.topic.thread_id}
        await facts.put(tx, _FACT, json.dumps(where))
    kit.post.put([stored])
    return True


async def tell_done(kit: Kit, compose: Callable[[TopicKey, int], Letter]) -> None:
    """If somebody asked for this start, owe the word that it is done. `compose` gets the letter that told of it."""
    async with kit.db.transaction() as tx:
        known = await facts.get(tx, _FACT)
        if not known:
            return
        where = json.loads(known)
        letter = compose(TopicKey(where["chat"], where["thread"]), where["letter"])
        stored = await outbox.add(tx, letter, kit.clock())
        await facts.put(tx, _FACT, "")
    kit.post.put([stored])
