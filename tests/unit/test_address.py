"""Which topic a message belongs to."""

from typing import Any

import pytest
from aiogram.types import CallbackQuery, Message

from bot.address import replied_message_id, topic_of, topic_of_press
from orchestrator.domain.ids import TopicKey
from tests.builders import FORUM, GROUP, PRIVATE, a_message, a_person, an_update

FLAT: dict[str, Any] = {"id": -100555, "type": "supergroup", "title": "Flat"}


def message(**fields: Any) -> Message:
    """A message as aiogram reads it."""
    read = an_update(message=a_message(**fields)).message
    assert read is not None
    return read


def press(on: dict[str, Any] | None) -> CallbackQuery:
    """A press of a button under a message."""
    query = {"id": "1", "from": a_person(), "chat_instance": "x", "data": "run||", **({"message": on} if on else {})}
    read = an_update(callback_query=query).callback_query
    assert read is not None
    return read


IN_TOPIC = {"message_thread_id": 42, "is_topic_message": True}
OPENING = {"message_id": 42, "date": 1, "chat": FORUM, "forum_topic_created": {"name": "api", "icon_color": 1}}


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        (IN_TOPIC, TopicKey(GROUP, 42)),
        ({}, TopicKey(GROUP, None)),
        ({"message_thread_id": 17}, TopicKey(GROUP, None)),
        ({"chat": FLAT}, TopicKey(-100555, None)),
        ({"chat": FLAT, "message_thread_id": 17}, TopicKey(-100555, None)),
        ({"chat": PRIVATE}, TopicKey(PRIVATE["id"], None)),
        ({"chat": PRIVATE, **IN_TOPIC}, TopicKey(PRIVATE["id"], 42)),
    ],
    ids=["topic", "General", "reply in General", "flat", "reply thread of a flat group", "private", "private topic"],
)
def test_a_thread_is_a_topic_only_where_telegram_says_so(fields: dict[str, Any], key: TopicKey) -> None:
    """The root of a reply thread looks like a topic's id and is none."""
    assert topic_of(message(**fields)) == key


def test_a_press_belongs_to_the_topic_of_its_message() -> None:
    """What the message says goes before what the button says."""
    assert topic_of_press(press(a_message(**IN_TOPIC)), 99) == TopicKey(GROUP, 42)
    assert topic_of_press(press(a_message()), None) == TopicKey(GROUP, None)


def test_a_press_under_an_old_message_is_told_by_its_button() -> None:
    """An inaccessible message has no thread id: date 0 is all that Telegram says of it."""
    old = {"chat": FORUM, "message_id": 5, "date": 0}
    assert topic_of_press(press(old), 42) == TopicKey(GROUP, 42)
    assert topic_of_press(press(old), None) == TopicKey(GROUP, None)


def test_a_press_without_a_message_belongs_nowhere() -> None:
    """Such as one under a message that was sent inline."""
    assert topic_of_press(press(None), 42) is None


@pytest.mark.parametrize(
    ("fields", "replied"),
    [
        ({}, None),
        ({"reply_to_message": a_message(message_id=7)}, 7),
        ({**IN_TOPIC, "reply_to_message": OPENING}, None),
        ({**IN_TOPIC, "reply_to_message": a_message(message_id=42, **IN_TOPIC)}, None),
        ({**IN_TOPIC, "reply_to_message": a_message(message_id=77, **IN_TOPIC)}, 77),
        ({"chat": FLAT, "message_thread_id": 17, "reply_to_message": a_message(message_id=17, chat=FLAT)}, 17),
    ],
)
def test_the_message_that_opened_a_topic_is_no_reply(fields: dict[str, Any], replied: int | None) -> None:
    """In a topic every plain message «replies» to it; what a person really replied to counts."""
    assert replied_message_id(message(**fields)) == replied
