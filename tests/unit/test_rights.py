"""What the bot may do in a chat, read from what Telegram says, and what to grant, in words."""

from typing import Any

import pytest

from bot.rights import checklist, standing_of
from orchestrator.domain.standing import Right, Standing

FORUM: dict[str, Any] = {"type": "supergroup", "is_forum": True, "permissions": {"can_send_messages": True}}
GROUP: dict[str, Any] = {"type": "supergroup", "permissions": {"can_send_messages": True}}
CLOSED: dict[str, Any] = {"type": "supergroup", "is_forum": True, "permissions": {"can_send_messages": False}}
ADMIN: dict[str, Any] = {"status": "administrator", "can_manage_topics": True}
WEAK: dict[str, Any] = {"status": "administrator", "can_manage_topics": False}
MEMBER: dict[str, Any] = {"status": "member"}
MUTED: dict[str, Any] = {"status": "restricted", "is_member": True, "can_send_messages": False}


@pytest.mark.parametrize(
    ("chat", "member", "reads_all", "missing"),
    [
        (FORUM, ADMIN, False, set()),
        (FORUM, WEAK, False, {Right.TOPICS}),
        (FORUM, MEMBER, True, {Right.TOPICS}),
        (FORUM, MEMBER, False, {Right.TOPICS, Right.HEAR}),
        (GROUP, ADMIN, False, {Right.FORUM}),
        (GROUP, MEMBER, True, {Right.FORUM}),
        (FORUM, MUTED, True, {Right.WRITE, Right.TOPICS}),
        (CLOSED, MEMBER, True, {Right.WRITE, Right.TOPICS}),
        (CLOSED, ADMIN, True, set()),
    ],
)
def test_what_is_missing_follows_from_chat_and_member(
    chat: dict[str, Any], member: dict[str, Any], reads_all: bool, missing: set[Right]
) -> None:
    """An administrator writes where others may not, and hears all whatever privacy mode says."""
    found = standing_of(chat, member, reads_all=reads_all)
    assert found == Standing(inside=True, missing=frozenset(missing))
    assert found.can_write == (Right.WRITE not in missing)


@pytest.mark.parametrize(
    "member", [{"status": "left"}, {"status": "kicked"}, {"status": "restricted", "is_member": False}]
)
def test_who_is_outside_can_do_nothing(member: dict[str, Any]) -> None:
    """A restriction can outlast membership (Bot API, `ChatMemberRestricted.is_member`)."""
    found = standing_of(FORUM, member, reads_all=True)
    assert found.inside is False
    assert not found.can_write


def test_each_right_has_its_line_with_what_to_do() -> None:
    """In the order of importance, naming the bot where it has to be found in a list."""
    lines = [line.text for line in checklist(list(Right), "the_bot")]
    assert len(lines) == len(Right)
    assert "Send Messages" in lines[0]
    assert "/setprivacy" in lines[1]
    assert "Manage Topics" in lines[2]
    assert sum("@the_bot" in line for line in lines) == 3
