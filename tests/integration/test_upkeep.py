"""Upkeep of a real state directory: run directories, rows, copies, and the file's size."""

import os
from functools import partial
from pathlib import Path

import anyio
import pytest

from cli_runner.retention import remove_runs, remove_unknown
from cli_runner.run_files import claim
from cli_runner.supervisor import records
from orchestrator.app import upkeep
from orchestrator.domain.errors import StoreError
from orchestrator.domain.ids import RunId
from orchestrator.domain.machine import TurnEvent
from orchestrator.domain.records import RunRow
from orchestrator.domain.states import RunState
from storage import backup, runs, turns
from storage.database import DATABASE_NAME, Database
from storage.runs import RunRows
from storage.turns import Turns
from tests.builders import stored_turn
from tests.integration.small_disk import fill

DAY_MS = 86_400_000
NOW = 1_700_000_000_000
KEPT = upkeep.Kept(turns_ms=90 * DAY_MS, files_ms=30 * DAY_MS)


def a_directory(state: Path, name: str, *, days_old: float) -> Path:
    """What a run left behind, untouched for so many days."""
    (state / "runs").mkdir(exist_ok=True)
    claim(state / "runs", RunId(name))
    path = state / "runs" / name
    (path / "stdout.ndjson").write_bytes(b"{}\n" * 100)
    then_s = NOW / 1000 - days_old * 86_400
    os.utime(path, (then_s, then_s))
    return path


async def a_finished_turn(db: Database, run: str, *, days_old: float) -> None:
    """A turn and its run, over for so many days."""
    at = NOW - int(days_old * DAY_MS)
    turn = await stored_turn(db)
    async with db.transaction() as tx:
        row = RunRow(
            id=RunId(run), session_id=turn.session_id, state=RunState.LIVE, agent="a", directory="/", created_at=1
        )
        await runs.add(tx, row)
        await turns.set_run(tx, turn.id, row.id)
        await runs.end(tx, row.id, RunState.ENDED, at)
        for event in (TurnEvent.DISPATCHED, TurnEvent.FINISHED):
            moved = await turns.move(tx, turn, event, at)
            assert moved is not None
            turn = moved


async def test_files_go_before_turns(db: Database, tmp_path: Path) -> None:
    """Run directories after `files`, turns and the rows of their runs after `turns`."""
    for name, days in (("young", 1.0), ("month", 31.0), ("quarter", 91.0)):
        a_directory(tmp_path, name, days_old=days)
        await a_finished_turn(db, name, days_old=days)
    await upkeep.once(db, tmp_path, KEPT, NOW)
    assert sorted(os.listdir(tmp_path / "runs")) == ["young"]
    left = {name: await RunRows(db).get(RunId(name)) is not None for name in ("young", "month", "quarter")}
    assert left == {"young": True, "month": True, "quarter": False}
    assert await Turns(db).of_run(RunId("month"))
    assert not await Turns(db).of_run(RunId("quarter"))


async def test_directories_that_no_row_names_go_when_they_are_old(db: Database, tmp_path: Path) -> None:
    """As after a database that was begun anew; what is young, or lives, stays."""
    for name, days in (("young", 29.0), ("old", 31.0), ("lives", 31.0)):
        a_directory(tmp_path, name, days_old=days)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "runs" / "link").symlink_to(tmp_path / "elsewhere")
    lock = tmp_path / "runs" / "lives" / records.LOCK
    lock.touch()
    then_s = NOW / 1000 - 31 * 86_400
    os.utime(lock.parent, (then_s, then_s))
    holder = await anyio.open_process(["flock", str(lock), "sh", "-c", "echo held; exec sleep 300"])
    try:
        assert holder.stdout is not None
        with anyio.fail_after(20):
            assert await holder.stdout.receive() == b"held\n"
        await upkeep.once(db, tmp_path, KEPT, NOW)
        assert sorted(os.listdir(tmp_path / "runs")) == ["link", "lives", "young"]
        assert (tmp_path / "elsewhere").is_dir()
    finally:
        holder.kill()
        await holder.aclose()


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../state"])
async def test_a_name_that_is_no_run_s_removes_nothing(tmp_path: Path, name: str) -> None:
    """Whatever a damaged database says."""
    kept = a_directory(tmp_path, "kept", days_old=1)
    assert await remove_runs(tmp_path / "runs", [RunId(name)]) == 0
    assert kept.is_dir()


async def test_a_state_directory_without_runs_is_fine(tmp_path: Path) -> None:
    """The bot has never run an agent."""
    assert await remove_unknown(tmp_path / "runs", frozenset(), before_ms=NOW) == 0


async def test_a_copy_is_made_once_a_day(db: Database, tmp_path: Path) -> None:
    """And those that hold what retention has forgotten go with it."""
    path = tmp_path / DATABASE_NAME
    for hours in (0, 6, 23, 24, 30, 49):
        await upkeep.once(db, tmp_path, KEPT, NOW + hours * 3_600_000)
    assert [(each.made_at - NOW) // 3_600_000 for each in backup.found(path)] == [49, 24, 0]
    await upkeep.once(db, tmp_path, KEPT, NOW + 92 * DAY_MS)
    assert [(each.made_at - NOW) // DAY_MS for each in backup.found(path)] == [92, 2]


async def test_a_disk_with_little_room_is_left_alone(small_disk: Path) -> None:
    """No copy is made where four of it would not fit."""
    async with Database(small_disk / DATABASE_NAME) as db:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO facts VALUES ('large', :value)", {"value": "x" * 1_500_000})
            await tx.execute("UPDATE facts SET value = 'small'")
        await upkeep.once(db, small_disk, KEPT, NOW)
        assert backup.found(small_disk / DATABASE_NAME) == []


async def test_a_full_disk_gets_the_old_runs_room_first(small_disk: Path) -> None:
    """Removing files needs no room; with theirs the rows can go, too."""
    async with Database(small_disk / DATABASE_NAME) as db:
        old = a_directory(small_disk, "old", days_old=91)
        (old / "stdout.ndjson").write_bytes(b"x" * 1_000_000)
        await a_finished_turn(db, "old", days_old=91)
        fill(small_disk)
        with pytest.raises(StoreError):
            async with db.transaction() as tx:
                await tx.execute("INSERT INTO facts VALUES ('more', :value)", {"value": "x" * 500_000})
        await upkeep.once(db, small_disk, KEPT, NOW)
        assert not old.exists()
        assert await RunRows(db).get(RunId("old")) is None


async def test_upkeep_goes_on_after_a_failure(tmp_path: Path) -> None:
    """What a store refuses is tried again at the next round."""
    db = Database(tmp_path / DATABASE_NAME)
    rounds = 0
    third = anyio.Event()

    def clock() -> int:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            third.set()
        return NOW

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(partial(upkeep.serve, db, tmp_path, KEPT, clock, first_after_s=0.0, every_s=0.01))
        with anyio.fail_after(20):
            await third.wait()
        tasks.cancel_scope.cancel()
