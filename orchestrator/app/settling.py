"""Stored turns against what is real of their runs, at start, before any lane has them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from orchestrator.app.gifts import gift_id
from orchestrator.app.kit import Kit
from orchestrator.domain.deadline import Limit
from orchestrator.domain.ids import RunId, TopicKey
from orchestrator.domain.machine import TurnEvent, gone_event
from orchestrator.domain.notices import StopDone
from orchestrator.domain.records import RunRow, StoredLetter, Turn
from orchestrator.domain.resume_policy import is_fresh, may_still_start
from orchestrator.domain.run_events import RunRecord
from orchestrator.domain.states import ACTIVE_STATES, Owed, RunState, StopCause, TakenUp, TurnState
from storage import outbox, runs, turns
from storage.database import Transaction
from storage.turns import Turns

_WITHOUT_RUN = "found at start without a run"


async def settle(kit: Kit, rows: Sequence[RunRow], records: Mapping[RunId, RunRecord]) -> None:
    """Turns whose run never began, or that never got one, wait again; the stopped ones are over.

    Those that worked in a run that nobody knows any more are lost, and so are those that were to resume
    another and did not get to it in time; it is stored what they need (`Owed`).
    """
    letters: list[StoredLetter] = []
    never = {row.id for row in rows if records[row.id].never_started}
    known = {row.id for row in rows}
    now = kit.clock()
    async with kit.db.transaction() as tx:
        for run_id in never:
            await runs.end(tx, run_id, RunState.ENDED, now)
        for turn in await Turns(kit.db).unfinished():
            record = records.get(turn.run_id) if turn.run_id is not None else None
            without_run = turn.run_id is None or turn.run_id in never or turn.run_id not in known
            not_begun = turn.state is TurnState.STARTING and (without_run or never_given(turn, record))
            if turn.state is TurnState.STOPPING and without_run:
                letters += await _gone(kit, tx, turn, now)
            elif turn.taken_up is TakenUp.ITSELF and (not_begun or turn.state is TurnState.QUEUED):
                await _wait_again_or_lose(kit, tx, turn, now)
            elif not_begun:
                await _return(tx, turn, now)
            elif turn.state in ACTIVE_STATES and without_run:
                await _lose(kit, tx, turn, now)
        letters += await _untold(kit, tx, now)
    kit.post.put(letters)


async def _untold(kit: Kit, tx: Transaction, now: int) -> list[StoredLetter]:
    """Turns that were stopped, whose notice waited for the rest of that stop when the bot died."""
    untold: dict[TopicKey, list[Turn]] = {}
    for turn, owed in await Turns(kit.db).owed():
        if owed is Owed.STOP:
            untold.setdefault(turn.topic, []).append(turn)
            await turns.owe(tx, turn.id, None)
    done = [
        StopDone(topic=topic, reply_to=stopped[-1].reply_to, turns=tuple(turn.id for turn in stopped))
        for topic, stopped in untold.items()
    ]
    return [await outbox.add(tx, letter, now) for notice in done for letter in kit.composer.compose(notice)]


def never_given(turn: Turn, record: RunRecord | None) -> bool:
    """Whether a later turn of a warm run certainly did not get its prompt.

    The first turn's prompt is part of the order, so that a run that began has it, or will.
    """
    return record is not None and bool(record.gifts) and gift_id(turn.id) not in record.gifts


async def _gone(kit: Kit, tx: Transaction, turn: Turn, now: int) -> list[StoredLetter]:
    """A turn that was being stopped has no run: its stop is done, and told."""
    moved = await turns.move(tx, turn, gone_event(turn.cause), now, why=_WITHOUT_RUN)
    if moved is not None and moved.state is TurnState.LOST:
        await turns.owe(tx, turn.id, Owed.NOTICE)
        return []
    done = StopDone(topic=turn.topic, reply_to=turn.reply_to, turns=(turn.id,))
    if turn.cause is StopCause.DEADLINE:
        done = replace(done, deadline=Limit.TIMEOUT, late=turn.id)
    return [await outbox.add(tx, letter, now) for letter in kit.composer.compose(done)]


async def _return(tx: Transaction, turn: Turn, now: int) -> None:
    await turns.move(tx, turn, TurnEvent.RETURNED, now, why="found at start without its prompt given")
    await turns.set_run(tx, turn.id, None)


async def _lose(kit: Kit, tx: Transaction, turn: Turn, now: int) -> None:
    """When it gave its last sign of life nobody knows; surely not before it was started."""
    await turns.move(tx, turn, TurnEvent.VANISHED, now, why=_WITHOUT_RUN)
    fresh = is_fresh((now - (turn.started_at or now)) / 1000, kit.policy)
    await turns.owe(tx, turn.id, Owed.VERDICT if fresh else Owed.NOTICE)


async def _wait_again_or_lose(kit: Kit, tx: Transaction, turn: Turn, now: int) -> None:
    """A turn that is to take up another one, by itself, has not begun: it may be too late for that now."""
    if may_still_start(turn, now, kit.policy):
        if turn.state is TurnState.STARTING:
            await _return(tx, turn, now)
        return
    if turn.state is TurnState.QUEUED:
        turn = await turns.move(tx, turn, TurnEvent.DISPATCHED, now) or turn
    await turns.move(tx, turn, TurnEvent.VANISHED, now, why="it did not get to resume in time")
    await turns.owe(tx, turn.id, Owed.NOTICE)
