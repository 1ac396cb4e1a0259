"""What each turn used. A turn that no agent had used nothing and is not here."""

from collections.abc import Sequence

from orchestrator.domain.agent_events import Usage
from orchestrator.domain.ids import TurnId
from orchestrator.domain.usage import Used, UsedThere
from storage.database import Database, Transaction
from storage.topics import topic_key

_NOTE = """
    INSERT OR REPLACE INTO usage (turn_id, chat_id, thread_id, agent, model, at, input_tokens, output_tokens, cost_usd)
    SELECT turns.id, turns.chat_id, turns.thread_id, sessions.agent, sessions.model, :at, :input, :output, :cost
    FROM turns JOIN sessions ON sessions.id = turns.session_id
    WHERE turns.id = :id AND EXISTS (SELECT 1 FROM turn_history WHERE turn_id = turns.id AND event = 'given')
"""
_SUMS = """
    SELECT (at + :offset) / 86400000 AS day, thread_id, agent, model, count(*) AS turns,
        count(coalesce(input_tokens, output_tokens)) AS counted, count(cost_usd) AS priced,
        coalesce(sum(input_tokens), 0) AS input, coalesce(sum(output_tokens), 0) AS output,
        coalesce(sum(cost_usd), 0.0) AS cost
    FROM usage WHERE chat_id = :chat_id AND at >= :since GROUP BY 1, 2, 3, 4
"""


async def note(tx: Transaction, turn_id: TurnId, usage: Usage, at: int) -> None:
    """Remember what a turn used that ends now."""
    params = {"id": turn_id, "at": at, "input": usage.input_tokens, "output": usage.output_tokens}
    await tx.execute(_NOTE, {**params, "cost": usage.cost_usd})


class UsageRows:
    """Usage as it is read."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of_chat(self, chat_id: int, since: int, offset_ms: int) -> Sequence[UsedThere]:
        """What a chat used since a moment, by local day (`offset_ms` east of UTC), topic, agent and model."""
        rows = await self._db.read(_SUMS, {"chat_id": chat_id, "since": since, "offset": offset_ms})
        return [
            UsedThere(
                day=row["day"],
                topic=topic_key(chat_id, row["thread_id"]),
                agent=row["agent"],
                model=row["model"],
                used=Used(
                    turns=row["turns"],
                    counted=row["counted"],
                    priced=row["priced"],
                    input_tokens=row["input"],
                    output_tokens=row["output"],
                    cost_usd=row["cost"],
                ),
            )
            for row in rows
        ]
