"""The stop button of a draft as an update: urgent like /stop, and only from the person whose chat it is."""

import json
from typing import Any

import pytest
from aiogram.types import Update

from bot.drafts import draft_text
from bot.gate import Gate, Verdict, visitor_of
from bot.intake import ALLOWED_UPDATES
from bot.urgency import is_urgent, stops_first
from orchestrator.domain.agent_events import TextSaid
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.records import StoredUpdate
from tests.builders import ALICE, GROUP, a_message, a_turn

PRIVATE = {"id": ALICE, "type": "private", "first_name": "Alice"}


def pressed(chat: dict[str, Any]) -> dict[str, Any]:
    """A draft's button was pressed."""
    return {"update_id": 9, "stopped_message_generation": {"chat": chat, "draft_id": 7, "message_thread_id": 42}}


def gate() -> Gate:
    """Alice may use the bot, in one group too."""
    none = frozenset[int]()
    return Gate(users=frozenset({ALICE}), admins=none, chats=frozenset({GROUP}), sender_chats=none, approved=none)


@pytest.mark.parametrize(
    ("chat", "verdict"),
    [
        (PRIVATE, Verdict.ALLOWED),
        ({**PRIVATE, "id": 999}, Verdict.WHOAMI_ONLY),
        ({"id": GROUP, "type": "supergroup", "title": "Workshop"}, Verdict.REFUSED),
    ],
)
def test_only_the_person_of_a_private_chat_gets_through(chat: dict[str, Any], verdict: Verdict) -> None:
    """The update names no person; a group, which has no drafts, has nobody who could have pressed."""
    assert gate().judge(visitor_of(Update.model_validate(pressed(chat)))) is verdict


def test_it_is_asked_for_and_goes_first() -> None:
    """Telegram sends it, and it overtakes prompts of other topics but not those of its own."""
    assert "stopped_message_generation" in ALLOWED_UPDATES
    assert is_urgent(pressed(PRIVATE))
    own = {"message": a_message(text="one", chat=PRIVATE, message_thread_id=42)}
    other = {"message": a_message(text="two", chat=PRIVATE, message_thread_id=43)}
    updates = [
        StoredUpdate(update_id=nth, raw=json.dumps(each), attempts=0, received_at=0)
        for nth, each in enumerate((other, own, pressed(PRIVATE)))
    ]
    assert [each.update_id for each in stops_first(updates)] == [1, 2, 0]


@pytest.mark.parametrize(
    "said", ["", "**bold** and `code`", "line\n" * 5_000, "😀" * 10_000, "| a | b |\n|---|---|\n" * 400]
)
def test_a_frame_is_always_one_that_telegram_takes(said: str) -> None:
    """However much is said: the end of it, within a message's size."""
    live = LiveTurn(turn=a_turn(), agent="demo")
    if said:
        live.progress.take(TextSaid(delta=said), 1)
    rich = draft_text(live)
    assert rich.units <= 4096
    assert bool(rich.text) is bool(said)
