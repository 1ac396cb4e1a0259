"""The drafts that people see: each for 30 s after its last frame, or until the bot's next message there."""

from collections.abc import Callable

from bot.sandbox.model import Draft

LIFE_S = 30.0
"""How long Telegram shows an unfinished text (TDLib, `pending_text_message_period`)."""

_Key = tuple[int, int | None, int]


class DraftBoard:
    """What is shown now. `monotonic` is in seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._shown: dict[_Key, tuple[float, Draft]] = {}

    def shown(self) -> tuple[Draft, ...]:
        """Every draft that people see."""
        now = self._monotonic()
        self._shown = {key: pair for key, pair in self._shown.items() if pair[0] > now}
        return tuple(draft for _, draft in self._shown.values())

    def of(self, chat_id: int, thread_id: int | None) -> Draft | None:
        """The draft of a topic, the newest if there are several."""
        found = [draft for draft in self.shown() if (draft.chat_id, draft.thread_id) == (chat_id, thread_id)]
        return found[-1] if found else None

    def show(self, draft: Draft) -> None:
        """A frame; the same `draft_id` replaces the one before."""
        key = _key(draft)
        self._shown.pop(key, None)
        self._shown[key] = (self._monotonic() + LIFE_S, draft)

    def hide(self, draft: Draft) -> None:
        """Somebody stopped it."""
        self._shown.pop(_key(draft), None)

    def clear(self, chat_id: int, thread_id: int | None) -> None:
        """The bot wrote there."""
        self._shown = {key: pair for key, pair in self._shown.items() if key[:2] != (chat_id, thread_id)}


def _key(draft: Draft) -> _Key:
    return (draft.chat_id, draft.thread_id, draft.draft_id)
