"""The Markdown parser: CommonMark with tables and strikethrough, adapted to what agents write.

Beyond CommonMark, nothing that an agent wrote may vanish or be torn:

- `<tags>` are text, and link reference definitions are text too (unused ones would disappear);
- a line of dashes under a paragraph is a rule, not a heading: half-written lists look like that;
- `__init__`, `_private_name_`, `2*3*4`, `2**3**4`, `*.py` and `src/**/*.py` are no emphasis;
- formulas (`formulas.py`), Windows paths and what `<details>` holds (`details.py`) keep every sign;
- quotes and lists nest to a fixed depth; what is deeper is text, where the library would drop it.
"""

import re
from collections.abc import Callable
from functools import cache, partial

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, list_block
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

from bot.render.details import details
from bot.render.footnotes import footnotes
from bot.render.formulas import formulas

MAX_BLOCK_LEVEL = 24
"""Deepest level at which a quote or list may begin; a list takes two levels, a quote one."""

_LIBRARY_NESTING = 32
"""More than quotes and lists can use, since the library drops what is deeper."""

_WHOLE_IDENTIFIER = re.compile(r"_{1,3}[A-Za-z0-9]+(?:_+[A-Za-z0-9]+)*_+(?![A-Za-z0-9_])")
_ONE_PROSE_WORD = re.compile(r"_[A-Za-z]+_")
_WORD_SO_FAR = re.compile(r"[^\s\"'`(<>|]*\Z")
_DRIVE = re.compile(r"[A-Za-z]:(?:[\\/]|$)")
_SHARE = re.compile(r"\\\\[A-Za-z0-9][\w.\-]*\\")


class _Parser(MarkdownIt):
    """Leaves URLs alone: which ones are links is Telegram's decision (`links.py`)."""

    def validateLink(self, url: str) -> bool:  # noqa: N802
        return True

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        return link


@cache
def parser() -> MarkdownIt:
    """Return the one parser; it keeps nothing between texts."""
    parser = _Parser("commonmark", {"html": False, "maxNesting": _LIBRARY_NESTING})
    parser.enable(["table", "strikethrough"]).disable(["lheading", "reference"])
    parser.block.ruler.at(
        "blockquote",
        partial(_bounded, blockquote),
        {"alt": ["paragraph", "reference", "blockquote", "list"]},
    )
    parser.block.ruler.at("list", partial(_bounded, list_block), {"alt": ["paragraph", "reference", "blockquote"]})
    parser.inline.ruler.at("emphasis", _emphasis)
    parser.inline.ruler.before("escape", "windows_path", _windows_path)
    formulas(parser)
    details(parser)
    footnotes(parser)
    return parser


def _bounded(
    rule: Callable[[StateBlock, int, int, bool], bool],
    state: StateBlock,
    start_line: int,
    end_line: int,
    silent: bool,
) -> bool:
    return state.level < MAX_BLOCK_LEVEL and rule(state, start_line, end_line, silent)


def _is_word(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Take a run of `*` or `_` as possible emphasis, or an identifier as text."""
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    before = state.src[state.pos - 1] if state.pos else ""
    if marker == "_" and not (_is_word(before) or before == "_"):
        identifier = _WHOLE_IDENTIFIER.match(state.src, state.pos, state.posMax)
        if identifier and not _ONE_PROSE_WORD.fullmatch(identifier.group()):
            state.pending += identifier.group()
            state.pos = identifier.end()
            return True
    run = state.scanDelims(state.pos, marker == "*")
    can_open, can_close = run.can_open, run.can_close
    if marker == "*":
        end = state.pos + run.length
        after = state.src[end] if end < state.posMax else ""
        can_open = can_open and _star_opens(before, after, run.length)
        can_close = can_close and _star_closes(before, after, run.length)
    for _ in range(run.length):
        token = state.push("text", "", 0)
        token.content = marker
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=run.length,
                token=len(state.tokens) - 1,
                end=-1,
                open=can_open,
                close=can_close,
            )
        )
    state.pos += run.length
    return True


def _star_opens(before: str, after: str, length: int) -> bool:
    """Whether stars may begin emphasis: not in a product, a power or a file pattern."""
    if _is_word(before) and _is_word(after):
        return False
    in_path = before == "/" and after in {"/", "."}
    pattern = length == 1 and after == "."
    return not (in_path or pattern)


def _star_closes(before: str, after: str, length: int) -> bool:
    """Whether stars may end emphasis; `**file**s` is bold, `2**3**4` is not."""
    if _is_word(before) and _is_word(after):
        return length > 1 and not (before.isdigit() or after.isdigit())
    return not (before == "/" and after in {"/", "."})


def _windows_path(state: StateInline, silent: bool) -> bool:
    """Keep the backslashes of `C:\\build\\_out` and `\\\\server\\share`, which would protect what follows them."""
    if state.src[state.pos] != "\\":
        return False
    word = _WORD_SO_FAR.search(state.src, max(0, state.pos - 260), state.pos)
    if word is None or not (_DRIVE.match(word.group()) or _SHARE.match(state.src, word.start(), state.posMax)):
        return False
    if not silent:
        state.pending += "\\"
    state.pos += 1
    return True
