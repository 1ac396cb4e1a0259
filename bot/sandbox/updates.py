"""The queue of updates that the bot has not yet acknowledged (`getUpdates`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.sandbox.jsonvalue import Json

RETENTION_S = 86_400.0
CALLBACK_RETENTION_S = 150.0
_NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One update, exactly as it is sent; `expires` is monotonic, in seconds."""

    update_id: int
    kind: str
    body: Json
    expires: float


class UpdateQueue:
    """Updates with rising ids, kept until a call with a higher offset, or for 24 h (callbacks 150 s)."""

    def __init__(self, *, first_id: int, monotonic: Callable[[], float]) -> None:
        self._next_id = first_id
        self._monotonic = monotonic
        self._pending: list[Update] = []
        self._allowed: frozenset[str] | None = None
        self.on_push: list[Callable[[], None]] = []

    @property
    def pending(self) -> tuple[Update, ...]:
        """What the bot has not acknowledged, oldest first."""
        now = self._monotonic()
        self._pending = [update for update in self._pending if update.expires > now]
        return tuple(self._pending)

    @property
    def allowed(self) -> tuple[str, ...] | None:
        """The kinds that the bot asked for last, None while it never said."""
        return None if self._allowed is None else tuple(sorted(self._allowed))

    def allow(self, kinds: Sequence[str]) -> None:
        """`allowed_updates`: persists until changed; an empty list means the default set."""
        self._allowed = frozenset(kinds) or None

    def wants(self, kind: str) -> bool:
        """Whether an update of this kind would be queued."""
        if self._allowed is None:
            return kind not in _NOT_BY_DEFAULT
        return kind in self._allowed

    def push(self, kind: str, payload: Json) -> int | None:
        """Queues `{kind: payload}` if the bot wants it; returns its `update_id`."""
        return self.push_raw({kind: payload}, kind=kind) if self.wants(kind) else None

    def push_raw(self, body: Json, *, kind: str = "") -> int:
        """Queues any update whatsoever, for what only a later Bot API would send."""
        lifetime_s = CALLBACK_RETENTION_S if kind == "callback_query" else RETENTION_S
        update_id = self._next_id
        self._next_id += 1
        body = {"update_id": update_id, **body}
        expires = self._monotonic() + lifetime_s
        self._pending.append(Update(update_id=update_id, kind=kind, body=body, expires=expires))
        for wake in self.on_push:
            wake()
        return update_id

    def take(self, *, offset: int, limit: int) -> tuple[Update, ...]:
        """Forgets what is below `offset` and returns at most `limit` of the rest.

        A negative offset keeps only that many from the end and forgets the others.
        """
        if offset < 0:
            self._pending = self._pending[offset:]
        elif offset > 0:
            self._pending = [update for update in self._pending if update.update_id >= offset]
        return self.pending[:limit]

    def clear(self) -> None:
        """`drop_pending_updates`."""
        self._pending.clear()
