"""Markdown of agents → the blocks of a rich message (Bot API 10.2, `InputRichMessage.blocks`). Pure.

Blocks rather than HTML or Markdown, so that nothing that an agent wrote can be taken for a tag. Made of
the same tokens as text with entities, and only where that would be worse: for a table, a list of tasks, a
formula, or what can be unfolded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from markdown_it.token import Token

from bot.render.cleaning import without_tabs
from bot.render.direction import runs_right_to_left
from bot.render.formulas import FORMULA, FORMULA_BLOCK
from bot.render.markdown import BOX, MATH, Parsed, align_of, language_of, parsed, surplus_cells
from bot.render.rich_text import Said, depth, rich_text, words

Block: TypeAlias = dict[str, object]

MAX_CHARS = 32_768
MAX_BLOCKS = 500
MAX_DEPTH = 16
MAX_COLUMNS = 20
"""Limits of a rich message: its text with its formulas, its blocks with items and rows, and so on."""

_HELPED = frozenset(["table_open"])
_TICKED = "☑"
_COMMAND = "\\"
"""A formula without a command says as much in letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RichAnswer:
    """The content of a rich message."""

    blocks: tuple[Block, ...]
    is_rtl: bool = False

    def with_more(self, *, before: Said = "", after: Said = "") -> "RichAnswer":
        """The same with a paragraph before or after it."""
        first = [_paragraph(before)] if before else []
        last = [_paragraph(after)] if after else []
        return RichAnswer(blocks=(*first, *self.blocks, *last), is_rtl=self.is_rtl)

    def to_dict(self) -> dict[str, object]:
        """The `InputRichMessage`. Nothing in it is to become a link or a command by itself."""
        message: dict[str, object] = {"blocks": list(self.blocks), "skip_entity_detection": True}
        return {**message, "is_rtl": True} if self.is_rtl else message


def rich_answer(source: str) -> RichAnswer | None:
    """The answer as a rich message, where that helps and Telegram's limits allow it. Never raises."""
    if len(source) > MAX_CHARS * 2:
        return None
    try:
        read = parsed(source)
        return _Builder(read).build() if _helps(read.tokens) else None
    except Exception:  # noqa: BLE001 - a foreign parser on foreign text; without it there is the classic form
        return None


def _helps(tokens: Sequence[Token]) -> bool:
    unfolds = any(token.type == "details_open" for token in tokens)
    formulas = [latex for token in tokens for latex in _formulas_of(token)]
    if unfolds and formulas:
        return False  # some desktop clients are reported to crash on both in one message
    return (
        unfolds
        or any(_COMMAND in latex or "\n" in latex for latex in formulas)
        or any(token.type in _HELPED or BOX in token.meta for token in tokens)
    )


def _formulas_of(token: Token) -> list[str]:
    """The formulas of a block; what it has on lines of its own ends with a newline."""
    if token.type == FORMULA_BLOCK or (token.type == "fence" and token.info.strip() == MATH):
        return [token.content + "\n"]
    return [child.content for child in token.children or () if child.type == FORMULA]


def _paragraph(said: Said) -> Block:
    return {"type": "paragraph", "text": said}


class _TooMuchError(Exception):
    """More than a rich message takes."""


class _Builder:
    def __init__(self, read: Parsed) -> None:
        self._tokens = iter(read.tokens)
        self._lines = read.lines
        self._chars: list[str] = []
        self._count = 0
        self._level = 0

    def build(self) -> RichAnswer | None:
        try:
            blocks = tuple(self._until(""))
        except _TooMuchError:
            return None
        text = "".join(self._chars)
        if len(text) > MAX_CHARS or not blocks:
            return None
        return RichAnswer(blocks=blocks, is_rtl=runs_right_to_left(text))

    def _until(self, end: str) -> Iterator[Block]:
        """The blocks up to the token `end`."""
        self._level += 1
        for token in self._tokens:
            if token.type == end:
                break
            block = self._block(token)
            if block is not None:
                self._counted()
                yield block
        self._level -= 1

    def _counted(self) -> None:
        self._count += 1
        if self._count > MAX_BLOCKS or self._level > MAX_DEPTH:
            raise _TooMuchError

    def _said(self, said: Said) -> Said:
        if self._level + depth(said) >= MAX_DEPTH:
            raise _TooMuchError
        self._chars.append(words(said))
        return said

    def _inline(self, *, breaks: bool = False) -> Said:
        """What the token that comes next says."""
        return self._said(rich_text(next(self._tokens).children or (), breaks=breaks))

    def _block(self, token: Token) -> Block | None:
        match token.type:
            case "paragraph_open":
                return _paragraph(self._inline())
            case "heading_open":
                return {"type": "heading", "text": self._inline(), "size": int(token.tag[1:])}
            case "fence" | "code_block":
                return self._code(token)
            case "hr":
                return {"type": "divider"}
            case "table_open":
                return self._table()
            case "bullet_list_open" | "ordered_list_open":
                return {"type": "list", "items": list(self._items(token.type.replace("open", "close")))}
            case "blockquote_open":
                return {"type": "blockquote", "blocks": list(self._until("blockquote_close"))}
            case "details_open":
                return self._details(token)
            case _ if token.type == FORMULA_BLOCK:
                return self._formula(token.content)
            case _:
                return None

    def _code(self, token: Token) -> Block:
        if token.info.strip() == MATH:
            return self._formula(token.content)
        block: Block = {"type": "pre", "text": self._said(without_tabs(token.content.rstrip()))}
        language = language_of(token.info)
        return block if language is None else {**block, "language": language}

    def _formula(self, latex: str) -> Block:
        self._chars.append(latex)
        return {"type": "mathematical_expression", "expression": latex.strip()}

    def _details(self, token: Token) -> Block:
        next(self._tokens)
        block: Block = {"type": "details", "summary": self._inline() or "…"}
        next(self._tokens)
        block["blocks"] = list(self._until("details_close"))
        return {**block, "is_open": True} if token.meta.get("open") else block

    def _items(self, end: str) -> Iterator[Block]:
        self._level += 1
        for token in self._tokens:
            if token.type == end:
                break
            if token.type != "list_item_open":
                continue
            self._counted()
            item: Block = {"blocks": list(self._until("list_item_close")) or [_paragraph("")]}
            if token.info:
                item |= {"value": int(token.info), "type": "1"}
            if box := str(token.meta.get(BOX, "")):
                item |= {"has_checkbox": True} | ({"is_checked": True} if box.startswith(_TICKED) else {})
            yield item
        self._level -= 1

    def _table(self) -> Block:
        rows: list[list[Block]] = []
        aligns: list[str] = []
        line = 0
        for token in self._tokens:
            match token.type:
                case "table_close":
                    break
                case "tr_open":
                    self._counted()
                    rows.append([])
                    line = token.map[0] if token.map else line
                case "tr_close":
                    if surplus := surplus_cells(self._lines[line], len(aligns)):
                        last = rows[-1][-1]
                        last["text"] = [last["text"], "".join(f" | {cell}" for cell in surplus)]
                case "th_open":
                    aligns.append(align_of(token).value)
                    rows[-1].append({"text": self._inline(breaks=True), "is_header": True})
                case "td_open":
                    rows[-1].append({"text": self._inline(breaks=True)})
                case _:
                    pass
        if len(aligns) > MAX_COLUMNS:
            raise _TooMuchError
        cells = [
            [{**cell, "align": align, "valign": "top"} for cell, align in zip(row, aligns, strict=True)] for row in rows
        ]
        return {"type": "table", "cells": cells, "is_bordered": True}
