"""What Telegram would silently change in a text is changed here first, so that offsets stay true.

Telegram turns control characters and tabs into one space each and removes carriage returns,
U+2028–U+202E and three combining marks (TDLib, `clean_input_string`); each of these would move or
break the entities that we computed. Of direction marks in a row it keeps the last one.
"""

import re
import unicodedata

TAB_COLUMNS = 4

_ESCAPE_SEQUENCES = re.compile(r"\x1b\[[0-9;:?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_DECOMPOSED_RINGS = re.compile(r"[^\W\d_]\u030a")
_REMOVED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u030a\u0333\u033f]|[\u200e\u200f](?=[\u200e\u200f])")
_SUSPICIOUS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u030a\u0333\u033f\ud800-\udfff]|[\u200e\u200f]{2}")


def cleaned(text: str) -> str:
    """Return text of printable characters, tabs and newlines that can be encoded.

    Lone surrogates become U+FFFD, every line end becomes a newline, terminal escape sequences and
    control characters go.
    """
    if not _SUSPICIOUS.search(text):
        return text
    text = _LINE_ENDS.sub("\n", _ESCAPE_SEQUENCES.sub("", text))
    text = _SURROGATES.sub("\ufffd", text)
    # A file name from macOS has «å» as a letter and a ring; composed, it survives the removal.
    text = _DECOMPOSED_RINGS.sub(lambda match: unicodedata.normalize("NFC", match.group()), text)
    return _REMOVED.sub("", text)


def without_tabs(text: str) -> str:
    """Expand the tabs of code, which Telegram would shrink to one column each."""
    return text.expandtabs(TAB_COLUMNS) if "\t" in text else text
