"""Topics that Telegram lets nobody write to: what is owed there is held, and an admin decides.

Nothing goes into General instead: it would stand there without what it belongs to, for other eyes.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.buttons import Keyboard, Press, Verb, button
from bot.groups import Groups
from bot.letter_body import Body
from bot.letter_refusals import NO_RIGHTS
from bot.letters import reply
from bot.render import builder as b
from bot.words.speech import say, say_rich
from orchestrator.app.counter import Counter
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.ports import Clock
from orchestrator.domain.records import Letter

_TOLD_AGAIN_MS = 3_600_000
_TRIED_AGAIN_MS = 60_000


class LostTopics:
    """Tells admins of topics that are closed or gone, each at most once an hour."""

    def __init__(
        self,
        *,
        orchestrator: Orchestrator,
        counter: Counter,
        groups: Groups,
        admins: Sequence[int],
        clock: Clock,
    ) -> None:
        self._orchestrator = orchestrator
        self._counter = counter
        self._groups = groups
        self._admins = admins
        self._clock = clock
        self._told_ms: dict[TopicKey, int] = {}
        self._gone_ms: dict[TopicKey, int] = {}

    def know(self, gone: Sequence[TopicKey]) -> None:
        """Topics that were gone in an earlier life of the bot."""
        self._gone_ms.update(dict.fromkeys(gone, 0))

    async def lost(self, key: TopicKey, condition: str, description: str) -> None:
        """Telegram refused a letter for this topic, which is held now. `condition` is `closed` or `gone`."""
        await self._counter.topic_condition(key, condition)
        if condition == "gone":
            self._gone_ms[key] = self._clock()
        if key.chat_id in self._admins:
            return  # who blocked the bot is told nothing by it, and need not be denounced to the others
        if any(each.casefold() in description.casefold() for each in NO_RIGHTS) and key.chat_id < 0:
            standing = await self._groups.look(key.chat_id)
            if standing is not None and not standing.can_write:
                return  # that is told of the group, once, with what to grant
        if self._clock() - self._told_ms.get(key, -_TOLD_AGAIN_MS) < _TOLD_AGAIN_MS:
            return
        self._told_ms[key] = self._clock()
        await self._tell(key, condition, description)

    async def _tell(self, key: TopicKey, condition: str, description: str) -> None:
        works = working(self._orchestrator, key)
        text = b.lines(
            say_rich("topic-lost", where=await self.named(key), error=description),
            say_rich("topic-lost-closed") if condition == "closed" else "",
            say_rich("topic-lost-works", n=works) if works else "",
        )
        keyboard: Keyboard = [
            [button(say("topic-deliver"), Press(Verb.DELIVER, str(key.chat_id), key.thread_id), "primary")]
        ]
        if works:
            keyboard.append([stop_place_button(key)])
        letters = [reply(TopicKey(admin), None, b.message(text), keyboard) for admin in self._admins]
        await self._counter.answer(None, letters)

    async def named(self, key: TopicKey) -> str:
        """A topic as people know it."""
        chat = await self._counter.chat(key.chat_id)
        title = chat.title if chat is not None and chat.title else str(key.chat_id)
        if key.thread_id is None:
            return say("topic-general-named" if chat is not None and chat.is_forum else "topic-chat-named", chat=title)
        topic = await self._counter.topic(key)
        return say("topic-named", name=topic.name or str(key.thread_id), chat=title)

    async def heard_from(self, key: TopicKey) -> None:
        """Somebody wrote there: what is gone for us is there for them, so what is held is tried again, seldom."""
        tried_ms = self._gone_ms.get(key)
        if tried_ms is None or self._clock() - tried_ms < _TRIED_AGAIN_MS:
            return
        del self._gone_ms[key]
        await self._counter.topic_condition(key, "open")


def working(orchestrator: Orchestrator, key: TopicKey) -> int:
    """How many turns work in a topic, tasks too."""
    lane = orchestrator.peek(key)
    return 0 if lane is None else len(lane.state.active)


def stop_place_button(key: TopicKey) -> dict[str, object]:
    """The button that stops all that works in a topic, wherever it is pressed."""
    return button(say("topic-stop-there"), Press(Verb.STOP_PLACE, str(key.chat_id), key.thread_id), "danger")


def redirected(letter: Letter, to: TopicKey) -> Letter:
    """A held letter as it is sent somewhere else: a message of its own, no reply and no edit."""
    body = Body.from_json(letter.body).without_reply()
    params = {name: value for name, value in body.params.items() if name != "message_thread_id"}
    params["chat_id"] = to.chat_id
    if to.thread_id is not None:
        params["message_thread_id"] = to.thread_id
    return replace(letter, topic=to, body=replace(body, params=params).to_json(), edits_id=None)
