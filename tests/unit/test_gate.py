"""The gate: one decision, first, for every kind of update."""

from typing import Any

import pytest
from aiogram.types import Update

from bot.gate import TELEGRAM_OWN_IDS, Gate, Verdict, person, visitor_of
from bot.settings_values import STAND_INS
from tests.builders import ALICE, FORUM, GROUP, PRIVATE, a_message, a_person, an_update

ADMIN, STRANGER = 222222222, 999
ELSEWHERE: dict[str, Any] = {"id": -100777, "type": "supergroup", "title": "Elsewhere"}
CHANNEL: dict[str, Any] = {"id": -100888, "type": "channel", "title": "News"}
FORUM_AS_SENDER: dict[str, Any] = {"id": GROUP, "type": "supergroup", "title": "Workshop"}
ANONYMOUS_ADMIN = a_person(1087968824, is_bot=True, first_name="Group", username="GroupAnonymousBot")

SERVICE_MESSAGES: list[dict[str, Any]] = [
    {"forum_topic_created": {"name": "x", "icon_color": 1}},
    {"forum_topic_edited": {"name": "y"}},
    {"forum_topic_closed": {}},
    {"forum_topic_reopened": {}},
    {"general_forum_topic_hidden": {}},
    {"general_forum_topic_unhidden": {}},
    {"migrate_to_chat_id": -100999},
]
HEARD = {"message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation"}


def gate(**lists: frozenset[int]) -> Gate:
    """A gate with Alice, an admin and the workshop on its lists."""
    whole = {
        "users": frozenset({ALICE}),
        "admins": frozenset({ADMIN}),
        "chats": frozenset({GROUP}),
        "sender_chats": frozenset[int](),
        "approved": frozenset[int](),
        **lists,
    }
    return Gate(**whole)


def verdict(at: Gate | None = None, **update: Any) -> Verdict:
    """What the gate says to an update."""
    return (at or gate()).judge(visitor_of(an_update(**update)))


def press(chat: dict[str, Any] | None, user_id: int) -> dict[str, Any]:
    """A button press."""
    query: dict[str, Any] = {"id": "1", "from": a_person(user_id), "chat_instance": "x", "data": "run||"}
    if chat is not None:
        query["message"] = a_message(chat=chat, **{"from": a_person(1, is_bot=True)})
    return query


def membership(chat: dict[str, Any], user_id: int) -> dict[str, Any]:
    """The bot was added to a chat."""
    bot = a_person(1, is_bot=True)
    return {
        "chat": chat,
        "from": a_person(user_id),
        "date": 1_700_000_000,
        "old_chat_member": {"status": "left", "user": bot},
        "new_chat_member": {"status": "member", "user": bot},
    }


@pytest.mark.parametrize(
    ("chat", "user_id", "expected"),
    [
        (FORUM, ALICE, Verdict.ALLOWED),
        (FORUM, ADMIN, Verdict.ALLOWED),
        (FORUM, STRANGER, Verdict.REFUSED),
        (PRIVATE, ALICE, Verdict.ALLOWED),
        (PRIVATE, STRANGER, Verdict.WHOAMI_ONLY),
        (ELSEWHERE, ALICE, Verdict.REFUSED),
        (ELSEWHERE, ADMIN, Verdict.UNKNOWN_CHAT),
        (ELSEWHERE, STRANGER, Verdict.REFUSED),
    ],
)
def test_every_kind_of_update_is_judged_by_person_and_chat(
    chat: dict[str, Any], user_id: int, expected: Verdict
) -> None:
    """Messages, edits and presses have one and the same rule."""
    message = a_message(chat=chat, **{"from": a_person(user_id)})
    assert verdict(message=message) is expected
    assert verdict(edited_message={**message, "edit_date": 1_700_000_001}) is expected
    assert verdict(callback_query=press(chat, user_id)) is expected


@pytest.mark.parametrize(
    ("chat", "user_id", "expected"),
    [
        (FORUM, ALICE, Verdict.ALLOWED),
        (FORUM, STRANGER, Verdict.FACT),
        (PRIVATE, ALICE, Verdict.ALLOWED),
        (PRIVATE, STRANGER, Verdict.WHOAMI_ONLY),
        (ELSEWHERE, ADMIN, Verdict.UNKNOWN_CHAT),
        (ELSEWHERE, ALICE, Verdict.INTRODUCED),
        (ELSEWHERE, STRANGER, Verdict.INTRODUCED),
        (CHANNEL, STRANGER, Verdict.INTRODUCED),
    ],
)
def test_what_becomes_of_the_bot_in_a_chat_is_heard_whoever_did_it(
    chat: dict[str, Any], user_id: int, expected: Verdict
) -> None:
    """It asks for nothing: rights that were lost are lost whoever took them."""
    assert verdict(my_chat_member=membership(chat, user_id)) is expected


@pytest.mark.parametrize("fact", SERVICE_MESSAGES)
def test_what_telegram_says_of_a_topic_is_a_fact_where_the_bot_works(fact: dict[str, Any]) -> None:
    """A stranger may close a topic, and an anonymous admin may; elsewhere, and with words of theirs, it is nothing."""
    by_stranger = {"text": None, "from": a_person(STRANGER), **fact}
    assert verdict(message=a_message(**by_stranger)) is Verdict.FACT
    anonymous = {"text": None, "from": ANONYMOUS_ADMIN, "sender_chat": FORUM_AS_SENDER, **fact}
    assert verdict(message=a_message(**anonymous)) is Verdict.FACT
    assert verdict(message=a_message(**{**by_stranger, "text": "say hi"})) is Verdict.REFUSED
    assert verdict(message=a_message(chat=ELSEWHERE, **by_stranger)) is Verdict.REFUSED


def test_a_supergroup_that_a_known_group_became_is_known() -> None:
    """Whoever upgraded it; a group that claims to have been some other one is not."""
    new = {"chat": ELSEWHERE, "text": None, "from": a_person(STRANGER)}
    assert verdict(message=a_message(**new, migrate_from_chat_id=GROUP)) is Verdict.FACT
    assert verdict(message=a_message(**new, migrate_from_chat_id=-77)) is Verdict.REFUSED


@pytest.mark.parametrize("kind", sorted(set(Update.model_fields) - {"update_id", *HEARD}))
def test_no_other_kind_of_update_has_anybody_behind_it(kind: str) -> None:
    """Whatever Telegram may send beside what the bot asks for: inline queries, reactions, business messages."""
    found: dict[str, Any] = {"update_id": 1, kind: a_person(ALICE)}
    update = Update.model_construct(None, **found)
    assert gate().judge(visitor_of(update)) is Verdict.REFUSED


def test_an_anonymous_admin_is_nobody_unless_the_chat_is_listed_as_a_sender() -> None:
    """Telegram shows one account for all of them; only the chat that speaks can be listed."""
    message = a_message(sender_chat=FORUM_AS_SENDER, **{"from": ANONYMOUS_ADMIN})
    assert verdict(message=message) is Verdict.REFUSED
    assert verdict(gate(sender_chats=frozenset({GROUP})), message=message) is Verdict.ALLOWED


def test_a_listed_sender_still_needs_a_chat_where_the_bot_works() -> None:
    """A listed channel that writes into an unknown group is refused there."""
    listed = gate(sender_chats=frozenset({CHANNEL["id"]}))
    message = a_message(chat=ELSEWHERE, sender_chat=CHANNEL, **{"from": a_person(136817688, is_bot=True)})
    assert verdict(listed, message=message) is Verdict.REFUSED


def test_who_writes_as_a_channel_is_not_let_in_by_their_own_account() -> None:
    """Even where `from` were a listed person, a message in a chat's name is judged by that chat."""
    assert verdict(message=a_message(sender_chat=CHANNEL)) is Verdict.REFUSED


@pytest.mark.parametrize("stand_in", sorted(TELEGRAM_OWN_IDS))
def test_accounts_that_stand_for_others_are_never_a_person(stand_in: int) -> None:
    """Listing one by mistake opens nothing."""
    careless = gate(users=frozenset({stand_in}), admins=frozenset({stand_in}))
    message = a_message(**{"from": a_person(stand_in)})
    assert verdict(careless, message=message) is Verdict.REFUSED


def test_the_configuration_refuses_the_same_stand_ins() -> None:
    """What the settings know as accounts of Telegram, the gate knows as well."""
    assert set(STAND_INS) == TELEGRAM_OWN_IDS


def test_channels_and_updates_of_no_use_are_refused() -> None:
    """A channel post, a poll, a press without its chat: nobody caused them where the bot works."""
    assert verdict(channel_post=a_message(chat=CHANNEL, **{"from": None})) is Verdict.REFUSED
    assert verdict(message=a_message(**{"from": None})) is Verdict.REFUSED
    assert verdict(callback_query=press(None, ALICE)) is Verdict.REFUSED
    assert verdict() is Verdict.REFUSED


def test_an_approved_chat_is_open_to_listed_people_only() -> None:
    """Approval by button lets the bot work there; membership still gives nobody a right."""
    approved = gate()
    approved.approve(ELSEWHERE["id"])
    assert verdict(approved, message=a_message(chat=ELSEWHERE)) is Verdict.ALLOWED
    stranger = a_message(chat=ELSEWHERE, **{"from": a_person(STRANGER)})
    assert verdict(approved, message=stranger) is Verdict.REFUSED


@pytest.mark.parametrize(
    "lists", [{"chats": frozenset({-5})}, {"chats": frozenset[int](), "approved": frozenset({-5})}]
)
def test_a_group_that_became_a_supergroup_is_the_same_chat(lists: dict[str, frozenset[int]]) -> None:
    """Listed or approved, it stays so under its new id; another chat gains nothing."""
    moved = gate(**lists)
    moved.moved(-6, -100_999)
    assert verdict(moved, message=a_message(chat={**ELSEWHERE, "id": -100_999})) is Verdict.REFUSED
    moved.moved(-5, ELSEWHERE["id"])
    assert verdict(moved, message=a_message(chat=ELSEWHERE)) is Verdict.ALLOWED


def test_admins_are_people_on_the_list_of_admins() -> None:
    """Nobody is not an admin."""
    assert gate().is_admin(ADMIN)
    assert not gate().is_admin(ALICE)
    assert not gate().is_admin(None)


def test_the_author_of_a_message_is_a_person_or_the_name_of_a_chat() -> None:
    """An anonymous admin has no id that could be held against anyone."""
    message = an_update(message=a_message(**{"from": a_person(last_name="Lee")})).message
    anonymous = an_update(message=a_message(sender_chat=FORUM_AS_SENDER, **{"from": ANONYMOUS_ADMIN})).message
    nobody = an_update(message=a_message(**{"from": None})).message
    assert message
    assert anonymous
    assert nobody
    assert person(message) == (ALICE, "Alice Lee")
    assert person(anonymous) == (None, "Workshop")
    assert person(nobody) == (None, "")
