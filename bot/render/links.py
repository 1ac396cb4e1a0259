"""Which URLs Telegram takes for a link.

A `text_link` with a relative path, a host without a dot, a file or any scheme but HTTP rejects the
*whole message*; so do odd ports and hosts. `mailto:` and bare file names are taken but mangled into
`http://`. Agents write such links all the time. We are stricter than TDLib's `get_checked_link`.
"""

import re
from ipaddress import AddressValueError, IPv6Address

MAX_URL_CHARS = 2048

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[^\]/?#]*\]|[^\s/?#:@\[\]]+)(?::(?P<port>\d{1,5}))?(?P<rest>[/?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
_HOST = re.compile(r"[^\W_](?:[\w\-]*\w)?(?:\.[^\W_](?:[\w\-]*\w)?)+\.?")
_SPACES = re.compile(r"\s")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff\u030a\u0333\u033f]")


def telegram_url(url: str) -> str | None:
    """Return `url` as it can stand in a `text_link`, or None if Telegram would refuse or mangle it.

    Only HTTP and HTTPS to a host with a dot in its name (or an IPv6 address); blanks are encoded.
    """
    url = _UNSEEN.sub("", url.strip())
    match = _URL.fullmatch(url)
    if match is None or len(url) > MAX_URL_CHARS:
        return None
    if not _is_host(match["host"]) or not 0 < int(match["port"] or 80) <= 65535:
        return None
    return _SPACES.sub("%20", url)


def _is_host(host: str) -> bool:
    if not host.startswith("["):
        return len(host) <= 253 and _HOST.fullmatch(host) is not None
    try:
        IPv6Address(host[1:-1])
    except AddressValueError:
        return False
    return "%" not in host
