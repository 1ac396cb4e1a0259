"""Where in the configuration something is: paths of keys, and what the schema knows at them."""

import difflib
import re
import types
from collections.abc import Iterator
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr

from bot.settings import Settings

KeyPath: TypeAlias = tuple[str | int, ...]
"""From the outermost table inwards; an int is a place in a list."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def dotted(path: KeyPath) -> str:
    """The path as TOML writes it, on one line: `agents.claude.command[0]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if _BARE_KEY.fullmatch(part) else repr(part))
    return text


def type_at(path: KeyPath) -> object | None:
    """The type that the schema has at a path, without what may be None about it; None if it has none."""
    found: object = Settings
    for part in path:
        if isinstance(found, type) and issubclass(found, BaseModel):
            field = found.model_fields.get(str(part))
            if field is None:
                return None
            found = _essence(field.annotation)
        elif get_origin(found) is dict:
            found = _essence(get_args(found)[1])
        elif get_origin(found) is tuple:
            found = _essence(get_args(found)[0])
        else:
            return None
    return found


def keys_at(path: KeyPath) -> tuple[str, ...]:
    """The keys that the schema has in the table at a path; none where names are free."""
    found = type_at(path)
    return tuple(found.model_fields) if isinstance(found, type) and issubclass(found, BaseModel) else ()


def is_table(path: KeyPath) -> bool:
    """Whether a table belongs at a path, with fixed or with free keys."""
    return bool(keys_at(path)) or get_origin(type_at(path)) is dict


def is_json(path: KeyPath) -> bool:
    """Whether a variable for this path holds JSON: lists, tables and whole numbers. Else it is text."""
    found = type_at(path)
    return found is int or get_origin(found) is tuple or is_table(path)


def has_free_variable_names(path: KeyPath) -> bool:
    """Whether the keys below a path are names of environment variables, whose case matters."""
    found = type_at(path)
    return get_origin(found) is dict and _essence(get_args(found)[1]) is SecretStr


def suggestion(path: KeyPath) -> str:
    """What may have been meant by an unknown key: the nearest, else where it belongs, else all."""
    *table, key = path
    allowed = keys_at(tuple(table))
    if near := difflib.get_close_matches(str(key), allowed, n=1):
        return f"did you mean {dotted((*table, near[0]))}?"
    if elsewhere := [place for place in all_keys() if place[-1] == key]:
        return "it belongs elsewhere: " + ", ".join(map(dotted, elsewhere))
    return "allowed: " + ", ".join(allowed) if allowed else "nothing is allowed here"


def all_keys(path: KeyPath = ()) -> Iterator[KeyPath]:
    """Every fixed key of the schema; names that people choose stand as NAME."""
    if keys := keys_at(path):
        for key in keys:
            yield from all_keys((*path, key))
    elif get_origin(type_at(path)) is dict and is_table((*path, "NAME")):
        yield from all_keys((*path, "NAME"))
    else:
        yield path


def _essence(annotation: Any) -> object:
    """A type without its constraints and without None."""
    if get_origin(annotation) is Annotated:
        return _essence(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return _essence(next(a for a in get_args(annotation) if a is not type(None)))
    return annotation
