"""How fast live edits of a chat may follow each other, so that a minute's room is spread over it. Pure, in seconds.

Without a pace a single busy turn, edited every three seconds, uses all that live edits may use in the first
half of a minute and stands still in the other. An even pace from the first edit on would be slower than needed
for the many turns that take less than a minute. So the first edits come at `interval`, and the pace goes over
into the even one until half of the room is used.
"""

from collections.abc import Sequence


def even_gap_s(free_at: Sequence[float], room: int, now: float) -> float:
    """The shortest gap at which one may go on for ever without ever having to wait longer.

    `free_at` are the times, ascending, when places that are taken now become free again; `room` is how many
    there are in all.
    """
    free = max(0, room - len(free_at))
    return max(((at - now) / (free + nth) for nth, at in enumerate(free_at, 1)), default=0.0)


def gap_s(free_at: Sequence[float], room: int, interval: float, now: float, *, quick: float = 0.0) -> float:
    """The gap after a call that was made `now`. Until the share `quick` of the room is used it is `interval`."""
    even = even_gap_s(free_at, room, now)
    weight = min(1.0, max(0.0, 2 * (len(free_at) / max(1, room) - quick)))
    return interval + max(0.0, even - interval) * weight
