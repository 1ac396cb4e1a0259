"""The menus of `/queue`: what waits in this topic, one prompt, what can be done with it.

p.<page>, i.<id>
!up.<id>, !now.<id>, !cancel.<id>, !run, !drop
"""

from bot.letter_body import edit_text
from bot.menus.area import Area, Done, Visit
from bot.menus.page import Page, Path, paged
from bot.menus.queue_pages import PAGE_SIZE, QueueSeen, item, listed
from bot.menus.way import number
from bot.render import builder as b
from bot.words.speech import say
from orchestrator.domain.commands import DropHeld, MoveUp, RunHeld, RunNow
from orchestrator.domain.ids import TurnId
from orchestrator.domain.reach import Way as StopWay
from orchestrator.domain.records import Letter, Turn
from orchestrator.domain.states import TERMINAL_STATES, Priority


async def _render(visit: Visit, path: Path) -> Page | None:
    seen = queue_of(visit)
    match path or ("p", "1"):
        case ("p", page) if (nth := number(page)) is not None:
            things, shown = paged(seen.all, nth, PAGE_SIZE)
            return listed(seen, things, shown)
        case ("i", word):
            turn = next((each for each in seen.all if each.id == number(word)), None)
            return None if turn is None else item(seen, turn, seen.all.index(turn) // PAGE_SIZE + 1)
        case _:
            return None


async def _act(visit: Visit, path: Path) -> Done | None:
    match path:
        case ("run" | "drop" as what,):
            if not queue_of(visit).held:
                return Done(toast=say("waiting-toast-none-rest"))
            command = RunHeld(origin=visit.origin) if what == "run" else DropHeld(origin=visit.origin)
            visit.submit(visit.key, command)
            return Done()
        case ("up" | "now" | "cancel" as what, word):
            found = number(word)
            turn = None if found is None else await visit.desk.counter.turn(TurnId(found))
            if turn is None or turn.topic != visit.key:
                return None
            return await changed(visit, turn, what)
        case _:
            return None


async def changed(visit: Visit, turn: Turn, what: str) -> Done:
    """Move, run or cancel a prompt, unless it has begun or is over by now."""
    seen = queue_of(visit)
    ahead = seen.ahead(turn)
    if turn.id not in [each.id for each in seen.all]:
        is_over = turn.state in TERMINAL_STATES
        return Done(toast=say("waiting-toast-over" if is_over else "waiting-toast-begun"))
    here: Path = ("i", str(turn.id))
    match what:
        case "up":
            if not ahead:
                return Done(toast=say("waiting-toast-rests" if ahead is None else "waiting-toast-first"), show=here)
            visit.submit(visit.key, MoveUp(origin=visit.origin, turn_id=turn.id))
            return Done(toast=say("waiting-toast-moved"), show=here)
        case "now":
            visit.submit(visit.key, RunNow(origin=visit.origin, turn_id=turn.id))
            return Done(toast=say("waiting-toast-now"))
        case _:
            await _say_cancelled(visit, turn)
            visit.stop(visit.key, StopWay.CANCEL_BUTTON, turn_id=turn.id)
            return Done(toast=say("waiting-toast-cancelled"))


async def _say_cancelled(visit: Visit, turn: Turn) -> None:
    """The notice that a prompt waits is not true any more."""
    message_id = await visit.desk.counter.notice_of(turn.id)
    if message_id is not None:
        body = edit_text(visit.key.chat_id, message_id, b.message(say("waiting-cancelled")))
        await visit.desk.send(None, [Letter(topic=visit.key, priority=Priority.NOTICE, body=body.to_json())])


def queue_of(visit: Visit) -> QueueSeen:
    """What waits in the topic now."""
    lane = visit.desk.orchestrator.peek(visit.key)
    if lane is None:
        return QueueSeen()
    state = lane.state
    return QueueSeen(
        queue=[lane.turns[each] for each in state.queue],
        held=[lane.turns[each] for each in state.held],
        current=None if state.current is None else lane.turns[state.current],
    )


AREA = Area(name="q", render=_render, act=_act)
