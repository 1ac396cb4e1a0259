"""Where topics work: what was offered to them, and the numbers by which buttons name directories."""

from collections.abc import Mapping, Sequence

from orchestrator.domain.ids import SessionId, TopicKey
from orchestrator.domain.policy import Choice
from orchestrator.domain.projects import Offer
from storage.database import Database, Transaction, Value
from storage.topics import thread_column

_OFFER = "SELECT offer FROM topics WHERE chat_id = :chat_id AND thread_id = :thread_id"
_SET_OFFER = "UPDATE topics SET offer = :offer WHERE chat_id = :chat_id AND thread_id = :thread_id"
_HAS_WORKED = """
    SELECT 1 FROM turns WHERE chat_id = :chat_id AND thread_id = :thread_id AND started_at IS NOT NULL LIMIT 1
"""
_HAS_SESSIONS = "SELECT 1 FROM sessions WHERE chat_id = :chat_id AND thread_id = :thread_id LIMIT 1"
_BIND = """
    UPDATE topics SET project = :project WHERE chat_id = :chat_id AND thread_id = :thread_id
        AND project = '' AND directory = '' AND current_session_id IS NULL
"""
_SETTLE = """
    UPDATE sessions SET agent = :agent, directory = :directory, model = :model, mode = :mode,
        cli_session_id = :cli_session_id
    WHERE id = :id AND begun = 0 AND NOT EXISTS (SELECT 1 FROM runs WHERE session_id = sessions.id)
"""
_LET_GO = "UPDATE turns SET held = 0 WHERE id = :id AND state = 'queued'"
_NUMBER = """
    INSERT INTO places (path, shown_at) VALUES (:path, :at)
    ON CONFLICT (path) DO UPDATE SET shown_at = :at RETURNING id
"""
_PATH = "SELECT path FROM places WHERE id = :id"


def _params(key: TopicKey) -> dict[str, Value]:
    return {"chat_id": key.chat_id, "thread_id": thread_column(key)}


async def offer_of(tx: Transaction, key: TopicKey) -> Offer:
    """What was offered to a topic."""
    row = await tx.row(_OFFER, _params(key))
    return Offer.NONE if row is None else Offer(row["offer"])


async def set_offer(tx: Transaction, key: TopicKey, offer: Offer) -> None:
    """Remember what was offered to a topic, which must be known."""
    await tx.execute(_SET_OFFER, {**_params(key), "offer": offer})


async def has_worked(tx: Transaction, key: TopicKey) -> bool:
    """Whether an agent was ever at work in a topic, as far as is remembered."""
    return await tx.row(_HAS_WORKED, _params(key)) is not None


async def bind(tx: Transaction, key: TopicKey, project: str) -> bool:
    """Bind a topic to a project, unless something was chosen or done there before."""
    if await tx.row(_HAS_SESSIONS, _params(key)) is not None:
        return False
    return await tx.execute(_BIND, {**_params(key), "project": project}) == 1


async def settle(tx: Transaction, session_id: SessionId, choice: Choice, cli_session_id: str) -> bool:
    """A session with which nothing was done yet becomes what a choice says."""
    params: dict[str, Value] = {
        "id": session_id,
        "agent": choice.agent,
        "directory": choice.directory,
        "model": choice.model,
        "mode": choice.mode,
        "cli_session_id": cli_session_id,
    }
    return await tx.execute(_SETTLE, params) == 1


async def let_go(tx: Transaction, turn_id: int) -> None:
    """One turn is not held any more."""
    await tx.execute(_LET_GO, {"id": turn_id})


class Places:
    """What was offered; and the numbers of directories, which are the same after a restart."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def offer(self, key: TopicKey) -> Offer:
        """What was offered to a topic."""
        row = await self._db.read_one(_OFFER, _params(key))
        return Offer.NONE if row is None else Offer(row["offer"])

    async def has_worked(self, key: TopicKey) -> bool:
        """Whether an agent was ever at work in a topic."""
        return await self._db.read_one(_HAS_WORKED, _params(key)) is not None

    async def numbers(self, paths: Sequence[str], at: int) -> Mapping[str, int]:
        """The numbers of paths; those that have none get one."""
        found = {}
        async with self._db.transaction() as tx:
            for path in dict.fromkeys(paths):
                row = await tx.row(_NUMBER, {"path": path, "at": at})
                if row is not None:
                    found[path] = int(row["id"])
        return found

    async def path(self, number: int) -> str:
        """The path that a number names; empty if it names none any more."""
        row = await self._db.read_one(_PATH, {"id": number})
        return "" if row is None else str(row["path"])
