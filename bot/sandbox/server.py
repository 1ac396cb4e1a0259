"""`Sandbox`: a local Telegram on loopback, for tests and for trying the bot without a token.

    async with Sandbox() as box:
        alice = box.people["alice"]
        alice.says(box.workshop, box.topic("api"), "hello")
        answer = await box.wait_for(lambda m: "hi" in m.text, timeout_s=5)

Waits are told of every change as it happens; nothing is polled. All state is in memory.
"""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.sandbox.bot_api import BotApi
from bot.sandbox.calls import Call, CallLog
from bot.sandbox.changes import Change, Deleted, Edited, Posted
from bot.sandbox.control import Control
from bot.sandbox.faults import Faults
from bot.sandbox.flood import Flood, FloodPolicy
from bot.sandbox.model import Chat, Message, Topic, User
from bot.sandbox.people import Person
from bot.sandbox.polling import Poller
from bot.sandbox.seed import FLAT_GROUP_ID, WORKSHOP_ID, Seed, default_world
from bot.sandbox.watch import Watch
from bot.sandbox.weather import Weather
from bot.sandbox.world import World

DEFAULT_TOKEN = "7100000001:AAsandbox-sandbox-sandbox-sandbox00"  # noqa: S105 - opens nothing but a sandbox
_MAX_REQUEST_BYTES = 64 << 20
_CLOSE_S = 2.0
_SHOWN_IN_ERRORS = 12


class Sandbox:
    """A Telegram with one bot. `port` 0 takes a free one; `url` is known once it is entered."""

    def __init__(
        self,
        *,
        port: int = 0,
        token: str = DEFAULT_TOKEN,
        seed: Seed = default_world,
        policy: FloodPolicy | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.token = token
        bot_id = int(token.partition(":")[0])
        bot = User(id=bot_id, first_name="topicd", username="topicd_sandbox_bot", is_bot=True)
        self.world = World(bot=bot, now=now, monotonic=monotonic)
        self.flood = Flood(policy or FloodPolicy(), monotonic=monotonic)
        self.faults = Faults(monotonic=monotonic)
        self.calls = CallLog()
        self.people: dict[str, Person] = {}
        self._port = port
        self._url = ""
        self._changes: Watch[Change] = Watch()
        self._arrived_calls: Watch[Call] = Watch()
        self._ended_calls: Watch[Call] = Watch()
        seed(self.world)
        self.world.listeners.append(self._changes.tell)
        self.calls.on_arrival.append(self._arrived_calls.tell)
        self.calls.on_done.append(self._ended_calls.tell)
        for user in tuple(self.world.users.values()):
            if not user.is_bot:
                self.add_person(user)
        self._poller = Poller(self.world, self.faults)
        self._api = BotApi(
            world=self.world,
            token=token,
            flood=self.flood,
            faults=self.faults,
            calls=self.calls,
            poller=self._poller,
            monotonic=monotonic,
        )
        self.control = Control(
            world=self.world,
            people=self.people,
            flood=self.flood,
            weather=Weather(self.flood, self.faults),
            calls=self.calls,
        )
        self._runner: web.AppRunner | None = None

    # Life

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_MAX_REQUEST_BYTES)
        self._api.add_routes(app)
        self.control.add_routes(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSE_S)
        await runner.setup()
        self._runner = runner
        try:
            site = web.TCPSite(runner, "127.0.0.1", self._port)
            await site.start()
        except BaseException:
            await runner.cleanup()
            raise
        self._port = int(runner.addresses[0][1])
        self._url = f"http://127.0.0.1:{self._port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._poller.close()
        await self.control.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where it listens: base of the Bot API, and the page at `/`."""
        return self._url

    @property
    def port(self) -> int:
        """The TCP port."""
        return self._port

    # What is there

    @property
    def workshop(self) -> Chat:
        """The forum of the default world."""
        return self.world.chats[WORKSHOP_ID]

    @property
    def flat(self) -> Chat:
        """The group without topics of the default world."""
        return self.world.chats[FLAT_GROUP_ID]

    def private(self, name: str) -> Chat:
        """The private chat of the bot with a person."""
        return self.world.chats[self.people[name].id]

    def add_person(self, user: User) -> Person:
        """One more person, by user name in `people`; without a private chat until one is added."""
        person = Person(self.world, self.world.add_user(user), self._changes)
        self.people[user.username] = person
        return person

    def topic(self, name: str, chat: Chat | None = None) -> Topic:
        """A topic by its name, in the Workshop unless `chat` says otherwise."""
        home = chat or self.workshop
        found = next((topic for topic in home.topics.values() if topic.name == name), None)
        if found is None:
            names = ", ".join(repr(topic.name) for topic in home.topics.values()) or "none"
            raise LookupError(f"{home.title} has no topic {name!r}; there are: {names}")
        return found

    def messages(
        self, chat: Chat | int, thread: Topic | int | None = None, *, by_bot: bool | None = None
    ) -> list[Message]:
        """The messages of one topic (None: General, or a chat without topics), oldest first."""
        home = chat if isinstance(chat, Chat) else self.world.chats[chat]
        thread_id = thread.thread_id if isinstance(thread, Topic) else thread
        found = (home.messages[number] for number in sorted(home.messages))
        return [
            message
            for message in found
            if message.thread_id == thread_id and (by_bot is None or (message.sender == self.world.bot) is by_bot)
        ]

    def now(self, message: Message) -> Message | None:
        """The newest version of a message; None if it was deleted."""
        return self.world.message(*message.key)

    def versions(self, message: Message) -> tuple[Message, ...]:
        """All versions of a message, oldest first; outlives its deletion."""
        return self.world.versions(message)

    def text_of(self, message: Message) -> str:
        """The text (or caption) of the newest version; empty if it was deleted."""
        current = self.now(message)
        return "" if current is None else current.text

    def set_webhook(self, url: str, *, error: str = "") -> None:
        """As if the bot had been told to use a webhook; `error` is what the last delivery came to."""
        self._poller.webhook_url, self._poller.webhook_error = url, error

    def updates_pending(self) -> int:
        """How many updates the bot has not acknowledged."""
        return len(self.world.updates.pending)

    # Waiting

    async def wait_for(
        self,
        condition: Callable[[Message], bool],
        *,
        timeout_s: float = 10.0,
        chat: Chat | None = None,
        thread: Topic | int | None = None,
        by_bot: bool = True,
        after: Message | None = None,
    ) -> Message:
        """The first message (or version of one) that meets `condition`, among those there and to come.

        By default only the bot's; `chat` and `thread` narrow it (a thread needs no chat: it is looked up
        by id), `after` leaves out everything up to that message. TimeoutError shows what was said.
        """
        thread_id = thread.thread_id if isinstance(thread, Topic) else thread

        def fits(message: Message) -> bool:
            return (
                (not by_bot or message.sender == self.world.bot)
                and (chat is None or message.chat_id == chat.id)
                and (thread_id is None or message.thread_id == thread_id)
                and (after is None or message.message_id > after.message_id)
                and condition(message)
            )

        for home in tuple(self.world.chats.values()):
            for number in sorted(home.messages):
                if fits(home.messages[number]):
                    return home.messages[number]
        try:
            change = await self._changes.next(
                lambda c: isinstance(c, (Posted, Edited)) and fits(c.message), timeout_s=timeout_s
            )
        except TimeoutError:
            raise TimeoutError(f"no such message within {timeout_s} s. Last messages:\n{self._tail()}") from None
        if not isinstance(change, (Posted, Edited)):
            raise TypeError(f"waited for a message, got {change}")
        return change.message

    async def wait_gone(self, message: Message, *, timeout_s: float = 10.0) -> None:
        """Until a message is deleted."""
        if self.now(message) is not None:
            await self._changes.next(
                lambda c: (
                    isinstance(c, Deleted) and c.chat_id == message.chat_id and message.message_id in c.message_ids
                ),
                timeout_s=timeout_s,
            )

    async def wait_change(self, condition: Callable[[Change], bool], *, timeout_s: float = 10.0) -> Change:
        """The next change of any kind that meets `condition`; what already happened does not count."""
        return await self._changes.next(condition, timeout_s=timeout_s)

    async def wait_call(
        self,
        method: str = "",
        condition: Callable[[Call], bool] = lambda call: True,
        *,
        timeout_s: float = 10.0,
        since: int | None = None,
    ) -> Call:
        """The next call to end that fits; with `since` (an earlier `len(box.calls)`) also one of the past."""

        def fits(call: Call) -> bool:
            return (not method or call.method == method) and call.done_at is not None and condition(call)

        if since is not None:
            for call in self.calls[since:]:
                if fits(call):
                    return call
        try:
            return await self._ended_calls.next(fits, timeout_s=timeout_s)
        except TimeoutError:
            recent = ", ".join(call.method for call in self.calls[-_SHOWN_IN_ERRORS:])
            raise TimeoutError(
                f"no such call of {method or 'any method'} within {timeout_s} s. Last calls: {recent}"
            ) from None

    async def wait_arrival(self, method: str, *, timeout_s: float = 10.0, since: int = 0) -> Call:
        """The first call of `method` since `since` to arrive, ended or not: such as a poll that waits."""
        for call in self.calls[since:]:
            if call.method == method:
                return call
        return await self._arrived_calls.next(lambda call: call.method == method, timeout_s=timeout_s)

    def _tail(self) -> str:
        every = [message for chat in self.world.chats.values() for message in chat.messages.values()]
        every.sort(key=lambda message: (message.date, message.message_id))
        return "\n".join(
            f"  {m.chat_id}/{m.thread_id or '-'} #{m.message_id} "
            f"{m.sender.first_name if m.sender else '-'}: {m.text[:200]!r}"
            for m in every[-_SHOWN_IN_ERRORS:]
        )
