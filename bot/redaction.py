"""Taking secrets out of a text."""

import json
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

REDACTED = "[redacted]"

_TOKEN = re.compile(r"\d{6,}(?::|%3[aA])[A-Za-z0-9_-]{30,}", re.ASCII)
"""What a bot token looks like, in a URL too (Bot API, "Authorizing your bot")."""

_SHORTEST_SECRET = 6
"""A shorter one would tear holes into ordinary words, and protects nothing."""


def redactor(secrets: Iterable[str] = ()) -> Callable[[str], str]:
    """Make a function that replaces `secrets`, and whatever looks like a bot token, in a text.

    The secrets are found as they are and as JSON, `repr` and URLs write them. Of a token, the part
    after the colon is found alone as well: that is the secret one.
    """
    forms = {form for secret in secrets for form in _forms(secret) if len(form) >= _SHORTEST_SECRET}
    longest_first = sorted(forms, key=len, reverse=True)
    pattern = re.compile("|".join([_TOKEN.pattern, *map(re.escape, longest_first)]), re.ASCII)

    def redact(text: str) -> str:
        return pattern.sub(REDACTED, text)

    return redact


def _forms(secret: str) -> set[str]:
    wholes = {secret}
    if re.fullmatch(r"\d+:[A-Za-z0-9_-]+", secret, re.ASCII):
        wholes.add(secret.partition(":")[2])
    return {
        form for whole in wholes for form in (whole, json.dumps(whole)[1:-1], repr(whole)[1:-1], quote(whole, safe=""))
    }
