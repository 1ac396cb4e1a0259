"""What a live message showed last, so that the next edit of it is calm."""

from bot.buttons import Keyboard, stop_button
from bot.live.clock import patience_s, quiet_patience_s
from bot.live.measure import rows
from bot.live.message import age_s, draw
from bot.render.entities import RichText
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.states import Verbosity


class Frame:
    """One message's. It does not get lower, and where only times went on it stays as it is for a while."""

    def __init__(self) -> None:
        self._rows = 0
        self._at_ms = 0
        self._shown: RichText | None = None
        self._verbosity: Verbosity | None = None

    def draw(self, live: LiveTurn, now_ms: int) -> RichText:
        """What the message shows now."""
        if live.verbosity is not self._verbosity:
            self._rows, self._shown, self._verbosity = 0, None, live.verbosity
        if self._shown is not None and self._may_stand(live, now_ms):
            return self._shown
        self._shown, self._at_ms = draw(live, now_ms, self._rows), now_ms
        self._rows = max(self._rows, rows(self._shown))
        return self._shown

    def _may_stand(self, live: LiveTurn, now_ms: int) -> bool:
        """Whether nothing but times would change, and they are not too old."""
        age = age_s(live, now_ms)
        patience = quiet_patience_s(age) if live.verbosity is Verbosity.QUIET else patience_s(age)
        is_old = now_ms - self._at_ms >= patience * 1000
        return not is_old and draw(live, self._at_ms, self._rows) == self._shown


def working(live: LiveTurn, now_ms: int, frame: Frame | None = None) -> tuple[RichText, Keyboard]:
    """A turn at work, with its Stop button. `frame` is that of the message which shows it."""
    rich = (frame or Frame()).draw(live, now_ms)
    return rich, [[stop_button(live.turn.id, live.turn.topic.thread_id)]]
