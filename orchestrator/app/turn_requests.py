"""A turn's open requests within a change of its lane: asked with it, void with its end."""

from functools import partial
from typing import TYPE_CHECKING

from orchestrator.domain.machine import TurnEvent
from orchestrator.domain.notices import Asked, RequestDecided, RequestOver
from orchestrator.domain.records import Turn
from orchestrator.domain.requests import Draft, Request, RequestState
from orchestrator.domain.states import TERMINAL_STATES, StopCause, TurnState
from orchestrator.domain.words import Words, words
from storage import outbox, requests

if TYPE_CHECKING:
    from orchestrator.app.change import Change

_CAUSES = {
    StopCause.DEADLINE: words("request-over-time"),
    StopCause.SHUTDOWN: words("request-over-shutdown"),
    StopCause.TAKEOVER: words("request-over-newer"),
}


async def ask(change: "Change", turn: Turn, agent: str, request: Request) -> Turn:
    """Ask people; the turn waits for them from now on."""
    letter = await change.say(Asked(turn=turn, agent=agent, request=request))
    if letter is not None:
        await requests.set_letter(change.tx, request.id, letter.id)
    change.then(partial(change.kit.views.waiting, turn.id, for_person=True))
    return turn if turn.state is TurnState.WAITING else await change.move(turn, TurnEvent.ASKED)


async def ask_on(change: "Change", turn: Turn, agent: str, request: Request, draft: Draft) -> None:
    """A step towards an answer was done: show what comes next."""
    await requests.set_draft(change.tx, request.id, draft)
    if request.letter_id is not None:
        await change.say(Asked(turn=turn, agent=agent, request=request, edits=request.letter_id))


async def decided(change: "Change", turn: Turn, agent: str, request: Request) -> None:
    """A request was decided: its message says so, and the turn goes on if it was the last that waited."""
    if request.letter_id is not None:
        await outbox.void_message(change.tx, request.letter_id, change.at)
        await change.say(RequestDecided(turn=turn, agent=agent, request=request, edits=request.letter_id))
    await _go_on(change, turn)


async def withdrawn(change: "Change", turn: Turn, request: Request) -> None:
    """The agent does not wait for it any more."""
    over = await requests.close(change.tx, request.id, RequestState.VOID, change.at)
    if over is not None:
        await _tell_over(change, turn, over, words("request-over-withdrawn"))
        await _go_on(change, turn)


async def follow(change: "Change", before: Turn, after: Turn) -> None:
    """A turn moved on: with its end, or its stop, all that it asked is void."""
    if before.state is not TurnState.WAITING or after.state in (TurnState.WAITING, TurnState.RUNNING):
        return
    for request in await requests.open_of(change.tx, after.id):
        over = await requests.close(change.tx, request.id, RequestState.VOID, change.at)
        if over is not None:
            await _tell_over(change, after, over, _why(after))


async def _go_on(change: "Change", turn: Turn) -> None:
    if turn.state is TurnState.WAITING and not await requests.open_of(change.tx, turn.id):
        await change.move(turn, TurnEvent.ANSWERED)
        change.then(partial(change.kit.views.waiting, turn.id, for_person=False))


async def _tell_over(change: "Change", turn: Turn, request: Request, why: Words) -> None:
    if request.letter_id is not None:
        await outbox.void_message(change.tx, request.letter_id, change.at)
        await change.say(RequestOver(turn=turn, request=request, why=why, edits=request.letter_id))


def _why(turn: Turn) -> Words:
    if turn.state is TurnState.STOPPING or turn.state is TurnState.STOPPED:
        return _CAUSES.get(turn.cause or StopCause.PERSON, words("request-over-stop"))
    if turn.state in TERMINAL_STATES and turn.state is not TurnState.LOST:
        return words("request-over-turn")
    return words("request-over-agent-gone")
