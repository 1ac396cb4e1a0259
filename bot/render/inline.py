"""The tokens of one paragraph, heading or cell: text with emphasis, code, links and images."""

import re
from collections.abc import Sequence

from markdown_it.token import Token

from bot.render.entities import Kind
from bot.render.formulas import FORMULA
from bot.render.latex import unicode_formula
from bot.render.links import telegram_url
from bot.render.names import misread
from bot.render.spans import Fragment
from bot.render.writer import Writer

_STYLES = {"strong": Kind.BOLD, "em": Kind.ITALIC, "s": Kind.STRIKE}
_MAIL = "mailto:"
_BREAK = re.compile(r"[ \t]*<br[ \t]*/?>[ \t]*", re.IGNORECASE)


def cell_fragment(tokens: Sequence[Token]) -> Fragment:
    """Render the cell of a table; `<br>`, the only way to a new line in a cell, becomes one."""
    writer = Writer()
    write_inline(writer, tokens, breaks=True)
    return writer.fragment()


def write_inline(writer: Writer, tokens: Sequence[Token], *, breaks: bool = False) -> None:
    """Write inline tokens; the newlines of their source stay."""
    open_styles: list[int] = []
    open_links: list[tuple[Token, tuple[int, int, int]]] = []
    for token in tokens:
        name, _, edge = token.type.rpartition("_")
        match token.type:
            case "softbreak" | "hardbreak":
                writer.write("\n")
            case "code_inline":
                start = writer.position
                writer.write(token.content)
                writer.add_span(Kind.CODE, start)
            case "image":
                _write_image(writer, token, in_link=bool(open_links))
            case "link_open":
                open_links.append((token, writer.bookmark()))
            case "link_close" if open_links:
                _end_link(writer, *open_links.pop())
            case _ if token.type == FORMULA:
                _write_formula(writer, token)
            case _ if name in _STYLES and edge == "open":
                open_styles.append(writer.position)
            case _ if name in _STYLES and edge == "close" and open_styles:
                writer.add_span(_STYLES[name], open_styles.pop())
            case _:
                content = _BREAK.sub("\n", token.content) if breaks else token.content
                _write_text(writer, content, in_link=bool(open_links))


def _write_text(writer: Writer, text: str, *, in_link: bool) -> None:
    """Write plain text; in it, as code, what Telegram would take for a link, a mention or a command."""
    done = 0
    for start, end in () if in_link else misread(text):
        writer.write(text[done:start])
        position = writer.position
        writer.write(text[start:end])
        writer.add_span(Kind.CODE, position)
        done = end
    writer.write(text[done:])


def _write_formula(writer: Writer, token: Token) -> None:
    """Write a formula in Unicode, or as the code that it is."""
    said = unicode_formula(token.content.strip())
    if said is not None:
        writer.write(said)
        return
    start = writer.position
    writer.write(f"{token.markup}{token.content}{token.info}")
    writer.add_span(Kind.CODE, start)


def plain_text(tokens: Sequence[Token]) -> str:
    """Return what inline tokens say, without any marks."""
    return "".join(
        "\n" if token.type in {"softbreak", "hardbreak"} else token.content for token in tokens if token.type != "image"
    )


def _write_image(writer: Writer, token: Token, *, in_link: bool) -> None:
    """Write an image as a link to it; inside of a link, which can't hold another, as its label."""
    source = str(token.attrs.get("src", ""))
    label = plain_text(token.children or ())
    bookmark = writer.bookmark()
    writer.write(label or source)
    if not in_link:
        _close_link(writer, bookmark, source)


def _end_link(writer: Writer, token: Token, bookmark: tuple[int, int, int]) -> None:
    url = str(token.attrs.get("href", ""))
    if token.markup == "autolink" and telegram_url(url) is None:
        # `<std::vector>` and `<name@example.com>` are no links here; the brackets are content.
        label = writer.written_since(bookmark)
        writer.take_back(bookmark)
        writer.write(f"<{label}>")
        return
    _close_link(writer, bookmark, url)


def _close_link(writer: Writer, bookmark: tuple[int, int, int], url: str) -> None:
    """Make a link of what was written since the bookmark, or show where it would lead."""
    _, start, _ = bookmark
    label = writer.written_since(bookmark)
    accepted = telegram_url(url)
    if accepted is not None:
        if not label.strip():
            writer.write(url)
        writer.add_span(Kind.LINK, start, url=accepted)
    elif url.lower().startswith(_MAIL):
        address = url[len(_MAIL) :]
        if address not in label:
            writer.write(f" ({address})" if label.strip() else address)
    elif url and not url.startswith("#"):
        _write_target(writer, bookmark, label, url)


def _write_target(writer: Writer, bookmark: tuple[int, int, int], label: str, url: str) -> None:
    """Show a target that is no link as code; alone, if the label is only its end, such as a file name."""
    if url == label or not label.strip() or url.endswith("/" + label):
        writer.take_back(bookmark)
        start = writer.position
        writer.write(url)
        writer.add_span(Kind.CODE, start)
        return
    writer.write(" (")
    start = writer.position
    writer.write(url)
    writer.add_span(Kind.CODE, start)
    writer.write(")")
