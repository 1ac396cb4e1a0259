"""The end of a Markdown text, as much of it as fits. Pure."""

import re

from bot.render.entities import RichText
from bot.render.markdown import render_markdown

_FENCE = re.compile(r"^ {0,3}(```+|~~~+)", re.MULTILINE)
_SHORTER = 0.85


def markdown_tail(source: str, units: int) -> RichText:
    """The end of `source`, rendered, of at most `units` UTF-16 units; begins with an ellipsis if it is cut.

    It is cut between lines where that leaves most of it, and a code block that is cut stays one.
    """
    source = source.strip()
    size = units
    while size > 0:
        rendered = render_markdown(_cut(source, size))
        if rendered.units <= units:
            return rendered
        size = int(size * _SHORTER)
    return RichText()


def _cut(source: str, size: int) -> str:
    if len(source) <= size:
        return source
    start = len(source) - size
    line = source.find("\n", start)
    start = line + 1 if 0 <= line < start + size // 4 else start
    fences = _FENCE.findall(source[:start])
    opened = f"{fences[-1]}\n" if len(fences) % 2 else ""
    return f"…\n{opened}{source[start:]}"
