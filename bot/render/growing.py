"""An answer that is still being written. Pure.

What its last paragraph has open is closed, so that the text that people watch does not jump: a star that
is shown now would vanish a moment later, and an address would come and go.
"""

import re

from bot.render.entities import RichText
from bot.render.markdown import render_markdown

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
_HALF_LINE = re.compile(r"(?:\n|\A)[ \t>]*(?:`{1,2}|~{1,2}|[-*+]|#{1,6}|\d{1,9}[.)]?|[-*+] \[[ xX]?\]?)[ \t]*\Z")
_HALF_LINK = re.compile(r"!?\[([^\[\]\n]*)(?:\](?:\([^()\s]*)?)?\Z")
_BLOCK = re.compile(r"\n[ \t]*\n|\n(?=[ >]{0,16}(?:[-*+] |\d{1,9}[.)] |#{1,6} |\|))")
_RUNS = re.compile(r"`+|\*{1,3}|~~")
_OPEN_END = re.compile(r"[\s*~`]+\Z")


def render_growing(source: str) -> RichText:
    """Render what there is of an answer."""
    return render_markdown(closed(source))


def closed(source: str) -> str:
    """The source with what its last paragraph has open closed, and without half a mark at its end."""
    if _in_fence(source):
        return source
    source = _HALF_LINE.sub("", source)
    start = max((match.end() for match in _BLOCK.finditer(source)), default=0)
    head, tail = source[:start], source[start:]
    if not _in_code(_opened(tail)):
        tail = _HALF_LINK.sub(r"\1", tail)
    if _in_code(_opened(tail)):
        tail = tail.rstrip("`")
    elif _opened(tail) or tail.endswith(("*", "~", "`")):
        tail = _OPEN_END.sub("", tail)
    return head + tail + "".join(reversed(_opened(tail)))


def _in_fence(source: str) -> bool:
    fence = ""
    for match in _FENCE.finditer(source):
        if not fence:
            fence = match[1]
        elif match[1].startswith(fence):
            fence = ""
    return bool(fence)


def _in_code(opened: list[str]) -> bool:
    return bool(opened) and opened[-1].startswith("`")


def _opened(tail: str) -> list[str]:
    """The marks that are open at the end of a paragraph, the outer ones first."""
    opened: list[str] = []
    for match in _RUNS.finditer(tail):
        run, after = match.group(), tail[match.end() : match.end() + 1]
        if _in_code(opened):
            if run == opened[-1]:
                opened.pop()
        elif run in opened:
            del opened[opened.index(run) :]
        elif after and not after.isspace() and (len(run) > 1 or run == "`" or _begins(tail, match.start())):
            opened.append(run)
    return opened


def _begins(tail: str, place: int) -> bool:
    """Whether a word begins at a place: a star elsewhere is that of a product, a pointer or `*args`."""
    return place == 0 or tail[place - 1].isspace() or tail[place - 1] in "*~"
