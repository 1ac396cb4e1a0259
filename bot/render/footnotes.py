"""A rule of the Markdown parser for footnotes: `[^1]` becomes ¹, here and where it is defined.

Only what is defined in the same text is one: `[^1]` alone may be a part of a regular expression.
"""

import re
from collections.abc import Mapping

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from bot.render.latex_symbols import SUPERSCRIPTS

_DEFINITION = re.compile(r"^ {0,3}\[\^([\w\-]{1,24})\]:", re.MULTILINE)
_MARK = re.compile(r"\[\^([\w\-]{1,24})\](:?)[ \t]*")
_DEFINED = "footnotes"


def environment(source: str) -> dict[str, frozenset[str]]:
    """What the parser has to know of the whole text."""
    return {_DEFINED: frozenset(_DEFINITION.findall(source))} if "[^" in source else {}


def footnotes(parser: MarkdownIt) -> None:
    """Teach a parser the rule."""
    parser.inline.ruler.before("link", "footnote", _rule)


def _rule(state: StateInline, silent: bool) -> bool:
    env: Mapping[str, frozenset[str]] = state.env
    if not env or not state.src.startswith("[^", state.pos):
        return False
    match = _MARK.match(state.src, state.pos)
    if match is None or match[1] not in env.get(_DEFINED, ()):
        return False
    label = match[1]
    shown = "".join(SUPERSCRIPTS[digit] for digit in label) if label.isdecimal() and label.isascii() else f"[{label}]"
    end = match.end() if match[2] else match.end(1) + 1
    if not silent:
        state.pending += shown + (" " if match[2] else "")
    state.pos = end
    return True
