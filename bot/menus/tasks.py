"""The menus of `/tasks`: the list, one task, what can be done with it.

p.<page>                    the tasks of the chat
i.<id>, d.<id>              one of them; asks whether to delete it
!switch.<id>, !stop.<id>, !delete.<id>
"""

from bot.buttons import end_task_button
from bot.menus.area import Area, Done, Visit
from bot.menus.page import Page, Path, paged
from bot.menus.sessions import switched
from bot.menus.tasks_pages import PAGE_SIZE, Others, TaskSeen, asks_delete, item, listed
from bot.menus.topic_names import message_url, topic_name
from bot.menus.way import number
from bot.words.speech import say
from orchestrator.domain.commands import DeleteTask
from orchestrator.domain.ids import TurnId
from orchestrator.domain.reach import Way as StopWay
from orchestrator.domain.records import Turn
from orchestrator.domain.states import TERMINAL_STATES, TurnKind, TurnState

_MOST_ENDS = 8


async def _render(visit: Visit, path: Path) -> Page | None:
    match path or ("p", "1"):
        case ("p", page) if (nth := number(page)) is not None:
            return await _list(visit, nth)
        case ("i" | "d" as which, word):
            turn = await _task(visit, word)
            if turn is None:
                return None
            seen = await _seen(visit, turn)
            return asks_delete(seen) if which == "d" else item(seen, await _list_page(visit, turn))
        case _:
            return None


async def _act(visit: Visit, path: Path) -> Done | None:
    match path:
        case ("switch" | "stop" | "delete" as what, word):
            turn = await _task(visit, word)
        case _:
            return None
    if turn is None:
        return None
    here: Path = ("i", str(turn.id))
    match what:
        case "switch":
            session = await visit.desk.counter.session(turn.session_id)
            if session is None:
                return Done(toast=say("task-toast-no-session"), alert=True, show=here)
            return await switched(visit, session, here)
        case "stop":
            if turn.state in TERMINAL_STATES or turn.state is TurnState.STOPPING:
                return Done(toast=say("task-toast-over"), show=here)
            visit.stop(turn.topic, StopWay.TASK_BUTTON, turn_id=turn.id)
            return Done(toast=say("task-toast-stopping"), show=here)
        case _:
            visit.submit(turn.topic, DeleteTask(origin=visit.origin, turn_id=turn.id))
            return Done(toast=say("task-toast-deleted"), show=("p", str(await _list_page(visit, turn))))


async def _list(visit: Visit, page: int) -> Page:
    things, shown = paged(await visit.desk.counter.tasks(visit.key.chat_id), page, PAGE_SIZE)
    return listed([await _seen(visit, each) for each in things], shown, await _others(visit))


async def _others(visit: Visit) -> Others:
    own = visit.desk.orchestrator.agent_tasks(visit.key.chat_id)
    ends = [end_task_button(topic, session_id, task) for topic, session_id, task in own[:_MOST_ENDS]]
    titles = []
    for topic, _, task in own:
        where = "" if topic == visit.key else f" · {await topic_name(visit.desk, topic)}"
        titles.append(f"{task.title or task.task_id}{where}")
    return Others(
        own=tuple(titles),
        ends=tuple(end for end in ends if end is not None),
        left=await visit.desk.orchestrator.left_running(visit.key),
    )


async def _list_page(visit: Visit, turn: Turn) -> int:
    """Where in the list a task is, so that one comes back to it."""
    ids = [each.id for each in await visit.desk.counter.tasks(visit.key.chat_id)]
    return ids.index(turn.id) // PAGE_SIZE + 1 if turn.id in ids else 1


async def _task(visit: Visit, word: str) -> Turn | None:
    found = number(word)
    turn = None if found is None else await visit.desk.counter.turn(TurnId(found))
    if turn is None or turn.kind is not TurnKind.TASK or turn.unlisted:
        return None
    return turn if turn.topic.chat_id == visit.key.chat_id else None


async def _seen(visit: Visit, turn: Turn) -> TaskSeen:
    desk = visit.desk
    lane = desk.orchestrator.peek(turn.topic)
    live = None if lane is None else lane.live.get(turn.id)
    began = turn.started_at or turn.created_at
    shown_in = turn.live_message_id or turn.message_id
    here = turn.topic == visit.key
    can_switch = here and turn.state in TERMINAL_STATES and await desk.counter.session(turn.session_id) is not None
    return TaskSeen(
        turn=turn,
        elapsed_s=((turn.ended_at or visit.now_ms) - began) / 1000,
        place="" if here else await topic_name(desk, turn.topic),
        steps=() if live is None else tuple(live.progress.steps.values()),
        url="" if shown_in is None else message_url(turn.topic.chat_id, turn.topic.thread_id, shown_in),
        can_switch=can_switch,
    )


AREA = Area(name="t", render=_render, act=_act)
