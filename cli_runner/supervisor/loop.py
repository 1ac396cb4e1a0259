"""The one loop of a supervisor: files that can be read or have room, and what to do then."""

import selectors
from collections.abc import Callable

Action = Callable[[], None]


class Loop:
    """Watches file descriptors. An action is called with nothing and must not block."""

    __slots__ = ("_selector", "_watched")

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._watched: dict[int, tuple[Action | None, Action | None]] = {}

    def watch(self, fd: int, *, readable: Action | None = None, room: Action | None = None) -> None:
        """Call `readable` or `room` from now on; replaces what was asked for this descriptor."""
        if self._watched.get(fd) == (readable, room):
            return
        self.forget(fd)
        events = (selectors.EVENT_READ if readable else 0) | (selectors.EVENT_WRITE if room else 0)
        if events:
            self._selector.register(fd, events)
            self._watched[fd] = (readable, room)

    def forget(self, fd: int) -> None:
        """To be called before the descriptor is closed."""
        if self._watched.pop(fd, None) is not None:
            self._selector.unregister(fd)

    def turn(self, timeout_s: float) -> None:
        """Wait for at most so long, then do what there is to do."""
        for key, events in self._selector.select(timeout_s):
            readable, room = self._watched.get(key.fd, (None, None))
            # The first may have ended the watch for the second.
            if readable and events & selectors.EVENT_READ:
                readable()
            if room and events & selectors.EVENT_WRITE and key.fd in self._watched:
                room()
