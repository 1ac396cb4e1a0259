"""Topics whose name nobody chose."""

from orchestrator.domain.ids import TopicKey
from storage.database import Database
from storage.topics import ensure, thread_column

_IMPLICIT = "UPDATE topics SET implicit = :implicit WHERE chat_id = :chat_id AND thread_id = :thread_id"
_TAKE = """
    UPDATE topics SET titled = 1
    WHERE chat_id = :chat_id AND thread_id = :thread_id AND implicit = 1 AND titled = 0
"""


class Titles:
    """Which topics the bot may name, each once."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def set_implicit(self, key: TopicKey, *, implicit: bool) -> None:
        """Remember whether somebody chose a topic's name."""
        async with self._db.transaction() as tx:
            await ensure(tx, key)
            await tx.execute(
                _IMPLICIT, {"chat_id": key.chat_id, "thread_id": thread_column(key), "implicit": int(implicit)}
            )

    async def take(self, key: TopicKey) -> bool:
        """Whether the bot is to name a topic now; true at most once."""
        async with self._db.transaction() as tx:
            return await tx.execute(_TAKE, {"chat_id": key.chat_id, "thread_id": thread_column(key)}) == 1
