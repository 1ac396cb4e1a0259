"""Chats and topics, and what was chosen for them."""

import sqlite3
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from orchestrator.domain.errors import StoreError
from orchestrator.domain.ids import SessionId, TopicKey, UserId
from orchestrator.domain.lane import WhenBusy
from orchestrator.domain.records import Chat, Topic
from orchestrator.domain.states import Mode, Verbosity
from storage.database import Database, Transaction

_ENSURE = "INSERT OR IGNORE INTO topics (chat_id, thread_id) VALUES (:chat_id, :thread_id)"
_GET = "SELECT * FROM topics WHERE chat_id = :chat_id AND thread_id = :thread_id"
_OF_CHAT = "SELECT * FROM topics WHERE chat_id = :chat_id ORDER BY thread_id"
_CHOOSE = """
    UPDATE topics SET project = :project, agent = :agent, model = :model, mode = :mode, directory = :directory,
        current_session_id = :session_id, verbosity = :verbosity, when_busy = :when_busy
    WHERE chat_id = :chat_id AND thread_id = :thread_id
"""
_NAME = "UPDATE topics SET name = :name WHERE chat_id = :chat_id AND thread_id = :thread_id"
_CONDITION = "UPDATE topics SET condition = :condition WHERE chat_id = :chat_id AND thread_id = :thread_id"
_SEE_CHAT = """
    INSERT INTO chats (chat_id, type, title, is_forum) VALUES (:chat_id, :type, :title, :is_forum)
    ON CONFLICT (chat_id) DO UPDATE SET type = :type, title = :title, is_forum = :is_forum
    WHERE type <> :type OR title <> :title OR is_forum <> :is_forum
"""
_GET_CHAT = "SELECT * FROM chats WHERE chat_id = :chat_id"
_APPROVE = "UPDATE chats SET approved_by = :user_id WHERE chat_id = :chat_id"
_ASKED = "UPDATE chats SET asked_at = :at WHERE chat_id = :chat_id AND asked_at IS NULL"
_APPROVED = "SELECT chat_id FROM chats WHERE approved_by IS NOT NULL"
_MIGRATED = "UPDATE chats SET migrated_to = :new WHERE chat_id = :old"
MOVED: Mapping[str, str] = MappingProxyType(
    {
        "chats": """INSERT INTO chats (chat_id, type, title, is_forum, approved_by)
           SELECT :new, 'supergroup', title, 0, approved_by FROM chats WHERE chat_id = :old
           ON CONFLICT (chat_id) DO UPDATE SET approved_by = coalesce(approved_by, excluded.approved_by)""",
        "topics": "UPDATE topics SET chat_id = :new WHERE chat_id = :old "
        "AND NOT EXISTS (SELECT 1 FROM topics t WHERE t.chat_id = :new AND t.thread_id = topics.thread_id)",
        "sessions": "UPDATE sessions SET chat_id = :new WHERE chat_id = :old",
        # Message ids do not survive a migration: what was written under the old ones can't be replied to.
        "turns": "UPDATE turns SET chat_id = :new, reply_to = NULL, message_id = NULL, live_message_id = NULL, "
        "live_open = 0 WHERE chat_id = :old",
        "outbox": "UPDATE outbox SET chat_id = :new, message_id = NULL WHERE chat_id = :old",
        "requests": "UPDATE requests SET chat_id = :new WHERE chat_id = :old",
        "steers": "UPDATE steers SET chat_id = :new, message_id = NULL WHERE chat_id = :old",
        "prompt_parts": "UPDATE prompt_parts SET chat_id = :new, message_id = NULL WHERE chat_id = :old",
        "worktrees": "UPDATE worktrees SET chat_id = :new WHERE chat_id = :old",
        "menu_replies": "DELETE FROM menu_replies WHERE chat_id = :old",
        "chat_silences": "UPDATE OR REPLACE chat_silences SET chat_id = :new WHERE chat_id = :old",
        "usage": "UPDATE usage SET chat_id = :new WHERE chat_id = :old",
        "stops": "UPDATE OR REPLACE stops SET chat_id = :new WHERE chat_id = :old",
    }
)
"""How each table that names chats follows a group that became a supergroup. A table with a `chat_id` belongs here."""


def thread_column(key: TopicKey) -> int:
    """How a topic's thread stands in SQL: 0 for none."""
    return key.thread_id or 0


def topic_key(chat_id: int, thread_id: int) -> TopicKey:
    """The topic that two columns name."""
    return TopicKey(chat_id, thread_id or None)


def _params(key: TopicKey) -> dict[str, str | int | float | bytes | None]:
    return {"chat_id": key.chat_id, "thread_id": thread_column(key)}


async def ensure(tx: Transaction, key: TopicKey) -> Topic:
    """The topic, made with no choices if it was not known."""
    await tx.execute(_ENSURE, _params(key))
    row = await tx.row(_GET, _params(key))
    if row is None:
        raise StoreError(f"Topic {key} could not be stored.")
    return _from_row(row)


async def choose(tx: Transaction, topic: Topic) -> None:
    """Store a topic's choices and its current session."""
    await tx.execute(
        _CHOOSE,
        {
            **_params(topic.key),
            "project": topic.project,
            "agent": topic.agent,
            "model": topic.model,
            "mode": topic.mode or "",
            "directory": topic.directory,
            "session_id": topic.current_session_id,
            "verbosity": topic.verbosity or "",
            "when_busy": topic.when_busy or "",
        },
    )


async def name(tx: Transaction, key: TopicKey, text: str) -> None:
    """Remember a topic's name."""
    await tx.execute(_ENSURE, _params(key))
    await tx.execute(_NAME, {**_params(key), "name": text})


async def set_condition(tx: Transaction, key: TopicKey, condition: str) -> None:
    """Remember whether a topic is `open`, `closed` or `gone`."""
    await tx.execute(_ENSURE, _params(key))
    await tx.execute(_CONDITION, {**_params(key), "condition": condition})


async def ask_about(tx: Transaction, chat_id: int, at: int) -> bool:
    """Remember that admins were asked about a chat. False if that had been done before."""
    return await tx.execute(_ASKED, {"chat_id": chat_id, "at": at}) == 1


async def migrate_chat(tx: Transaction, old: int, new: int) -> None:
    """A group became a supergroup (Bot API, `Message.migrate_to_chat_id`): everything moves along."""
    for statement in MOVED.values():
        await tx.execute(statement, {"old": old, "new": new})
    await tx.execute(_MIGRATED, {"old": old, "new": new})


class Topics:
    """Chats and topics as the bot's edge uses them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, key: TopicKey) -> Topic:
        """The topic; one without choices if it is not known."""
        row = await self._db.read_one(_GET, _params(key))
        return Topic(key=key) if row is None else _from_row(row)

    async def of_chat(self, chat_id: int) -> Sequence[Topic]:
        """All known topics of a chat."""
        return [_from_row(row) for row in await self._db.read(_OF_CHAT, {"chat_id": chat_id})]

    async def chat(self, chat_id: int) -> Chat | None:
        """A chat as last seen."""
        row = await self._db.read_one(_GET_CHAT, {"chat_id": chat_id})
        if row is None:
            return None
        return Chat(
            chat_id=chat_id,
            type=row["type"],
            title=row["title"],
            is_forum=bool(row["is_forum"]),
            approved_by=row["approved_by"],
            asked=row["asked_at"] is not None,
            migrated_to=row["migrated_to"],
        )

    async def approved(self) -> frozenset[int]:
        """The chats that an admin approved by button."""
        return frozenset(row["chat_id"] for row in await self._db.read(_APPROVED))

    async def see(self, chat: Chat) -> None:
        """Remember a chat as it is now."""
        async with self._db.transaction() as tx:
            await tx.execute(
                _SEE_CHAT,
                {
                    "chat_id": chat.chat_id,
                    "type": chat.type,
                    "title": chat.title,
                    "is_forum": int(chat.is_forum),
                },
            )

    async def approve(self, chat_id: int, user_id: UserId) -> None:
        """An admin lets the bot work in a chat."""
        async with self._db.transaction() as tx:
            await tx.execute(_APPROVE, {"chat_id": chat_id, "user_id": user_id})

    async def ask(self, chat_id: int, at: int) -> bool:
        """Remember that an admin was asked about a chat. False if that had been done before."""
        async with self._db.transaction() as tx:
            return await ask_about(tx, chat_id, at)

    async def named(self, key: TopicKey, text: str) -> None:
        """A topic was created or renamed."""
        async with self._db.transaction() as tx:
            await name(tx, key, text)

    async def condition(self, key: TopicKey, condition: str) -> None:
        """A topic was closed, reopened, or found to be gone."""
        async with self._db.transaction() as tx:
            await set_condition(tx, key, condition)


def _from_row(row: sqlite3.Row) -> Topic:
    session = row["current_session_id"]
    return Topic(
        key=topic_key(row["chat_id"], row["thread_id"]),
        name=row["name"],
        project=row["project"],
        agent=row["agent"],
        model=row["model"],
        mode=Mode(row["mode"]) if row["mode"] else None,
        directory=row["directory"],
        current_session_id=None if session is None else SessionId(session),
        condition=row["condition"],
        verbosity=Verbosity(row["verbosity"]) if row["verbosity"] else None,
        when_busy=WhenBusy(row["when_busy"]) if row["when_busy"] else None,
    )
