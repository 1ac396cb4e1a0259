"""Those who listen to a run and command it, over stream sockets. None of them can hold it up."""

import socket
import time
from collections.abc import Callable

from cli_runner.supervisor import wire
from cli_runner.supervisor.loop import Action, Loop

READ_BYTES = 256 * 1024
SEND_BYTES = 64 * 1024
MAX_CLIENTS = 32
FAREWELL_S = 1.0


class Client:
    """One connection.

    What it is told is taken from the run's history at its own pace: a slow reader costs a cursor,
    not a queue, and growth of the spool that it has not heard of yet becomes one line.
    """

    __slots__ = ("_cursor", "_inbox", "_outbox", "_replies", "_told", "attached", "hear", "open", "socket")

    def __init__(self, sock: socket.socket, *, attached: bool, inbox: bytes = b"") -> None:
        sock.setblocking(False)
        self.socket = sock
        self.attached = attached
        self.open = True
        self.hear: Action = self.receive
        self._inbox = inbox
        self._outbox = b""
        self._cursor = 0
        self._told = 0
        self._replies: dict[str, wire.Fields] = {}

    def receive(self) -> None:
        """Take what has arrived; no longer open at the end of the stream."""
        try:
            data = self.socket.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._inbox += data
        if not data or len(self._inbox) > wire.MAX_LINE_BYTES:
            self.open = False

    def commands(self) -> list[wire.Fields]:
        """The whole lines that have arrived; junk is answered and skipped."""
        *lines, self._inbox = self._inbox.split(b"\n")
        found = []
        for text in lines:
            try:
                found.append(wire.fields(text))
            except ValueError as error:
                self.reply({"ev": "error", "reason": f"not a command: {error}"[:200]})
        return found

    def reply(self, fields: wire.Fields) -> None:
        """Tell this client alone. One of each kind waits at most; a newer one takes its place."""
        self._replies[str(fields["ev"])] = fields

    def pump(self, history: list[wire.Fields], *, size: int) -> bool:
        """Send what it has not heard yet, as far as it has room. True if something is left."""
        while self.open:
            self._outbox = self._outbox or self._next(history, size)
            if not self._outbox:
                return False
            try:
                sent = self.socket.send(self._outbox)
            except BlockingIOError:
                return True
            except OSError:
                self.open = False
                return False
            self._outbox = self._outbox[sent:]
        return False

    def _next(self, history: list[wire.Fields], size: int) -> bytes:
        lines = [wire.line(fields) for fields in self._replies.values()]
        self._replies.clear()
        if self.attached:
            length = 0
            while self._cursor < len(history) and length < SEND_BYTES:
                lines.append(wire.line(history[self._cursor]))
                length += len(lines[-1])
                self._cursor += 1
            # Facts first: each stands somewhere in the output, and what lies behind is told after it.
            if size > self._told and self._cursor == len(history):
                self._told = size
                lines.append(wire.line({"ev": "spool", "size": size}))
        return b"".join(lines)


class Clients:
    """All connections of a run, and the history that each of them is told."""

    __slots__ = ("_clients", "_greet", "_listener", "_loop", "_obey", "history")

    def __init__(
        self,
        loop: Loop,
        listener: socket.socket,
        *,
        greet: Callable[[], wire.Fields],
        obey: Callable[[Client, wire.Fields], None],
    ) -> None:
        self._loop = loop
        self._listener = listener
        self._greet = greet
        self._obey = obey
        self._clients: list[Client] = []
        self.history: list[wire.Fields] = []
        loop.watch(listener.fileno(), readable=self._accept)

    def tell(self, fields: wire.Fields) -> None:
        """A fact, for all that listen now or will listen later."""
        self.history.append(fields)

    def add(self, sock: socket.socket, *, attached: bool, inbox: bytes = b"") -> Client:
        """Take part in this connection; `inbox` is what it has already said."""
        client = Client(sock, attached=attached, inbox=inbox)
        self._clients.append(client)
        client.hear = lambda: self._hear(client)
        self._loop.watch(sock.fileno(), readable=client.hear)
        return client

    def hear_all(self) -> None:
        """Obey what connections had said before they were added."""
        for client in self._clients:
            self._act(client)

    def pump(self, *, size: int) -> bool:
        """Write to whoever has room; the others wake the loop when they have. True if any waits."""
        waiting = False
        for client in tuple(self._clients):
            waits = client.pump(self.history, size=size)
            waiting = waiting or waits
            if client.open:
                room = _look_again if waits else None
                self._loop.watch(client.socket.fileno(), readable=client.hear, room=room)
            else:
                self._drop(client)
        return waiting

    def say_farewell(self, *, size: int) -> None:
        """Let those who listen hear the last facts, but not for long."""
        until = time.monotonic() + FAREWELL_S
        while self.pump(size=size) and time.monotonic() < until:
            self._loop.turn(0.05)

    def _accept(self) -> None:
        try:
            sock, _ = self._listener.accept()
        except OSError:
            return
        if len(self._clients) >= MAX_CLIENTS:
            sock.close()
            return
        self.add(sock, attached=False).reply(self._greet())

    def _hear(self, client: Client) -> None:
        client.receive()
        self._act(client)

    def _act(self, client: Client) -> None:
        for fields in client.commands():
            try:
                self._obey(client, fields)
            except (KeyError, TypeError, ValueError) as error:
                client.reply({"ev": "error", "reason": f"bad command: {error}"[:200]})

    def _drop(self, client: Client) -> None:
        self._loop.forget(client.socket.fileno())
        client.socket.close()
        self._clients.remove(client)


def listen(path: str) -> socket.socket:
    """The run's control socket. `path` is relative: an absolute one may pass the 108 bytes of unix(7)."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.bind(path)
    sock.listen(8)
    sock.setblocking(False)
    return sock


def _look_again() -> None:
    """Room is used by the next `pump`, which follows every turn of the loop."""
