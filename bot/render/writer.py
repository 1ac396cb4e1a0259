"""Collects text and spans; knows line prefixes, so that blocks can begin before it is known what they hold."""

from bot.render.cleaning import cleaned
from bot.render.entities import Kind
from bot.render.spans import Fragment, Span


class Writer:
    """A growing text. What goes before a block is written with the block's first character.

    So an empty block leaves nothing behind, and a list marker still shows in an empty item.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._spans: list[Span] = []
        self._length = 0
        self._newlines = 0
        self._marker = ""
        self._at_start = True
        self._between = False
        self.indent = ""
        """Stands before every further line of the block that is being written."""

    @property
    def position(self) -> int:
        """Index of what is written next, with everything that goes before it already written."""
        self._begin_text()
        return self._length

    def begin(self, newlines: int) -> None:
        """A block begins; `newlines` part it from what was written, if anything was."""
        self._newlines = max(self._newlines, 0 if self._at_start else newlines)
        self._between = True

    def mark(self, indent: str, marker: str) -> None:
        """A list item begins; an item that begins with a list has both markers in one line."""
        self._marker = self._marker + marker if self._marker else indent + marker

    def show_marker(self) -> None:
        """Write the marker of an item that has nothing in it."""
        self._marker = self._marker.rstrip()
        if self._marker:
            self._begin_text()

    def begin_own_line(self) -> int:
        """Begin something that has its lines for itself, without indentation; return its index."""
        self._append("\n" * self._newlines)
        if self._marker:
            self._append(self._marker.rstrip() + "\n")
        self._newlines, self._marker = 0, ""
        self._between, self._at_start = False, True
        return self._length

    def write(self, text: str) -> None:
        """Write text in which every newline is followed by the indentation."""
        # A character reference such as `&#x202E;` brings back what the source was cleaned of.
        text = cleaned(text)
        if text:
            self._begin_text()
            self._append(text.replace("\n", "\n" + self.indent) if self.indent else text)

    def write_fragment(self, fragment: Fragment) -> None:
        """Write a fragment as it is."""
        if fragment.text:
            start = self.position
            self._append(fragment.text)
            self._spans.extend(span.shifted(start) for span in fragment.spans)

    def add_span(self, kind: Kind, start: int, *, url: str | None = None, language: str | None = None) -> None:
        """Mark everything from index `start` to here."""
        if start < self._length:
            self._spans.append(Span(kind, start, self._length, url, language))

    def bookmark(self) -> tuple[int, int, int]:
        """Return what `take_back` needs to return to here."""
        start = self.position
        return len(self._pieces), start, len(self._spans)

    def written_since(self, bookmark: tuple[int, int, int]) -> str:
        """Return the text since the bookmark."""
        return "".join(self._pieces[bookmark[0] :])

    def take_back(self, bookmark: tuple[int, int, int]) -> None:
        """Forget what was written since the bookmark."""
        pieces, self._length, spans = bookmark
        del self._pieces[pieces:]
        del self._spans[spans:]

    def fragment(self) -> Fragment:
        """Return all that was written."""
        return Fragment("".join(self._pieces), tuple(self._spans))

    def _begin_text(self) -> None:
        if not (self._between or self._marker):
            return
        newlines, marker = self._newlines, self._marker
        self._newlines, self._marker, self._between = 0, "", False
        self._append("\n" * newlines)
        self._append(marker or self.indent)

    def _append(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            self._length += len(text)
            self._at_start = False
