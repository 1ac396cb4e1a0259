"""Blocks of rich messages, checked and read as Telegram's server does (Bot API 10.2, limits of 10.1)."""

from collections.abc import Iterator, Mapping

from bot.sandbox.api_error import bad_request
from bot.sandbox.jsonvalue import Json
from bot.sandbox.urls import url_fault

_MAX_CHARS, _MAX_BLOCKS, _MAX_DEPTH, _MAX_COLUMNS = 32_768, 500, 16, 20
_WITH_TEXT = frozenset(["paragraph", "heading", "pre", "footer", "pullquote", "expandable_blockquote"])
_WITH_BLOCKS = frozenset(["blockquote", "details"])
_STYLES = frozenset(["bold", "italic", "underline", "strikethrough", "spoiler", "marked", "subscript", "superscript"])
_ALIGNS, _VALIGNS = frozenset(["left", "center", "right"]), frozenset(["top", "middle", "bottom"])
_BULLET = "•"


def check_blocks(blocks: object) -> None:
    """Raises the `ApiError` with which the server refuses such a message; its words are our guess."""
    count = _Count()
    count.blocks(blocks, 1)
    if not count.number:
        raise bad_request("rich message is empty")
    if count.chars > _MAX_CHARS:
        raise bad_request("RICH_MESSAGE_TOO_LONG")


class _Count:
    def __init__(self) -> None:
        self.number = 0
        self.chars = 0

    def blocks(self, blocks: object, depth: int) -> None:
        for block in _objects(blocks, "blocks"):
            self._one(depth)
            self._block(block, depth)

    def _one(self, depth: int) -> None:
        self.number += 1
        if self.number > _MAX_BLOCKS:
            raise bad_request("RICH_MESSAGE_BLOCKS_TOO_MANY")
        if depth > _MAX_DEPTH:
            raise bad_request("RICH_MESSAGE_DEPTH_TOO_BIG")

    def _block(self, block: Mapping[str, object], depth: int) -> None:
        kind = block.get("type")
        if kind in _WITH_TEXT:
            self._text(block.get("text"), depth + 1)
            if kind == "heading" and block.get("size") not in range(1, 7):
                raise bad_request("invalid heading size specified")
        elif kind in _WITH_BLOCKS:
            if kind == "details":
                self._text(block.get("summary"), depth + 1)
            self.blocks(block.get("blocks"), depth + 1)
        elif kind == "list":
            for item in _objects(block.get("items"), "items"):
                self._one(depth + 1)
                self.blocks(item.get("blocks"), depth + 2)
        elif kind == "table":
            self._table(block.get("cells"), depth)
        elif kind == "mathematical_expression":
            self._text(block.get("expression"), depth)
        elif kind != "divider":
            raise bad_request(f"can't parse rich message: unsupported block type {kind!r}")

    def _table(self, rows: object, depth: int) -> None:
        if not isinstance(rows, list) or not rows:
            raise bad_request("can't parse rich message: rows expected")
        for row in rows:
            self._one(depth + 1)
            cells = _objects(row, "cells")
            if len(cells) > _MAX_COLUMNS:
                raise bad_request("RICH_MESSAGE_TABLE_TOO_WIDE")
            for cell in cells:
                if cell.get("align") not in _ALIGNS or cell.get("valign") not in _VALIGNS:
                    raise bad_request("can't parse rich message: invalid alignment of a cell")
                self._text(cell.get("text", ""), depth + 2)

    def _text(self, said: object, depth: int) -> None:
        if depth > _MAX_DEPTH + 1:
            raise bad_request("RICH_MESSAGE_DEPTH_TOO_BIG")
        match said:
            case str():
                self.chars += len(said)
            case list():
                for each in said:
                    self._text(each, depth)
            case {"type": "mathematical_expression", "expression": str() as formula}:
                self.chars += len(formula)
            case {"type": "url", "url": str() as url, "text": inner}:
                if fault := url_fault(url):
                    raise bad_request(f"Entity URL '{url}' is invalid: {fault}")
                self._text(inner, depth + 1)
            case {"type": kind, "text": inner} if kind in _STYLES or kind == "code":
                self._text(inner, depth + 1)
            case _:
                raise bad_request("can't parse rich message: unsupported text")


def _objects(found: object, name: str) -> list[Mapping[str, object]]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise bad_request(f"can't parse rich message: array of objects expected as {name}")
    return found


def words_of(blocks: object) -> str:
    """What blocks say, one a line."""
    return "\n".join(_lines(blocks))


def _lines(found: object) -> Iterator[str]:
    match found:
        case list():
            for each in found:
                yield from _lines(each)
        case {"type": "details", "summary": summary, "blocks": blocks}:
            yield _words(summary)
            yield from _lines(blocks)
        case {"type": "table", "cells": list() as rows}:
            yield from (" | ".join(_words(cell.get("text", "")) for cell in row) for row in rows)
        case {"items": inner} | {"blocks": inner}:
            yield from _lines(inner)
        case {"text": said} | {"expression": said}:
            yield _words(said)
        case _:
            pass


def _words(said: object) -> str:
    match said:
        case str():
            return said
        case list():
            return "".join(map(_words, said))
        case {"text": inner} | {"expression": inner}:
            return _words(inner)
        case _:
            return ""


def as_received(blocks: object) -> list[Json]:
    """The blocks as a message has them: items of lists with their labels."""
    received: list[Json] = []
    for block in _objects(blocks, "blocks"):
        changed = dict(block)
        if "blocks" in changed:
            changed["blocks"] = as_received(changed["blocks"])
        if changed.get("type") == "list":
            changed["items"] = [
                {
                    **item,
                    "label": f"{item['value']}." if "value" in item else _BULLET,
                    "blocks": as_received(item["blocks"]),
                }
                for item in _objects(changed["items"], "items")
            ]
        received.append(changed)
    return received
