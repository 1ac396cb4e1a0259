"""What is set right in the lines of a Markdown source before it is parsed. Pure.

- A diff that stands there without a fence gets one: its signs would be lists, rules and headings.
- The tags of `<details>` get lines of their own, as the parser wants them.
- A bar in the code of a table's cell is protected: it parts no cells, whatever GitHub says.

What is fenced already is left alone.
"""

import re
from collections.abc import Iterator, Sequence

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_TICKS = re.compile(r"`+")
_HINTS = re.compile(
    r"^(?:diff --git |--- |@@ -)|<details\b|</details>|^[ >]*\|?[ :]*-[-: ]*\|", re.MULTILINE | re.IGNORECASE
)
_DIFF_HEADS = (
    "diff --git ", "index ", "--- ", "+++ ", "@@ ", "new file mode ", "deleted file mode ", "old mode ", "new mode ",
    "similarity index ", "dissimilarity index ", "rename from ", "rename to ", "copy from ", "copy to ",
    "Binary files ", "GIT binary patch",
)  # fmt: skip
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_LOOSE_HUNK = re.compile(r"@@ .*@@|@@$")
_TAGS = re.compile(r"\s*(<details(?:\s+open(?:=\"[^\"]*\")?)?\s*>|</details>|<summary>.*?</summary>)\s*", re.IGNORECASE)
_DELIMITERS = re.compile(r"[ >]*\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)*\|?[ ]*")
_CODE = re.compile(r"(`+)(?=[^`])(.*?[^`])\1(?!`)")
_BAR = re.compile(r"(?<!\\)\|")
_TAGGED = re.compile(r"\s*(?:<details\b[^>]*>|.*</details>\s*$)", re.IGNORECASE)


def prepared(source: str) -> str:
    """The source with all of that done."""
    if not _HINTS.search(source):
        return source
    return "\n".join(_prepared_lines(source.split("\n")))


def _prepared_lines(lines: Sequence[str]) -> Iterator[str]:
    nth, fence, in_table = 0, "", False
    while nth < len(lines):
        line = lines[nth]
        match = _FENCE.match(line)
        if fence:
            if match and match[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif match:
            fence = match[1]
        elif end := _diff_end(lines, nth):
            yield from _fenced(lines[nth:end])
            nth = end
            continue
        elif _TAGGED.match(line):
            yield from (piece for piece in _TAGS.split(line) if piece.strip())
            nth += 1
            continue
        elif nth and "|" in line and "|" in lines[nth - 1] and _DELIMITERS.fullmatch(line):
            in_table = True
        elif in_table:
            in_table = bool(line.strip())
            line = _CODE.sub(lambda code: _BAR.sub(r"\\|", code.group()), line)
        yield line
        nth += 1


def _fenced(lines: Sequence[str]) -> Iterator[str]:
    longest = max((len(run) for line in lines for run in _TICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}diff"
    yield from lines
    yield fence


def _diff_end(lines: Sequence[str], start: int) -> int:
    """The line behind the diff that begins at `start`; 0 if none does."""
    if not _begins_diff(lines, start):
        return 0
    nth = start
    while nth < len(lines):
        line = lines[nth]
        if hunk := _HUNK.match(line):
            nth = _hunk_end(lines, nth + 1, int(hunk[1] or 1), int(hunk[2] or 1))
        elif _LOOSE_HUNK.match(line):
            nth += 1
            while nth < len(lines) and lines[nth][:1] in {" ", "+", "-"} and not lines[nth].startswith("--- "):
                nth += 1
        elif line.startswith(_DIFF_HEADS) or (not line.strip() and _begins_diff(lines, nth + 1)):
            nth += 1
        else:
            break
    return nth


def _begins_diff(lines: Sequence[str], nth: int) -> bool:
    if nth >= len(lines):
        return False
    if lines[nth].startswith("--- "):
        return nth + 1 < len(lines) and lines[nth + 1].startswith("+++ ")
    return lines[nth].startswith("diff --git ") or _HUNK.match(lines[nth]) is not None


def _hunk_end(lines: Sequence[str], nth: int, old: int, new: int) -> int:
    """The line behind a hunk that has so many lines of the old and of the new file."""
    while nth < len(lines) and (old > 0 or new > 0 or lines[nth].startswith("\\ ")):
        sign = lines[nth][:1]
        if sign not in {"", " ", "+", "-", "\\", "\t"} or (not sign and nth + 1 == len(lines)):
            break
        old -= sign in {"", " ", "-", "\t"}
        new -= sign in {"", " ", "+", "\t"}
        nth += 1
    # People and agents miscount: what still looks like the hunk belongs to it.
    while nth < len(lines) and lines[nth][:1] in {"+", "-"} and not _is_list_item(lines[nth]):
        nth += 1
    return nth


def _is_list_item(line: str) -> bool:
    return line[1:2] == " " or line.startswith("--- ") or not line[1:].strip()
