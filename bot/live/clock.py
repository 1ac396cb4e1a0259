"""Times that go on: said so that they can stand for a while, and how long that is. Seconds."""

from bot.wording import duration

_MINUTE, _HOUR = 60, 3600
_COARSE_FROM_S = 5 * _MINUTE
_WORTH_SAYING_S = 2


def clock(seconds: float) -> str:
    """How long something takes so far, in whole seconds, after five minutes in whole minutes; empty at first."""
    whole = int(seconds)
    if whole < 1:
        return ""
    if _COARSE_FROM_S <= whole < _HOUR:
        return f"{whole // _MINUTE} min"
    return duration(whole)


def minutes(seconds: float) -> str:
    """The same in whole minutes; empty before the first."""
    whole = int(seconds)
    if whole < _MINUTE:
        return ""
    return f"{whole // _MINUTE} min" if whole < _HOUR else duration(whole)


def took(seconds: float) -> str:
    """How long a step took; empty where that is not worth a word."""
    return clock(seconds) if seconds >= _WORTH_SAYING_S else ""


def patience_s(seconds: float) -> float:
    """How long a message of a turn of this age may show old times, as long as nothing else changes."""
    if seconds < _MINUTE:
        return 15.0
    if seconds < _COARSE_FROM_S:
        return 30.0
    return 60.0 if seconds < _HOUR else 300.0


def quiet_patience_s(seconds: float) -> float:
    """The same of a message that shows nothing but the time."""
    return 60.0 if seconds < _HOUR else 300.0
