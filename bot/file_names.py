"""Names of files that people send, made safe to be names on disk."""

import re
import unicodedata

_MOST_BYTES = 120
"""Most file systems take 255; a number is put before it, and a longer name is made of it while it is written."""

_SUFFIX_CHARS = 12
_SENT = "sent-"
_INSTRUCTIONS = frozenset(
    {
        *("claude.md", "claude.local.md", "agents.md", "agents.override.md", "agent.md", "gemini.md", "qwen.md"),
        *("copilot-instructions.md", "crush.md", "warp.md", "cursorrules", "windsurfrules", "clinerules", "goosehints"),
        *("mcp.json", "opencode.json", "opencode.jsonc", "settings.json", "settings.local.json", "config.toml"),
    }
)
"""What agents read as instructions or settings when they come across it, without a leading dot, in lower case."""


def safe_name(name: str) -> str:
    """A file's name without anything that a path, a shell, an agent or a person could misread."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = re.sub(r"[^\w.+ -]+", "_", last).strip(" .-")
    stem, dot, suffix = kept.rpartition(".")
    if not dot or not 0 < len(suffix) <= _SUFFIX_CHARS:
        stem, suffix = kept, ""
    ending = f".{suffix}" if suffix else ""
    short = _cut(stem, _MOST_BYTES - len(ending.encode())).rstrip(" .-") or "file"
    made = f"{short}{ending}"
    return f"{_SENT}{made}" if made.lower() in _INSTRUCTIONS else made


def _cut(text: str, most_bytes: int) -> str:
    return text.encode(errors="replace")[: max(0, most_bytes)].decode(errors="ignore")
