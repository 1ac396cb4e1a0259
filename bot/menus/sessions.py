"""The menus of `/sessions`: the list, one session, what can be done with it.

h.<page>, a.<page>          the sessions of this topic, of the chat
i.<id>, n.<id>, d.<id>      one of them; asks for its name; asks whether to delete it
!switch.<id>, !stop.<id>, !delete.<id>
"""

from collections.abc import Sequence

from bot.menus.area import Area, Done, Visit
from bot.menus.page import Page, Path, paged
from bot.menus.sessions_pages import PAGE_SIZE, SessionSeen, asks_delete, asks_name, item, listed
from bot.menus.topic_names import topic_name
from bot.menus.way import number
from bot.words.speech import say
from orchestrator.domain.commands import DeleteSession, NameSession, SwitchSession
from orchestrator.domain.ids import SessionId
from orchestrator.domain.reach import Way as StopWay
from orchestrator.domain.records import Session
from orchestrator.domain.states import TERMINAL_STATES, TurnKind


async def _render(visit: Visit, path: Path) -> Page | None:
    match path or ("h", "1"):
        case ("h" | "a" as which, page) if (nth := number(page)) is not None:
            return await _list(visit, nth, whole_chat=which == "a")
        case ("i" | "n" | "d" as which, word):
            session = await _session(visit, word)
            if session is None:
                return None
            one = await _seen(visit, session)
            match which:
                case "i":
                    return item(one, await _list_page(visit, session))
                case "n":
                    return asks_name(one)
                case _:
                    return asks_delete(one)
        case _:
            return None


async def _act(visit: Visit, path: Path) -> Done | None:
    match path:
        case ("switch" | "stop" | "delete" as what, word):
            session = await _session(visit, word)
        case _:
            return None
    if session is None:
        return None
    here: Path = ("i", str(session.id))
    match what:
        case "switch":
            return await switched(visit, session, here)
        case "stop":
            if not (await _seen(visit, session)).is_busy:
                return Done(toast=say("session-toast-idle"), show=here)
            visit.stop(session.topic, StopWay.SESSION_BUTTON, session_id=session.id)
            return Done(toast=say("session-toast-stopping"), show=here)
        case _:
            visit.submit(session.topic, DeleteSession(origin=visit.origin, session_id=session.id))
            return Done(toast=say("session-toast-deleted"), show=await _list_page(visit, session))


async def switched(visit: Visit, session: Session, show: Path) -> Done:
    """Let the topic go on with a session, where that can be."""
    if session.topic != visit.key:
        return Done(toast=say("session-toast-elsewhere"), alert=True, show=None)
    if (await visit.desk.counter.topic(visit.key)).current_session_id == session.id:
        return Done(toast=say("session-toast-current"), show=show)
    if session.kind is TurnKind.TASK and session.id in visit.desk.orchestrator.busy_sessions(visit.key):
        return Done(toast=say("session-toast-works"), alert=True, show=None)
    visit.submit(visit.key, SwitchSession(origin=visit.origin, session_id=session.id))
    return Done(toast=say("session-toast-switched"), show=show)


async def _hear(visit: Visit, path: Path, text: str) -> Done | None:
    session = await _session(visit, path[1]) if len(path) == 2 and path[0] == "n" else None
    if session is None:
        return None
    visit.submit(session.topic, NameSession(origin=visit.origin, session_id=session.id, name=text))
    return Done(show=("i", str(session.id)))


async def _list(visit: Visit, page: int, *, whole_chat: bool) -> Page:
    found = await _all(visit, whole_chat=whole_chat)
    things, shown = paged(found, page, PAGE_SIZE)
    return listed([await _seen(visit, each) for each in things], shown, whole_chat=whole_chat)


async def _all(visit: Visit, *, whole_chat: bool) -> Sequence[Session]:
    counter = visit.desk.counter
    return await (counter.sessions_of_chat(visit.key.chat_id) if whole_chat else counter.sessions(visit.key))


async def _list_page(visit: Visit, session: Session) -> Path:
    """Where in a list a session is, so that one comes back to it."""
    whole_chat = session.topic != visit.key
    ids = [each.id for each in await _all(visit, whole_chat=whole_chat)]
    nth = ids.index(session.id) if session.id in ids else 0
    return ("a" if whole_chat else "h", str(nth // PAGE_SIZE + 1))


async def _session(visit: Visit, word: str) -> Session | None:
    found = number(word)
    session = None if found is None else await visit.desk.counter.session(SessionId(found))
    return session if session is not None and session.topic.chat_id == visit.key.chat_id else None


async def _seen(visit: Visit, session: Session) -> SessionSeen:
    desk = visit.desk
    last = await desk.counter.last_turn(session.id)
    state = "idle" if last is None or last.state in TERMINAL_STATES else str(last.state)
    lane = desk.orchestrator.peek(session.topic)
    waiting = 0
    if lane is not None:
        waiting = sum(lane.turns[each].session_id == session.id for each in (*lane.state.queue, *lane.state.held))
        working = [each for each in lane.state.active if lane.turns[each].session_id == session.id]
        if working:
            state = str(lane.turns[working[0]].state)
        elif session.id in desk.orchestrator.busy_sessions(session.topic):
            state = "left"
    elsewhere = session.topic != visit.key
    return SessionSeen(
        session=session,
        state=state,
        age_s=max(0.0, (visit.now_ms - session.used_at) / 1000),
        last=last,
        is_current=(await desk.counter.topic(session.topic)).current_session_id == session.id,
        place=await topic_name(desk, session.topic) if elsewhere else "",
        waiting=waiting,
    )


AREA = Area(name="s", render=_render, act=_act, hear=_hear)
