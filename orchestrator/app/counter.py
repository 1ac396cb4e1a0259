"""The counter: answers to commands that change nothing, and what they are answered from."""

from collections.abc import Callable, Sequence

from orchestrator.app.kit import Kit
from orchestrator.domain.ids import RequestId, SessionId, TopicKey, TurnId, UserId
from orchestrator.domain.records import Chat, Letter, Session, Topic, Turn
from orchestrator.domain.requests import Request
from storage import inbox, outbox
from storage.inbox import Inbox
from storage.menu_replies import MenuReplies
from storage.models import Models
from storage.outbox import Outbox
from storage.requests import Requests
from storage.sessions import Sessions
from storage.topics import Topics, ask_about, migrate_chat
from storage.turns import Turns
from storage.usage import UsageRows


class Counter:
    """Reads for lists and menus, and letters that belong to no lane."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._inbox = Inbox(kit.db)
        self.menu_replies = MenuReplies(kit.db)
        self.usage = UsageRows(kit.db)
        self._topics = Topics(kit.db)
        self._sessions = Sessions(kit.db)
        self._turns = Turns(kit.db)
        self._outbox = Outbox(kit.db)
        self._requests = Requests(kit.db)
        self._models = Models(kit.db)

    async def answer(self, update_id: int | None, letters: Sequence[Letter], *, more_ids: Sequence[int] = ()) -> bool:
        """Owe letters and be done with an update, and those that came with it, in one commit.

        False if it was done before.
        """
        at = self._kit.clock()
        async with self._kit.db.transaction() as tx:
            if not await inbox.mark_done(tx, update_id, at):
                return False
            for each in more_ids:
                await inbox.mark_done(tx, each, at)
            stored = [await outbox.add(tx, letter, at) for letter in letters]
        self._kit.post.put(stored)
        return True

    async def is_handled(self, update_id: int) -> bool:
        """Whether an update's effect is stored, or it was given up."""
        return await self._inbox.is_handled(update_id)

    async def topic(self, key: TopicKey) -> Topic:
        """A topic and its choices."""
        return await self._topics.get(key)

    async def models(self, agent: str) -> Sequence[tuple[str, str]]:
        """The models of an agent that are known, with a few words about each: the last chosen, then what it offers."""
        return await self._models.known(agent)

    async def directory(self, key: TopicKey) -> str:
        """Where a topic's conversation works: its session's directory, or what the next one would have."""
        topic = await self._topics.get(key)
        choice = self._kit.catalogue.choice(topic)
        session_id = topic.current_session_id
        session = None if session_id is None else await self._sessions.get(session_id)
        if session is not None and self._kit.catalogue.suits(session, choice):
            return session.directory
        return choice.directory

    async def topics_of(self, chat_id: int) -> Sequence[Topic]:
        """All known topics of a chat."""
        return await self._topics.of_chat(chat_id)

    async def chat(self, chat_id: int) -> Chat | None:
        """A chat as last seen."""
        return await self._topics.chat(chat_id)

    async def see_chat(self, chat: Chat) -> None:
        """Remember a chat as it is now; writes only what changed."""
        known = await self._topics.chat(chat.chat_id)
        if known is None or (known.type, known.title, known.is_forum) != (chat.type, chat.title, chat.is_forum):
            await self._topics.see(chat)

    async def ask_about_chat(self, update_id: int | None, chat_id: int, letters: Sequence[Letter]) -> bool:
        """Ask admins about a chat and be done with the update, in one commit. False if they were asked before."""
        at = self._kit.clock()
        async with self._kit.db.transaction() as tx:
            if not await inbox.mark_done(tx, update_id, at) or not await ask_about(tx, chat_id, at):
                return False
            stored = [await outbox.add(tx, letter, at) for letter in letters]
        self._kit.post.put(stored)
        return True

    async def approve_chat(self, chat_id: int, user_id: UserId) -> None:
        """An admin lets the bot work in a chat."""
        await self._topics.approve(chat_id, user_id)

    async def topic_named(self, key: TopicKey, name: str) -> None:
        """A topic was created or renamed."""
        await self._topics.named(key, name)

    async def topic_condition(self, key: TopicKey, condition: str) -> int:
        """A topic is `open`, `closed` or `gone`; what was held for an open one is owed again: how many letters."""
        await self._topics.condition(key, condition)
        released = await self._outbox.release(key) if condition == "open" else []
        self._kit.post.put(released)
        return len(released)

    async def deliver_elsewhere(self, key: TopicKey, change: Callable[[Letter], Letter]) -> int:
        """Owe what is held for a topic as `change` makes it; how many letters that were."""
        moved = await self._outbox.redirect(key, change)
        self._kit.post.put(moved)
        return len(moved)

    async def migrate(self, old: int, new: int) -> None:
        """A group became a supergroup: all that is stored of it moves along."""
        async with self._kit.db.transaction() as tx:
            await migrate_chat(tx, old, new)

    async def session(self, session_id: SessionId) -> Session | None:
        """A session."""
        return await self._sessions.get(session_id)

    async def sessions(self, key: TopicKey) -> Sequence[Session]:
        """A topic's sessions, the last used first."""
        return await self._sessions.of_topic(key)

    async def sessions_of_chat(self, chat_id: int) -> Sequence[Session]:
        """A chat's sessions, the last used first."""
        return await self._sessions.of_chat(chat_id)

    async def last_turn(self, session_id: SessionId) -> Turn | None:
        """The newest turn of a session."""
        return await self._turns.last_of_session(session_id)

    async def tasks(self, chat_id: int) -> Sequence[Turn]:
        """A chat's tasks, the unfinished first."""
        return await self._turns.tasks(chat_id)

    async def turn(self, turn_id: TurnId) -> Turn | None:
        """A turn."""
        return await self._turns.get(turn_id)

    async def notice_of(self, turn_id: TurnId) -> int | None:
        """The message that told people that a turn waits, if it was sent."""
        return await self._outbox.notice_of(turn_id)

    async def session_with_name(self, key: TopicKey, name: str) -> Session | None:
        """A topic's session by its name, whatever its case."""
        return await self._sessions.with_name(key, name)

    async def request(self, request_id: RequestId) -> Request | None:
        """Something that an agent asked."""
        return await self._requests.get(request_id)

    async def request_of_message(self, chat_id: int, message_id: int) -> Request | None:
        """What an agent asked with a message, if anything."""
        return await self._requests.of_message(chat_id, message_id)

    async def turn_of_message(self, chat_id: int, message_id: int) -> Turn | None:
        """The turn that a message belongs to, if any."""
        turn_id = await self._outbox.turn_of(chat_id, message_id)
        return None if turn_id is None else await self._turns.get(turn_id)
