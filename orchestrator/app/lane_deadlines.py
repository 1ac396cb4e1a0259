"""The deadlines of a lane's turns: in all, and without a sign of life."""

import anyio

from orchestrator.app.lane import Lane
from orchestrator.app.lane_messages import StopOrder
from orchestrator.app.stop_ticket import StopTicket
from orchestrator.domain.ids import TurnId
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.reach import SCOPE, Way
from orchestrator.domain.states import StopCause

_POLL_S = 1.0


def watch(lane: Lane, turn_id: TurnId) -> None:
    """End the turn when it takes too long in all, or gives no sign of life for too long."""
    scope = lane.watches[turn_id] = anyio.CancelScope()

    async def until_late() -> None:
        with scope:
            await _until_late(lane, turn_id)

    lane.spawn(until_late, f"deadlines of turn {turn_id}")


async def _until_late(lane: Lane, turn_id: TurnId) -> None:
    policy = lane.kit.policy
    while turn_id in lane.turns and (live := lane.live.get(turn_id)) is not None:
        now = lane.kit.clock()
        began = live.turn.started_at or now
        total_left = policy.timeout_s - (now - began) / 1000
        silence_left = policy.silence_s - (now - live.progress.last_sign_ms) / 1000
        if min(total_left, silence_left) <= 0:
            lane.post(_order(lane, live, "timeout" if total_left <= 0 else "silence", now), urgent=True)
            return
        await anyio.sleep(max(_POLL_S, min(total_left, silence_left)))


def _order(lane: Lane, live: LiveTurn, which: str, now: int) -> StopOrder:
    ticket = StopTicket(
        topic=lane.key,
        reply_to=live.turn.message_id or live.turn.reply_to,
        lanes=1,
        began_ms=now,
        deadline=which,
        partial=live.progress.tail,
    )
    return StopOrder(
        scope=SCOPE[Way.DEADLINE], turn_id=live.turn.id, ticket=ticket, cause=StopCause.DEADLINE, why=which
    )
