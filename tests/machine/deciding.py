"""What the routers make of presses of a request's buttons, of replies to its message, and of `/steer`."""

from bot.buttons import Press
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.domain import requests as rules
from orchestrator.domain.commands import Decide, Origin, Prompt, SteerTurn
from orchestrator.domain.errors import Refusal
from orchestrator.domain.ids import RequestId
from orchestrator.domain.requests import Act, ChooseOption, Dismiss, FinishPicking, GoBack, PickChoice, Request, Say
from orchestrator.domain.states import TERMINAL_STATES, TurnState
from storage.requests import Requests
from storage.turns import Turns
from tests.machine.asked import Ask


async def decide(orchestrator: Orchestrator, requests: Requests, ask: Ask, origin: Origin) -> bool:
    """A button below what an agent asks. False if there is nothing to submit."""
    press = Press.parse(ask.data)
    assert press is not None
    number, nonce, code = press.argument.split(".")
    request = await requests.get(RequestId(int(number)))
    if request is None or not request.is_open or (done := act_of(code)) is None:
        return False
    try:
        rules.act(request.asked, request.draft, done)
    except Refusal:
        return False
    orchestrator.submit(request.topic, _decision(request, done, origin, nonce))
    return True


async def reply(orchestrator: Orchestrator, requests: Requests, ask: Ask, origin: Origin) -> None:
    """Words to a request's message decide it while it is open, and are a prompt otherwise."""
    assert ask.reply_to is not None
    request = await requests.of_message(ask.topic.chat_id, ask.reply_to)
    if request is not None and request.is_open:
        orchestrator.submit(request.topic, _decision(request, Say(text=ask.text), origin, None))
    else:
        orchestrator.submit(ask.topic, Prompt(origin=origin, text=ask.text))


async def steer(orchestrator: Orchestrator, turns: Turns, ask: Ask, origin: Origin) -> None:
    """`/steer`, alone or as a reply to a live message."""
    turn = None if ask.turn_id is None else await turns.get(ask.turn_id)
    over = turn is None or turn.state in TERMINAL_STATES or turn.state is TurnState.STOPPING
    turn_id = None if over else ask.turn_id
    orchestrator.submit(ask.topic, SteerTurn(origin=origin, text=ask.text, turn_id=turn_id))


def act_of(code: str) -> Act | None:
    """What a button does; None for the one that only explains."""
    kind, rest = code[0], code[1:]
    match kind:
        case "o":
            return ChooseOption(index=int(rest))
        case "c":
            question, _, choice = rest.partition("-")
            return PickChoice(question=int(question), choice=int(choice))
        case "f":
            return FinishPicking(question=int(rest))
        case "b":
            return GoBack()
        case "x":
            return Dismiss()
        case _:
            return None


def _decision(request: Request, done: Act, origin: Origin, nonce: str | None) -> Decide:
    return Decide(origin=origin, request_id=request.id, nonce=nonce, act=done, is_admin=False)
