"""What agents asked of people, and what became of it."""

import json
import sqlite3
from collections.abc import Sequence

from pydantic import TypeAdapter

from orchestrator.domain.agent_events import ApprovalWanted
from orchestrator.domain.ids import RequestId, RunId, TopicKey, TurnId, UserId
from orchestrator.domain.requests import Chosen, Decision, Denied, Draft, Replied, Request, RequestState
from storage.database import Database, Transaction
from storage.topics import thread_column, topic_key

_ADD = """
    INSERT INTO requests (turn_id, run_id, name, chat_id, thread_id, asked, nonce, asked_at, expires_at)
    VALUES (:turn_id, :run_id, :name, :chat_id, :thread_id, :asked, :nonce, :at, :expires_at)
    ON CONFLICT (run_id, name) DO NOTHING RETURNING *
"""
_GET = "SELECT * FROM requests WHERE id = :id"
_NAMED = "SELECT * FROM requests WHERE run_id = :run_id AND name = :name"
_OPEN_OF_TURN = "SELECT * FROM requests WHERE turn_id = :turn_id AND state = 'open' ORDER BY id"
_SET_LETTER = "UPDATE requests SET letter_id = :letter_id WHERE id = :id"
_SET_DRAFT = "UPDATE requests SET draft = :draft WHERE id = :id AND state = 'open'"
_CLOSE = """
    UPDATE requests SET state = :state, decision = :decision, by_id = :by_id, by_name = :by_name, decided_at = :at
    WHERE id = :id AND state = 'open' RETURNING *
"""
_OPEN = "SELECT * FROM requests WHERE state = 'open' ORDER BY id"
_OF_MESSAGE = """
    SELECT requests.* FROM requests JOIN outbox ON outbox.id = requests.letter_id
    WHERE outbox.chat_id = :chat_id AND outbox.message_id = :message_id
"""
_KINDS: dict[str, type[Chosen] | type[Replied] | type[Denied]] = {
    "chosen": Chosen,
    "replied": Replied,
    "denied": Denied,
}
_ASKED = TypeAdapter(ApprovalWanted)
_DRAFT = TypeAdapter(Draft)
_DECISIONS = {name: TypeAdapter[Decision](kind) for name, kind in _KINDS.items()}


async def add(
    tx: Transaction,
    *,
    turn_id: TurnId,
    run_id: RunId,
    topic: TopicKey,
    asked: ApprovalWanted,
    nonce: str,
    at: int,
    expires_at: int | None,
) -> Request | None:
    """Store an open request. None if the run asked this already, which its output tells again after a restart."""
    row = await tx.row(
        _ADD,
        {
            "turn_id": turn_id,
            "run_id": run_id,
            "name": asked.request_id,
            "chat_id": topic.chat_id,
            "thread_id": thread_column(topic),
            "asked": _ASKED.dump_json(asked).decode(),
            "nonce": nonce,
            "at": at,
            "expires_at": expires_at,
        },
    )
    return None if row is None else _from_row(row)


async def get(tx: Transaction, request_id: RequestId) -> Request | None:
    """One request."""
    row = await tx.row(_GET, {"id": request_id})
    return None if row is None else _from_row(row)


async def named(tx: Transaction, run_id: RunId, name: str) -> Request | None:
    """A request by what its run calls it."""
    row = await tx.row(_NAMED, {"run_id": run_id, "name": name})
    return None if row is None else _from_row(row)


async def open_of(tx: Transaction, turn_id: TurnId) -> Sequence[Request]:
    """The requests of a turn that nobody decided yet, oldest first."""
    return [_from_row(row) for row in await tx.rows(_OPEN_OF_TURN, {"turn_id": turn_id})]


async def set_letter(tx: Transaction, request_id: RequestId, letter_id: int) -> None:
    """Say which letter asks it."""
    await tx.execute(_SET_LETTER, {"id": request_id, "letter_id": letter_id})


async def set_draft(tx: Transaction, request_id: RequestId, draft: Draft) -> None:
    """Store how far its questions are answered."""
    await tx.execute(_SET_DRAFT, {"id": request_id, "draft": _DRAFT.dump_json(draft).decode()})


async def close(
    tx: Transaction,
    request_id: RequestId,
    state: RequestState,
    at: int,
    *,
    decision: Decision | None = None,
    by_id: UserId | None = None,
    by_name: str = "",
) -> Request | None:
    """End a request; as it is now, or None if it was ended before: then nothing is done."""
    row = await tx.row(
        _CLOSE,
        {
            "id": request_id,
            "state": state,
            "decision": "" if decision is None else _decision_text(decision),
            "by_id": by_id,
            "by_name": by_name,
            "at": at,
        },
    )
    return None if row is None else _from_row(row)


class Requests:
    """Requests as they are read."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, request_id: RequestId) -> Request | None:
        """One request."""
        row = await self._db.read_one(_GET, {"id": request_id})
        return None if row is None else _from_row(row)

    async def all_open(self) -> Sequence[Request]:
        """Every request that nobody decided yet, oldest first."""
        return [_from_row(row) for row in await self._db.read(_OPEN)]

    async def of_message(self, chat_id: int, message_id: int) -> Request | None:
        """The request that a message asks."""
        row = await self._db.read_one(_OF_MESSAGE, {"chat_id": chat_id, "message_id": message_id})
        return None if row is None else _from_row(row)


def _decision_text(decision: Decision) -> str:
    kind = next(name for name, each in _KINDS.items() if isinstance(decision, each))
    return json.dumps({"kind": kind, "value": _DECISIONS[kind].dump_python(decision, mode="json")}, ensure_ascii=False)


def _decision(text: str) -> Decision | None:
    if not text:
        return None
    found = json.loads(text)
    return _DECISIONS[found["kind"]].validate_python(found["value"])


def _from_row(row: sqlite3.Row) -> Request:
    return Request(
        id=RequestId(row["id"]),
        turn_id=TurnId(row["turn_id"]),
        run_id=RunId(row["run_id"]),
        topic=topic_key(row["chat_id"], row["thread_id"]),
        asked=_ASKED.validate_json(row["asked"]),
        nonce=row["nonce"],
        state=RequestState(row["state"]),
        draft=_DRAFT.validate_json(row["draft"]),
        decision=_decision(row["decision"]),
        by_id=None if row["by_id"] is None else UserId(row["by_id"]),
        by_name=row["by_name"],
        asked_at=row["asked_at"],
        expires_at=row["expires_at"],
        letter_id=row["letter_id"],
    )
