"""Unified diffs, for agents that tell a change in another way: as two texts, or as the hunks alone."""

import difflib
from collections.abc import Iterator

NOWHERE = "/dev/null"
"""What stands for a file that is not there."""
_CONTEXT_LINES = 3
_MAX_CELLS = 4_000_000
"""Comparing takes time with the product of both texts' lines; beyond this many the change is one block."""


def headed(before: str, after: str, hunks: str) -> str:
    """The diff of one file, from its hunks; a move has two names."""
    return f"--- {_on_one_line(before)}\n+++ {_on_one_line(after)}\n{_ended(hunks)}"


def of_texts(path: str, old: str | None, new: str | None) -> str:
    """The diff of one file that was or becomes this; None where there is no such file."""
    before, after = (NOWHERE if old is None else path), (NOWHERE if new is None else path)
    return headed(before, after, "".join(_hunks(_lines(old or ""), _lines(new or ""))))


def _on_one_line(name: str) -> str:
    """A name with a line end in it could pass for another part of the diff."""
    return name if name.isprintable() else repr(name)


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _lines(text: str) -> list[str]:
    """Its lines with their ends. Only `\\n` ends one, as in a file."""
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _hunks(old: list[str], new: list[str]) -> Iterator[str]:
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    if (len(old) - head - tail) * (len(new) - head - tail) > _MAX_CELLS:
        yield from _block(old, new, head, tail)
        return
    # Without the names, which `headed` says: difflib would leave them out of a change of nothing.
    for line in [*difflib.unified_diff(old, new, n=_CONTEXT_LINES)][2:]:
        yield _marked(line)


def _alike(one: list[str], other: list[str]) -> int:
    """How many lines at their beginning are the same."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _block(old: list[str], new: list[str], head: int, tail: int) -> Iterator[str]:
    gone, come = old[head : len(old) - tail], new[head : len(new) - tail]
    yield f"@@ -{head + 1},{len(gone)} +{head + 1},{len(come)} @@\n"
    yield from (_marked(f"-{line}") for line in gone)
    yield from (_marked(f"+{line}") for line in come)


def _marked(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
