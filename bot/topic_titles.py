"""What a topic is called after its first prompt: a short title, made by rule. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

MOST_CHARS = 60
"""Telegram takes 128 (Bot API, `editForumTopic.name`); phones show fewer."""

_PLACEHOLDERS = frozenset(
    {
        "new topic",
        "new chat",
        "new thread",
        "topic",
        "chat",
        "thread",
        "untitled",
        "test",
        "new",
        "neues thema",
        "thema",
    }
)
_ENDS = re.compile(r"(?<=[.!?…])\s|\n")
_MARKS = re.compile(r"[`*_#>]+")


def is_placeholder(name: str, *, is_implicit: bool = False) -> bool:
    """Whether nobody chose this name (Bot API, `ForumTopicCreated.is_name_implicit`), or it says nothing."""
    return is_implicit or name.strip().casefold().rstrip(" 0123456789") in _PLACEHOLDERS


def title_of(prompt: str) -> str:
    """The first sentence of a prompt, cut between words; empty where there is none."""
    text = _MARKS.sub("", prompt).strip()
    first = " ".join(_ENDS.split(text, maxsplit=1)[0].split()).rstrip(".:;,…")
    if len(first) > MOST_CHARS:
        cut = first[:MOST_CHARS]
        first = (cut.rsplit(" ", 1)[0] if " " in cut[20:] else cut).rstrip(".:;,…") + "…"
    return first[:1].upper() + first[1:]


def icon_for(subject: str, stickers: Sequence[Mapping[str, Any]]) -> str:
    """One of Telegram's icons (Bot API, `getForumTopicIconStickers`), the same for equal subjects; empty if none."""
    ids = [str(each["custom_emoji_id"]) for each in stickers if each.get("custom_emoji_id")]
    return ids[crc32(subject.encode()) % len(ids)] if ids else ""
