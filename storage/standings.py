"""What the bot may do in its chats, and which of them nobody let it work in yet."""

from collections.abc import Mapping, Sequence

from orchestrator.domain.ids import TopicKey
from orchestrator.domain.standing import Right, Standing
from storage.database import Database
from storage.topics import topic_key

_GET = "SELECT standing, missing, introduced_by FROM chats WHERE chat_id = :chat_id"
_SET = "UPDATE chats SET standing = :standing, missing = :missing WHERE chat_id = :chat_id"
_INTRODUCED = "UPDATE chats SET introduced_by = :who WHERE chat_id = :chat_id"
_UNDECIDED = """
    SELECT chat_id, title, asked_at FROM chats WHERE asked_at IS NOT NULL AND approved_by IS NULL
        AND migrated_to IS NULL ORDER BY asked_at
"""
_LEFT = "UPDATE chats SET asked_at = NULL, standing = 'out', missing = '' WHERE chat_id = :chat_id"
_LEAVE = "UPDATE chats SET asked_at = 1, approved_by = NULL WHERE chat_id = :chat_id"
_LOST = "SELECT chat_id, thread_id, condition FROM topics WHERE condition <> 'open'"
_HELD = "SELECT DISTINCT thread_id FROM outbox WHERE chat_id = :chat_id AND state = 'held' ORDER BY thread_id"
_MIGRATED = "SELECT chat_id, migrated_to FROM chats WHERE migrated_to IS NOT NULL"


class Standings:
    """The bot's place in its chats."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, chat_id: int) -> Standing:
        """As last told; all unknown for a chat that was never looked at."""
        row = await self._db.read_one(_GET, {"chat_id": chat_id})
        if row is None:
            return Standing()
        return Standing(
            inside={"": None, "in": True, "out": False}[row["standing"]],
            missing=frozenset(Right(word) for word in row["missing"].split() if word in set(Right)),
            introduced_by=row["introduced_by"],
        )

    async def put(self, chat_id: int, standing: Standing) -> None:
        """What it may do now. The chat has to be known."""
        word = {None: "", True: "in", False: "out"}[standing.inside]
        missing = " ".join(sorted(standing.missing))
        async with self._db.transaction() as tx:
            await tx.execute(_SET, {"chat_id": chat_id, "standing": word, "missing": missing})

    async def introduced(self, chat_id: int, who: str) -> None:
        """Somebody added the bot."""
        async with self._db.transaction() as tx:
            await tx.execute(_INTRODUCED, {"chat_id": chat_id, "who": who[:200]})

    async def undecided(self) -> Sequence[tuple[int, str, int]]:
        """Chats about which admins were asked and have not answered: id, title, when (UTC epoch ms), oldest first."""
        return [(row["chat_id"], row["title"], row["asked_at"]) for row in await self._db.read(_UNDECIDED)]

    async def leave_at_once(self, chat_id: int) -> None:
        """Whoever let the bot work in a chat does no longer: as if the question were long unanswered."""
        async with self._db.transaction() as tx:
            await tx.execute(_LEAVE, {"chat_id": chat_id})

    async def left(self, chat_id: int) -> None:
        """The bot is out of a chat; if it is added again, admins are asked again."""
        async with self._db.transaction() as tx:
            await tx.execute(_LEFT, {"chat_id": chat_id})

    async def lost_topics(self) -> Mapping[TopicKey, str]:
        """The topics that are `closed` or `gone`."""
        rows = await self._db.read(_LOST)
        return {topic_key(row["chat_id"], row["thread_id"]): row["condition"] for row in rows}

    async def held_in(self, chat_id: int) -> Sequence[TopicKey]:
        """The topics of a chat for which something is held."""
        return [topic_key(chat_id, row["thread_id"]) for row in await self._db.read(_HELD, {"chat_id": chat_id})]

    async def migrated(self) -> Mapping[int, int]:
        """Groups that became supergroups: old id to new id."""
        return {row["chat_id"]: row["migrated_to"] for row in await self._db.read(_MIGRATED)}
