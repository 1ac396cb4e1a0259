"""The inbox: every update once, its effect once, and bad ones set aside."""

import pytest

from orchestrator.domain.records import StoredUpdate
from storage.database import Database
from storage.inbox import MAX_ATTEMPTS, Inbox, mark_done


async def ids(inbox: Inbox) -> list[int]:
    """The updates that still have to be handled."""
    return [each.update_id for each in await inbox.unhandled(100)]


async def test_updates_are_kept_raw_and_handled_oldest_first(db: Database) -> None:
    """Whatever Telegram sent, byte for byte; the limit is kept."""
    inbox = Inbox(db)
    assert await inbox.add([(3, '{"x": "é"}'), (1, "not JSON"), (2, "")], at=50) == 3
    first, *_ = await inbox.unhandled(100)
    assert first == StoredUpdate(update_id=1, raw="not JSON", attempts=0, received_at=50)
    assert [each.update_id for each in await inbox.unhandled(2)] == [1, 2]


async def test_a_duplicate_is_ignored(db: Database) -> None:
    """Telegram repeats what was not acknowledged; the first one stays, handled or not."""
    inbox = Inbox(db)
    await inbox.add([(1, "first")], at=1)
    await inbox.done(1, at=2)
    assert await inbox.add([(1, "again"), (2, "new"), (2, "twice in a batch")], at=3) == 1
    assert [(each.update_id, each.raw) for each in await inbox.unhandled(10)] == [(2, "new")]


async def test_an_effect_is_stored_once(db: Database) -> None:
    """The mark succeeds once; whoever comes second must not store the effect again."""
    inbox = Inbox(db)
    await inbox.add([(1, "x")], at=1)
    async with db.transaction() as tx:
        assert await mark_done(tx, 1, at=2)
        assert not await mark_done(tx, 1, at=3)
    async with db.transaction() as tx:
        assert not await mark_done(tx, 1, at=4)
        assert not await mark_done(tx, 99, at=4)
        assert await mark_done(tx, None, at=4)


async def test_the_mark_goes_with_its_effect(db: Database) -> None:
    """If the effect can't be stored, the update is not done."""
    inbox = Inbox(db)
    await inbox.add([(1, "x")], at=1)
    with pytest.raises(ZeroDivisionError):
        async with db.transaction() as tx:
            assert await mark_done(tx, 1, at=2)
            raise ZeroDivisionError
    assert await ids(inbox) == [1]


async def test_an_update_is_set_aside_after_its_last_attempt(db: Database) -> None:
    """It is tried three times; the others go on, and its error is kept."""
    inbox = Inbox(db)
    await inbox.add([(1, "bad"), (2, "good")], at=1)
    results = [await inbox.count_failure(1, f"try {nth}", at=nth) for nth in range(1, MAX_ATTEMPTS + 1)]
    assert results == [False] * (MAX_ATTEMPTS - 1) + [True]
    assert MAX_ATTEMPTS == 3
    assert await ids(inbox) == [2]
    row = await db.read_one("SELECT state, attempts, error, handled_at FROM inbox WHERE update_id = 1")
    assert row is not None
    assert tuple(row) == ("failed", 3, "try 3", 3)
    assert not await inbox.count_failure(1, "late", at=9)
    async with db.transaction() as tx:
        assert not await mark_done(tx, 1, at=9)


async def test_an_unreadable_update_is_set_aside_at_once(db: Database) -> None:
    """Trying again would change nothing; its error may be as long as it likes."""
    inbox = Inbox(db)
    await inbox.add([(1, "bad")], at=1)
    assert await inbox.count_failure(1, "x" * 10_000, at=2, final=True)
    assert await ids(inbox) == []


async def test_what_a_stranger_wrote_is_not_kept(db: Database) -> None:
    """That it came is, so that it is not handled when Telegram repeats it."""
    inbox = Inbox(db)
    await inbox.add([(1, "secret"), (2, "x")], at=1)
    await inbox.refuse(1, at=2)
    row = await db.read_one("SELECT state, raw FROM inbox WHERE update_id = 1")
    assert row is not None
    assert tuple(row) == ("done", "")
    assert await ids(inbox) == [2]
