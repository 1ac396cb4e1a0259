"""A rule of the Markdown parser for `<details>`: a block that people unfold.

The tags stand on lines of their own (`source_lines`). One that is not closed goes on to the end, so that it
can be shown while it is written.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

DETAILS = "details"
"""The tokens are `details_open` (`meta["open"]`, `meta["summary"]`) and `details_close`."""

_MAX_LEVEL = 20
_OPEN = re.compile(r"<details(\s+open(?:=\"[^\"]*\")?)?\s*>", re.IGNORECASE)
_CLOSE = re.compile(r"</details>", re.IGNORECASE)
_SUMMARY = re.compile(r"<summary>(.*)</summary>", re.IGNORECASE)


def details(parser: MarkdownIt) -> None:
    """Teach a parser the rule."""
    parser.block.ruler.before("fence", DETAILS, _rule, {"alt": ["paragraph", "blockquote", "list"]})


def _line(state: StateBlock, nth: int) -> str:
    return state.src[state.bMarks[nth] + state.tShift[nth] : state.eMarks[nth]].strip()


def _rule(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    if state.is_code_block(start_line) or state.level >= _MAX_LEVEL:
        return False
    opened = _OPEN.fullmatch(_line(state, start_line))
    if opened is None:
        return False
    if silent:
        return True
    end, depth = start_line + 1, 1
    while end < end_line:
        text = _line(state, end)
        depth += (_OPEN.fullmatch(text) is not None) - (_CLOSE.fullmatch(text) is not None)
        if depth == 0:
            break
        end += 1
    first = start_line + 1
    while first < end and not _line(state, first):
        first += 1
    summary = _SUMMARY.fullmatch(_line(state, first)) if first < end else None
    token = state.push("details_open", "details", 1)
    token.map = [start_line, end]
    token.meta = {"open": opened[1] is not None}
    _push_summary(state, summary[1].strip() if summary else "", first)
    _inner(state, first + 1 if summary else start_line + 1, end)
    state.push("details_close", "details", -1)
    state.line = min(end + 1, end_line)
    return True


def _push_summary(state: StateBlock, summary: str, line: int) -> None:
    state.push("summary_open", "summary", 1).map = [line, line + 1]
    content = state.push("inline", "", 0)
    content.content, content.map, content.children = summary, [line, line + 1], []
    state.push("summary_close", "summary", -1)


def _inner(state: StateBlock, start: int, end: int) -> None:
    before = state.lineMax, state.parentType
    state.lineMax, state.parentType = end, "blockquote"
    state.md.block.tokenize(state, start, end)
    state.lineMax, state.parentType = before
