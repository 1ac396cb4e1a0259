"""What is wrong with a configuration, in words for the person who wrote it."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError

from bot.durations import ALLOWED_TIMES
from bot.settings_keys import KeyPath, is_table, keys_at, suggestion, type_at

_SHOWN = 60
"""Characters of a wrong value that are shown; it may be anything."""


_LISTS = {
    "command": 'a list of strings, such as ["claude"]',
    "pass_env": 'a list of strings, such as ["LC_*"]',
    "warn_before": 'a list of times, such as ["60s", "10s"]',
}


class SettingsError(Exception):
    """The configuration can't be used. Each of `errors` is one line: where, what, what is allowed."""

    def __init__(self, *errors: str) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


def sentences(error: ValidationError) -> list[tuple[KeyPath, str]]:
    """Each thing that pydantic found, as the key and the rest of a sentence that begins with it."""
    found = []
    for detail in error.errors(include_url=False):
        if detail["type"] == "default_factory_not_called":
            continue  # the key that the default depends on is wrong, and told
        path = tuple(part for part in detail["loc"] if part != "[key]")
        found.append((path, _sentence(detail["type"], path, detail.get("ctx", {}), detail)))
    return found


def _sentence(kind: str, path: KeyPath, context: Mapping[str, Any], detail: Mapping[str, Any]) -> str:
    if kind in _SENTENCES:
        return _SENTENCES[kind](path, context, detail.get("input"))
    if is_table(path):
        return _not_a_table(path)
    message = str(detail["msg"])
    return message[0].lower() + message[1:].replace("nput should be", "must be")


def _unknown(path: KeyPath, _: Mapping[str, Any], __: object) -> str:
    what = "section" if len(path) == 1 else "key"
    return f"is not a known {what}; {suggestion(path)}"


def _missing(path: KeyPath, _: Mapping[str, Any], __: object) -> str:
    return f"is missing; {_kind_allowed(path)}"


def _choice(_: KeyPath, context: Mapping[str, Any], given: object) -> str:
    choices = str(context["expected"]).replace("'", '"').replace(" or ", ", ")
    return f"{_shown(given)} is not one of its values; allowed: {choices}"


def _range(_: KeyPath, context: Mapping[str, Any], given: object) -> str:
    if "le" in context:
        return f"{_shown(given)} is too much; allowed: at most {context['le']}"
    return f"{_shown(given)} is too little; allowed: at least {context['ge']}"


def _name(_: KeyPath, __: Mapping[str, Any], ___: object) -> str:
    return "is not a possible name; allowed: at most 32 of a-z, 0-9, _ and -, the first of them a letter or a digit"


def _own_words(path: KeyPath, context: Mapping[str, Any], given: object) -> str:
    text = str(context["error"])
    is_time = type_at(path) is float
    return f"{_shown(given)} {text}" if is_time and text.startswith("is ") else text


def _wrong_type(path: KeyPath, _: Mapping[str, Any], given: object) -> str:
    if is_table(path):
        return _not_a_table(path)
    return f"is {_kind_of(given)}; {_kind_allowed(path)}"


def _empty(_: KeyPath, __: Mapping[str, Any], ___: object) -> str:
    return "is empty; allowed: at least one character"


def _not_a_table(path: KeyPath) -> str:
    keys = keys_at(path)
    return "is not a table; allowed: a table" + (f" with the keys {', '.join(keys)}" if keys else " of names")


def _kind_allowed(path: KeyPath) -> str:
    """What may stand at a path, said by example."""
    found = type_at(path)
    key = path[-1] if isinstance(path[-1], str) else ""
    if found is int:
        kind = "a whole number"
    elif found is float:
        kind = ALLOWED_TIMES
    elif get_origin(found) is tuple:
        kind = _LISTS.get(key, "a list of whole numbers, such as [111]")
    elif get_origin(found) is Literal:
        kind = ", ".join(map(json.dumps, get_args(found)))
    else:
        kind = "a string in quotes"
    return f"allowed: {kind}"


def _kind_of(given: object) -> str:
    match given:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list() | tuple():
            return "a list"
        case dict():
            return "a table"
        case None:
            return "nothing"
        case _:
            return "a date or a time of day"


def _shown(given: object) -> str:
    text = json.dumps(given, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_SENTENCES: dict[str, Callable[[KeyPath, Mapping[str, Any], object], str]] = {
    "extra_forbidden": _unknown,
    "missing": _missing,
    "literal_error": _choice,
    "enum": _choice,
    "greater_than_equal": _range,
    "less_than_equal": _range,
    "string_pattern_mismatch": _name,
    "value_error": _own_words,
    "string_too_short": _empty,
    "string_type": _wrong_type,
    "int_type": _wrong_type,
    "int_from_float": _wrong_type,
    "tuple_type": _wrong_type,
    "dict_type": _wrong_type,
    "model_type": _wrong_type,
    "path_type": _wrong_type,
}
