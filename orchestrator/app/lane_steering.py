"""Saying something into a running turn, and what becomes of it.

It is stored before the agent gets it, as a gift with a name, so that it is said once whatever happens. What
the agent does not take in becomes a prompt, unless its turn was stopped.
"""

from functools import partial

from orchestrator.app.attended_run import AttendedRun
from orchestrator.app.gifts import steer_name
from orchestrator.app.lane import Lane
from orchestrator.app.lane_boarding import advance
from orchestrator.app.lane_commands import ask
from orchestrator.app.lane_unheard import as_prompt
from orchestrator.app.milestones import SteerHeard
from orchestrator.domain.cancel_token import bound, should_stop
from orchestrator.domain.commands import Prompt, SteerTurn
from orchestrator.domain.ids import TurnId
from orchestrator.domain.notices import WaitReason
from orchestrator.domain.records import NewSteer, Steer, Turn
from orchestrator.domain.states import SteerState, TurnKind, TurnState
from storage import steers, stops, turns

_AT_WORK = (TurnState.RUNNING, TurnState.WAITING)


async def steer(lane: Lane, command: SteerTurn) -> None:
    """Say something into a turn at work; where that can't be done it is a prompt, and that is said."""
    origin = command.origin
    turn = lane.turns.get(command.turn_id or lane.state.current or TurnId(0))
    run = None if turn is None else lane.run_of(turn.id)
    async with lane.change(origin.update_id, more_ids=origin.more_ids) as change:
        behind = await stops.is_behind_line(change.tx, lane.key, origin.update_id, change.at, task=False)
        if turn is not None and run is not None and not behind and _listens(turn, run):
            new = NewSteer(
                turn_id=turn.id,
                run_id=run.run_id,
                chat_id=lane.key.chat_id,
                message_id=origin.message_id,
                sender_id=origin.user_id,
                sender_name=origin.user_name,
                text=command.text,
            )
            if await turns.of_message(change.tx, lane.key.chat_id, origin.message_id):
                return  # Telegram repeats what was a prompt
            said = await steers.add(change.tx, new, change.at)
            data = None if said is None else run.steer(said)
            if said is None:
                return
            if data is not None:
                change.then(partial(_give, lane, run, said, data))
                return
            await steers.mark(change.tx, said.id, SteerState.PROMPT)
            if turn.kind is TurnKind.TASK:
                await as_prompt(lane, change, said)
                return
        prompt = Prompt(origin=origin, text=command.text)
        await ask(lane, change, prompt, busy=WaitReason.UNHEARD if turn is not None else WaitReason.BUSY)


def _listens(turn: Turn, run: AttendedRun) -> bool:
    return turn.state in _AT_WORK and not run.program_ended and not run.leaving


def _give(lane: Lane, run: AttendedRun, said: Steer, data: bytes) -> None:
    turn = lane.turns.get(said.turn_id)
    if turn is None or not data:
        return

    async def give() -> None:
        with bound(lane.token(turn)):
            should_stop()
            await run.give_named(steer_name(said.id), data)

    lane.spawn(give, f"steer {said.id} of turn {turn.id}")


async def heard(lane: Lane, message: SteerHeard) -> None:
    """The agent took in what was said, or never will."""
    async with lane.change() as change:
        state = SteerState.TAKEN if message.taken else SteerState.PROMPT
        said = await steers.mark(change.tx, message.steer_id, state)
        if said is None:
            return
        if message.taken:
            change.then(partial(lane.kit.views.heard, said.chat_id, said.message_id))
        else:
            await as_prompt(lane, change, said)
            await advance(lane, change)


async def after_restart(lane: Lane) -> None:
    """What was stored and perhaps not given before the bot died is given now; nothing is said twice.

    What was to be said into a turn that ended meanwhile is asked for next.
    """
    for run in [each for each in lane.runs.values() if not each.program_ended]:
        async with lane.change() as change:
            late = []
            for said in await steers.given_to(change.tx, run.run_id):
                if said.id in run.steered or lane.is_stopping(said.turn_id):
                    continue
                data = run.steer(said) if lane.run_of(said.turn_id) is run else None
                if data is not None:
                    change.then(partial(_give, lane, run, said, data))
                else:
                    late.append(said)
            for said in reversed(late):
                if await steers.mark(change.tx, said.id, SteerState.PROMPT) is not None:
                    await as_prompt(lane, change, said)
