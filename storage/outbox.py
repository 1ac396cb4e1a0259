"""The outbox: Bot API calls that are owed, stored before they are made."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.records import Letter, SentSince, StoredLetter
from orchestrator.domain.states import LetterState, Priority
from storage import facts
from storage.database import Database, Transaction, Value
from storage.topics import thread_column, topic_key

_COLUMNS = "id, chat_id, thread_id, turn_id, fenced, priority, body, edits_id, state, attempts, created_at, follows_id"
_ORDER = "coalesce(follows_id, id), id"
_ADD = """
    INSERT INTO outbox (chat_id, thread_id, turn_id, fenced, priority, body, edits_id, created_at)
    VALUES (:chat_id, :thread_id, :turn_id, :fenced, :priority, :body, :edits_id, :at)
"""
_OWED = f"SELECT {_COLUMNS} FROM outbox WHERE state IN ('stored', 'sending', 'unknown') ORDER BY {_ORDER}"
_LAST_STOPS = """
    SELECT chat_id, max(id) AS id FROM outbox
    WHERE id > :after AND priority = 'urgent' AND turn_id IS NULL AND state NOT IN ('stored', 'void', 'held')
    GROUP BY chat_id
"""
_VOID = """
    UPDATE outbox SET state = 'void', settled_at = :at
    WHERE turn_id = :turn_id AND fenced = 1 AND state IN ('stored', 'unknown', 'held')
"""
_VOID_MESSAGE = """
    UPDATE outbox SET state = 'void', settled_at = :at
    WHERE (id = :id OR edits_id = :id) AND fenced = 1 AND state IN ('stored', 'unknown', 'held')
"""
_BEGIN = """
    UPDATE outbox SET state = 'sending', attempts = attempts + 1
    WHERE id = :id AND state IN ('stored', 'unknown')
"""
_SETTLE = """
    UPDATE outbox SET state = :state, message_id = coalesce(:message_id, message_id), error = :error,
        settled_at = CASE WHEN :state IN ('sent', 'void', 'failed') THEN :at ELSE settled_at END
    WHERE id = :id AND state = 'sending'
"""
_VOID_LATE = """
    UPDATE outbox SET state = 'void', settled_at = :at
    WHERE id = :id AND fenced = 1 AND state IN ('stored', 'unknown', 'held')
        AND turn_id IN (SELECT id FROM turns WHERE state IN ('stopping', 'stopped', 'timed_out'))
"""
_GIVE_UP = (
    "UPDATE outbox SET state = 'void', settled_at = :at WHERE id = :id AND state IN ('stored', 'sending', 'unknown')"
)
_SILENCE = """
    INSERT INTO chat_silences (chat_id, until) VALUES (:chat_id, :until)
    ON CONFLICT (chat_id) DO UPDATE SET until = max(until, excluded.until)
"""
_FORGET_SILENCES = "DELETE FROM chat_silences WHERE until <= :now"
_SILENCES = "SELECT chat_id, until FROM chat_silences WHERE until > :now"
_REWRITE = "UPDATE outbox SET body = :body WHERE id = :id"
_BECOME = """
    UPDATE outbox SET body = :body, state = 'stored', error = ''
    WHERE id = :id AND state IN ('stored', 'sending', 'unknown')
"""
_ADD_BEHIND = """
    INSERT INTO outbox (chat_id, thread_id, turn_id, fenced, priority, body, created_at, follows_id)
    SELECT chat_id, thread_id, turn_id, fenced, priority, :body, created_at, coalesce(follows_id, id)
    FROM outbox WHERE id = :id
"""
_BY_ID = f"SELECT {_COLUMNS} FROM outbox WHERE id = :id"
_FACTS = "SELECT name FROM facts WHERE name LIKE :start || '%'"
_MESSAGE_OF = "SELECT message_id FROM outbox WHERE id = :id"
_NOTICE_OF = """
    SELECT message_id FROM outbox
    WHERE turn_id = :turn_id AND fenced = 1 AND priority = 'notice' AND state = 'sent' AND message_id IS NOT NULL
    ORDER BY id DESC LIMIT 1
"""
_NOTICE_LETTER = """
    SELECT id FROM outbox
    WHERE turn_id = :turn_id AND fenced = 1 AND priority = 'notice' AND edits_id IS NULL
        AND state IN ('stored', 'sending', 'unknown', 'sent') ORDER BY id DESC LIMIT 1
"""
_OWES_ANSWER = """
    SELECT 1 FROM outbox
    WHERE chat_id = :chat_id AND thread_id = :thread_id AND priority = 'answer'
        AND state IN ('stored', 'sending', 'unknown') LIMIT 1
"""
_OWES_NOTICE = """
    SELECT 1 FROM outbox
    WHERE chat_id = :chat_id AND thread_id = :thread_id AND priority = 'urgent' AND fenced = 0 AND state = 'stored'
        AND attempts = 0
"""
_SENT_SINCE = "SELECT chat_id, settled_at FROM outbox WHERE settled_at > :since AND state = 'sent' ORDER BY settled_at"
_LIVE_SINCE = """
    SELECT chat_id, min(max(coalesce(started_at, created_at), :since)) AS live_from,
        sum(coalesce(started_at, created_at) > :since) + sum(coalesce(ended_at > :since, 0)) AS steps
    FROM turns WHERE live_message_id IS NOT NULL AND (ended_at > :since OR live_open = 1) GROUP BY chat_id
"""
_TURN_OF = """
    SELECT turn_id FROM outbox WHERE chat_id = :chat_id AND message_id = :message_id AND turn_id IS NOT NULL
    UNION SELECT id FROM turns WHERE chat_id = :chat_id AND live_message_id = :message_id
    UNION SELECT id FROM turns WHERE chat_id = :chat_id AND message_id = :message_id
    UNION SELECT turn_id FROM prompt_parts WHERE chat_id = :chat_id AND message_id = :message_id
"""
_RELEASE = f"""
    UPDATE outbox SET state = 'stored' WHERE chat_id = :chat_id AND thread_id = :thread_id AND state = 'held'
    RETURNING {_COLUMNS}
"""
_HELD = f"""
    SELECT {_COLUMNS} FROM outbox WHERE chat_id = :chat_id AND thread_id = :thread_id AND state = 'held'
    ORDER BY {_ORDER}
"""
_REDIRECT = """
    UPDATE outbox SET state = 'stored', chat_id = :chat_id, thread_id = :thread_id, body = :body, edits_id = NULL
    WHERE id = :id AND state = 'held'
"""


async def add(tx: Transaction, letter: Letter, at: int) -> StoredLetter:
    """Owe a letter from the moment when this transaction commits."""
    number = await tx.insert(
        _ADD,
        {
            "chat_id": letter.topic.chat_id,
            "thread_id": thread_column(letter.topic),
            "turn_id": letter.turn_id,
            "fenced": int(letter.fenced),
            "priority": letter.priority,
            "body": letter.body,
            "edits_id": letter.edits_id,
            "at": at,
        },
    )
    return StoredLetter(id=number, letter=letter, state=LetterState.STORED, attempts=0, created_at=at)


async def void(tx: Transaction, turn_id: TurnId, at: int) -> int:
    """Void all fenced letters of a turn that were not begun; how many they were."""
    return await tx.execute(_VOID, {"turn_id": turn_id, "at": at})


async def void_message(tx: Transaction, letter_id: int, at: int) -> None:
    """Void a fenced letter and the edits of it, as far as they were not begun."""
    await tx.execute(_VOID_MESSAGE, {"id": letter_id, "at": at})


async def notice_of(tx: Transaction, turn_id: TurnId) -> int | None:
    """The message that told people that a turn waits, if it was sent."""
    row = await tx.row(_NOTICE_OF, {"turn_id": turn_id})
    return None if row is None else int(row["message_id"])


async def notice_letter(tx: Transaction, turn_id: TurnId) -> int | None:
    """The letter that tells people that a turn waits, sent or not."""
    row = await tx.row(_NOTICE_LETTER, {"turn_id": turn_id})
    return None if row is None else int(row["id"])


async def owes_answer(tx: Transaction, topic: TopicKey) -> bool:
    """Whether an answer is on its way to a topic."""
    return await tx.row(_OWES_ANSWER, _place(topic)) is not None


class Outbox:
    """The outbox as the sender uses it."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def notice_of(self, turn_id: TurnId) -> int | None:
        """The message that told people that a turn waits, if it was sent."""
        row = await self._db.read_one(_NOTICE_OF, {"turn_id": turn_id})
        return None if row is None else int(row["message_id"])

    async def owed(self) -> Sequence[StoredLetter]:
        """Every letter that is not settled, oldest first; `sending` ones were cut off by a crash."""
        return [_from_row(row) for row in await self._db.read(_OWED)]

    async def store(self, letters: Iterable[Letter], at: int) -> Sequence[StoredLetter]:
        """Owe letters that belong to no other change."""
        async with self._db.transaction() as tx:
            return [await add(tx, letter, at) for letter in letters]

    async def begin(self, letter_id: int) -> bool:
        """Mark a letter as being sent. False if it is void by now: then it must not be sent."""
        async with self._db.transaction() as tx:
            return await tx.execute(_BEGIN, {"id": letter_id}) == 1

    async def settle(
        self, letter_id: int, state: LetterState, at: int, *, message_id: int | None = None, error: str = ""
    ) -> None:
        """Record what became of a begun letter; `stored` means that it will be tried again.

        One whose turn was stopped while it was being sent is void instead.
        """
        async with self._db.transaction() as tx:
            await tx.execute(
                _SETTLE,
                {"id": letter_id, "state": state, "message_id": message_id, "error": error[:2000], "at": at},
            )
            await tx.execute(_VOID_LATE, {"id": letter_id, "at": at})

    async def rewrite(self, letter_id: int, body: str) -> None:
        """Replace a letter's call, as when Telegram refused its markup."""
        async with self._db.transaction() as tx:
            await tx.execute(_REWRITE, {"id": letter_id, "body": body})

    async def give_up(self, letter_ids: Sequence[int], at: int) -> None:
        """Void letters that would come too late."""
        async with self._db.transaction() as tx:
            for letter_id in letter_ids:
                await tx.execute(_GIVE_UP, {"id": letter_id, "at": at})

    async def stops_told(self, after: int) -> Mapping[int, int]:
        """For each chat the newest notice of a stop that Telegram may have, if it is newer than a letter's id."""
        return {row["chat_id"]: row["id"] for row in await self._db.read(_LAST_STOPS, {"after": after})}

    async def silence(self, chat_id: int, until: int, now: int) -> None:
        """Telegram asked for silence in a chat until then (UTC epoch milliseconds); what is over is forgotten."""
        async with self._db.transaction() as tx:
            await tx.execute(_FORGET_SILENCES, {"now": now})
            await tx.execute(_SILENCE, {"chat_id": chat_id, "until": until})

    async def silences(self, now: int) -> Mapping[int, int]:
        """The chats that are to be left in silence, and until when."""
        return {row["chat_id"]: row["until"] for row in await self._db.read(_SILENCES, {"now": now})}

    async def become(self, letter_id: int, bodies: Sequence[str], fact: str) -> Sequence[StoredLetter]:
        """Owe several calls in place of one that was refused, and remember a fact with it; the letters, in order.

        None, if the letter is void by now.
        """
        async with self._db.transaction() as tx:
            if fact:
                await facts.put(tx, fact, "refused")
            if not bodies or not await tx.execute(_BECOME, {"id": letter_id, "body": bodies[0]}):
                return ()
            ids = [letter_id]
            ids += [await tx.insert(_ADD_BEHIND, {"id": letter_id, "body": body}) for body in bodies[1:]]
            rows = [await tx.row(_BY_ID, {"id": each}) for each in ids]
        return [_from_row(row) for row in rows if row is not None]

    async def facts(self, start: str) -> Sequence[str]:
        """The names of the facts that begin so."""
        return [str(row["name"]) for row in await self._db.read(_FACTS, {"start": start})]

    async def message_of(self, letter_id: int) -> int | None:
        """The message that a letter became, if it was sent."""
        row = await self._db.read_one(_MESSAGE_OF, {"id": letter_id})
        return None if row is None else row["message_id"]

    async def turn_of(self, chat_id: int, message_id: int) -> TurnId | None:
        """The turn that a message belongs to: its prompt, its live message, or something said for it."""
        row = await self._db.read_one(_TURN_OF, {"chat_id": chat_id, "message_id": message_id})
        return None if row is None else TurnId(row["turn_id"])

    async def sent_since(self, since: int) -> Mapping[int, SentSince]:
        """For each chat what was sent since then."""
        found = {
            row["chat_id"]: SentSince([], live_from=row["live_from"], live_steps=row["steps"])
            for row in await self._db.read(_LIVE_SINCE, {"since": since})
        }
        for row in await self._db.read(_SENT_SINCE, {"since": since}):
            found.setdefault(row["chat_id"], SentSince([])).ended.append(row["settled_at"])
        return found

    async def owes_notice(self, topic: TopicKey) -> bool:
        """Whether something urgent was not begun yet in a topic: then no notice of a stop is out."""
        row = await self._db.read_one(_OWES_NOTICE, _place(topic))
        return row is not None

    async def redirect(self, topic: TopicKey, change: Callable[[Letter], Letter]) -> Sequence[StoredLetter]:
        """Owe what is held for a topic to another; those letters as they are now, oldest first."""
        async with self._db.transaction() as tx:
            held = [_from_row(row) for row in await tx.rows(_HELD, _place(topic))]
            moved = [replace(each, letter=change(each.letter), state=LetterState.STORED) for each in held]
            for each in moved:
                await tx.execute(_REDIRECT, {"id": each.id, "body": each.letter.body, **_place(each.letter.topic)})
        return moved

    async def release(self, topic: TopicKey) -> Sequence[StoredLetter]:
        """Owe again what was held for a topic that is back; those letters, oldest first."""
        async with self._db.transaction() as tx:
            rows = await tx.rows(_RELEASE, _place(topic))
        return sorted((_from_row(row) for row in rows), key=lambda each: each.order)


def _place(topic: TopicKey) -> dict[str, Value]:
    return {"chat_id": topic.chat_id, "thread_id": thread_column(topic)}


def _from_row(row: sqlite3.Row) -> StoredLetter:
    return StoredLetter(
        id=row["id"],
        letter=Letter(
            topic=topic_key(row["chat_id"], row["thread_id"]),
            priority=Priority(row["priority"]),
            body=row["body"],
            turn_id=None if row["turn_id"] is None else TurnId(row["turn_id"]),
            fenced=bool(row["fenced"]),
            edits_id=row["edits_id"],
        ),
        state=LetterState(row["state"]),
        attempts=row["attempts"],
        created_at=row["created_at"],
        follows_id=row["follows_id"],
    )
