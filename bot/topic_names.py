"""The names of topics: told when they are made or renamed, else learned from their first message."""

from aiogram.types import Message

from bot.address import topic_of
from bot.desk import Desk
from bot.letter_body import send_text
from bot.words.speech import say_rich
from orchestrator.app.directories import shown
from orchestrator.app.naming import name_topic
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.policy import Project
from orchestrator.domain.records import Letter
from orchestrator.domain.states import Priority

_MOST = 10_000


class TopicNames:
    """Which topics' names are known, as far as this life of the bot has seen them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: set[TopicKey] = set()

    async def learn(self, message: Message) -> None:
        """In a topic whose making we missed, every message that answers nothing answers that (Bot API, `Message`)."""
        key, made = topic_of(message), message.reply_to_message
        if key.thread_id is None or key in self._known or made is None or made.forum_topic_created is None:
            return
        if not (await self._desk.counter.topic(key)).name:
            await named(self._desk, None, key, made.forum_topic_created.name)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known.add(key)


async def named(desk: Desk, update_id: int | None, key: TopicKey, name: str, *, quietly: bool = False) -> None:
    """A topic is called this now; done with the update. Where that was a stranger nothing is said."""

    def told(project: Project) -> list[Letter]:
        if quietly:
            return []
        text = say_rich("project-bound", project=project.name, directory=shown(project.path))
        body = send_text(key, text, silent=True)
        return [Letter(topic=key, priority=Priority.NOTICE, body=body.to_json())]

    await name_topic(desk.orchestrator.kit, update_id, key, name, told)
