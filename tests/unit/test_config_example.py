"""config.example.toml is the configuration: every key, each with its default."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bot.settings import ProjectSettings, Settings, WebhookSettings
from bot.settings_file import load_settings
from bot.settings_keys import KeyPath, all_keys, dotted

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.toml"

REQUIRED = {("telegram", "token"), ("access", "users")}
"""These have no usable default."""


def without_comment_signs(toml: str) -> str:
    """The example with its optional settings: lines that begin with # and no space."""
    return re.sub(r"^#(?=[^\s#])", "", toml, flags=re.MULTILINE)


def flat(tree: Any, path: KeyPath = ()) -> dict[KeyPath, Any]:
    """Leaves by path; names that people choose stand as NAME, as in `all_keys`."""
    if path[:1] in (("agents",), ("projects",)) and len(path) == 2:
        path = (path[0], "NAME")
    if not isinstance(tree, dict) or path[-1:] == ("env",):
        return {path: tree}
    return {place: value for key, below in tree.items() for place, value in flat(below, (*path, key)).items()}


def written() -> dict[KeyPath, Any]:
    return flat(tomllib.loads(EXAMPLE.read_text()))


def with_optional() -> dict[KeyPath, Any]:
    return flat(tomllib.loads(without_comment_signs(EXAMPLE.read_text())))


def test_every_key_is_in_the_example() -> None:
    """No key of the schema is missing, and none is there that the schema hasn't."""
    assert set(with_optional()) == set(all_keys())


def test_the_example_can_be_loaded() -> None:
    """It is right as it stands."""
    settings = load_settings(EXAMPLE, {})
    assert settings.access.users == (111,)
    assert settings.access.admins == settings.access.users


def test_the_example_can_be_loaded_with_all_that_is_optional(tmp_path: Path) -> None:
    """The lines that are commented out are right too."""
    path = tmp_path / "config.toml"
    toml = without_comment_signs(EXAMPLE.read_text())
    path.write_text(re.sub(r"^(token|api_key)_file = .*$", "", toml, flags=re.MULTILINE))
    settings = load_settings(path, {})
    assert settings.telegram.webhook is not None
    assert settings.projects["api"].path == Path.home() / "src/api"


@pytest.mark.parametrize("key", sorted(set(written()) - REQUIRED), ids=dotted)
def test_what_is_written_is_the_default(key: KeyPath) -> None:
    """Each key that is not commented out has the value that it has when it is left out."""
    default: Any = Settings()
    example: Any = load_settings(EXAMPLE, {})
    for part in key:
        part = "claude" if part == "NAME" else part
        default, example = (
            tree[part] if isinstance(tree, dict) else getattr(tree, str(part)) for tree in (default, example)
        )
    assert example == default
    assert type(example) is type(default)


def test_what_is_commented_out_is_optional() -> None:
    """Commented out is only what has no default value of its own: the rest must be in plain sight."""
    left_out = set(with_optional()) - set(written())
    optional = {
        ("telegram", "token_file"),
        ("access", "admins"),
        ("voice", "api_key_file"),
        ("worktrees", "directory"),
        *(("telegram", "webhook", key) for key in WebhookSettings.model_fields),
        *(("projects", "NAME", key) for key in ProjectSettings.model_fields),
    }
    assert left_out == optional


def test_every_key_has_a_comment() -> None:
    """Each setting stands right below a comment, or below a neighbour that shares it."""
    lines = EXAMPLE.read_text().splitlines()
    for above, line in pairwise(lines):
        if re.match(r"#?\w+ = ", line):
            assert re.match(r"# |#?\w+ = ", above), f"nothing explains {line}"


def test_every_key_is_in_the_reference() -> None:
    """docs/configuration.md has a row for each key of each table."""
    reference = (ROOT / "docs" / "configuration.md").read_text()
    sections = {
        found[1]: found[2]
        for found in re.finditer(r"^## `\[(.*?)\]`$(.*?)(?=^## |\Z)", reference, re.MULTILINE | re.DOTALL)
    }
    for *table, key in all_keys():
        assert f"| `{key}` |" in sections[dotted(tuple(table))], (table, key)


def test_defaults_in_the_schema_are_values() -> None:
    """Sections are complete by themselves, so that any of them may be left out."""
    for name, field in Settings.model_fields.items():
        assert isinstance(field.get_default(call_default_factory=True), BaseModel | dict), name
