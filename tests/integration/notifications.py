"""The other end of systemd's notifications: a real datagram socket, as the service manager's is."""

import socket
from pathlib import Path
from types import TracebackType
from typing import Self

import anyio


class Manager:
    """A service manager that hears what a service says. `name` is what goes into $NOTIFY_SOCKET."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def __enter__(self) -> Self:
        self._socket.bind(f"\0{self.name[1:]}" if self.name.startswith("@") else self.name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        if not self.name.startswith("@"):
            Path(self.name).unlink(missing_ok=True)

    async def hears(self) -> list[str]:
        """The next datagram, as its assignments."""
        await anyio.wait_readable(self._socket)
        return self._socket.recv(65536).decode().splitlines()

    async def until(self, assignment: str, *, timeout_s: float = 20.0) -> list[str]:
        """Everything that is said up to the datagram with an assignment, that one included."""
        said: list[str] = []
        try:
            with anyio.fail_after(timeout_s):
                while assignment not in (latest := await self.hears()):
                    said += latest
        except TimeoutError:
            raise AssertionError(f"{assignment} was not said, but: {said}") from None
        return [*said, *latest]

    def heard(self) -> list[str]:
        """What was said and not yet heard."""
        said: list[str] = []
        while True:
            try:
                said += self._socket.recv(65536).decode().splitlines()
            except BlockingIOError:
                return said
