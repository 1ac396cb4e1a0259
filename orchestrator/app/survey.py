"""What lives in a state directory, seen from outside: with or without a bot that works on it.

For the commands of the shell; directories are absolute paths. Runs are reached as the bot reaches them,
through their supervisors; the database is only read.
"""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TypeAlias

import anyio
import anyio.to_thread

from cli_runner.local_run import LocalRun
from cli_runner.local_runs import list_runs
from cli_runner.sweep import sweep
from orchestrator.domain.errors import StoreError
from orchestrator.domain.ids import RunId, TopicKey
from orchestrator.domain.run_events import (
    ProcessNote,
    RunGone,
    RunRecord,
    RunRefused,
    RunStatus,
    SupervisorLost,
)
from orchestrator.domain.states import RunState
from storage import backup, glance
from storage.database import DATABASE_NAME

ENDING_S = 60.0
"""How long a stop is waited for. The ladder itself is bounded by the run's `polite` and `grace`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRun:
    """A run that goes on. `topic` is None if the database does not tell."""

    record: RunRecord
    status: RunStatus
    agent: str
    topic: TopicKey | None = None
    chat_title: str = ""
    topic_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The live runs, the oldest first. `blind` says why their topics are not known, if so."""

    runs: Sequence[LiveRun]
    blind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StillEnding:
    """The run had not ended when it was not waited for any longer."""


RunEnd: TypeAlias = RunGone | RunRefused | SupervisorLost | StillEnding


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphans:
    """What was found of runs without a supervisor and ended, and what of it withstood."""

    found: Sequence[ProcessNote] = ()
    survivors: Sequence[ProcessNote] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseCondition:
    """How the database is. `trouble` says what is wrong and what to do, empty if nothing is.

    `found` is None if it could not be read at all; `copy` is its newest backup.
    """

    path: Path
    exists: bool
    trouble: str = ""
    found: glance.Condition | None = None
    copy: backup.Backup | None = None


def run_states(state: Path) -> Mapping[RunId, RunState]:
    """All runs of a state directory that have left something on disk. Raises OSError."""
    return {record.run_id: record.state for record in _records(state, live=False)}


async def survey(state: Path) -> Survey:
    """The runs that live in a state directory. Raises OSError if it cannot be read."""
    records = await anyio.to_thread.run_sync(lambda: _records(state, live=True))
    statuses: dict[RunId, RunStatus] = {}

    async def ask(run_id: RunId) -> None:
        statuses[run_id] = await LocalRun(run_id, directory=_runs(state)).status()

    async with anyio.create_task_group() as tasks:
        for record in records:
            tasks.start_soon(ask, record.run_id)
    places: Mapping[RunId, glance.RunPlace] = {}
    blind = ""
    try:
        if records:
            places = await glance.run_places(state / DATABASE_NAME)
    except StoreError as error:
        blind = str(error)
    found = [_live_run(record, statuses[record.run_id], places.get(record.run_id)) for record in records]
    return Survey(runs=found, blind=blind)


async def stop_runs(state: Path, run_ids: Sequence[RunId]) -> Mapping[RunId, RunEnd]:
    """End runs by the stop ladder, all at once, and wait for it; how each ended."""
    ends: dict[RunId, RunEnd] = {}

    async def stop(run_id: RunId) -> None:
        ends[run_id] = await _stop_run(LocalRun(run_id, directory=_runs(state)))

    async with anyio.create_task_group() as tasks:
        for run_id in run_ids:
            tasks.start_soon(stop, run_id)
    return ends


async def end_orphans(state: Path) -> Orphans:
    """End what is left of runs that have no supervisor any more, as the bot does when it starts."""
    return await anyio.to_thread.run_sync(_end_orphans, state)


async def database_condition(state: Path) -> DatabaseCondition:
    """Read the whole database of a state directory, if there is one."""
    path = state / DATABASE_NAME
    if not await anyio.Path(path).exists():
        return DatabaseCondition(path=path, exists=False)
    copy = await anyio.to_thread.run_sync(backup.newest, path)
    try:
        found = await glance.condition(path)
    except StoreError as error:
        return DatabaseCondition(path=path, exists=True, trouble=str(error), copy=copy)
    return DatabaseCondition(path=path, exists=True, trouble=found.trouble, found=found, copy=copy)


def _runs(state: Path) -> Path:
    return state / "runs"


def _records(state: Path, *, live: bool) -> list[RunRecord]:
    directory = _runs(state)
    return list_runs(directory, live=live) if directory.is_dir() else []


def _live_run(record: RunRecord, status: RunStatus, place: glance.RunPlace | None) -> LiveRun:
    if place is None:
        agent = PurePath(record.argv[0]).name if record.argv else "?"
        return LiveRun(record=record, status=status, agent=agent)
    return LiveRun(
        record=record,
        status=status,
        agent=place.agent,
        topic=place.topic,
        chat_title=place.chat_title,
        topic_name=place.topic_name,
    )


async def _stop_run(run: LocalRun) -> RunEnd:
    try:
        with anyio.move_on_after(ENDING_S):
            await run.stop()
            async with aclosing(run.events()) as events:
                async for event in events:
                    if isinstance(event, RunGone | RunRefused | SupervisorLost):
                        return event
        return StillEnding()
    finally:
        await run.detach()


def _end_orphans(state: Path) -> Orphans:
    if not _runs(state).is_dir():
        return Orphans()
    found = sweep(_runs(state), frozenset(record.run_id for record in _records(state, live=True)))
    return Orphans(found=list(found.found), survivors=list(found.survivors))
