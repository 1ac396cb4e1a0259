"""Times as people write them in the configuration."""

import math
import re

_UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_TIME = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([smhd]?)\s*", re.ASCII)

MAX_DURATION_S = 3650 * 86400.0
"""Ten years: enough for anything that is meant, and far from where arithmetic on times overflows."""

ALLOWED_TIMES = 'a number of seconds, or a string such as "90s", "10m", "2h" or "1d"'


def parse_duration(value: object) -> float:
    """Seconds from a number of seconds or a string such as "90s", "1.5h" or "30".

    Raises ValueError with one line for a person.
    """
    match value:
        case bool():
            seconds = math.nan
        case int() | float():
            seconds = value
        case str() if found := _TIME.fullmatch(value):
            seconds = float(found[1]) * _UNITS_S[found[2] or "s"]
        case _:
            seconds = math.nan
    if not 0 <= seconds <= MAX_DURATION_S:
        raise ValueError(f"is not a time of at most ten years; allowed: {ALLOWED_TIMES}")
    return float(seconds)
