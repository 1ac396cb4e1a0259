"""A paragraph, heading or cell as the `RichText` of a rich message (Bot API 10.2): strings, objects, lists of them."""

import re
from collections.abc import Sequence
from typing import TypeAlias

from markdown_it.token import Token

from bot.render.cleaning import cleaned
from bot.render.formulas import FORMULA
from bot.render.inline import plain_text
from bot.render.links import telegram_url

Said: TypeAlias = "str | dict[str, object] | list[Said]"

_STYLES = {"strong": "bold", "em": "italic", "s": "strikethrough"}
_MAIL = "mailto:"
_BREAK = re.compile(r"[ \t]*<br[ \t]*/?>[ \t]*", re.IGNORECASE)


def rich_text(tokens: Sequence[Token], *, breaks: bool = False) -> Said:
    """What inline tokens say; with `breaks`, `<br>` is a new line, which is the only way to one in a cell."""
    open_pieces: list[list[Said]] = [[]]
    links: list[Token] = []
    for token in tokens:
        name, _, edge = token.type.rpartition("_")
        pieces = open_pieces[-1]
        match token.type:
            case "softbreak" | "hardbreak":
                _add(pieces, "\n")
            case "code_inline":
                pieces.append({"type": "code", "text": cleaned(token.content)})
            case "image":
                source = str(token.attrs.get("src", ""))
                label = plain_text(token.children or ()) or source
                _add(pieces, *([label] if links else _linked(label, label, source)))
            case "link_open":
                links.append(token)
                open_pieces.append([])
            case "link_close" if links:
                _add(open_pieces[-2], *_closed(links.pop(), open_pieces.pop()))
            case _ if token.type == FORMULA:
                pieces.append({"type": "mathematical_expression", "expression": token.content.strip()})
            case _ if name in _STYLES and edge == "open":
                open_pieces.append([])
            case _ if name in _STYLES and edge == "close" and len(open_pieces) > 1:
                inner = whole(open_pieces.pop())
                open_pieces[-1].append({"type": _STYLES[name], "text": inner})
            case _:
                _add(pieces, _BREAK.sub("\n", token.content) if breaks else token.content)
    while len(open_pieces) > 1:
        _add(open_pieces[-2], *open_pieces.pop())
    return whole(open_pieces[0])


def whole(pieces: Sequence[Said]) -> Said:
    """Pieces as one."""
    return pieces[0] if len(pieces) == 1 else list(pieces) if pieces else ""


def words(said: Said) -> str:
    """The text alone, with formulas."""
    if isinstance(said, str):
        return said
    if isinstance(said, list):
        return "".join(map(words, said))
    inner = said.get("text", said.get("expression", ""))
    return words(inner) if isinstance(inner, str | dict | list) else ""


def depth(said: Said) -> int:
    """How many levels of formatting there are."""
    if isinstance(said, str):
        return 0
    if isinstance(said, list):
        return max(map(depth, said), default=0)
    inner = said.get("text", "")
    return 1 + (depth(inner) if isinstance(inner, str | dict | list) else 0)


def _add(pieces: list[Said], *more: Said) -> None:
    """Add pieces, texts to texts."""
    for piece in more:
        text = cleaned(piece) if isinstance(piece, str) else piece
        if isinstance(text, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += text
        elif text:
            pieces.append(text)


def _closed(token: Token, inner: list[Said]) -> list[Said]:
    url = str(token.attrs.get("href", ""))
    said = whole(inner)
    label = words(said)
    if token.markup == "autolink" and telegram_url(url) is None:
        return [f"<{label}>"]
    return _linked(said, label, url)


def _linked(said: Said, label: str, url: str) -> list[Said]:
    """A link, or a label with where it would lead: by the same rules as in a message with entities."""
    accepted = telegram_url(url)
    if accepted is not None:
        return [{"type": "url", "text": said if label.strip() else url, "url": accepted}]
    if url.lower().startswith(_MAIL):
        address = url[len(_MAIL) :]
        return [said] if address in label else [said, f" ({address})"]
    if not url or url.startswith("#"):
        return [said]
    code: Said = {"type": "code", "text": cleaned(url)}
    if url == label or not label.strip() or url.endswith("/" + label):
        return [code]
    return [said, " (", code, ")"]
