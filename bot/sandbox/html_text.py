"""`parse_mode=HTML`: the tags of the Bot API become entities; anything else is refused."""

from dataclasses import dataclass
from html.parser import HTMLParser

from bot.sandbox.api_error import bad_request
from bot.sandbox.entities import utf16_length
from bot.sandbox.model import Entity
from bot.sandbox.urls import url_fault

_PLAIN_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
}


@dataclass(frozen=True, slots=True)
class _Open:
    tag: str
    offset: int
    type: str
    url: str = ""
    language: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.size = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        self.size += utf16_length(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        kind = _PLAIN_TAGS.get(tag)
        if tag == "span" and named.get("class") == "tg-spoiler":
            kind = "spoiler"
        if kind is None:
            raise bad_request(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {self.size}')
        if kind == "blockquote" and "expandable" in named:
            kind = "expandable_blockquote"
        language = named.get("class", "").removeprefix("language-") if tag == "code" else ""
        self.open.append(_Open(tag, self.size, kind, named.get("href", ""), language))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1].tag != tag:
            raise bad_request(f'can\'t parse entities: Unmatched end tag "{tag}" at byte offset {self.size}')
        opened = self.open.pop()
        if opened.type == "text_link" and url_fault(opened.url):
            return  # the server drops such a link and keeps its text
        length = self.size - opened.offset
        if length and not self._is_language_of_pre(opened, length):
            self.entities.append(
                Entity(
                    type=opened.type,
                    offset=opened.offset,
                    length=length,
                    url=opened.url,
                    language=opened.language,
                )
            )

    def _is_language_of_pre(self, opened: _Open, length: int) -> bool:
        """`<pre><code class="language-x">` is one entity: the language moves to the `pre`."""
        if opened.type != "code" or not self.open or self.open[-1].type != "pre":
            return False
        outer = self.open.pop()
        self.open.append(_Open(outer.tag, outer.offset, "pre", language=opened.language))
        return outer.offset == opened.offset and length > 0


def parse_html(source: str) -> tuple[str, tuple[Entity, ...]]:
    """Text and entities of `source`; raises `ApiError` where the server would."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    if reader.open:
        raise bad_request(f"can't parse entities: Can't find end tag corresponding to \"{reader.open[-1].tag}\"")
    return "".join(reader.text), tuple(reader.entities)
