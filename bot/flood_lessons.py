"""What refusals teach: Telegram's limits vary, and 429 says that here they are tighter. Pure, in seconds.

A lesson is a share of the documented limit. Each refusal takes some of it away, by how long a silence it asks
for; time without another gives it back, slowly, so that a chat with tighter limits is not tried out every
few minutes. What is learned lasts as long as the bot lives.
"""

from dataclasses import dataclass

LEAST_SHARE = 0.1
"""However often Telegram refuses: two messages a minute in a group, one in ten seconds."""

RECOVERY_S = 3600.0
"""How long it takes from no share to the whole."""

_CALM_S = 60.0
_SHORT_S = 10.0
_STEP, _LONG_STEP = 0.75, 0.5


@dataclass(slots=True)
class Lesson:
    """How much of a limit is used. `share` holds at `calm_from`, when it begins to recover."""

    share: float = 1.0
    calm_from: float = 0.0

    def at(self, now: float) -> float:
        """The share at a time, from `LEAST_SHARE` to 1."""
        return min(1.0, self.share + max(0.0, now - self.calm_from) / RECOVERY_S)

    def refused(self, seconds: float, now: float) -> None:
        """Telegram refused a call, and asks for so many seconds of silence."""
        step = _STEP if seconds <= _SHORT_S else _LONG_STEP
        self.share = max(LEAST_SHARE, self.at(now) * step)
        self.calm_from = now + seconds + _CALM_S
