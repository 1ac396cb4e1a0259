"""Which messages are one prompt. Pure.

Three things come as several messages although they are one: an album, a text that the sender's client cut because
it was longer than a message may be, and messages that were forwarded together, perhaps with a comment before. Their
parts come within moments. So a message that may be such a part waits a little for the next one; all others, which is
nearly all, wait for nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WINDOW_S = 1.0
"""How long the next part is waited for."""

LONGEST_S = 6.0
"""How long parts are waited for in all."""

MOST_PIECES = 100
"""As many as a client forwards at once."""

_ALBUM = 10
"""Bot API, `sendMediaGroup`: an album has 2 to 10 items."""

_CUT_UNITS = 2048
"""A text that a client cut is longer than this: Telegram Desktop cuts where it reads best, in the second half of the
4096 units that a message takes; others cut at the very end."""

COMMENT_S = 2
"""How much later than its comment a forwarded message may be dated; Telegram counts in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What of a message says whether it belongs to others.

    `units` is the length of its text in UTF-16 units, 0 if it has a file instead. One that `comments` is known to be
    followed by forwarded messages.
    """

    sender: int | None
    units: int = 0
    album: str = ""
    forwarded: bool = False
    replies: bool = False
    comments: bool = False

    @property
    def is_cut(self) -> bool:
        """Whether it may be the beginning of a longer text."""
        return self.units > _CUT_UNITS and not self.forwarded


def opens(piece: Piece) -> bool:
    """Whether more may belong to it, so that it waits."""
    return bool(piece.album) or piece.forwarded or piece.comments or piece.is_cut


def joins(pieces: Sequence[Piece], piece: Piece) -> bool:
    """Whether a message belongs to those before it."""
    last = pieces[-1]
    if piece.sender != last.sender or len(pieces) >= MOST_PIECES:
        return False
    if piece.forwarded:
        return last.forwarded or last.comments or last.is_cut
    if piece.album:
        return piece.album == last.album
    return piece.units > 0 and not piece.replies and (last.is_cut or last.forwarded)


def goes_on(before: Piece, piece: Piece) -> bool:
    """Whether a text is the rest of the one before it, rather than a message of its own."""
    return before.is_cut and not piece.forwarded and piece.units > 0


def is_complete(pieces: Sequence[Piece]) -> bool:
    """Whether nothing more is to be waited for."""
    last = pieces[-1]
    if len(pieces) >= MOST_PIECES or not opens(last):
        return True
    return not last.forwarded and bool(last.album) and sum(each.album == last.album for each in pieces) >= _ALBUM


def comments_among(raw: Sequence[tuple[int, str]]) -> frozenset[int]:
    """Which of some updates (id, raw JSON), in their order, are comments on what was forwarded right after them."""
    if not any("forward_origin" in text for _, text in raw):
        return frozenset()
    found = set()
    last: dict[tuple[object, ...], tuple[int, Mapping[str, Any]]] = {}
    for update_id, text in raw:
        message = json.loads(text).get("message")
        if not isinstance(message, dict):
            continue
        place = (_id(message, "chat"), message.get("message_thread_id"), _id(message, "from"))
        before = last.get(place)
        if "forward_origin" in message and before is not None and _is_comment(before[1], message):
            found.add(before[0])
        last[place] = (update_id, message)
    return frozenset(found)


def _is_comment(before: Mapping[str, Any], forwarded: Mapping[str, Any]) -> bool:
    text, said, sent = before.get("text"), before.get("date"), forwarded.get("date")
    if not isinstance(text, str) or text.startswith("/") or "forward_origin" in before:
        return False
    return isinstance(said, int) and isinstance(sent, int) and sent - said <= COMMENT_S


def _id(message: Mapping[str, Any], name: str) -> object:
    inner = message.get(name)
    return inner.get("id") if isinstance(inner, dict) else None
