"""Lines of JSON objects, read without trust: the one place where foreign JSON is looked into."""

import json
from collections.abc import Mapping
from typing import TypeAlias

from cli_runner.lines import Framed, Overlong
from orchestrator.domain.agent_events import Garbled

Fields: TypeAlias = Mapping[str, object]
"""A JSON object whose members have not been looked at."""

EXCERPT_CHARS = 200


def clean(text: str) -> str:
    """The text without lone surrogates, which JSON can carry and UTF-8 cannot."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def excerpt_of(data: bytes) -> str:
    """The beginning of a line that could not be read."""
    return data[: EXCERPT_CHARS * 4].decode("utf-8", "replace").strip()[:EXCERPT_CHARS]


def decode_line(framed: Framed) -> Fields | Garbled | None:
    """The object on a line; None for an empty line.

    Something printed in front of an object (a warning without a line end) does not lose the object.
    """
    if isinstance(framed, Overlong):
        return Garbled(excerpt=excerpt_of(framed.excerpt), reason=f"a line of {framed.size} bytes was skipped")
    data = framed.data.strip()
    if not data:
        return None
    for candidate in (data, data[max(0, data.find(b'{"')) :]):
        try:
            value = json.loads(candidate.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    return Garbled(excerpt=excerpt_of(framed.data), reason="not a JSON object")


def encode_line(value: Fields) -> bytes:
    """An object as a line, in ASCII, so that nothing a person typed can break it."""
    return json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"


def text(fields: Fields, name: str) -> str:
    """A member that is a string, else an empty one."""
    value = fields.get(name)
    return clean(value) if isinstance(value, str) else ""


def number(fields: Fields, name: str) -> float | None:
    """A member that is a number, else None."""
    value = fields.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def whole(fields: Fields, name: str) -> int | None:
    """A member that is an integer, else None."""
    value = fields.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def flag(fields: Fields, name: str) -> bool:
    """Whether a member is `true`."""
    return fields.get(name) is True


def inner(fields: Fields, name: str) -> Fields:
    """A member that is an object, else an empty one."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def objects(fields: Fields, name: str) -> list[Fields]:
    """The objects in a member that is a list."""
    value = fields.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(fields: Fields, name: str) -> list[str]:
    """The strings in a member that is a list."""
    value = fields.get(name)
    return [clean(item) for item in value if isinstance(item, str)] if isinstance(value, list) else []
