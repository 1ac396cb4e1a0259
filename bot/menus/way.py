"""How a menu's button is written: what it leads to, and when its page was made.

    m|<thread>|<minutes><. or !><area>.<path…>

`minutes` are UTC epoch minutes in base 36, `!` stands before what does something. Nothing else is remembered of a
menu: after a restart a button says the same, and a forged one is read with the same distrust.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from bot.buttons import Keyboard, Press, Verb, button, fits
from bot.menus.page import Choice, Page, Path, fitting

MOST_AGE_MINUTES = 24 * 60
"""An older page is shown anew before any of its buttons does something."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_WRITTEN = re.compile(r"([0-9a-z]{1,7})([.!])([a-z]{1,10})((?:\.[A-Za-z0-9_-]+)*)", re.ASCII)
_MOST_DIGITS = 18
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What a press of a menu's button means."""

    area: str
    path: Path
    acts: bool
    minutes: int

    def is_old(self, now_ms: int) -> bool:
        """Whether its page was made too long ago, or, which nobody but a forger says, in the future."""
        return not 0 <= now_ms // _MINUTE_MS - self.minutes + 1 <= MOST_AGE_MINUTES + 1

    @classmethod
    def parse(cls, argument: str) -> "Way | None":
        """What a press's argument means, or None if it is not of a menu."""
        found = _WRITTEN.fullmatch(argument)
        if found is None:
            return None
        minutes, kind, area, rest = found.groups()
        return cls(area=area, path=tuple(rest.split(".")[1:]), acts=kind == "!", minutes=int(minutes, 36))


def keyboard(page: Page, area: str, thread_id: int | None, now_ms: int) -> Keyboard:
    """A page's buttons as Telegram wants them. Raises ValueError for a path that is too long for one."""
    rows = [[_button(each, area, thread_id, now_ms) for each in row] for row in page.rows]
    return [row for row in rows if row]


def number(word: str) -> int | None:
    """An id in a path, or None if it can't be one."""
    return int(word) if word.isascii() and word.isdecimal() and len(word) <= _MOST_DIGITS else None


def token(text: str) -> str:
    """A short word for a text that can't stand in a path itself: a model, a directory. Equal for equal texts."""
    return hashlib.blake2s(text.encode(errors="replace"), digest_size=6).hexdigest()


def room(area: str, path: Path, thread_id: int | None) -> bool:
    """Whether a path fits into a button of this topic."""
    return fits(_press(Choice(label="", to=path), area, thread_id, 36**5 * _MINUTE_MS - 1))


def _button(choice: Choice | dict[str, Any], area: str, thread_id: int | None, now_ms: int) -> dict[str, Any]:
    if isinstance(choice, dict):
        return choice
    return button(fitting(choice.label), _press(choice, area, thread_id, now_ms), choice.style)


def _press(choice: Choice, area: str, thread_id: int | None, now_ms: int) -> Press:
    written = f"{_base36(now_ms // _MINUTE_MS)}{'!' if choice.acts else '.'}{'.'.join((area, *choice.to))}"
    if Way.parse(written) is None:
        raise ValueError(f"a path that can't be read again: {written}")
    return Press(Verb.MENU, written, thread_id)


def _base36(value: int) -> str:
    digits = ""
    while value:
        value, digit = divmod(value, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
