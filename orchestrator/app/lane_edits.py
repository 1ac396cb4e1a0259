"""Prompts that were changed: one that waits is another from now on, one that began can be run again."""

from dataclasses import replace
from functools import partial

from orchestrator.app.change import Change
from orchestrator.app.lane import Lane
from orchestrator.app.lane_admission import take_in
from orchestrator.app.lane_commands import current_session, take_over
from orchestrator.app.lane_steering import steer
from orchestrator.domain.commands import EditPrompt, Prompt, RunAgain, SteerTurn
from orchestrator.domain.errors import Refusal
from orchestrator.domain.notices import EditedLate
from orchestrator.domain.prompt_parts import PromptPart, composed, is_plain, with_part
from orchestrator.domain.reach import Way
from orchestrator.domain.records import NewTurn, Turn
from orchestrator.domain.states import TERMINAL_STATES, TurnKind, TurnState
from storage import prompts, topics, turns


async def edit(lane: Lane, command: EditPrompt) -> None:
    """A message of a prompt says something else; one that says the same changes nothing."""
    async with lane.change(command.origin.update_id) as change:
        turn_id = await prompts.turn_of(change.tx, lane.key.chat_id, command.part.message_id)
        turn = None if turn_id is None else await turns.get(change.tx, turn_id)
        if turn is None or turn.topic != lane.key:
            return
        parts = await prompts.parts_of(change.tx, turn.id)
        now = with_part(parts, command.part) if parts else (replace(command.part, head=""),)
        offered = await prompts.offered(change.tx, turn.id)
        before = turn.prompt if offered is None else offered[0]
        if _is_spoken(turn) or composed(now) in (before, "") or _same(parts, command.part):
            return
        if turn.state is TurnState.QUEUED:
            await _change(lane, change, turn, now)
        else:
            await _offer(change, turn, now, command.part, again=offered is not None and not offered[1])


def _same(parts: tuple[PromptPart, ...], part: PromptPart) -> bool:
    """Whether a part says what it said: what changed is no more than its preview, or its heading."""
    return any(each.message_id == part.message_id and each.text == part.text for each in parts)


def _is_spoken(turn: Turn) -> bool:
    """Whether its words were written down from a voice: an edit of the message does not change those."""
    return any(file.spoken for file in turn.files)


async def _change(lane: Lane, change: Change, turn: Turn, parts: tuple[PromptPart, ...]) -> None:
    changed = replace(turn, prompt=composed(parts))
    await prompts.set_prompt(change.tx, changed)
    if not is_plain(parts):
        await prompts.keep_parts(change.tx, turn, parts)
    if turn.id in change.turns:
        change.turns[turn.id] = replace(change.turns[turn.id], prompt=changed.prompt)
    change.then(partial(lane.kit.views.heard, lane.key.chat_id, turn.message_id))


async def _offer(change: Change, turn: Turn, parts: tuple[PromptPart, ...], part: PromptPart, *, again: bool) -> None:
    """Offer it once: what is changed further goes with the button that is there."""
    await prompts.offer(change.tx, turn.id, composed(parts), change.at)
    if not is_plain(parts):
        await prompts.keep_parts(change.tx, turn, parts)
    if not again:
        at_work = turn.state not in TERMINAL_STATES
        await change.say(EditedLate(turn=turn, message_id=part.message_id, at_work=at_work))


async def run_again(lane: Lane, command: RunAgain) -> None:
    """Run a prompt once more, as it is now; if it still works, that is stopped first."""
    if lane.state.current == command.turn_id:
        await take_over(lane, command.origin, Way.RETRY)
    async with lane.change(command.origin.update_id) as change:
        old = await turns.get(change.tx, command.turn_id)
        if old is None or old.topic != lane.key or old.kind is not TurnKind.FOREGROUND:
            raise Refusal("file-again-nothing")
        prompt = await prompts.take(change.tx, old, change.at)
        if prompt is None:
            raise Refusal("file-again-done")
        session = await current_session(lane, change, await topics.ensure(change.tx, lane.key))
        await take_in(
            lane,
            change,
            NewTurn(
                session_id=session.id,
                topic=lane.key,
                kind=TurnKind.FOREGROUND,
                prompt=prompt,
                reply_to=old.reply_to,
                sender_id=command.origin.user_id,
                sender_name=command.origin.user_name,
                files=old.files,
            ),
            command.origin.update_id,
            first=lane.state.current is not None and lane.is_stopping(lane.state.current),
        )


async def belongs_to_another(lane: Lane, command: Prompt) -> bool:
    """Whether a prompt was taken into the one that it was sent with: that waits, or its agent is told meanwhile."""
    same = (each for each in lane.turns.values() if each.message_id == command.follows)
    turn = next(same, None)
    if turn is None:
        return False
    if turn.id == lane.state.current and not command.files:
        await steer(lane, SteerTurn(origin=command.origin, text=command.text, turn_id=turn.id))
        return True
    if turn.state is not TurnState.QUEUED:
        return False
    async with lane.change(command.origin.update_id, more_ids=command.origin.more_ids) as change:
        before = await prompts.parts_of(change.tx, turn.id)
        own = before or (PromptPart(message_id=turn.message_id, text=turn.prompt),)
        parts = (*own, *command.parts)
        changed = replace(turn, prompt=composed(parts), files=(*turn.files, *command.files))
        await prompts.set_prompt(change.tx, changed)
        await prompts.keep_parts(change.tx, turn, parts)
        change.turns[turn.id] = changed
    return True
