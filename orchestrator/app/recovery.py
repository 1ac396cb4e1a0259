"""Start: what is stored against what is real.

Every run that is not known to be over is read again from its beginning, whether it still lives, ended
while the bot was away, or vanished; so there is one way for all three, the lane's own. What never
began is claimed, so that it never can, and its prompt waits again. Survivors of runs whose supervisor
is gone are killed before anything is resumed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import structlog

from orchestrator.app.attended_run import AttendedRun, gift_id
from orchestrator.app.boarding import open_codec
from orchestrator.app.kit import Kit
from orchestrator.app.lane import Lane
from orchestrator.app.lane_deadlines import watch
from orchestrator.app.lane_messages import Proceed, TellRecovered
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.app.stop_ticket import StopTicket
from orchestrator.domain.errors import TopicdError
from orchestrator.domain.ids import RunId, TopicKey, TurnId
from orchestrator.domain.lane import LaneState
from orchestrator.domain.machine import TurnEvent, gone_event
from orchestrator.domain.notices import Restart, StopDone
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.progress import Progress
from orchestrator.domain.records import RunRow, StoredLetter, Turn
from orchestrator.domain.run_events import RunRecord
from orchestrator.domain.states import ACTIVE_STATES, RunState, StopCause, TurnKind, TurnState
from storage import outbox, runs, turns
from storage.runs import RunRows
from storage.sessions import Sessions
from storage.turns import Turns

log = structlog.get_logger()

_SETTLE_S = 0.4
"""How long a topic's recovered runs may talk before people are told what still runs."""


@dataclass(slots=True)
class _Found:
    """What a topic had under way."""

    turns: list[Turn] = field(default_factory=list)
    lost: list[Turn] = field(default_factory=list)
    attached: list[TurnId] = field(default_factory=list)
    rebooted: bool = False


async def recover(orchestrator: Orchestrator) -> None:
    """Bring every topic with unfinished turns, and every run, back under a lane."""
    kit = orchestrator.kit
    rows = await RunRows(kit.db).live()
    records = {row.id: await kit.runner.inspect(row.id) for row in rows}
    alive = frozenset(run_id for run_id, record in records.items() if record.state is RunState.LIVE)
    swept = await kit.runner.sweep(alive)
    if swept:
        log.info("recovery.survivors_ended", count=len(swept))
    await _let_them_read(kit, records)
    lost = await _settle(kit, rows, records)
    found = _by_topic(await Turns(kit.db).unfinished())
    for turn in lost:
        found.setdefault(turn.topic, _Found()).lost.append(turn)
    for key, topic in found.items():
        _seat(orchestrator.lane(key), topic)
    for row in rows:
        if not records[row.id].never_started:
            await _attach(orchestrator, row, records[row.id], found)
    for key, topic in found.items():
        _proceed(orchestrator.lane(key), topic)
    log.info("recovery.done", runs=len(rows), alive=len(alive), topics=len(found))


async def _let_them_read(kit: Kit, records: dict[RunId, RunRecord]) -> None:
    """A prompt may lie unread before a supervisor: only when it was asked twice since has it read that."""
    for turn in await Turns(kit.db).unfinished():
        record = records.get(turn.run_id) if turn.run_id is not None else None
        if record is not None and record.state is RunState.LIVE and _never_given(turn, record):
            run = await kit.runner.attach(record.run_id)
            await run.status()
            await run.status()
            await run.detach()
            records[record.run_id] = await kit.runner.inspect(record.run_id)


async def _settle(kit: Kit, rows: Sequence[RunRow], records: dict[RunId, RunRecord]) -> list[Turn]:
    """Turns whose run never began, or that never got one, wait again; the stopped ones are over.

    Those that worked in a run that nobody knows any more are lost, and returned.
    """
    lost: list[Turn] = []
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
            if turn.state is TurnState.STOPPING and without_run:
                await turns.move(tx, turn, gone_event(turn.cause), now, why="found at start without a run")
                done = StopDone(topic=turn.topic, reply_to=turn.reply_to, turns=(turn.id,))
                letters += [await outbox.add(tx, letter, now) for letter in kit.composer.compose(done)]
            elif turn.state is TurnState.STARTING and (without_run or _never_given(turn, record)):
                await turns.move(tx, turn, TurnEvent.RETURNED, now, why="found at start without its prompt given")
                await turns.set_run(tx, turn.id, None)
            elif turn.state in ACTIVE_STATES and without_run:
                moved = await turns.move(tx, turn, TurnEvent.VANISHED, now, why="found at start without a run")
                lost += [] if moved is None else [moved]
    kit.post.put(letters)
    return lost


def _never_given(turn: Turn, record: RunRecord | None) -> bool:
    """Whether a later turn of a warm run certainly did not get its prompt.

    The first turn's prompt is part of the order, so that a run that began has it, or will.
    """
    return record is not None and bool(record.gifts) and gift_id(turn.id) not in record.gifts


def _by_topic(unfinished: Iterable[Turn]) -> dict[TopicKey, _Found]:
    found: dict[TopicKey, _Found] = {}
    for turn in unfinished:
        found.setdefault(turn.topic, _Found()).turns.append(turn)
    return found


def _seat(lane: Lane, topic: _Found) -> None:
    """Put stored turns back where they were in their lane."""
    unfinished = topic.turns
    lane.recovering = True
    lane.interrupted += topic.lost
    lane.turns = {turn.id: turn for turn in unfinished}
    waiting = [turn for turn in unfinished if turn.state is TurnState.QUEUED]
    foreground = [turn for turn in waiting if turn.kind is TurnKind.FOREGROUND]
    active = [turn for turn in unfinished if turn.state in ACTIVE_STATES and turn.kind is TurnKind.FOREGROUND]
    lane.state = LaneState(
        current=active[0].id if active else None,
        queue=tuple(turn.id for turn in foreground if not turn.held),
        held=tuple(turn.id for turn in foreground if turn.held),
        tasks=tuple(turn.id for turn in unfinished if turn.kind is TurnKind.TASK),
    )


async def _attach(orchestrator: Orchestrator, row: RunRow, record: RunRecord, found: dict[TopicKey, _Found]) -> None:
    kit = orchestrator.kit
    session = await Sessions(kit.db).get(row.session_id)
    served = await Turns(kit.db).of_run(row.id)
    if session is None:
        log.warning("recovery.run_without_session", run=row.id)
        return
    lane = orchestrator.lane(session.topic)
    working = next((lane.turns[turn.id] for turn in served if turn.id in lane.turns), None)
    run = await kit.runner.attach(row.id)
    try:
        codec = open_codec(kit, session, served[0].prompt if served else "")
    except TopicdError as refusal:
        log.warning("recovery.agent_unknown", run=row.id, error=str(refusal))
        await run.stop()
        await run.detach()
        return
    live = None
    if working is not None:
        live = LiveTurn(turn=working, agent=session.agent, progress=Progress(last_sign_ms=kit.clock(), read_again=True))
    attended = lane.attended(run, codec, session, live)
    attended.prompts = {turn.id: turn.prompt for turn in served}
    # Its codec is busy with the past: a run without work is let go rather than kept warm.
    attended.leaving = working is None
    lane.attend(attended)
    if live is None or working is None:
        if record.state is RunState.LIVE and row.state is RunState.LIVE:
            lane.spawn(run.finish, f"finish of run {row.id}")
        return
    _go_on(lane, attended, live, working)
    topic = found[lane.key]
    topic.rebooted |= record.boot_changed
    if record.state is RunState.LIVE:
        topic.attached.append(working.id)


def _go_on(lane: Lane, attended: AttendedRun, live: LiveTurn, turn: Turn) -> None:
    """A turn with a run is under way again: seen, watched, or stopped to its end."""
    lane.live[turn.id] = live
    lane.kit.places.take_anyway(turn.id)
    if turn.state is TurnState.STOPPING:
        lane.token(turn).stop()
        if turn.live_open:
            lane.kit.views.opened(live)
        lane.kit.views.stopping(turn.id)
        if turn.cause is not StopCause.SHUTDOWN:
            lane.tickets[turn.id] = _ticket_again(lane, turn)
        lane.end_run(attended)
        return
    lane.kit.views.opened(live)
    watch(lane, turn.id)


def _ticket_again(lane: Lane, turn: Turn) -> StopTicket:
    ticket = StopTicket(
        topic=lane.key,
        reply_to=turn.reply_to,
        lanes=1,
        began_ms=lane.kit.clock(),
        deadline="timeout" if turn.cause is StopCause.DEADLINE else "",
    )
    task = turn.kind is TurnKind.TASK
    ticket.join([] if task else [turn.id], [turn.id] if task else [], [])
    ticket.held = len(lane.state.held)
    return ticket


def _proceed(lane: Lane, topic: _Found) -> None:
    lane.post(Proceed())
    lane.later(
        _SETTLE_S,
        TellRecovered(
            restart=Restart.REBOOTED if topic.rebooted else Restart.RESTARTED,
            attached=tuple(topic.attached),
            queued=tuple(turn.id for turn in topic.turns if turn.state is TurnState.QUEUED and not turn.held),
        ),
    )
