"""What prompts are made of: the messages that became one, and what was changed about them later."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from orchestrator.domain.ids import TurnId
from orchestrator.domain.prompt_parts import PromptPart
from orchestrator.domain.records import Turn
from storage.database import Transaction, Value

_KEEP = """
    INSERT OR IGNORE INTO prompt_parts (turn_id, nth, chat_id, message_id, head, text, goes_on)
    VALUES (:turn_id, :nth, :chat_id, :message_id, :head, :text, :goes_on)
"""
_FORGET = "DELETE FROM prompt_parts WHERE turn_id = :turn_id"
_PARTS = "SELECT message_id, head, text, goes_on FROM prompt_parts WHERE turn_id = :turn_id ORDER BY nth"
_TURN_OF = """
    SELECT id FROM turns WHERE chat_id = :chat_id AND message_id = :message_id
    UNION SELECT turn_id FROM prompt_parts WHERE chat_id = :chat_id AND message_id = :message_id
"""
_SET = "UPDATE turns SET prompt = :prompt, files = :files WHERE id = :id"
_OFFER = """
    INSERT INTO prompt_edits (turn_id, prompt, at) VALUES (:turn_id, :prompt, :at)
    ON CONFLICT (turn_id) DO UPDATE SET prompt = :prompt, at = :at, state = 'offered'
"""
_OFFERED = "SELECT prompt, state FROM prompt_edits WHERE turn_id = :turn_id"
_TAKE = """
    INSERT INTO prompt_edits (turn_id, prompt, at, state) VALUES (:turn_id, :prompt, :at, 'run')
    ON CONFLICT (turn_id) DO UPDATE SET state = 'run' WHERE state = 'offered' RETURNING prompt
"""


async def keep_parts(tx: Transaction, turn: Turn, parts: Sequence[PromptPart]) -> None:
    """Remember the messages that a turn's prompt is made of, in place of what was known of them."""
    await tx.execute(_FORGET, {"turn_id": turn.id})
    rows: list[dict[str, Value]] = [
        {
            "turn_id": turn.id,
            "nth": nth,
            "chat_id": turn.topic.chat_id,
            "message_id": part.message_id,
            "head": part.head,
            "text": part.text,
            "goes_on": int(part.goes_on),
        }
        for nth, part in enumerate(parts)
    ]
    await tx.insert_many(_KEEP, rows)


async def parts_of(tx: Transaction, turn_id: TurnId) -> tuple[PromptPart, ...]:
    """The messages of a prompt; none if it is just what one message says."""
    return tuple(
        PromptPart(message_id=row["message_id"], head=row["head"], text=row["text"], goes_on=bool(row["goes_on"]))
        for row in await tx.rows(_PARTS, {"turn_id": turn_id})
    )


async def turn_of(tx: Transaction, chat_id: int, message_id: int | None) -> TurnId | None:
    """The turn whose prompt a message is, or is part of."""
    row = await tx.row(_TURN_OF, {"chat_id": chat_id, "message_id": message_id})
    return None if row is None else TurnId(row["id"])


async def set_prompt(tx: Transaction, turn: Turn) -> None:
    """Store the prompt and the files that a turn has now."""
    files = json.dumps([asdict(file) for file in turn.files], ensure_ascii=False)
    await tx.execute(_SET, {"id": turn.id, "prompt": turn.prompt, "files": files})


async def offered(tx: Transaction, turn_id: TurnId) -> tuple[str, bool] | None:
    """What a turn's prompt was changed to after it began, and whether that was run since."""
    row = await tx.row(_OFFERED, {"turn_id": turn_id})
    return None if row is None else (row["prompt"], row["state"] == "run")


async def offer(tx: Transaction, turn_id: TurnId, prompt: str, at: int) -> None:
    """A turn's prompt says something else by now, and may be run again like that."""
    await tx.execute(_OFFER, {"turn_id": turn_id, "prompt": prompt, "at": at})


async def take(tx: Transaction, turn: Turn, at: int) -> str | None:
    """What to run again of a turn; None if that was done already."""
    row = await tx.row(_TAKE, {"turn_id": turn.id, "prompt": turn.prompt, "at": at})
    return None if row is None else row["prompt"]
