"""What goes first: stops, recognised before anything else is known of an update."""

import json
from typing import Any

import pytest

from bot.buttons import Press, Verb
from bot.urgency import is_urgent, stops_first
from orchestrator.domain.records import StoredUpdate
from tests.builders import GROUP, a_message

STOP_PRESS = {"data": Press(Verb.STOP, "7", 42).data()}


@pytest.mark.parametrize(
    ("update", "urgent"),
    [
        ({"message": a_message(text="/stop")}, True),
        ({"message": a_message(text="/STOP@topicd_bot")}, True),
        ({"message": a_message(text="/stop_all")}, True),
        ({"message": a_message(text="stop the server")}, False),
        ({"message": a_message(text=None)}, False),
        ({"edited_message": a_message(text="/stop")}, False),
        ({"callback_query": STOP_PRESS}, True),
        ({"callback_query": {"data": Press(Verb.STOP_SESSION, "7").data()}}, True),
        ({"callback_query": {"data": Press(Verb.RUN_HELD).data()}}, False),
        ({"callback_query": {}}, False),
        ({"message": "stop"}, False),
        ({}, False),
    ],
)
def test_stops_are_urgent(update: dict[str, Any], urgent: bool) -> None:
    """Commands and buttons that stop, and nothing else."""
    assert is_urgent(update) == urgent


def stored(number: int, text: str, thread: int | None, chat_id: int = GROUP) -> StoredUpdate:
    message = a_message(text=text, message_thread_id=thread, chat={"id": chat_id, "type": "supergroup"})
    return StoredUpdate(update_id=number, raw=json.dumps({"message": message}), attempts=0, received_at=0)


def order(*updates: StoredUpdate) -> list[int]:
    return [each.update_id for each in stops_first(updates)]


def test_a_stop_goes_before_other_topics_but_after_what_was_written_in_its_own() -> None:
    """What it is to stop has to be known by then."""
    one, two, stop = stored(1, "a", 5), stored(2, "b", 6), stored(3, "/stop", 6)
    assert order(one, two, stop, stored(4, "c", 6), stored(5, "d", 5)) == [2, 3, 4, 1, 5]


def test_stop_all_goes_after_what_was_written_in_its_chat() -> None:
    """In every topic of it, and before other chats."""
    updates = (stored(1, "a", 5, -1), stored(2, "b", 5), stored(3, "c", None), stored(4, "/stop_all", 6))
    assert order(*updates) == [2, 3, 4, 1]


def test_without_a_stop_the_order_stays() -> None:
    """Words that contain «stop» change nothing."""
    assert order(stored(1, "a", 5), stored(2, "don't stop", 6)) == [1, 2]


def test_odd_updates_do_not_hinder_a_stop() -> None:
    """Whatever they are made of."""
    odd = StoredUpdate(
        update_id=1, raw='{"message": null, "callback_query": {"data": "stop"}}', attempts=0, received_at=0
    )
    assert order(odd, stored(2, "/stop", 6)) == [2, 1]
