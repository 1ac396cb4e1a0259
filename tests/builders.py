"""Ready-made values of the domain, and what Telegram would send, for tests to vary."""

import json
from dataclasses import replace
from typing import Any

from aiogram.types import Update

from orchestrator.domain.agent_events import Usage
from orchestrator.domain.deadline import Limit
from orchestrator.domain.ids import SessionId, TopicKey, TurnId, UserId
from orchestrator.domain.notices import (
    Chosen,
    DeadlineNear,
    DeadlineOver,
    DeadlinePutOff,
    HeldChanged,
    Interrupted,
    Notice,
    Outcome,
    PutOff,
    Queued,
    Recovered,
    Refused,
    Restart,
    Resumed,
    SessionOpened,
    StopBegun,
    StopDone,
    StopFoundNothing,
    WaitReason,
)
from orchestrator.domain.records import Letter, NewTurn, Session, Turn
from orchestrator.domain.run_events import ProcessNote
from orchestrator.domain.states import Mode, Priority, TakenUp, TurnKind, TurnState
from orchestrator.domain.words import words
from storage import sessions, turns
from storage.database import Database

GROUP = -1001234567890
TOPIC = TopicKey(GROUP, 42)
ALICE = 111111111

_TURN = Turn(
    id=TurnId(7),
    session_id=SessionId(3),
    topic=TOPIC,
    kind=TurnKind.FOREGROUND,
    parent_id=None,
    state=TurnState.RUNNING,
    held=False,
    cause=None,
    prompt="fix the tests",
    message_id=500,
    reply_to=500,
    sender_id=UserId(ALICE),
    sender_name="Alice",
    run_id=None,
    resumes_id=None,
    created_at=1_000,
    started_at=2_000,
    ended_at=None,
    answer="",
    error="",
    live_message_id=None,
    live_open=False,
)
_SESSION = Session(
    id=SessionId(3),
    topic=TOPIC,
    kind=TurnKind.FOREGROUND,
    name="",
    agent="claude",
    directory="/srv/api",
    model="",
    mode=Mode.ASK,
    cli_session_id="",
    begun=False,
    created_at=1_000,
    used_at=1_000,
)


def a_turn(**changes: Any) -> Turn:
    """A turn that runs, or whatever is said of it."""
    return replace(_TURN, **changes)


def a_session(**changes: Any) -> Session:
    """A session that nobody has used."""
    return replace(_SESSION, **changes)


def a_letter(
    text: str = "hello", *, topic: TopicKey = TOPIC, priority: Priority = Priority.NOTICE, **changes: Any
) -> Letter:
    """A message that is owed to a topic; `params` are added to its call."""
    params = {"chat_id": topic.chat_id, "text": text, **changes.pop("params", {})}
    if topic.thread_id is not None:
        params["message_thread_id"] = topic.thread_id
    body = json.dumps({"method": "sendMessage", "params": params})
    return Letter(topic=topic, priority=priority, body=body, **changes)


async def stored_session(db: Database, **changes: Any) -> Session:
    """A session in the store."""
    async with db.transaction() as tx:
        return await sessions.add(tx, a_session(**changes))


async def stored_turn(db: Database, *, session: Session | None = None, **changes: Any) -> Turn:
    """A queued turn in the store, of a session of its own if none is named."""
    session = session or await stored_session(db)
    new = NewTurn(
        **{
            "session_id": session.id,
            "topic": session.topic,
            "kind": TurnKind.FOREGROUND,
            "prompt": "fix the tests",
            **changes,
        }
    )
    async with db.transaction() as tx:
        turn = await turns.add(tx, new, 1_000)
    assert turn is not None
    return turn


def a_warning(**changes: Any) -> DeadlineNear:
    """A turn whose time is up in a minute."""
    near = DeadlineNear(
        turn=_TURN,
        limit=Limit.TIMEOUT,
        left_s=60.0,
        since_s=3540.0,
        extend_by_s=600.0,
        extensions=0,
        max_extensions=6,
        at_work=False,
        edits=None,
    )
    return replace(near, **changes)


def every_notice(word: str) -> list[Notice]:
    """One of each kind of notice and more, with `word` wherever somebody else's text may stand."""
    stored = word.encode(errors="replace").decode()  # what is no UTF-8 never gets into the store
    done = a_turn(state=TurnState.DONE, ended_at=9_000, prompt=stored, answer=stored)
    failed = a_turn(state=TurnState.FAILED, ended_at=9_000, prompt=stored, error=stored)
    process = ProcessNote(pid=12, command=word)
    stopped = StopDone(topic=TOPIC, reply_to=5, turns=(TurnId(1),), took_s=0.4)
    return [
        Outcome(turn=done, agent="claude", took_s=1.5, strays=(process,) * 9, remarks=(word,) * 5, usage=Usage()),
        Outcome(turn=replace(done, kind=TurnKind.TASK), agent="claude", took_s=1.5),
        Outcome(turn=replace(done, answer=""), agent="claude", took_s=1.5, remarks=(word,)),
        Outcome(turn=failed, agent="claude", took_s=1.5, strays=(process,), remarks=(word,) * 5),
        Outcome(turn=replace(failed, answer=stored, error=""), agent="", took_s=1.5),
        StopBegun(topic=TOPIC, reply_to=5),
        stopped,
        replace(
            stopped,
            turns=(TurnId(1), TurnId(2)),
            tasks=(TurnId(3),),
            dropped=2,
            held=3,
            agents=(word,),
            left_running=1,
            tasks_left=(done,) * 6,
            ended_tools=4,
            survivors=(process,) * 9,
            deadline=Limit.TIMEOUT,
            late=TurnId(1),
            partial=word * 20,
        ),
        replace(stopped, deadline=Limit.SILENCE, held=1, edits=4),
        *(a_warning(limit=limit, at_work=at_work) for limit in Limit for at_work in (True, False)),
        *(
            DeadlinePutOff(turn=done, why=why, extend_by_s=90.0, extensions=1, max_extensions=2, edits=None, by=word)
            for why in PutOff
        ),
        DeadlineOver(turn=replace(done, kind=TurnKind.TASK), late=True, edits=4),
        StopFoundNothing(topic=TOPIC, reply_to=None),
        StopFoundNothing(topic=TOPIC, reply_to=5, held=2, tasks_left=(done,), finished=True, answer_owed=True),
        *(Queued(turn=done, ahead=ahead, reason=reason) for reason in WaitReason for ahead in (0, 3)),
        SessionOpened(topic=TOPIC, reply_to=5, session=a_session(directory=f"/srv/{word}"), kept=True),
        Chosen(topic=TOPIC, reply_to=5, setting="model", value=word, remarks=(words("refusal-as-it-is", text=word),)),
        Refused(topic=TOPIC, reply_to=5, text=words("refusal-as-it-is", text=word)),
        *(
            Recovered(
                topic=TOPIC, restart=restart, still_running=(done,) * 3, interrupted=(failed,) * 3, queued=2, held=2
            )
            for restart in Restart
        ),
        Recovered(topic=TOPIC, restart=Restart.RESTARTED, interrupted=(failed,)),
        Interrupted(turn=failed, why=words("refusal-as-it-is", text=word)),
        Resumed(turn=failed),
        Resumed(turn=replace(done, taken_up=TakenUp.PERSON, afresh=True)),
        Recovered(topic=TOPIC, restart=Restart.REBOOTED, version=word, resumed=(replace(done, afresh=True),)),
        HeldChanged(topic=TOPIC, reply_to=5, count=2, dropped=True),
        HeldChanged(topic=TOPIC, reply_to=5, count=0, dropped=False),
    ]


# What Telegram sends (Bot API): plain JSON, so that a test reads as the wire does.

FORUM: dict[str, Any] = {"id": GROUP, "type": "supergroup", "title": "Workshop", "is_forum": True}
PRIVATE: dict[str, Any] = {"id": ALICE, "type": "private", "first_name": "Alice"}


def a_person(user_id: int = ALICE, **fields: Any) -> dict[str, Any]:
    """A `User`."""
    return {"id": user_id, "is_bot": False, "first_name": "Alice", **fields}


def a_message(**fields: Any) -> dict[str, Any]:
    """A `Message` of Alice in a forum's General topic; a field that is None is left out."""
    whole = {"message_id": 500, "date": 1_700_000_000, "chat": FORUM, "from": a_person(), "text": "hello", **fields}
    return {name: value for name, value in whole.items() if value is not None}


def an_update(**fields: Any) -> Update:
    """An `Update` as aiogram reads it."""
    return Update.model_validate({"update_id": 1, **fields})
