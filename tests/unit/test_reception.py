"""An update is read from what Telegram sent, even where aiogram does not know all of it yet."""

import json
from typing import Any

import pytest
from aiogram.types import Update
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import Me
from bot.reception import KnownBot, read_update
from tests.builders import FORUM, a_message

BOT = KnownBot("123456:ABC", Me(id=123456, username="topicd_bot"))
NEW_MEMBER_OF_A_UNION = {"type": "from_the_future", "date": 1_700_000_000}


def read(update: object) -> Update:
    """An update that must be readable."""
    found = read_update(json.dumps(update), BOT)
    assert isinstance(found, Update), found
    return found


def test_an_ordinary_update_is_read_whole() -> None:
    """With the bot bound to it, as handlers expect."""
    update = read({"update_id": 5, "message": a_message()})
    assert update.message
    assert (update.update_id, update.message.text, update.bot) == (5, "hello", BOT)


def test_unknown_fields_do_no_harm() -> None:
    """The Bot API grows; what is new is not needed."""
    assert read({"update_id": 5, "message": a_message(new_thing={"x": 1}), "other": []}).message


@pytest.mark.parametrize(
    "field",
    [
        {"forward_origin": NEW_MEMBER_OF_A_UNION},
        {"reply_markup": "not a keyboard"},
        {"reply_to_message": a_message(message_id=77, forward_origin=NEW_MEMBER_OF_A_UNION)},
        {"entities": [{"type": "bold"}]},
    ],
)
def test_a_message_with_something_unreadable_is_read_without_it(field: dict[str, Any]) -> None:
    """A new member of a closed union must not make a prompt, or a /stop, unreadable."""
    raw = a_message(message_thread_id=42, is_topic_message=True, text="/stop", **field)
    message = read({"update_id": 5, "message": raw}).message
    assert message
    assert message.from_user
    assert (message.text, message.message_thread_id, message.is_topic_message) == ("/stop", 42, True)
    if "reply_to_message" in field:
        assert message.reply_to_message
        assert message.reply_to_message.message_id == 77


def test_the_message_that_opened_a_topic_is_no_reply_when_reduced_either() -> None:
    """Reduced to its id it would look like one."""
    opening = {"message_id": 42, "date": 1, "chat": FORUM, "forum_topic_created": {"name": "x", "icon_color": 1}}
    raw = a_message(forward_origin=NEW_MEMBER_OF_A_UNION, reply_to_message=opening)
    message = read({"update_id": 5, "message": raw}).message
    assert message
    assert message.reply_to_message is None


def test_the_sender_chat_survives_reduction() -> None:
    """An anonymous admin must not turn into a person because something else was unreadable."""
    raw = a_message(forward_origin=NEW_MEMBER_OF_A_UNION, sender_chat=FORUM)
    message = read({"update_id": 5, "message": raw}).message
    assert message
    assert message.sender_chat


@pytest.mark.parametrize(
    "raw",
    [
        "{broken",
        "[]",
        "null",
        '{"update_id": "x"}',
        '{"update_id": 5, "message": {"text": "no chat"}}',
        '{"update_id": 5, "callback_query": {"id": 1}}',
    ],
)
def test_what_cannot_be_read_says_why(raw: str) -> None:
    """It is set aside with its reason; nothing is raised."""
    assert isinstance(reason := read_update(raw, BOT), str)
    assert reason


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["update_id", "message", "chat", "from", "date", "text"]), inner, max_size=4
            )
        ),
        max_leaves=10,
    )
)
def test_nothing_that_comes_in_raises(value: object) -> None:
    """An update, or a reason."""
    assert isinstance(read_update(json.dumps(value), BOT), Update | str)


def test_a_press_under_an_unreadable_message_is_understood() -> None:
    """Whose message cannot be read in full can still be pressed: what the button says is enough."""
    chat = {"id": -5, "type": "supergroup", "title": "W"}
    message = {"message_id": 9, "date": 1, "chat": chat, "forward_origin": {"type": "from the future"}}
    person = {"id": 7, "is_bot": False, "first_name": "A"}
    query = {"id": "1", "from": person, "chat_instance": "x", "data": "stop||3", "message": message}
    update = read_update(json.dumps({"update_id": 1, "callback_query": query}), BOT)
    assert not isinstance(update, str)
    assert update.callback_query is not None
    assert update.callback_query.data == "stop||3"
    assert update.callback_query.message is not None
    assert update.callback_query.message.message_id == 9
