"""`python -m bot runs`: what runs on this machine, and ending it; with or without the bot."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import anyio

from bot.wording import count, duration, process, processes
from orchestrator.app.survey import (
    LiveRun,
    Orphans,
    RunEnd,
    StillEnding,
    end_orphans,
    run_states,
    stop_runs,
    survey,
)
from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import RunGone, RunRefused, SupervisorLost
from orchestrator.domain.states import RunState

EVERYTHING = "all"
_MB = 1_000_000


def show_or_stop(directory: Path, stop: str | None) -> int:
    """List the live runs of a state directory, or end one (by its id) or `all`; the exit code.

    1 if something survived, if there is no such run, or if the directory cannot be read.
    """
    try:
        if stop is None:
            return anyio.run(_show, directory)
        if stop == EVERYTHING:
            return anyio.run(_stop_all, directory)
        return anyio.run(_stop_one, directory, RunId(stop))
    except OSError as error:
        reason = error.strerror or str(error)
        sys.stderr.write(f"Cannot read the runs in {directory}: {reason}. Use the account that the bot runs as.\n")
        return 1


async def _show(directory: Path) -> int:
    found = await survey(directory)
    if not found.runs:
        _say(f"No run lives here ({directory}).")
    rows = [_row(run, now_ms=time.time_ns() // 1_000_000) for run in found.runs]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        _say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if found.blind:
        sys.stderr.write(f"Topics are not shown: {_printable(found.blind)}\n")
    return 0


async def _stop_all(directory: Path) -> int:
    live = [run_id for run_id, state in run_states(directory).items() if state is RunState.LIVE]
    is_clean = await _stop(directory, live)
    orphans = await end_orphans(directory)
    if orphans.found:
        _say(_orphans_line(orphans))
    elif not live:
        _say(f"No run lives here ({directory}).")
    return 0 if is_clean and not orphans.survivors else 1


async def _stop_one(directory: Path, run_id: RunId) -> int:
    states = run_states(directory)
    match states.get(run_id):
        case RunState.LIVE:
            return 0 if await _stop(directory, [run_id]) else 1
        case RunState.ENDED:
            _say(f"{run_id}: has ended already.")
            return 0
        case RunState.LOST:
            _say(f"{run_id}: lost its supervisor. If anything of it is left, --stop all ends that.")
            return 0
        case _:
            live = [known for known, state in states.items() if state is RunState.LIVE]
            choice = f"Live runs: {', '.join(live)}." if live else "No run lives here."
            sys.stderr.write(_printable(f"There is no run {run_id} in {directory}. {choice}") + "\n")
            return 1


async def _stop(directory: Path, run_ids: Sequence[RunId]) -> bool:
    """End these runs and say how it went; whether nothing of them is left."""
    ends = await stop_runs(directory, run_ids)
    for run_id in run_ids:
        _say(f"{run_id}: {_outcome(ends[run_id])}")
    return not any(_is_left(end) for end in ends.values())


def _is_left(end: RunEnd) -> bool:
    return isinstance(end, StillEnding) or (isinstance(end, RunGone) and bool(end.survivors))


def _outcome(end: RunEnd) -> str:
    match end:
        case RunGone(survivors=()):
            tools = f", {count(end.ended_tools, 'process', 'processes')} of it ended with it" if end.ended_tools else ""
            return f"Stopped in {duration(end.took_s)}, nothing of it is left{tools}."
        case RunGone():
            return f"Stopped, but SURVIVED: {processes(end.survivors, most=20)}."
        case RunRefused():
            return f"never started: {end.reason}"
        case SupervisorLost():
            return "lost its supervisor. If anything of it is left, --stop all ends that."
        case StillEnding():
            return "STILL ENDING. Ask again: python -m bot runs"


def _orphans_line(orphans: Orphans) -> str:
    gone = [note for note in orphans.found if note not in orphans.survivors]
    words = [f"Stopped what was left of lost runs: {processes(gone, most=20)}."] if gone else []
    if orphans.survivors:
        words.append(f"SURVIVED: {processes(orphans.survivors, most=20)}.")
    return " ".join(words)


def _row(run: LiveRun, *, now_ms: int) -> list[str]:
    """The cells of a run's line."""
    record, status = run.record, run.status
    pid = record.pid or status.pid
    age_s = max(0, now_ms - record.started_at_ms) // 1000 if record.started_at_ms is not None else None
    return [
        _printable(cell)
        for cell in (
            record.run_id,
            _topic(run),
            run.agent,
            f"pid {pid}" if pid is not None else "agent ended",
            duration(age_s) if age_s is not None else "?",
            f"{status.rss_bytes / _MB:.0f} MB",
            f"left running: {', '.join(map(process, status.strays))}" if status.strays else "",
        )
    ]


def _topic(run: LiveRun) -> str:
    if run.topic is None:
        return "topic unknown"
    name = " › ".join(name for name in (run.chat_title, run.topic_name) if name)
    return f"{run.topic} «{name}»" if name else str(run.topic)


def _say(line: str) -> None:
    sys.stdout.write(_printable(line) + "\n")
    sys.stdout.flush()


def _printable(text: str) -> str:
    """Names and command lines come from others; what they hold must not command the terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)
