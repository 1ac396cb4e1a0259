"""A bot whose database cannot be used: it says what to do and ends, and its agents are in nobody's way."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from bot.sandbox.flood import FloodPolicy
from storage import backup
from storage.database import DATABASE_NAME
from storage.migrations import scripts
from tests.integration.shell_command import Outcome, python_m_bot
from tests.integration.small_disk import fill
from tests.whole_bot import WholeBot, whole_bot

RELAXED = FloodPolicy(is_strict=False)
NEWEST = scripts()[-1][0]


async def command(bot: WholeBot, *words: str) -> Outcome:
    """What a command of the shell says about this bot's state directory."""
    return await python_m_bot(*words, "--config", str(bot.config))


async def refused(bot: WholeBot) -> str:
    """What a bot says that cannot start."""
    since = len(bot.log_text())
    with pytest.raises(AssertionError, match="the bot ended with 1"):
        await bot.start()
    said = bot.log_text()[since:]
    assert "Traceback" not in said
    return said.strip().splitlines()[-1]


def restore(message: str) -> None:
    """Do what the message says, as a person would."""
    subprocess.run(["sh", "-euc", message[message.rindex(": cd ") + 2 :]], check=True)


async def test_a_damaged_database_is_refused_and_can_be_restored(tmp_path: Path) -> None:
    """The agents at work are left alone and can be stopped without it; the newest copy brings the topics back."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, box = bot.box.people["alice"], bot.box
        await bot.answer_to(alice.says(box.workshop, box.topic("website"), "say before"), "before")
        path = bot.state / DATABASE_NAME
        await anyio.to_thread.run_sync(backup.make, path, 1_700_000_000_000)
        await bot.live_of(alice.says(box.workshop, box.topic("api"), "run sleep 300"))
        await bot.kill()
        with closing(sqlite3.connect(path)) as plain:
            # What the WAL holds goes into the file first: its whole pages would heal it.
            plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        path.write_bytes(path.read_bytes()[:4096] + b"\xa5" * (path.stat().st_size - 4096))
        said = await refused(bot)
        assert f"{path} is damaged" in said
        assert bot.living()
        check = await command(bot, "check", "--offline")
        assert check.code == 1
        assert [line for line in check.lines if line.startswith("FAIL  database: ") and said in line]
        stopped = await command(bot, "runs", "--stop", "all")
        assert stopped.code == 0, stopped
        assert not bot.living()
        restore(said)
        await bot.start()
        await bot.answer_to(alice.says(box.workshop, box.topic("website"), "say afterwards"), "afterwards")


async def test_a_database_of_a_newer_bot_is_refused(tmp_path: Path) -> None:
    """With the file, both versions and the copy that this one can read; restored, it works."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, box = bot.box.people["alice"], bot.box
        await bot.answer_to(alice.says(box.workshop, box.topic("api"), "say before"), "before")
        assert await bot.terminate() == 0
        path = bot.state / DATABASE_NAME
        copy = await anyio.to_thread.run_sync(backup.make, path, 1_700_000_000_000)
        with closing(sqlite3.connect(path)) as newer:
            newer.executescript(f"DROP TABLE facts; PRAGMA user_version = {NEWEST + 1}")
        before = path.read_bytes()
        said = await refused(bot)
        for word in (str(path), f"version {NEWEST + 1}", f"this one knows {NEWEST}", str(copy.path)):
            assert word in said
        assert path.read_bytes() == before
        restore(said)
        await bot.start()
        await bot.answer_to(alice.says(box.workshop, box.topic("api"), "say again"), "again")


async def test_what_works_is_stopped_from_the_shell_on_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    """It needs no room and no database: the processes are gone, and the topic is told once there is room."""
    state = small_disk / "state"
    async with whole_bot(tmp_path, state={"directory": str(state)}, policy=RELAXED) as bot:
        bot.state = state
        alice, box = bot.box.people["alice"], bot.box
        prompt = alice.says(box.workshop, box.topic("api"), "run sleep 300")
        live = await bot.live_of(prompt)
        ballast = fill(small_disk)
        stopped = await command(bot, "runs", "--stop", "all")
        assert stopped.code == 0, stopped
        assert not bot.living()
        ballast.unlink()
        ended = await box.wait_for(lambda m: m.message_id == live.message_id and m.button("Stop") is None)
        assert ended
        check = await command(bot, "check", "--offline")
        assert [line for line in check.lines if line.startswith("ok    database: ")], check
