"""A letter's body: one Bot API call, as it is stored, degraded and marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.letter_body import Body, again_note, edit_text, fitted, send_document, send_text
from bot.render import builder as b
from bot.render.entities import MAX_TEXT_UNITS, RichText, utf16_len
from orchestrator.domain.ids import TopicKey
from tests.builders import GROUP, TOPIC
from tests.unit.telegram_limits import assert_telegram_takes

KEYBOARD = [[{"text": "⏹ Stop", "callback_data": "stop|42|7"}]]
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.builds(
        Body,
        method=st.sampled_from(["sendMessage", "editMessageText"]),
        params=st.dictionaries(st.text(), JSON_VALUES, max_size=4),
        document=st.none() | st.tuples(st.text(), st.text()),
    )
)
def test_what_was_stored_is_what_is_sent(body: Body) -> None:
    """A call survives the store unchanged."""
    assert Body.from_json(body.to_json()) == body


def test_a_message_goes_into_its_topic_as_a_reply() -> None:
    """The thread is always named, so that a reply whose message is gone does not land in General."""
    params = send_text(TOPIC, b.message("hi"), reply_to=5, keyboard=KEYBOARD, silent=True).params
    assert params["message_thread_id"] == TOPIC.thread_id
    assert params["reply_parameters"] == {"message_id": 5, "allow_sending_without_reply": True}
    assert params["reply_markup"] == {"inline_keyboard": KEYBOARD}
    assert params["disable_notification"] is True


def test_general_has_no_thread() -> None:
    """`message_thread_id` for General is an error in Telegram."""
    params = send_text(TopicKey(GROUP), b.message("hi")).params
    assert set(params) == {"chat_id", "text", "link_preview_options"}


def test_markup_can_be_left_out() -> None:
    """The text stays; entities go, those of a caption too."""
    assert send_text(TOPIC, b.message(b.bold("hi"))).plain() == send_text(TOPIC, b.message("hi"))
    document = send_document(TOPIC, "a.md", "x", b.message(b.bold("hi")))
    assert document.plain() == send_document(TOPIC, "a.md", "x", b.message("hi"))


def test_the_reply_can_be_left_out() -> None:
    """The rest stays."""
    assert send_text(TOPIC, b.message("hi"), reply_to=5).without_reply() == send_text(TOPIC, b.message("hi"))


def test_a_repeat_is_marked_once() -> None:
    """However often it is tried again; a document is marked in its caption."""
    body = send_text(TOPIC, b.message(b.bold("hi")))
    again = body.again()
    assert again.params["text"] == "hi" + again_note()
    assert again.params["entities"] == body.params["entities"]
    assert again.again() == again
    assert send_document(TOPIC, "a.md", "x", b.message("hi")).again().params["caption"] == "hi" + again_note()


def test_a_message_can_become_an_edit() -> None:
    """What an edit does not know (thread, reply, silence) is left out."""
    body = send_text(TOPIC, b.message(b.bold("hi")), reply_to=5, keyboard=KEYBOARD, silent=True)
    assert body.as_edit(9) == edit_text(GROUP, 9, b.message(b.bold("hi")), KEYBOARD)


@pytest.mark.parametrize(
    ("method", "repeatable"),
    [
        ("editMessageText", True),
        ("deleteMessage", True),
        ("setMessageReaction", True),
        ("sendMessage", False),
        ("sendDocument", False),
    ],
)
def test_edits_can_be_repeated_and_messages_not(method: str, *, repeatable: bool) -> None:
    """A repeated edit changes nothing; a repeated message is there twice."""
    assert Body(method=method).is_edit is repeatable


def test_an_edit_without_buttons_takes_them_away() -> None:
    """Telegram removes a keyboard that an edit does not repeat."""
    assert "reply_markup" not in edit_text(GROUP, 9, b.message("done")).params


@pytest.mark.parametrize("word", ["x", "word ", "😀", "a\n\n"])
def test_what_is_too_long_is_cut_with_an_ellipsis(word: str) -> None:
    """Telegram would refuse it; one that fits is not touched."""
    long = b.message(b.bold(word * 5000))
    assert_telegram_takes(send_text(TOPIC, long))
    assert fitted(long).text.endswith("…")
    assert utf16_len(fitted(long).text) > MAX_TEXT_UNITS - 20
    just = RichText("x" * MAX_TEXT_UNITS)
    assert fitted(just) is just
