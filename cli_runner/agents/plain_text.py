"""A program's output as plain text: decoded, without terminal control, wherever the chunks are cut."""

import codecs
import re

_ESCAPE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC and other strings: titles, links
    r"|\x1b[ -/]*[0-OQ-WYZ\\`-~]"  # two characters and charset choices
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)\Z")
_CUT_OFF = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[ -/]*)\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
MAX_ESCAPE_CHARS = 4096
"""What looks like the beginning of a longer escape sequence than this is none."""


class PlainText:
    """Push bytes, get text. Invalid UTF-8 becomes U+FFFD; `\\r\\n` and `\\r` become `\\n`."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._escape = ""
        self._return = ""

    def push(self, data: bytes) -> str:
        """The text that is now certain; an unfinished sequence is held back."""
        text = self._escape + self._decoder.decode(data)
        unfinished = _UNFINISHED.search(text)
        start = unfinished.start() if unfinished else len(text)
        if len(text) - start > MAX_ESCAPE_CHARS:
            start = len(text)
        self._escape = text[start:]
        return self._printed(text[:start])

    def flush(self) -> str:
        """What was held back."""
        text = self._escape + self._decoder.decode(b"", final=True)
        self._escape = ""
        return self._printed(_CUT_OFF.sub("", text)) + ("\n" if self._return else "")

    def _printed(self, text: str) -> str:
        text = self._return + _ESCAPE.sub("", text)
        # `\r` may be the first half of a line end.
        self._return = "\r" if text.endswith("\r") else ""
        text = text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n")
        return _CONTROL.sub("", text)
