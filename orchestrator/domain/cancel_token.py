"""Cooperative cancellation: whether a turn was stopped, asked at every boundary before something is done for it.

Signals end processes; a token ends what the bot itself does for a turn: starting its run, giving its
prompt, serving its agent, delivering. It is bound to the tasks that work for a turn, so that whatever
they call can ask `should_stop()` without being handed anything.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from orchestrator.domain.ids import TurnId


class TurnStopped(BaseException):
    """What was being done belongs to a turn that was stopped.

    No `Exception`, so that code which survives every error does not survive a stop. Whoever binds a
    token catches it; clean-up on the way runs as for any other exception.
    """

    def __init__(self, turn_id: TurnId) -> None:
        super().__init__(f"turn {turn_id} was stopped")
        self.turn_id = turn_id


class CancelToken:
    """The stop of one turn: a state, never taken back. Turns that a turn started have it as `parent`.

    A turn that takes up a lost one goes on with its token, so that what that had started is still its own.

    Before a stop is committed its fence is up: nothing is begun, but the fence comes down again if the
    commit fails.
    """

    __slots__ = ("_fenced", "_hooks", "_parent", "_stopped", "has_children", "turn_ids")

    def __init__(self, turn_id: TurnId, parent: "CancelToken | None" = None) -> None:
        self.turn_ids = [turn_id]
        self.has_children = False
        self._parent = parent
        if parent is not None:
            parent.has_children = True
        self._fenced = False
        self._stopped = False
        self._hooks: list[Callable[[], None]] = []

    @property
    def turn_id(self) -> TurnId:
        """Whose token it is now."""
        return self.turn_ids[-1]

    @property
    def line(self) -> frozenset[TurnId]:
        """The turn, those that it took up, and all that it descends from, whether or not they are over."""
        return frozenset(turn_id for token in (self, *self._ancestors()) for turn_id in token.turn_ids)

    @property
    def stopped(self) -> bool:
        """Whether this turn, or one that it descends from, was stopped."""
        return self._stopped or (self._parent is not None and self._parent.stopped)

    @property
    def fenced(self) -> bool:
        """Whether nothing may be begun for this turn: it was stopped, or is about to be."""
        return self._fenced or self._stopped or (self._parent is not None and self._parent.fenced)

    def fence(self) -> None:
        """Begin nothing more; the stop is being committed."""
        self._fenced = True

    def unfence(self) -> None:
        """The stop could not be committed: go on as before."""
        self._fenced = False

    def stop(self) -> None:
        """The stop is committed. Hooks are called once, however often this is."""
        self._stopped = True
        hooks, self._hooks = self._hooks, []
        for hook in hooks:
            hook()

    @contextmanager
    def on_stop(self, hook: Callable[[], None]) -> Iterator[None]:
        """Call `hook` if the turn is stopped while this is open, at once if it was already.

        For waits that no boundary interrupts; `hook` must not wait and must not raise.
        """
        if self.stopped:
            hook()
            yield
            return
        line = [self, *self._ancestors()]

        def once() -> None:
            forget()
            hook()

        def forget() -> None:
            for token in line:
                if once in token._hooks:
                    token._hooks.remove(once)

        for token in line:
            token._hooks.append(once)
        try:
            yield
        finally:
            forget()

    def _ancestors(self) -> "list[CancelToken]":
        return [] if self._parent is None else [self._parent, *self._parent._ancestors()]


class CancelTokens:
    """The tokens of all turns that work, and of those that were stopped."""

    def __init__(self) -> None:
        self._tokens: dict[TurnId, CancelToken] = {}

    def of(self, turn_id: TurnId, parent_id: TurnId | None = None) -> CancelToken:
        """A turn's token; the first who asks makes it, and says whose child the turn is."""
        token = self._tokens.get(turn_id)
        if token is None:
            parent = None if parent_id is None else self.of(parent_id)
            token = self._tokens[turn_id] = CancelToken(turn_id, parent)
        return token

    def succeed(self, turn_id: TurnId, lost_id: TurnId) -> None:
        """A turn takes up a lost one. Harmless to say again. What goes on after a stop has a token of its own."""
        token = self.of(lost_id)
        if turn_id not in self._tokens and not token.fenced:
            self._tokens[turn_id] = token
            token.turn_ids.append(turn_id)

    def find(self, turn_id: TurnId | None) -> CancelToken | None:
        """A turn's token, if it has one."""
        return None if turn_id is None else self._tokens.get(turn_id)

    def over(self, turn_id: TurnId) -> None:
        """A turn ended. One that was stopped, or has started others, is remembered: its number is never used again."""
        token = self._tokens.get(turn_id)
        if token is not None and not token.fenced and not token.has_children and token.turn_id == turn_id:
            for each in token.turn_ids:
                self._tokens.pop(each, None)


_current: ContextVar[CancelToken | None] = ContextVar("cancel_token", default=None)


@contextmanager
def bound(token: CancelToken | None) -> Iterator[None]:
    """What is done inside, and in tasks that are started inside, is done for this token's turn."""
    reset = _current.set(token)
    try:
        yield
    finally:
        _current.reset(reset)


def should_stop() -> None:
    """A boundary: raises TurnStopped if what is being done is done for a turn that was stopped."""
    token = _current.get()
    if token is not None and token.fenced:
        raise TurnStopped(token.turn_id)
