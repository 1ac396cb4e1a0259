"""The names under which a run is given things, so that each is given once however often that is tried."""

from orchestrator.domain.ids import TurnId

_GIFT_PREFIX = "turn-"
_STEER_PREFIX = "steer-"


def gift_id(turn_id: TurnId) -> str:
    """The identity of a turn's prompt, so that it is given once however often that is tried."""
    return f"{_GIFT_PREFIX}{turn_id}"


def turn_of_gift(name: str) -> TurnId | None:
    """The turn whose prompt a gift is, or None for other gifts."""
    number = name.removeprefix(_GIFT_PREFIX)
    return TurnId(int(number)) if name.startswith(_GIFT_PREFIX) and number.isdecimal() else None


def steer_name(steer_id: int) -> str:
    """The identity of something that is said into a turn, for the agent and for the supervisor."""
    return f"{_STEER_PREFIX}{steer_id}"


def steer_of(name: str) -> int | None:
    """What was said, by the name under which it was given; None for other gifts."""
    number = name.removeprefix(_STEER_PREFIX)
    return int(number) if name.startswith(_STEER_PREFIX) and number.isdecimal() else None
