"""Where the sentences are: beside this module, one directory for each language, one file for each area."""

import re
from pathlib import Path

HOME = Path(__file__).parent

_ENTRY = re.compile(r"^([a-z][a-z0-9-]*) *=", re.MULTILINE)


def sources(name: str) -> dict[str, str]:
    """The sentences of a language as they are written, by their names."""
    found: dict[str, str] = {}
    for file in sorted((HOME / name).glob("*.ftl")):
        text = file.read_text(encoding="utf-8")
        entries = list(_ENTRY.finditer(text))
        ends = [entry.start() for entry in entries[1:]] + [len(text)]
        found.update((entry.group(1), text[entry.start() : end]) for entry, end in zip(entries, ends, strict=True))
    return found


def languages() -> list[str]:
    """What can be spoken."""
    return sorted(directory.name for directory in HOME.iterdir() if next(directory.glob("*.ftl"), None) is not None)
