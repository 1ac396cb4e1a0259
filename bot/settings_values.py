"""What single values of the configuration must be like.

Each function takes a value of the right type and returns it, perhaps in its canonical form, or
raises ValueError with the rest of a sentence that begins with the key.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.durations import ALLOWED_TIMES

STAND_INS = {
    1087968824: "the account that Telegram shows for every anonymous admin",
    136817688: "the account that Telegram shows for everyone who writes as a channel",
    777000: "Telegram's own account, shown for what a linked channel posts",
}
"""Accounts that stand for others (Bot API, `Message.from`): allowing one would let strangers in."""

_MAX_ID = 2**52
"""Bot API: ids have at most 52 significant bits."""


def bot_token(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if text and not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", text, re.ASCII):
        raise ValueError("is not a bot token; allowed: what @BotFather gave, digits, a colon and the rest")
    return value


def webhook_secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value(), re.ASCII):
        raise ValueError("is not a webhook secret; allowed: 1 to 256 letters, digits, _ and -")
    return value


def person_id(value: int) -> int:
    if value in STAND_INS:
        raise ValueError(
            f"{value} is {STAND_INS[value]}, not a person; allowed: ids of people"
            " (for anonymous admins and channels, put the chat's id into access.sender_chats)"
        )
    if not 0 < value < _MAX_ID:
        raise ValueError(f"{value} is not a person's id; allowed: positive ids, as /whoami shows them")
    return value


def sender_chat_id(value: int) -> int:
    if not -_MAX_ID < value < 0:
        raise ValueError(f"{value} is not the id of a group or channel; allowed: negative ids such as -1001234")
    return value


def positive(seconds: float) -> float:
    if not seconds > 0:
        raise ValueError(f"must be longer than 0; allowed: {ALLOWED_TIMES}")
    return seconds


def absolute_path(value: Path) -> Path:
    try:
        expanded = value.expanduser()
    except RuntimeError:
        raise ValueError("begins with the ~ of an unknown user; allowed: a path from / or ~/") from None
    if not expanded.is_absolute() or "\0" in str(expanded):
        raise ValueError("is not an absolute path; allowed: a path from / or ~/")
    return expanded


def api_address(value: str) -> str:
    _check_url(value)
    return value.rstrip("/")


def service_address(value: str) -> str:
    if value:
        _check_url(value)
    return value.rstrip("/")


def webhook_address(value: str) -> str:
    _check_url(value)
    return value


def listen_address(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError('is not an address to listen on; allowed: HOST:PORT, such as "127.0.0.1:8080"')
    return value


def _check_url(value: str) -> None:
    problem = "is not a URL; allowed: one that begins with http:// or https:// and a host"
    try:
        parts = urlsplit(value)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        raise ValueError(problem) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_valid or re.search(r"\s", value):
        raise ValueError(problem)
