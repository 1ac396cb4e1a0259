"""Which URLs become links."""

import pytest

from bot.render.links import telegram_url


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "HTTP://EXAMPLE.COM/A",
        "https://example.com:8443/a?b=c#d",
        "https://пример.рф/путь",
        "https://a_b.example.com",
        "http://10.0.0.5:8000/x",
        "http://[::1]:80/x",
        "https://example.com?x",
    ],
)
def test_web_addresses_are_links(url: str) -> None:
    """HTTP with a host that has a dot, or an address."""
    assert telegram_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "main.py",
        "./a.py",
        "src/a.py",
        "/abs/a.py",
        "#x",
        "//example.com/a",
        "file:///a",
        "vscode://file/a",
        "ftp://example.com",
        "tel:+123",
        "tg://user?id=1",
        "mailto:a@b.org",
        "javascript:alert(1)",
        "http://localhost:8000",
        "https://intranet/",
        "https:///example.com",
        "https:example.com",
        "https://example..com",
        "https://.example.com",
        "https://exa mple.com",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com:x/",
        "https://a@b@example.com",
        "https://[zz]/",
        "https://[fe80::1%eth0]/",
        "https://example.com\\a",
        "https://example.com/" + "a" * 2048,
    ],
)
def test_everything_else_is_not(url: str) -> None:
    """Telegram would refuse or mangle it."""
    assert telegram_url(url) is None


def test_blanks_and_invisible_signs_are_made_harmless() -> None:
    """A URL may have blanks and controls where Markdown lets it."""
    assert telegram_url(" https://e.com/a b\u202e\nc ") == "https://e.com/a%20bc"
