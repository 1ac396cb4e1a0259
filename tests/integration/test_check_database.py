"""What `python -m bot check` says of the database: sound or not, how large, what waits, how old its backup."""

import re
import time
from pathlib import Path

import anyio.to_thread
import pytest

from orchestrator.domain.states import LetterState
from storage import backup
from storage.database import DATABASE_NAME, Database
from storage.inbox import Inbox
from storage.outbox import Outbox
from tests.builders import a_letter
from tests.integration.check_setup import Setup, line


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(tmp_path)


async def test_the_database_of_a_working_bot_is_sound(setup: Setup) -> None:
    """It is read beside the bot, and its version is named."""
    async with Database(setup.state / DATABASE_NAME) as db:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO facts (name, value) VALUES ('a', 'b')")
        outcome = await setup.check("--offline")
        assert await db.read_one("SELECT value FROM facts")
    assert outcome.code == 0
    assert re.search(r"is sound, version \d+$", line(outcome, "database"))


async def test_it_tells_what_waits_in_the_database(setup: Setup) -> None:
    """Updates to handle, messages to send and those that are held; sizes of the file and of its WAL."""
    async with Database(setup.state / DATABASE_NAME) as db:
        await Inbox(db).add([(1, "{}"), (2, "{}"), (3, "{}")], at=1)
        await Inbox(db).done(1, at=2)
        [letter, _] = await Outbox(db).store([a_letter(), a_letter()], 1)
        assert await Outbox(db).begin(letter.id)
        await Outbox(db).settle(letter.id, LetterState.HELD, 2)
        outcome = await setup.check("--offline")
    assert outcome.code == 0
    assert re.search(r"\d\.\d MB and \d\.\d MB of WAL; 2 updates to handle, 1 message to send, 1 held", outcome.stdout)


async def test_it_tells_how_old_the_newest_backup_is(setup: Setup) -> None:
    """None yet is no fault; one that is older than three days is a warning."""
    path = setup.state / DATABASE_NAME
    async with Database(path):
        pass
    none = await setup.check("--offline")
    now_ms = time.time_ns() // 1_000_000
    old = await anyio.to_thread.run_sync(backup.make, path, now_ms - 100 * 3_600_000)
    warned = await setup.check("--offline")
    new = await anyio.to_thread.run_sync(backup.make, path, now_ms - 5 * 3_600_000)
    fine = await setup.check("--offline")
    assert line(none, "backup").startswith("ok    backup: none yet")
    assert re.match(
        rf"warn  .*{re.escape(str(old.path))}, version \d+, 100 h old.*is it running", line(warned, "backup")
    )
    assert re.match(rf"ok    .*{re.escape(str(new.path))}, version \d+, 5 h old$", line(fine, "backup"))
    assert {none.code, warned.code, fine.code} == {0}


async def test_a_damaged_database_fails(setup: Setup) -> None:
    """One that is no database, and one with a page of rubbish."""
    path = setup.state / DATABASE_NAME
    path.write_bytes(b"rubbish" * 1000)
    not_one = await setup.check("--offline")
    path.unlink()
    async with Database(path):
        pass
    content = bytearray(path.read_bytes())
    content[4096:12288] = b"\xff" * 8192
    path.write_bytes(content)
    damaged = await setup.check("--offline")
    for outcome in (not_one, damaged):
        assert outcome.code == 1
        assert re.match(r"FAIL  .*is damaged.*Restore a backup", line(outcome, "database"))


async def test_a_database_of_a_newer_topicd_fails(setup: Setup) -> None:
    """It is not touched."""
    async with Database(setup.state / DATABASE_NAME) as db, db.transaction() as tx:
        await tx.rows("PRAGMA user_version = 999")
    outcome = await setup.check("--offline")
    assert outcome.code == 1
    assert re.match(r"FAIL  .*newer topicd \(version 999", line(outcome, "database"))
