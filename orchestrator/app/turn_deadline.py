"""A turn's deadline within a change of its lane: stored with it, told with it, gone with the turn."""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.domain import deadline as rules
from orchestrator.domain.deadline import Deadline, Limit, Warn
from orchestrator.domain.ids import TurnId
from orchestrator.domain.notices import DeadlineNear, DeadlineOver, DeadlinePutOff, PutOff
from orchestrator.domain.records import Turn
from orchestrator.domain.states import TERMINAL_STATES, StopCause, TurnState
from storage import deadlines

if TYPE_CHECKING:
    from orchestrator.app.change import Change

_OVER = TERMINAL_STATES | {TurnState.STOPPING, TurnState.QUEUED}


async def begin(change: "Change", turn: Turn) -> None:
    """A turn gets its agent: from now on its time is counted."""
    await _put(change, turn.id, rules.begun(change.kit.policy.limits, change.at))


async def follow(change: "Change", before: Turn, after: Turn) -> None:
    """A turn moved on: while a person is awaited its time stands still, and with its end it is gone."""
    deadline = change.deadlines.get(after.id)
    if deadline is None:
        return
    if after.state is TurnState.WAITING:
        await _put(change, after.id, rules.paused(deadline, change.at))
    elif before.state is TurnState.WAITING and after.state is TurnState.RUNNING:
        await _put(change, after.id, rules.resumed(deadline, change.kit.policy.limits, change.at))
    elif after.state in _OVER:
        del change.deadlines[after.id]
        await deadlines.remove(change.tx, after.id)
        if deadline.letter_open and deadline.letter_id is not None:
            late = after.cause is StopCause.DEADLINE
            await change.say(DeadlineOver(turn=after, late=late, edits=deadline.letter_id))


async def warn(change: "Change", turn: Turn, step: Warn, sign_ms: int) -> None:
    """Say that a turn's time is nearly up: in a message that rings wherever a person is needed."""
    policy = change.kit.policy
    deadline = rules.warned(change.deadlines[turn.id], step)
    at_work = (
        step.limit is Limit.TIMEOUT
        and rules.may_extend(deadline, policy.limits)
        and rules.is_at_work(deadline, policy.limits, sign_ms)
    )
    edits = deadline.letter_id if at_work or deadline.letter_open else None
    since = (turn.started_at or change.at) if step.limit is Limit.TIMEOUT else sign_ms
    letter = await change.say(
        DeadlineNear(
            turn=turn,
            limit=step.limit,
            left_s=(step.end - change.at) / 1000,
            since_s=(change.at - since) / 1000,
            extend_by_s=policy.extend_by_s,
            extensions=deadline.extensions,
            max_extensions=policy.max_extensions,
            at_work=at_work,
            edits=edits,
        )
    )
    told = letter.id if edits is None and letter is not None else edits
    await _put(change, turn.id, replace(deadline, letter_id=told, letter_open=True))


async def put_off(change: "Change", turn: Turn, deadline: Deadline, why: PutOff, by: str = "") -> None:
    """The end is not near any more: that is told where the end was told."""
    policy = change.kit.policy
    if deadline.letter_id is not None or why is not PutOff.SIGN:
        letter = await change.say(
            DeadlinePutOff(
                turn=turn,
                why=why,
                extend_by_s=policy.extend_by_s,
                extensions=deadline.extensions,
                max_extensions=policy.max_extensions,
                edits=deadline.letter_id,
                by=by,
            )
        )
        if deadline.letter_id is None and letter is not None:
            deadline = replace(deadline, letter_id=letter.id)
    await _put(change, turn.id, replace(deadline, letter_open=False))


async def _put(change: "Change", turn_id: TurnId, deadline: Deadline) -> None:
    change.deadlines[turn_id] = deadline
    await deadlines.put(change.tx, turn_id, deadline)
