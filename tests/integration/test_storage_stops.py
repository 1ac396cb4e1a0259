"""The line that a stop draws between what was sent before it and after it."""

import pytest

from orchestrator.domain.ids import TopicKey
from storage import stops
from storage.database import Database
from storage.topics import migrate_chat
from tests.builders import GROUP, TOPIC

DAY_MS = 24 * 3_600_000
OTHER = TopicKey(GROUP, 43)


async def drawn(db: Database, *, everything: bool = False, whole_chat: bool = False) -> None:
    """A stop by update 100 in the topic."""
    async with db.transaction() as tx:
        await stops.draw_line(tx, TOPIC, 100, 1_000, everything=everything, whole_chat=whole_chat)


async def behind(
    db: Database, update_id: int | None, key: TopicKey = TOPIC, *, task: bool = False, at: int = 2_000
) -> bool:
    async with db.transaction() as tx:
        return await stops.is_behind_line(tx, key, update_id, at, task=task)


async def test_without_a_stop_there_is_no_line(db: Database) -> None:
    """Everything starts."""
    assert not await behind(db, 5)


async def test_what_was_sent_before_a_stop_is_behind_its_line(db: Database) -> None:
    """Only in its topic, and no tasks; what came from inside has no update and is never behind."""
    await drawn(db)
    assert await behind(db, 99)
    assert not await behind(db, 101)
    assert not await behind(db, 99, OTHER)
    assert not await behind(db, 99, task=True)
    assert not await behind(db, None)


@pytest.mark.parametrize("key", [TOPIC, OTHER, TopicKey(GROUP)])
async def test_a_stop_of_the_whole_chat_concerns_every_topic_and_tasks(db: Database, key: TopicKey) -> None:
    """Also those of which nothing was known then."""
    await drawn(db, everything=True, whole_chat=True)
    assert await behind(db, 99, key)
    assert await behind(db, 99, key, task=True)
    assert not await behind(db, 99, TopicKey(GROUP - 1))


async def test_a_line_holds_for_a_day(db: Database) -> None:
    """Update ids may begin anew after a week without any; a low one is no old one then."""
    await drawn(db)
    assert await behind(db, 99, at=1_000 + DAY_MS - 1)
    assert not await behind(db, 99, at=1_000 + DAY_MS)


async def test_the_last_stop_counts_and_moves_with_its_chat(db: Database) -> None:
    """A second stop draws the line anew; a group that becomes a supergroup keeps it."""
    await drawn(db)
    async with db.transaction() as tx:
        await stops.draw_line(tx, TOPIC, 200, 1_500, everything=False, whole_chat=False)
        await migrate_chat(tx, GROUP, -5)
    assert await behind(db, 150, TopicKey(-5, TOPIC.thread_id))
    assert not await behind(db, 150)
