"""Placeholders in the command of an agent with the protocol `text`, and in what is added to it for its session."""

import difflib
import re
from collections.abc import Iterator, Sequence

from bot.settings import AgentSettings
from bot.settings_keys import KeyPath

PROMPT, PROMPT_FILE, SESSION, SESSION_ARGS = "{prompt}", "{prompt_file}", "{session}", "{session_args}"
_SESSION_EXAMPLE = '["--session", "{session}"]'
_PLACEHOLDER = re.compile(r"\{([A-Za-z_-]+)\}")
_LIKE = 0.75
"""How alike a word in braces and a placeholder are at least if that was meant. `{print}` of awk is not."""


def template_problems(agent: AgentSettings) -> Iterator[tuple[KeyPath, str]]:
    """What is wrong: a key of the agent, and the rest of a sentence that begins with it."""
    if agent.protocol != "text":
        for key in ("session_args", "resume_args"):
            if getattr(agent, key):
                yield (key,), f'is only for protocol "text", and this is "{agent.protocol}"; allowed: leave it out'
        return
    if agent.resume_args and not agent.session_args:
        yield ("resume_args",), f"is given without session_args; allowed: both, such as {_SESSION_EXAMPLE}"
    for key, words in (("session_args", agent.session_args), ("resume_args", agent.resume_args)):
        if words and not any(SESSION in word for word in words):
            yield (
                (key,),
                f"has no {SESSION}, where the name of the conversation stands; allowed: a list such as "
                f"{_SESSION_EXAMPLE}",
            )
        yield from _strangers(key, words, allowed=(SESSION,), elsewhere={PROMPT: "command", PROMPT_FILE: "command"})
    yield from _command_problems(agent)


def _command_problems(agent: AgentSettings) -> Iterator[tuple[KeyPath, str]]:
    command = agent.command
    if command and _PLACEHOLDER.search(command[0]) and _known(command[0]):
        yield ("command", 0), f"has {_known(command[0])[0]}; allowed: the name of a program"
    if any(PROMPT in word for word in command) and any(PROMPT_FILE in word for word in command):
        yield (
            ("command",),
            f"has both {PROMPT} and {PROMPT_FILE}; allowed: one of the two, or neither (then it is stdin)",
        )
    at = [index for index, word in enumerate(command) if SESSION_ARGS in word]
    if at and not agent.session_args:
        yield (
            ("command", at[0]),
            f"has {SESSION_ARGS}, but there are no session_args; allowed: {_SESSION_EXAMPLE} there",
        )
    if len(at) > 1 or any(command[index] != SESSION_ARGS for index in at):
        yield ("command", at[-1]), f"has {SESSION_ARGS}; allowed: once, as an argument by itself"
    elsewhere = {SESSION: "session_args"}
    yield from _strangers("command", command, allowed=(PROMPT, PROMPT_FILE, SESSION_ARGS), elsewhere=elsewhere)


def _known(word: str) -> list[str]:
    return [each for each in (PROMPT, PROMPT_FILE, SESSION, SESSION_ARGS) if each in word]


def _strangers(
    key: str, words: Sequence[str], *, allowed: Sequence[str], elsewhere: dict[str, str]
) -> Iterator[tuple[KeyPath, str]]:
    """Placeholders that belong elsewhere, and words in braces that were meant to be one. Others are the program's."""
    for index, word in enumerate(words):
        for found in _PLACEHOLDER.finditer(word):
            if found[0] in allowed:
                continue
            if place := elsewhere.get(found[0]):
                yield (key, index), f"has {found[0]}, which belongs into {place}; allowed here: {', '.join(allowed)}"
            elif meant := difflib.get_close_matches(found[0].lower(), allowed, n=1, cutoff=_LIKE):
                yield (key, index), f"has {found[0]}; did you mean {meant[0]}?"
