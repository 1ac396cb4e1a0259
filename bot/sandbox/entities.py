"""Text with entities, as Telegram's server treats it: UTF-16 units, checks, trimming, detection."""

import re
from collections.abc import Iterable
from dataclasses import replace

from bot.sandbox.api_error import bad_request
from bot.sandbox.model import Entity
from bot.sandbox.urls import url_fault

ENTITY_TYPES = frozenset(
    [
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
        "date_time",
    ]
)
_DETECTED = re.compile(
    r"(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]{3,32})?)"
    r"|(?P<url>https?://[^\s<>\"]*[^\s<>\".,;:!?)])"
    r"|(?P<mention>(?<![\w@])@[A-Za-z][A-Za-z0-9_]{3,31})"
    r"|(?P<hashtag>(?<![\w#])#[^\W\d]\w*)"
)


def utf16_length(text: str) -> int:
    """How many UTF-16 units `text` has: what all limits and offsets of Telegram count."""
    return len(text) + sum(1 for sign in text if ord(sign) > 0xFFFF)


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of `text` that an entity covers."""
    raw = text.encode("utf-16-le")
    return raw[offset * 2 : (offset + length) * 2].decode("utf-16-le")


def detect(text: str, *, taken: Iterable[Entity] = ()) -> tuple[Entity, ...]:
    """`taken`, and the commands, links, mentions and hashtags that the server finds outside of them."""
    kept = tuple(taken)
    found: list[Entity] = []
    for match in _DETECTED.finditer(text):
        kind = match.lastgroup
        offset, length = utf16_length(text[: match.start()]), utf16_length(match.group())
        is_free = all(offset >= e.offset + e.length or offset + length <= e.offset for e in kept)
        if kind is not None and is_free:
            found.append(Entity(type=kind, offset=offset, length=length))
    return tuple(sorted((*kept, *found), key=lambda entity: (entity.offset, -entity.length)))


def check_entities(text: str, entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """The entities as the server keeps them; raises the `ApiError` with which it refuses the message."""
    inner = _surrogate_middles(text)
    size = utf16_length(text)
    kept: list[Entity] = []
    for entity in entities:
        if entity.type not in ENTITY_TYPES:
            raise bad_request(f"can't parse entities: unsupported entity type {entity.type!r}")
        _check_range(entity, size=size, inner=inner)
        if entity.type == "text_link" and (fault := url_fault(entity.url)):
            raise bad_request(f"Entity URL '{entity.url}' is invalid: {fault}")
        if entity.length > 0:
            kept.append(entity)
    return tuple(sorted(kept, key=lambda entity: (entity.offset, -entity.length)))


def _surrogate_middles(text: str) -> frozenset[int]:
    """The offsets that lie inside a surrogate pair."""
    middles: list[int] = []
    at = 0
    for sign in text:
        if ord(sign) > 0xFFFF:
            middles.append(at + 1)
            at += 1
        at += 1
    return frozenset(middles)


def _check_range(entity: Entity, *, size: int, inner: frozenset[int]) -> None:
    start, end = entity.offset, entity.offset + entity.length
    if start < 0:
        raise bad_request(f"Receive an entity with incorrect offset {start}")
    if entity.length < 0:
        raise bad_request(f"Receive an entity with incorrect length {entity.length}")
    if end > size:
        raise bad_request(
            f"Entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {end}"
        )
    if start in inner:
        raise bad_request("Entity begins in a middle of a UTF-16 symbol")
    if end in inner:
        raise bad_request(f"Entity beginning at UTF-16 offset {start} ends in a middle of a UTF-16 symbol")


def trim(text: str, entities: tuple[Entity, ...]) -> tuple[str, tuple[Entity, ...]]:
    """Cuts white space as the server does: at the end always, at the start up to the first entity."""
    text = text.rstrip()
    first = min((entity.offset for entity in entities), default=len(text))
    cut = 0
    while cut < min(first, len(text)) and text[cut] in " \n":
        cut += 1
    text = text[cut:]
    size = utf16_length(text)
    moved = (replace(entity, offset=entity.offset - cut) for entity in entities)
    clipped = (replace(e, length=min(e.length, size - e.offset)) for e in moved)
    return text, tuple(entity for entity in clipped if entity.length > 0)
