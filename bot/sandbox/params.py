"""Parameters of one call, decoded from JSON, form or multipart alike."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.sandbox.api_error import ApiError, bad_request
from bot.sandbox.entities import check_entities
from bot.sandbox.jsonvalue import Json
from bot.sandbox.model import Entity

_TRUE = frozenset({"true", "1", "yes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file of a multipart body."""

    name: str
    mime_type: str
    data: bytes

    def __repr__(self) -> str:
        return f"Upload({self.name!r}, {len(self.data)} bytes)"


class Params:
    """Typed access; a value of the wrong type is the caller's fault and becomes an `ApiError` 400."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = dict(values)

    def __repr__(self) -> str:
        return f"Params({self.values!r})"

    def has(self, name: str) -> bool:
        """Whether the parameter was sent and is not null."""
        return self.values.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """A string."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, (dict, list, Upload)):
            raise bad_request(f"parameter {name} must be a string")
        return str(value)

    def integer(self, name: str) -> int | None:
        """An integer, sent as a number or as digits; None if absent."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, (int, str)) and not isinstance(value, bool):
            try:
                return int(value)
            except ValueError:
                pass
        raise bad_request(f"invalid {name} specified")

    def required_integer(self, name: str) -> int:
        """An integer that must be there."""
        value = self.integer(name)
        if value is None:
            raise bad_request(f"{name} is not specified")
        return value

    def flag(self, name: str) -> bool:
        """A boolean; False if absent."""
        value = self.values.get(name)
        return str(value).lower() in _TRUE if value is not None else False

    def _nested(self, name: str) -> object:
        value = self.values.get(name)
        if isinstance(value, str):
            if not value:
                return None
            try:
                return json.loads(value)
            except ValueError:
                raise bad_request(f"can't parse {name} JSON object") from None
        return value

    def mapping(self, name: str) -> Json | None:
        """A JSON object, nested or as a string."""
        value = self._nested(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise bad_request(f"object expected as {name}")
        return {str(key): item for key, item in value.items()}

    def listing(self, name: str) -> list[object] | None:
        """A JSON array, nested or as a string."""
        value = self._nested(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise bad_request(f"array expected as {name}")
        return value

    def upload(self, name: str) -> Upload | None:
        """The file behind `name`: the part itself, or what `attach://…` points to."""
        value = self.values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            value = self.values.get(value.removeprefix("attach://"))
            if value is None:
                raise ApiError(400, f"Bad Request: attached file for {name} not found")
        return value if isinstance(value, Upload) else None

    def entities(self, name: str, text: str) -> tuple[Entity, ...] | None:
        """Entities of `text`, checked; None if absent."""
        listed = self.listing(name)
        if listed is None:
            return None
        return check_entities(text, [_entity(item) for item in listed])


def _entity(item: object) -> Entity:
    if not isinstance(item, dict):
        raise bad_request("can't parse entities: object expected")
    kind, offset, length = item.get("type"), item.get("offset"), item.get("length")
    if not (isinstance(kind, str) and isinstance(offset, int) and isinstance(length, int)):
        raise bad_request("can't parse entities: type, offset and length expected")
    user = item.get("user")
    return Entity(
        type=kind,
        offset=offset,
        length=length,
        url=str(item.get("url") or ""),
        language=str(item.get("language") or ""),
        custom_emoji_id=str(item.get("custom_emoji_id") or ""),
        user_id=int(user["id"]) if isinstance(user, dict) else 0,
    )
