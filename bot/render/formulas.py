"""Rules of the Markdown parser for formulas: `\\(…\\)`, `$…$` in a line, `\\[…\\]`, `$$…$$` also over lines.

Their content reaches the tokens as it is written, so that no backslash or star in it is markup. Prices
and shell variables are no formulas.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

FORMULA = "formula"
"""Type of the token in a line; `content` is the LaTeX, `markup` what opened it, `info` what closed it."""

FORMULA_BLOCK = "formula_block"
"""Type of the token that has its lines for itself; else like the other one."""

_MAX_CHARS = 2000
_MAX_LINES = 60
_SIGNS = re.compile(r"[\\^_={]")
_BARE = re.compile(r"[A-Za-z]|[A-Za-z0-9]+(?: ?[+\-*/<>|,] ?[A-Za-z0-9]+)+|[A-Za-z]\([A-Za-z0-9, ]+\)|[A-Za-z]['′]+")
_ENDS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}
_DISPLAYED = frozenset(["\\[", "$$"])


def formulas(parser: MarkdownIt) -> None:
    """Teach a parser both rules."""
    parser.inline.ruler.before("escape", FORMULA, _in_a_line)
    parser.block.ruler.before("fence", FORMULA_BLOCK, _on_lines, {"alt": ["paragraph", "blockquote", "list"]})


def _in_a_line(state: StateInline, silent: bool) -> bool:
    opening = state.src[state.pos : state.pos + 2]
    if opening[:1] not in {"\\", "$"}:
        return False
    closing = _ENDS.get(opening, "$")
    if closing == "$" and (opening[:1] != "$" or len(opening) < 2 or opening[1].isspace()):
        return False
    opening = opening if len(closing) == 2 else "$"
    start = state.pos + len(opening)
    end = state.src.find(closing, start, min(state.posMax, start + _MAX_CHARS))
    if end < 0:
        return False
    content = state.src[start:end]
    after = state.src[end + len(closing) : end + len(closing) + 1]
    if "`" in content or not _is_formula(content, opening, after):
        return False
    if not silent:
        token = state.push(FORMULA, "", 0)
        token.content, token.markup, token.info = content, opening, closing
    state.pos = end + len(closing)
    return True


def _is_formula(content: str, opening: str, after: str) -> bool:
    """Tell `$x_1$` from two prices or two shell variables, and `\\(…\\)` from escaped brackets."""
    if opening != "$":
        return _SIGNS.search(content) is not None
    plausible = _SIGNS.search(content) or _BARE.fullmatch(content)
    shell = content.isupper() or "{" in content[:1]
    word_goes_on = after.isdigit() or (after.isascii() and after.isalnum())
    return bool(plausible and not shell) and "\n" not in content and not content[-1:].isspace() and not word_goes_on


def _on_lines(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Take lines from `$$` or `\\[` at the beginning of one to its end at the end of another."""
    if state.is_code_block(start_line):
        return False
    first = state.src[state.bMarks[start_line] + state.tShift[start_line] : state.eMarks[start_line]].rstrip()
    opening = first[:2]
    if opening not in _DISPLAYED:
        return False
    closing = _ENDS[opening]
    lines = [first[2:]]
    line = start_line
    while not lines[-1].rstrip().endswith(closing):
        line += 1
        if line >= end_line or line - start_line > _MAX_LINES or state.sCount[line] < state.blkIndent:
            return False
        lines.append(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]])
    content = "\n".join(lines).rstrip()[: -len(closing)]
    if closing in content or not content.strip() or "`" in content:
        return False
    if silent:
        return True
    token = state.push(FORMULA_BLOCK, "", 0)
    token.content, token.markup, token.info = content, opening, closing
    token.map = [start_line, line + 1]
    state.line = line + 1
    return True
