"""Start: what is stored against what is real.

Every run that is not known to be over is read again from its beginning, whether it still lives, ended
while the bot was away, or vanished; so there is one way for all three, the lane's own. What never
began is claimed, so that it never can, and its prompt waits again. Survivors of runs whose supervisor
is gone are killed before anything is resumed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog

from orchestrator.app.attended_run import AttendedRun
from orchestrator.app.boarding import open_codec
from orchestrator.app.kit import Kit
from orchestrator.app.lane import Lane
from orchestrator.app.lane_deadlines import restore, tidy, watch
from orchestrator.app.lane_messages import FoundLost, LaunchFailed, Proceed, TellRecovered
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.app.settling import never_given, settle
from orchestrator.app.stop_ticket import StopTicket
from orchestrator.domain.deadline import Limit
from orchestrator.domain.errors import TopicdError, as_stored
from orchestrator.domain.ids import RunId, TopicKey, TurnId
from orchestrator.domain.lane import LaneState
from orchestrator.domain.notices import Restart
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.progress import Progress
from orchestrator.domain.records import RunRow, Turn
from orchestrator.domain.resume_policy import request
from orchestrator.domain.run_events import RunRecord
from orchestrator.domain.states import ACTIVE_STATES, Owed, RunState, StopCause, TakenUp, TurnKind, TurnState
from storage import facts
from storage.deadlines import Deadlines
from storage.runs import RunRows
from storage.sessions import Sessions
from storage.steers import Steers
from storage.topics import Topics
from storage.turns import Turns

log = structlog.get_logger()

_VERSION, _BOOT = "version", "boot"
_SETTLE_S = 0.4
"""How long a topic's recovered runs may talk before people are told what still runs."""


@dataclass(slots=True)
class _Found:
    """What a topic had under way."""

    turns: list[Turn] = field(default_factory=list)
    owed: list[tuple[Turn, Owed]] = field(default_factory=list)
    attached: list[TurnId] = field(default_factory=list)


async def recover(orchestrator: Orchestrator, *, version: str = "", boot: str = "") -> None:
    """Bring every topic with unfinished turns, and every run, back under a lane.

    `version` is the bot's and `boot` the machine's id of its last start: people are told if they were others
    when the bot was here last.
    """
    kit = orchestrator.kit
    rows = await RunRows(kit.db).live()
    records = {row.id: await kit.runner.inspect(row.id) for row in rows}
    alive = frozenset(run_id for run_id, record in records.items() if record.state is RunState.LIVE)
    swept = await kit.runner.sweep(alive)
    if swept.found:
        log.info("recovery.survivors_ended", count=len(swept.found), alive=len(swept.survivors))
    await _let_them_read(kit, records)
    await settle(kit, rows, records)
    found = _by_topic(await Turns(kit.db).unfinished())
    for turn, owed in await Turns(kit.db).owed():
        found.setdefault(turn.topic, _Found()).owed.append((turn, owed))
    rebooted = any(record.boot_changed for record in records.values()) or await _is_new(kit, _BOOT, boot)
    upgraded = await _is_new(kit, _VERSION, version)
    deadlines = await tidy(kit, await Deadlines(kit.db).all())
    for topic in found.values():
        for turn in topic.turns:
            await _remember_family(kit, turn)
    for key, topic in found.items():
        lane = orchestrator.lane(key)
        lane.restart = Restart.REBOOTED if rebooted else Restart.RESTARTED
        lane.version = version if upgraded else ""
        _seat(lane, topic)
        restore(lane, deadlines)
    for row in rows:
        if not records[row.id].never_started:
            await _attach(orchestrator, row, records[row.id], found)
    for key, topic in found.items():
        _proceed(orchestrator.lane(key), topic)
    kit.resumes.open(kit.clock())
    log.info("recovery.done", runs=len(rows), alive=len(alive), topics=len(found))


async def _let_them_read(kit: Kit, records: dict[RunId, RunRecord]) -> None:
    """A prompt may lie unread before a supervisor: only when it was asked twice since has it read that."""
    for turn in await Turns(kit.db).unfinished():
        record = records.get(turn.run_id) if turn.run_id is not None else None
        if record is not None and record.state is RunState.LIVE and never_given(turn, record):
            run = await kit.runner.attach(record.run_id)
            await run.status()
            await run.status()
            await run.detach()
            records[record.run_id] = await kit.runner.inspect(record.run_id)


async def _is_new(kit: Kit, name: str, value: str) -> bool:
    """Whether a fact was another one when the bot was here last; remembers it. False where it is not known."""
    async with kit.db.transaction() as tx:
        before = await facts.get(tx, name)
        if value and before != value:
            await facts.put(tx, name, value)
    return "" not in (value, before) and before != value


async def _remember_family(kit: Kit, turn: Turn) -> None:
    """A turn descends from those that started it, also where they are over by now."""
    if kit.tokens.find(turn.id) is not None:
        return
    reader = Turns(kit.db)
    for elder_id in (turn.resumes_id, turn.parent_id):
        elder = None if elder_id is None else await reader.get(elder_id)
        if elder is not None:
            await _remember_family(kit, elder)
    if turn.resumes_id is not None:
        kit.tokens.succeed(turn.id, turn.resumes_id)
    kit.tokens.of(turn.id, turn.parent_id)


def _by_topic(unfinished: Iterable[Turn]) -> dict[TopicKey, _Found]:
    found: dict[TopicKey, _Found] = {}
    for turn in unfinished:
        found.setdefault(turn.topic, _Found()).turns.append(turn)
    return found


def _seat(lane: Lane, topic: _Found) -> None:
    """Put stored turns back where they were in their lane."""
    unfinished = topic.turns
    lane.recovering = True
    lane.interrupted += [turn for turn, owed in topic.owed if owed is Owed.NOTICE]
    lane.turns = {turn.id: turn for turn in unfinished}
    # What takes up a lost turn has its place: before all that waited meanwhile.
    waiting = sorted(_waiting(unfinished), key=lambda turn: (turn.taken_up is not TakenUp.ITSELF, turn.place))
    lane.since_restart |= {turn.id for turn in waiting if turn.taken_up is TakenUp.ITSELF}
    foreground = [turn for turn in waiting if turn.kind is TurnKind.FOREGROUND]
    active = [turn for turn in unfinished if turn.state in ACTIVE_STATES and turn.kind is TurnKind.FOREGROUND]
    lane.state = LaneState(
        current=active[0].id if active else None,
        queue=tuple(turn.id for turn in foreground if not turn.held),
        held=tuple(turn.id for turn in foreground if turn.held),
        tasks=tuple(turn.id for turn in unfinished if turn.kind is TurnKind.TASK),
    )
    # The first that the lane does: before the end of any run lets something else start.
    if undecided := tuple(turn for turn, owed in topic.owed if owed is Owed.VERDICT):
        lane.post(FoundLost(turns=undecided))


def _waiting(unfinished: Iterable[Turn]) -> list[Turn]:
    return [turn for turn in unfinished if turn.state is TurnState.QUEUED]


async def _attach(orchestrator: Orchestrator, row: RunRow, record: RunRecord, found: dict[TopicKey, _Found]) -> None:
    kit = orchestrator.kit
    session = await Sessions(kit.db).even_deleted(row.session_id)
    served = await Turns(kit.db).of_run(row.id)
    if session is None:
        log.warning("recovery.run_without_session", run=row.id)
        return
    lane = orchestrator.lane(session.topic)
    working = next((lane.turns[turn.id] for turn in served if turn.id in lane.turns), None)
    run = await kit.runner.attach(row.id)
    try:
        codec = open_codec(kit, session, request(served[0]) if served else "")
    except TopicdError as refusal:
        log.warning("recovery.agent_unknown", run=row.id, error=str(refusal))
        await run.stop()
        await run.detach()
        if working is not None:
            lane.post(LaunchFailed(turn_id=working.id, run_id=row.id, reason=as_stored(refusal)))
        return
    live = None
    if working is not None:
        live = LiveTurn(
            turn=working,
            agent=session.agent,
            progress=Progress(last_sign_ms=kit.clock(), read_again=True),
            directory=session.directory,
            verbosity=kit.policy.verbosity_in(await Topics(kit.db).get(session.topic)),
        )
    attended = lane.attended(run, codec, session, live)
    attended.prompts = {turn.id: request(turn) for turn in served if not turn.by_agent}
    attended.given = frozenset(record.gifts)
    attended.own_before = [turn.id for turn in served if turn.by_agent]
    attended.steers = {said.id: said.text for said in await Steers(kit.db).of_run(row.id)}
    attended.last_sign_ms = record.last_sign_ms
    # What it says of its session was stored when it said it, or does not hold any more.
    attended.disowned = working is None
    # Its codec is busy with the past: a run without work is let go rather than kept warm.
    attended.leaving = working is None
    lane.attend(attended)
    if live is None or working is None:
        if record.state is RunState.LIVE and row.state is RunState.LIVE:
            lane.spawn(run.finish, f"finish of run {row.id}")
        return
    _go_on(lane, attended, live, working)
    if record.state is RunState.LIVE:
        found[lane.key].attached.append(working.id)


def _go_on(lane: Lane, attended: AttendedRun, live: LiveTurn, turn: Turn) -> None:
    """A turn with a run is under way again: seen, watched, or stopped to its end."""
    lane.live[turn.id] = live
    lane.kit.places.take_anyway(turn.id)
    if turn.taken_up is TakenUp.ITSELF:
        lane.kit.resumes.enter_anyway(turn.id)
    if turn.state is TurnState.STOPPING:
        lane.token(turn).stop()
        if turn.live_open:
            lane.kit.views.opened(live)
        lane.kit.views.stopping(turn.id)
        if turn.cause is not StopCause.SHUTDOWN:
            lane.tickets[turn.id] = _ticket_again(lane, live)
        lane.end_run(attended)
        return
    lane.kit.views.opened(live)
    watch(lane, turn.id)


def _ticket_again(lane: Lane, live: LiveTurn) -> StopTicket:
    turn = live.turn
    late = turn.cause is StopCause.DEADLINE
    ticket = StopTicket(
        topic=lane.key,
        reply_to=turn.reply_to,
        lanes=1,
        began_ms=lane.kit.clock(),
        deadline=Limit.TIMEOUT if late else None,
        late=turn.id if late else None,
        progress=live.progress if late else None,
    )
    task = turn.kind is TurnKind.TASK
    ticket.join([] if task else [turn.id], [turn.id] if task else [], [])
    ticket.held = len(lane.state.held)
    return ticket


def _proceed(lane: Lane, topic: _Found) -> None:
    lane.post(Proceed())
    queued = [turn.id for turn in _waiting(topic.turns) if not turn.held and turn.taken_up is not TakenUp.ITSELF]
    lane.later(_SETTLE_S, TellRecovered(attached=tuple(topic.attached), queued=tuple(queued)))
