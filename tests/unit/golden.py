"""Golden files: what a pure rendering gave when somebody looked at it and found it good.

A test that differs fails with a diff. To accept what it gives now: `UPDATE_GOLDEN=1 make test`, or pytest with
that variable set; then read the diff of the files before you commit them.
"""

import difflib
import os
from pathlib import Path

import pytest

from bot.render.entities import Kind, RichText, UnitIndex

HOME = Path(__file__).resolve().parents[1] / "golden"

_TAGS = {
    Kind.BOLD: "b",
    Kind.ITALIC: "i",
    Kind.CODE: "code",
    Kind.PRE: "pre",
    Kind.LINK: "a",
    Kind.QUOTE: "quote",
    Kind.EXPANDABLE_QUOTE: "folded",
    Kind.UNDERLINE: "u",
    Kind.STRIKE: "s",
    Kind.SPOILER: "spoiler",
}


def assert_golden(name: str, text: str) -> None:
    """The text is that of `tests/golden/NAME`, which is written anew where `UPDATE_GOLDEN` is set."""
    path = HOME / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    known = path.read_text(encoding="utf-8") if path.exists() else ""
    if text == known:
        return
    diff = difflib.unified_diff(known.splitlines(), text.splitlines(), f"golden/{name}", "now", lineterm="", n=3)
    pytest.fail("\n".join([*diff, "", "Is that better? Then run this test once with UPDATE_GOLDEN=1."]), pytrace=False)


def marked(rich: RichText) -> str:
    """A rich text with its entities as tags, to be read and compared."""
    units = UnitIndex(rich.text)
    marks: dict[int, str] = {}
    for entity in rich.entities:
        start, end = units.index(entity.offset), units.index(entity.end)
        tag = _TAGS[entity.type]
        more = entity.url or entity.language
        marks[start] = marks.get(start, "") + (f"<{tag} {more}>" if more else f"<{tag}>")
        marks[end] = f"</{tag}>" + marks.get(end, "")
    pieces = [marks.get(at, "") + character for at, character in enumerate(rich.text)]
    return "".join([*pieces, marks.get(len(rich.text), "")])
