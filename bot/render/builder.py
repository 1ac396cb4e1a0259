"""How the bot's own messages are put together: typed pieces instead of markup.

    text("Started ", bold(name), " in ", code(directory), ".")

Each function takes strings and other pieces and returns a `RichText`, so they nest freely. Strings
are taken as they are: nothing in them is markup, and what Telegram can't take is cleaned. A piece
keeps its outer white space until it is part of a message: call `message` for the outermost one.
"""

from bot.render.cleaning import cleaned, without_tabs
from bot.render.entities import Kind, RichText
from bot.render.links import telegram_url
from bot.render.spans import Span, canonical, finished, to_rich, to_spans


def text(*parts: str | RichText) -> RichText:
    """Join pieces as they are."""
    return _joined(parts)


def message(*parts: str | RichText) -> RichText:
    """Join pieces and trim the white space around them, as Telegram would."""
    joined = _joined(parts)
    return finished(joined.text, to_spans(joined))


def bold(*parts: str | RichText) -> RichText:
    return _marked(Kind.BOLD, parts)


def italic(*parts: str | RichText) -> RichText:
    return _marked(Kind.ITALIC, parts)


def underline(*parts: str | RichText) -> RichText:
    return _marked(Kind.UNDERLINE, parts)


def strike(*parts: str | RichText) -> RichText:
    return _marked(Kind.STRIKE, parts)


def spoiler(*parts: str | RichText) -> RichText:
    return _marked(Kind.SPOILER, parts)


def code(content: str) -> RichText:
    """Monospaced text in a line; a tap copies it."""
    return _marked(Kind.CODE, (content,))


def pre(content: str, *, language: str | None = None) -> RichText:
    """A block of monospaced text; the caller sets the newlines around it."""
    return _marked(Kind.PRE, (without_tabs(content),), language=language or None)


def link(label: str | RichText, url: str) -> RichText:
    """A label that opens `url`; only the label if Telegram would refuse the URL."""
    accepted = telegram_url(url)
    return _marked(Kind.LINK, (label,), url=accepted) if accepted else _joined((label,))


def quote(*parts: str | RichText, expandable: bool = False) -> RichText:
    """A block quote; an expandable one shows three lines until it is tapped."""
    return _marked(Kind.EXPANDABLE_QUOTE if expandable else Kind.QUOTE, parts)


def lines(*parts: str | RichText) -> RichText:
    """Join pieces with newlines, leaving out empty ones."""
    kept = [part for part in parts if part]
    return _joined([piece for part in kept for piece in ("\n", part)][1:])


def _joined(parts: "tuple[str | RichText, ...] | list[str | RichText]") -> RichText:
    pieces: list[str] = []
    spans: list[Span] = []
    length = 0
    for part in parts:
        piece = RichText(cleaned(part)) if isinstance(part, str) else part
        spans.extend(span.shifted(length) for span in to_spans(piece))
        pieces.append(piece.text)
        length += len(piece.text)
    whole = "".join(pieces)
    return to_rich(whole, canonical(whole, spans))


def _marked(
    kind: Kind, parts: tuple[str | RichText, ...], *, url: str | None = None, language: str | None = None
) -> RichText:
    inner = _joined(parts)
    outer = Span(kind, 0, len(inner.text), url, language)
    return to_rich(inner.text, canonical(inner.text, [outer, *to_spans(inner)]))
