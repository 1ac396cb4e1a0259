"""Names in plain text that Telegram would make something else of.

It finds links, mentions and commands by itself in whatever has no entity: `README.md` would open a site in
Moldova, `@dataclass` a stranger's profile, and a tap on `/tmp` would send that to the agent. As code they
stay what they are.
"""

import re
from collections.abc import Iterator

_ENDINGS = "py|md|rs|sh|pl|cc|pm|so|ml|ps|st|mk|tf|vi|java|zip|mov|name|id|map|email|style|link|in|am|ac|la|app|run|sc"
_NAME = re.compile(
    rf"""
      (?<![\w@/:.\-=~%])[\w\-]+(?:\.[\w\-]+)*\.(?:{_ENDINGS})(?::\d+)*(?![\w@/\-]|\.\w|:/)   # a file, an attribute
    | (?<![\w@/.+\-])@[A-Za-z]\w{{2,}}(?:[./\-]\w+)*                                          # a decorator, a package
    | (?<![\w/.<>@~])/[A-Za-z0-9_]{{1,64}}(?![\w/@])                                           # a path, a route
    """,
    re.VERBOSE | re.ASCII,
)
_SITES = frozenset(["docs.rs", "lib.rs", "crates.rs", "github.io", "cal.com"])
_HINTS = ("@", "/", ".")


def misread(text: str) -> Iterator[tuple[int, int]]:
    """The ranges of `text` that are names."""
    if not any(hint in text for hint in _HINTS):
        return
    for match in _NAME.finditer(text):
        if match.group().lower() not in _SITES and not match.group().lower().startswith("www."):
            yield match.span()
