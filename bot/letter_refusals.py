"""What to do about a letter that Telegram refuses. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from bot.letter_body import Body
from bot.telegram import RefusedError

_TOPIC_CLOSED = ("TOPIC_CLOSED",)
_TOPIC_GONE = ("message thread not found", "TOPIC_DELETED", "TOPIC_ID_INVALID")
_BAD_MARKUP = ("can't parse entities", "entity", "entities", "ENTITY_", "wrong type of the web page", "button_")
_NO_REPLY = ("message to be replied not found", "message to reply not found", "replied message not found")
_BAD_PHOTO = ("PHOTO_", "IMAGE_PROCESS_FAILED", "photo dimensions")
_UNCHANGED = ("message is not modified",)
NO_RIGHTS = (
    *("not enough rights", "have no rights", "CHAT_WRITE_FORBIDDEN", "CHAT_ADMIN_REQUIRED", "CHAT_RESTRICTED"),
    *("USER_BANNED_IN_CHANNEL", "CHAT_SEND_PLAIN_FORBIDDEN", "kicked", "not a member", "Forbidden"),
)
"""What the bot may not do in a chat (any more). It is held: when the right is back, it is delivered."""

_TOO_LARGE = 413
_FORBIDDEN = 403


class Remedy(StrEnum):
    """What can be done."""

    NONE_NEEDED = "none needed"  # the message is as it is to be
    OTHER_BODY = "other body"  # with less, Telegram may take it
    CLASSIC = "classic"  # what is in reserve for a rich message
    HOLD = "hold"  # its topic is closed or gone
    NEW_MESSAGE = "new message"  # what it was to edit is gone
    GIVE_UP = "give up"  # nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """A remedy, with the body to try next or the condition of the topic (`closed` or `gone`) where it has one."""

    remedy: Remedy
    body: Body | None = None
    condition: str = ""


def is_unchanged(error: RefusedError) -> bool:
    """Whether an edit would have changed nothing."""
    return error.says(*_UNCHANGED)


def treatment(body: Body, error: RefusedError, *, edits_a_letter: bool) -> Treatment:
    """Make the letter acceptable, hold it for its topic, or give it up."""
    plain, unreplied, smaller = body.plain(), body.without_reply(), body.smaller()
    if body.instead and not (error.says(*_TOPIC_CLOSED, *_TOPIC_GONE, *_NO_REPLY) or error.code == _FORBIDDEN):
        return Treatment(remedy=Remedy.CLASSIC)
    if (error.code == _TOO_LARGE or error.says(*_BAD_PHOTO)) and smaller != body:
        return Treatment(remedy=Remedy.OTHER_BODY, body=smaller)
    if is_unchanged(error):
        return Treatment(remedy=Remedy.NONE_NEEDED)
    if error.says(*_TOPIC_CLOSED, *_TOPIC_GONE, *NO_RIGHTS) or error.code == _FORBIDDEN:
        return Treatment(remedy=Remedy.HOLD, condition="closed" if error.says(*_TOPIC_CLOSED) else "gone")
    if error.says(*_NO_REPLY) and unreplied != body:
        return Treatment(remedy=Remedy.OTHER_BODY, body=unreplied)
    if error.says(*_BAD_MARKUP) and plain != body:
        return Treatment(remedy=Remedy.OTHER_BODY, body=plain)
    if edits_a_letter and body.is_edit:
        return Treatment(remedy=Remedy.NEW_MESSAGE)
    if (least := plain.without_reply()) != body:
        return Treatment(remedy=Remedy.OTHER_BODY, body=least)
    return Treatment(remedy=Remedy.GIVE_UP)
