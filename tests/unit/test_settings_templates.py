"""Placeholders in the commands of agents: which are right, and what is said about the others."""

import json
from pathlib import Path

import pytest

from bot import settings_templates
from bot.settings_file import SettingsError, load_settings
from cli_runner.agents import text
from orchestrator.domain.agents import AgentSpec
from tests.unit.test_settings import MINIMAL

BOTH = {"session_args": ["--session", "{session}"], "resume_args": ["--resume={session}"]}


def load(path: Path, protocol: str, **keys: list[str]) -> AgentSpec:
    """The agent of a configuration with these lists."""
    lines = [f"{key} = {json.dumps(words)}" for key, words in keys.items()]
    config = path / "config.toml"
    config.write_text(
        "\n".join([MINIMAL, "[agents.mine]", f'protocol = "{protocol}"', *lines, '[defaults]\nagent = "mine"'])
    )
    return load_settings(config, {}).agent_specs()["mine"]


@pytest.mark.parametrize(
    "command",
    [
        ["llm"],
        ["llm", "--ask={prompt}", "-"],
        ["llm", "@{prompt_file}"],
        ["llm", "chat", "{session_args}", "--", "{prompt}"],
        ["sh", "-c", "awk '{print}' ${HOME}/{x}.json"],
    ],
)
def test_what_is_right_is_taken_as_it_is(tmp_path: Path, command: list[str]) -> None:
    """Words in braces that are none of ours are the program's."""
    spec = load(tmp_path, "text", command=command, **BOTH)
    assert spec.command == tuple(command)
    assert spec.session_args == ("--session", "{session}")
    assert spec.resume_args == ("--resume={session}",)


@pytest.mark.parametrize(
    ("protocol", "keys", "line"),
    [
        ("text", {"command": ["x", "{promt}"]}, "command[1]: has {promt}; did you mean {prompt}?"),
        ("text", {"command": ["x", "{PROMPT}"]}, "command[1]: has {PROMPT}; did you mean {prompt}?"),
        ("text", {"command": ["x", "-f{prompt-file}"]}, "command[1]: has {prompt-file}; did you mean {prompt_file}?"),
        ("text", {"command": ["x", "{prompt}", "{prompt_file}"]}, "command: has both {prompt} and {prompt_file}; "),
        ("text", {"command": ["{prompt}"]}, "command[0]: has {prompt}; allowed: the name of a program"),
        ("text", {"command": ["x", "{session}"]}, "command[1]: has {session}, which belongs into session_args; "),
        ("text", {"command": ["x", "{session_args}"]}, "command[1]: has {session_args}, but there are no session_args"),
        ("text", {"command": ["x", "a{session_args}"], **BOTH}, "command[1]: has {session_args}; allowed: once, as an"),
        ("text", {"command": ["x"], "session_args": ["--new"]}, "session_args: has no {session}, where the name"),
        ("text", {"command": ["x"], **BOTH, "resume_args": ["-c"]}, "resume_args: has no {session}, where the name"),
        ("text", {"command": ["x"], "resume_args": ["{session}"]}, "resume_args: is given without session_args; "),
        (
            "text",
            {"command": ["x"], "session_args": ["{session}", "{prompt}"]},
            "session_args[1]: has {prompt}, which belongs into command; ",
        ),
        (
            "text",
            {"command": ["x"], "session_args": ["{session}", "{sesion}"]},
            "session_args[1]: has {sesion}; did you mean {session}?",
        ),
        ("claude", BOTH, 'session_args: is only for protocol "text", and this is "claude"; allowed: leave it out'),
    ],
)
def test_what_is_wrong_is_refused_with_a_remedy(
    tmp_path: Path, protocol: str, keys: dict[str, list[str]], line: str
) -> None:
    """The key, what is wrong with it, what is allowed."""
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, protocol, **keys)
    assert caught.value.errors[0].partition("agents.mine.")[2].startswith(line), caught.value.errors


def test_the_placeholders_are_those_that_the_protocol_fills() -> None:
    """The settings' words and the codec's are the same ones."""
    names = ("PROMPT", "PROMPT_FILE", "SESSION", "SESSION_ARGS")
    assert [getattr(settings_templates, name) for name in names] == [getattr(text, name) for name in names]
