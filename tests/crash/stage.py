"""What people do in a scenario, what the agents write down, and what is owed to whom."""

import os
import re
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import anyio

from bot.sandbox.calls import Call
from bot.sandbox.model import Chat, ChatKind, Membership, Message, Topic
from bot.sandbox.seed import ALICE, FLAT_GROUP_ID, WORKSHOP_ID, default_world
from bot.sandbox.server import Sandbox
from bot.sandbox.world import World
from storage.database import DATABASE_NAME
from tests.whole_bot import WholeBot, shell

_GARDEN_ID = -1002000000003
_HARBOUR_ID = -1002000000004
CHATS = [WORKSHOP_ID, FLAT_GROUP_ID, _GARDEN_ID, _HARBOUR_ID]
_PATIENCE_S = 60.0

LINES = 700
"""Lines of a long answer: more than two messages hold."""

WITNESS = shell(
    f"""
read -r name how
# Taken up again, it is told so in a paragraph before its prompt.
if [ "$name" = You ]; then read -r name; read -r name how; name="$name-again"; how=; fi
echo "given $name $$" >> "$HOME/ledger"
echo "$name begins"
case $how in
hold) while [ ! -e "$HOME/go-$name" ]; do sleep 0.05; done ;;
long) seq -f "$name line %g" {LINES} ;;
esac
echo "$name ends"
echo "done $name $$" >> "$HOME/ledger"
"""
)
"""Writes down each prompt that it gets and whether it came to its end, with its pid. A prompt is a name
and how it goes on: `hold` waits until it is released, `long` says much."""

ASKER = {"protocol": "demo", "mode": "ask"}
"""The demo agent where it asks first."""


def seed(world: World) -> None:
    """Three forums, so that the budget of one chat does not hold up what happens in another."""
    default_world(world)
    members = {ALICE.id: Membership.CREATOR, world.bot.id: Membership.ADMINISTRATOR}
    for chat_id, title in ((_GARDEN_ID, "Garden"), (_HARBOUR_ID, "Harbour")):
        forum = Chat(id=chat_id, kind=ChatKind.SUPERGROUP, title=title, has_topics=True, members=dict(members))
        world.add_chat(forum)
        world.create_topic(forum, "one", creator=ALICE)
        world.create_topic(forum, "two", creator=ALICE)


class Fate(StrEnum):
    """What has to become of a prompt."""

    ANSWERED = "answered"
    STOPPED = "stopped"
    WAITS = "waits"  # it rests since a stop, and nobody asked for it
    LOST = "lost"  # its agent was killed, and people are told


class Word(StrEnum):
    """What is decided about what a prompt's agent asks, as its message says it."""

    ALLOWED = "✅ Allow once · Alice"
    DENIED = "⛔ Denied · Alice"


@dataclass(frozen=True, slots=True)
class Place:
    """A topic of a forum; a chat without topics has none."""

    chat: Chat
    topic: Topic | None

    @property
    def thread_id(self) -> int | None:
        """Of the topic."""
        return None if self.topic is None else self.topic.thread_id


@dataclass(slots=True)
class Owed:
    """A prompt and what has to become of it. `lines` is how many lines its answer has between the ends."""

    name: str
    place: Place
    message: Message
    fate: Fate = Fate.ANSWERED
    lines: int = 0
    is_demo: bool = False
    stop: Message | None = None
    word: Word | None = None


@dataclass(slots=True)
class Stage:
    """One bot, one Telegram, and Alice."""

    box: Sandbox
    bot: WholeBot
    deaths: int = 0
    owed: dict[str, Owed] = field(default_factory=dict)
    replies: list[tuple[Message, str]] = field(default_factory=list)
    written_at: dict[tuple[int, int], int] = field(default_factory=dict)
    alive_at_stop: dict[str, list[int]] = field(default_factory=dict)
    steered: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.box.calls.on_done.append(self._look_at)

    # Places

    @property
    def api(self) -> Place:
        """A topic of the first forum."""
        return Place(self.box.workshop, self.box.topic("api"))

    @property
    def website(self) -> Place:
        """Another topic of the first forum."""
        return Place(self.box.workshop, self.box.topic("website"))

    @property
    def garden(self) -> Place:
        """A topic of the second forum."""
        chat = self.box.world.chats[_GARDEN_ID]
        return Place(chat, self.box.topic("one", chat))

    @property
    def harbour(self) -> Place:
        """A topic of the third forum."""
        chat = self.box.world.chats[_HARBOUR_ID]
        return Place(chat, self.box.topic("one", chat))

    # Deeds

    def says(self, place: Place, text: str, *, answer: str = "", to: Message | None = None) -> Message:
        """Alice writes. `answer` is what has to be said to it, at least once."""
        message = self.box.people["alice"].says(place.chat, place.topic, text, reply_to=to)
        self.written_at[message.key] = len(self.box.calls)
        if answer:
            self.replies.append((message, answer))
        return message

    def asks(self, place: Place, name: str, how: str = "", *, command: str = "") -> Owed:
        """Alice gives a prompt to the witness."""
        message = self.says(place, f"{command} {name} {how}".strip())
        owed = Owed(name, place, message, lines=LINES if how == "long" else 0)
        self.owed[name] = owed
        return owed

    def asks_demo(self, place: Place, name: str) -> Owed:
        """Alice gives a prompt to the demo agent, who keeps the same ledger."""
        steps = (
            f"run echo given {name} $PPID >> $HOME/ledger",
            f"say {name} begins",
            f"run echo done {name} $PPID >> $HOME/ledger",
            f"say {name} ends",
        )
        owed = Owed(name, place, self.says(place, "\n".join(steps)), is_demo=True)
        self.owed[name] = owed
        return owed

    def asks_asker(self, place: Place, name: str, word: Word) -> Owed:
        """Alice gives a prompt to the agent that asks before it runs a command; if denied, it then holds."""
        steps = [
            f"say {name} begins",
            f"ask echo ran {name} $PPID >> $HOME/ledger",
            f"run while [ ! -e $HOME/go-{name} ]; do sleep 0.05; done",
            f"say {name} ends",
        ]
        if word is Word.ALLOWED:
            del steps[2]
        owed = Owed(name, place, self.says(place, "\n".join(steps)), is_demo=True, word=word)
        self.owed[name] = owed
        return owed

    async def steers(self, place: Place, name: str) -> None:
        """Alice says something into the turn at work; until the bot has read it."""
        self.says(place, f"/steer say {name} heard")
        self.steered.append(name)
        await self._until(lambda: not self.box.updates_pending(), f"/steer {name} was read")

    def stops(self, place: Place, *names: str) -> Message:
        """Alice sends /stop, which ends these prompts."""
        command = self.says(place, "/stop", answer="Stopped")
        for name in names:
            self.owed[name].fate = Fate.STOPPED
            self.owed[name].stop = command
        return command

    def releases(self, *names: str) -> None:
        """Agents that hold go on."""
        for name in names:
            (self.bot.home / f"go-{name}").touch()

    def loses(self, name: str) -> None:
        """Somebody kills the supervisor of a prompt's agent, and the agent with it."""
        self.owed[name].fate = Fate.LOST
        agent = next(pid for _, known, pid in self.ledger() if known == name)
        parent = Path(f"/proc/{agent}/stat").read_text().rpartition(")")[2].split()[1]
        os.kill(int(parent), signal.SIGKILL)

    async def resumes(self, name: str) -> None:
        """Alice presses Resume as soon as she can."""
        lost = self.owed[name]
        notice = await self.box.wait_for(lambda m: m.button("Resume") is not None, timeout_s=_PATIENCE_S)
        self.box.people["alice"].presses(notice, "Resume")
        self.owed[f"{name}-again"] = Owed(f"{name}-again", lost.place, lost.message)

    # Waiting

    async def given(self, *names: str) -> None:
        """Until agents have these prompts."""
        await self._until(lambda: {name for _, name, _ in self.ledger()} >= set(names), f"given {names}")

    async def shown(self, name: str) -> Message:
        """Until a prompt has a message with a Stop button."""
        return await self.bot.live_of(self.owed[name].message, timeout_s=_PATIENCE_S)

    async def question(self, name: str) -> Message:
        """Until something is asked for a prompt, in a message that the bot knows of."""
        await self._until(lambda: self._question(name) is not None, f"a question of {name}")
        found = self._question(name)
        assert found is not None
        return found

    def _question(self, name: str) -> Message | None:
        rows = self.stored(f"""
            SELECT outbox.chat_id, outbox.message_id FROM requests JOIN outbox ON outbox.id = requests.letter_id
            WHERE outbox.message_id IS NOT NULL AND requests.asked LIKE '%ran {name} %'
        """)
        return next((self.box.world.message(*row) for row in rows), None)

    def stored(self, sql: str) -> list[Any]:
        """What the bot's database says; nothing before there is one."""
        path = self.bot.state / DATABASE_NAME
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as db, suppress(sqlite3.Error):
            return db.execute(sql).fetchall()
        return []

    async def hears(self, place: Place, text: str, *, after: Message | None = None) -> Message:
        """Until the bot says something in a topic."""
        return await self.box.wait_for(
            lambda m: text in m.text, chat=place.chat, thread=place.thread_id, after=after, timeout_s=_PATIENCE_S
        )

    async def answered(self, *names: str) -> None:
        """Until the last part of each answer is there."""
        for name in names:
            owed = self.owed[name]
            await self.box.wait_for(
                lambda m, name=name: f"{name} ends" in m.text and m.button("Stop") is None,  # type: ignore[misc]
                chat=owed.place.chat,
                thread=owed.place.thread_id,
                timeout_s=_PATIENCE_S,
            )

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        try:
            with anyio.fail_after(_PATIENCE_S):
                while not condition():  # noqa: ASYNC110 - a file tells nobody that it grew
                    await anyio.sleep(0.01)
        except TimeoutError:
            raise TimeoutError(f"never: {what}. The ledger: {self.ledger()}") from None

    # What the agents wrote down

    def ledger(self) -> list[tuple[str, str, int]]:
        """(given or done, name, pid), in order."""
        path: Path = self.bot.home / "ledger"
        text = path.read_text() if path.exists() else ""
        return [(word, name, int(pid)) for word, name, pid in re.findall(r"^(\w+) (\S+) (\d+)\n", text, re.MULTILINE)]

    def _look_at(self, call: Call) -> None:
        """At the very moment when people read `Stopped`: is anything of it alive?"""
        if "⏹ Stopped" not in str(call.params.get("text", "")) or not call.is_ok:
            return
        for owed in self.owed.values():
            here = call.chat_id == owed.place.chat.id and thread_of(self.box, call) == owed.place.thread_id
            if owed.fate is Fate.STOPPED and here:
                pids = {pid for _, name, pid in self.ledger() if name == owed.name}
                self.alive_at_stop.setdefault(owed.name, [pid for pid in pids if _is_alive(pid)])


def thread_of(box: Sandbox, call: Call) -> int | None:
    """The topic that a call concerns, by name or by the message that it edits."""
    if call.thread_id is not None or call.chat_id is None:
        return call.thread_id
    message_id = call.params.get("message_id")
    message = box.world.message(call.chat_id, message_id) if isinstance(message_id, int) else None
    return None if message is None else message.thread_id


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
