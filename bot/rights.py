"""What the bot may do in a chat, read from what Telegram says about it (Bot API, `ChatFullInfo`, `ChatMember`).

It needs little: to send messages and to hear people. «Manage topics» lets it write into closed topics and name new
ones. It deletes and pins nothing, and asks for no such right.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from bot.render.entities import RichText
from bot.words.speech import say_rich
from orchestrator.domain.standing import Right, Standing

Fields: TypeAlias = Mapping[str, Any]

_INSIDE = ("creator", "administrator", "member", "restricted")
_ADMIN = ("creator", "administrator")


def standing_of(chat: Fields, member: Fields, *, reads_all: bool) -> Standing:
    """The bot's standing in a group, or in a private chat. `reads_all` is `getMe.can_read_all_group_messages`."""
    if not is_inside(member):
        return Standing(inside=False)
    if chat.get("type") == "private":
        return Standing(inside=True)
    has = {
        Right.WRITE: may_write(chat, member),
        Right.HEAR: reads_all or is_admin(member),
        Right.TOPICS: not chat.get("is_forum") or may_manage_topics(chat, member),
        Right.FORUM: bool(chat.get("is_forum")),
    }
    return Standing(inside=True, missing=frozenset(right for right, given in has.items() if not given))


def is_inside(member: Fields) -> bool:
    """Whether the bot is in the chat at all."""
    status = member.get("status")
    return status in _INSIDE and (status != "restricted" or bool(member.get("is_member", True)))


def is_admin(member: Fields) -> bool:
    """Whether it is an administrator."""
    return member.get("status") in _ADMIN


def may_write(chat: Fields, member: Fields) -> bool:
    """Whether it may send messages."""
    if is_admin(member):
        return True
    if not (chat.get("permissions") or {}).get("can_send_messages", True):
        return False
    return member.get("status") != "restricted" or bool(member.get("can_send_messages"))


def may_manage_topics(chat: Fields, member: Fields) -> bool:
    """Whether it may manage topics, and with that write into closed ones."""
    match member.get("status"):
        case "creator":
            return True
        case "administrator":
            return bool(member.get("can_manage_topics"))
        case _:
            return False  # a member's permission is to create topics, and to manage its own


def checklist(missing: Iterable[Right], bot: str) -> Sequence[RichText]:
    """What is missing, in words, with what to grant and where."""
    lacking = set(missing)
    return [say_rich(f"group-lacks-{right}", bot=bot) for right in Right if right in lacking]
