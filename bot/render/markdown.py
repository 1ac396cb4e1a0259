"""Markdown of agents → text with entities.

Pure, and total: any text gives something that Telegram accepts. It may be called with half an
answer, as often as that grows; what is not closed yet is text, or a code block up to the end.
The layout of the source stays: lines are not joined, and a blank line parts blocks where the source
has one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token

from bot.render.cleaning import cleaned, without_tabs
from bot.render.direction import directed
from bot.render.entities import Kind, RichText
from bot.render.footnotes import environment
from bot.render.formulas import FORMULA_BLOCK
from bot.render.inline import cell_fragment, write_inline
from bot.render.latex import unicode_formula
from bot.render.parser import parser
from bot.render.source_lines import prepared
from bot.render.spans import Fragment, finished
from bot.render.table_drawing import Align
from bot.render.tables import Table, write_table
from bot.render.writer import Writer

_BULLETS = "•◦▪"
_INDENT = "   "
_RULE = "───"
_TASK = re.compile(r"\[([ xX])\][ \t]+")
_BOXES = {" ": "☐", "x": "☑", "X": "☑"}
BOX = "box"
"""In the `meta` of a task's item: its box."""

MATH = "math"
_LANGUAGE = re.compile(r"\{?\.?([A-Za-z][A-Za-z0-9_+#.-]{0,31})(?=$|[\s{}:,;(\[])")


def render_markdown(source: str) -> RichText:
    """Render an agent's Markdown. Never raises: where the parser fails, the text comes plain."""
    try:
        return parse_and_render(source)
    except Exception:  # noqa: BLE001 - a foreign parser on foreign text; an answer may lose its looks, not itself
        return plain(source)


def plain(source: str) -> RichText:
    """Return the source as it is, cleaned and trimmed, without entities."""
    return finished(without_tabs(cleaned(source)), ())


def parse_and_render(source: str) -> RichText:
    """Do what `render_markdown` does, letting errors through."""
    fragment = directed(_Blocks(parsed(source)).render())
    # The tabs that are left stand outside of code blocks; one for one, so that spans stay true.
    return finished(fragment.text.replace("\t", " "), fragment.spans)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The tokens of a text, and the lines to which their `map` refers."""

    tokens: Sequence[Token]
    lines: Sequence[str]


def parsed(source: str) -> Parsed:
    """Read a text of any kind."""
    source = prepared(cleaned(source))
    tokens = parser().parse(source, dict(environment(source)))
    _tick_boxes(tokens)
    return Parsed(tokens, source.split("\n"))


def language_of(info: str) -> str | None:
    """Return the language that a fence's info string names, if it names one."""
    match = _LANGUAGE.match(info.strip())
    return match[1] if match else None


class _Blocks:
    """One walk over the block tokens of one text."""

    def __init__(self, parsed: Parsed) -> None:
        self._lines = parsed.lines
        self._tokens = parsed.tokens
        self._writer = Writer()
        self._depth = 0
        self._ordered: list[bool] = []
        self._quote_starts: list[int] = []
        self._outer: list[tuple[str, int]] = []

    def render(self) -> Fragment:
        tokens = iter(self._tokens)
        for token in tokens:
            match token.type:
                case "paragraph_open":
                    self._begin(token)
                case "heading_open":
                    self._heading(token, next(tokens))
                case "inline":
                    write_inline(self._writer, token.children or ())
                case "fence" | "code_block":
                    self._code(token)
                case "hr":
                    self._begin(token)
                    self._writer.write(_RULE)
                case "details_open":
                    self._quote(token)
                    next(tokens)
                    self._heading(token, next(tokens))
                case _ if token.type == FORMULA_BLOCK:
                    self._formula(token, token.content)
                case "table_open":
                    self._begin(token)
                    write_table(self._writer, _table(tokens, self._lines))
                case _:
                    self._container(token)
        return self._writer.fragment()

    def _container(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self._ordered.append(token.type.startswith("ordered"))
                self._depth += 1
            case "bullet_list_close" | "ordered_list_close":
                self._ordered.pop()
                self._depth -= 1
                self._writer.indent = _INDENT * self._depth
            case "list_item_open":
                self._item(token)
            case "list_item_close":
                self._writer.show_marker()
            case "blockquote_open":
                self._quote(token)
            case "blockquote_close":
                self._end_quote(Kind.QUOTE)
            case "details_close":
                self._end_quote(Kind.EXPANDABLE_QUOTE)
            case _:
                pass

    def _quote(self, token: Token) -> None:
        self._begin(token)
        self._quote_starts.append(self._writer.begin_own_line())
        self._outer.append((self._writer.indent, self._depth))
        self._writer.indent, self._depth = "", 0

    def _end_quote(self, kind: Kind) -> None:
        self._writer.add_span(kind, self._quote_starts.pop())
        self._writer.indent, self._depth = self._outer.pop()

    def _begin(self, token: Token) -> None:
        """Begin a block, with a blank line before it if the source has one."""
        line = token.map[0] if token.map else 0
        blank = 0 < line <= len(self._lines) and not self._lines[line - 1].strip(" \t>")
        self._writer.begin(2 if blank else 1)

    def _heading(self, token: Token, content: Token) -> None:
        self._begin(token)
        if content.children:
            start = self._writer.position
            write_inline(self._writer, content.children)
            self._writer.add_span(Kind.BOLD, start)

    def _item(self, token: Token) -> None:
        self._begin(token)
        indent = _INDENT * (self._depth - 1)
        self._writer.indent = _INDENT * self._depth
        box = str(token.meta.get(BOX, ""))
        if self._ordered[-1]:
            self._writer.mark(indent, f"{token.info}{token.markup} {box}")
        else:
            self._writer.mark(indent, box or _BULLETS[min(self._depth, len(_BULLETS)) - 1] + " ")

    def _formula(self, token: Token, latex: str) -> None:
        """A formula on lines of its own: in Unicode, or as the code that it is."""
        said = unicode_formula(latex.strip())
        self._begin(token)
        if said is not None:
            self._writer.write(said)
            return
        start = self._writer.begin_own_line()
        self._writer.write_fragment(Fragment(without_tabs(latex.strip("\n").rstrip())))
        self._writer.add_span(Kind.PRE, start, language="latex")

    def _code(self, token: Token) -> None:
        if token.info.strip() == MATH and token.content.strip():
            self._formula(token, token.content)
            return
        self._begin(token)
        start = self._writer.begin_own_line()
        self._writer.write_fragment(Fragment(without_tabs(token.content.rstrip())))
        self._writer.add_span(Kind.PRE, start, language=language_of(token.info))


def _tick_boxes(tokens: Sequence[Token]) -> None:
    """Move the `[ ]` and `[x]` of task lists from the text of an item to the item itself."""
    for item, paragraph, content in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if (item.type, paragraph.type) != ("list_item_open", "paragraph_open") or not content.children:
            continue
        first = content.children[0]
        task = _TASK.match(first.content) if first.type == "text" else None
        if task:
            item.meta[BOX] = _BOXES[task[1]] + " "
            first.content = first.content[task.end() :]


def _table(tokens: Iterator[Token], lines: Sequence[str]) -> Table:
    """Read the tokens up to the table's end; `lines` is the source."""
    rows: list[list[Fragment]] = []
    aligns: list[Align] = []
    row_line = 0
    for token in tokens:
        match token.type:
            case "table_close":
                break
            case "tr_open":
                rows.append([])
                row_line = token.map[0] if token.map else row_line
            case "tr_close":
                rows[-1][-1] = _with_surplus(rows[-1][-1], lines[row_line], len(aligns))
            case "th_open":
                aligns.append(align_of(token))
            case "inline":
                rows[-1].append(cell_fragment(token.children or ()))
            case _:
                pass
    header, *body = (tuple(row) for row in rows)
    return Table(header=header, rows=tuple(body), aligns=tuple(aligns))


def _with_surplus(last: Fragment, line: str, width: int) -> Fragment:
    """Add to a row's last cell what the parser drops of a row with too many, such as one with `a|b`."""
    surplus = surplus_cells(line, width)
    return Fragment(" | ".join([last.text, *surplus]), last.spans) if surplus else last


def surplus_cells(line: str, width: int) -> list[str]:
    """Return what a table's row says beyond `width` cells."""
    cells = escapedSplit(line.strip(" \t>").removeprefix("|"))
    return [cell.strip() for cell in cells[width:] if cell.strip()]


def align_of(token: Token) -> Align:
    """Return where a header's column stands."""
    style = str(token.attrs.get("style", ""))
    return Align(style.removeprefix("text-align:")) if style else Align.LEFT
