"""Where a text may be cut, and how wide it is in a monospaced font.

A small part of Unicode's rules for grapheme clusters (UAX 29): combining marks, variation selectors,
joiner sequences, skin tones, flags and Hangul letters, which is what people notice when it breaks.
"""

import unicodedata
from collections.abc import Iterator

_JOINER = "\u200d"
_EMOJI_PRESENTATION = "\ufe0f"
_EXTENDING_CATEGORIES = frozenset({"Mn", "Mc", "Me"})
_INVISIBLE_CATEGORIES = frozenset({"Mn", "Me", "Cf", "Cc"})


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _extends(char: str) -> bool:
    """Whether `char` belongs to whatever stands before it."""
    if char < "\u0300":
        return False
    return (
        char in "\u200c\u200d"
        or "\u1160" <= char <= "\u11ff"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
        or unicodedata.category(char) in _EXTENDING_CATEGORIES
    )


def may_cut(text: str, index: int) -> bool:
    """Whether no visible character is torn by a cut before `text[index]`."""
    if index <= 0 or index >= len(text):
        return True
    before, after = text[index - 1], text[index]
    if _extends(after) or before == _JOINER:
        return False
    if not (_is_flag_letter(before) and _is_flag_letter(after)):
        return True
    first = index - 1
    while first > 0 and _is_flag_letter(text[first - 1]):
        first -= 1
    return (index - first) % 2 == 0


def clusters(text: str) -> Iterator[str]:
    """Yield the visible characters, each with all that belongs to it."""
    start, flags = 0, 0
    for index, char in enumerate(text):
        if index > start:
            before = text[index - 1]
            pairs_up = flags % 2 == 1 and _is_flag_letter(char)
            if not (_extends(char) or before == _JOINER or pairs_up):
                yield text[start:index]
                start = index
        flags = flags + 1 if _is_flag_letter(char) else 0
    if start < len(text):
        yield text[start:]


def _cluster_columns(cluster: str) -> int:
    first = cluster[0]
    if unicodedata.category(first) in _INVISIBLE_CATEGORIES:
        return 0
    if _EMOJI_PRESENTATION in cluster or (len(cluster) > 1 and _is_flag_letter(first)):
        return 2
    return 2 if unicodedata.east_asian_width(first) in "WF" else 1


def columns(text: str) -> int:
    """Width in columns of a monospaced font; wide East Asian characters and emoji take two."""
    if text.isascii():
        return len(text)
    return sum(map(_cluster_columns, clusters(text)))
