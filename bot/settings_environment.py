"""Settings from variables: `TOPICD_<SECTION>__<KEY>`, lists, tables and whole numbers as JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.settings_keys import KeyPath, has_free_variable_names, is_json, is_table, keys_at, suggestion

PREFIX = "TOPICD_"
_SEPARATOR = "__"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentSettings:
    """What the variables set: a tree like that of the file, and which variable set what.

    Each of `errors` is one line that begins with the variable's name.
    """

    tree: dict[str, Any] = field(default_factory=dict)
    variables: dict[KeyPath, str] = field(default_factory=dict)
    errors: tuple[str, ...] = ()


def is_setting(variable: str) -> bool:
    """Whether a variable is meant to set something.

    Some with the prefix are not: `TOPICD_CONFIG`, `TOPICD_RUN_ID`.
    """
    if not variable.startswith(PREFIX):
        return False
    rest = variable.removeprefix(PREFIX)
    return _SEPARATOR in rest or rest.lower() in keys_at(()) or _forgot_to_separate(rest)


def read_environment(environ: Mapping[str, str]) -> EnvironmentSettings:
    """Sort the variables that are settings into a tree. Unknown keys are left for the schema to refuse."""
    tree: dict[str, Any] = {}
    variables: dict[KeyPath, str] = {}
    errors: list[str] = []
    # A whole table comes before its keys (shorter names first), so that both can be given.
    for variable in sorted(filter(is_setting, environ), key=lambda name: (name.count(_SEPARATOR), name)):
        path = _path_of(variable)
        if _SEPARATOR not in variable and not keys_at((path[0],)) and not is_table((path[0],)):
            errors.append(f"{variable}: is not a setting; allowed: {PREFIX}<SECTION>__<KEY>; {_separated(variable)}")
            continue
        try:
            value = _value_of(path, environ[variable])
            _put(tree, path, value)
        except ValueError as error:
            errors.append(f"{variable}: {error}")
            continue
        variables[path] = variable
    return EnvironmentSettings(tree=tree, variables=variables, errors=tuple(errors))


def _path_of(variable: str) -> tuple[str, ...]:
    """The key that a variable names. Keys are lower case, but the variables in an agent's `env` aren't."""
    parts = variable.removeprefix(PREFIX).split(_SEPARATOR)
    path: tuple[str, ...] = ()
    for index, part in enumerate(parts):
        if has_free_variable_names(path):
            return (*path, _SEPARATOR.join(parts[index:]))
        path = (*path, part.lower())
    return path


def _value_of(path: KeyPath, text: str) -> object:
    if not is_json(path):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        shape = "a table, as JSON" if is_table(path) else "a list or a whole number, as JSON"
        raise ValueError(f"is not JSON; allowed here: {shape}") from None


def _put(tree: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    *tables, key = path
    for table in tables:
        tree = tree.setdefault(table, {})
        if not isinstance(tree, dict):
            raise ValueError(f"sets a key of {table}, which another variable sets to something else than a table")  # noqa: TRY004
    tree[key] = value


def _forgot_to_separate(rest: str) -> bool:
    return any(rest.lower().startswith(f"{section}_") for section in keys_at(()))


def _separated(variable: str) -> str:
    """What a variable with a single underscore was meant to be."""
    rest = variable.removeprefix(PREFIX).lower()
    section = next(s for s in keys_at(()) if rest.startswith(f"{s}_"))
    key = rest.removeprefix(f"{section}_")
    if key in keys_at((section,)):
        return f"did you mean {PREFIX}{section.upper()}{_SEPARATOR}{key.upper()}?"
    return suggestion((section, key))
