"""Topics that Telegram lets nobody write to: what is owed there is held, and an admin decides.

Nothing goes into General instead: it would stand there without what it belongs to, for other eyes.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.buttons import Press, Verb, button
from bot.desk import Desk
from bot.letter_body import Body
from bot.letters import reply
from bot.render import builder as b
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.ports import Clock
from orchestrator.domain.records import Letter

_TOLD_AGAIN_MS = 3_600_000


class LostTopics:
    """Tells admins of topics that are closed or gone, each at most once an hour."""

    def __init__(self, desk: Desk, admins: Sequence[int], clock: Clock) -> None:
        self._desk = desk
        self._admins = admins
        self._clock = clock
        self._told_ms: dict[TopicKey, int] = {}

    async def lost(self, key: TopicKey, condition: str, description: str) -> None:
        """Telegram refused a letter for this topic, which is held now. `condition` is `closed` or `gone`."""
        await self._desk.counter.topic_condition(key, condition)
        if self._clock() - self._told_ms.get(key, -_TOLD_AGAIN_MS) < _TOLD_AGAIN_MS:
            return
        self._told_ms[key] = self._clock()
        topic = await self._desk.counter.topic(key)
        chat = await self._desk.counter.chat(key.chat_id)
        where = f"topic «{topic.name or key.thread_id}» of " if key.thread_id is not None else ""
        back = "It is delivered when the topic is open again." if condition == "closed" else ""
        text = b.message(
            b.lines(
                f"⚠ I can't write to {where}«{chat.title if chat else key.chat_id}» ({description}).",
                f"What belongs there is held. {back}",
            )
        )
        keyboard = [[button("📨 Deliver it here", Press(Verb.DELIVER, str(key.chat_id), key.thread_id), "primary")]]
        letters = [reply(TopicKey(admin), None, text, keyboard) for admin in self._admins if admin != key.chat_id]
        await self._desk.send(None, letters)


def redirected(letter: Letter, to: TopicKey) -> Letter:
    """A held letter as it is sent somewhere else: a message of its own, no reply and no edit."""
    body = Body.from_json(letter.body).without_reply()
    params = {name: value for name, value in body.params.items() if name != "message_thread_id"}
    params["chat_id"] = to.chat_id
    if to.thread_id is not None:
        params["message_thread_id"] = to.thread_id
    return replace(letter, topic=to, body=replace(body, params=params).to_json(), edits_id=None)
