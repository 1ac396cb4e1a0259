"""A client's end of a supervisor's control socket: lines out, lines in, never a blocking call."""

import os
import socket
import sys
from pathlib import Path

import anyio

from cli_runner.supervisor import records, wire

RECEIVE_BYTES = 256 * 1024


class Connection:
    """One connection. Many tasks may send, one may receive."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._sending = anyio.Lock()
        self._rest = b""

    async def send(self, fields: wire.Fields) -> None:
        """One line. Raises OSError once the supervisor is gone."""
        async with self._sending:
            data = memoryview(wire.line(fields))
            while data:
                try:
                    data = data[self._socket.send(data) :]
                except BlockingIOError:
                    await anyio.wait_writable(self._socket)

    async def receive(self) -> list[wire.Fields] | None:
        """The next lines, at least one; None once the supervisor is gone or `hang_up` was called."""
        while True:
            try:
                data = self._socket.recv(RECEIVE_BYTES)
            except BlockingIOError:
                await anyio.wait_readable(self._socket)
                continue
            except OSError:
                return None
            if not data:
                return None
            *lines, self._rest = (self._rest + data).split(b"\n")
            if lines:
                return [wire.fields(line) for line in lines]

    def hang_up(self) -> None:
        """Let whoever receives see the end."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the supervisor was faster

    def close(self) -> None:
        """Nobody may be sending or receiving."""
        self._socket.close()


def connect(run_directory: Path) -> Connection:
    """Reach a run's supervisor. Raises OSError if there is none, or it does not listen now.

    The socket is addressed through a descriptor of its directory: its own path may be longer than
    the 108 bytes that unix(7) allows.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.setblocking(False)
    try:
        if sys.platform == "linux":
            directory = os.open(run_directory, os.O_PATH | os.O_DIRECTORY)
            try:
                sock.connect(f"/proc/self/fd/{directory}/{records.SOCKET}")
            finally:
                os.close(directory)
        else:
            sock.connect(str(run_directory / records.SOCKET))
    except OSError:
        sock.close()
        raise
    return Connection(sock)
