"""What happens to chats and topics themselves, put together: rights, introductions, topics that are lost."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import anyio

from bot.gate import Gate
from bot.groups import Groups, StandingStore
from bot.introductions import Introductions, IntroductionStore
from bot.lost_topics import LostTopics
from bot.namer import Namer
from bot.telegram import Telegram
from orchestrator.app.counter import Counter
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.ports import Clock


class ChatStore(StandingStore, IntroductionStore, Protocol):
    """What is remembered of chats."""

    async def lost_topics(self) -> Mapping[TopicKey, str]: ...

    async def migrated(self) -> Mapping[int, int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatLives:
    """The parts. `moved` are groups that became supergroups: old id to new id; `admins` are user ids."""

    groups: Groups
    introductions: Introductions
    lost_topics: LostTopics
    namer: Namer
    moved: dict[int, int]
    admins: Sequence[int]

    async def serve(self, chats: Sequence[int]) -> None:
        """Look at these chats, then heed what changes, until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.groups.serve, [each for each in chats if each not in self.moved], name="groups")
            tasks.start_soon(self.introductions.serve, name="introductions")
            tasks.start_soon(self.namer.serve, name="namer")


async def chat_lives(
    *,
    telegram: Telegram,
    orchestrator: Orchestrator,
    counter: Counter,
    gate: Gate,
    store: ChatStore,
    migrated: Callable[[int, int], Awaitable[None]],
    admins: Sequence[int],
    namer: Namer,
    me: tuple[int, str, bool],
    clock: Clock,
) -> ChatLives:
    """The parts, with what an earlier life of the bot knew. `me`: the bot's id, its name, whether it reads all."""
    me_id, username, reads_all = me
    groups = Groups(
        telegram=telegram,
        counter=counter,
        store=store,
        migrated=migrated,
        admins=admins,
        me_id=me_id,
        username=username,
        reads_all=reads_all,
    )
    lost = LostTopics(orchestrator=orchestrator, counter=counter, groups=groups, admins=admins, clock=clock)
    lost.know([key for key, condition in (await store.lost_topics()).items() if condition == "gone"])
    moved = dict(await store.migrated())
    for old, new in moved.items():
        gate.moved(old, new)
    introductions = Introductions(
        telegram=telegram,
        counter=counter,
        gate=gate,
        groups=groups,
        store=store,
        admins=admins,
        clock=clock,
    )
    return ChatLives(
        groups=groups, introductions=introductions, lost_topics=lost, namer=namer, moved=moved, admins=admins
    )
