"""What a service manager is told: systemd's notifications (`man 3 sd_notify`), one datagram each.

Without $NOTIFY_SOCKET nothing is sent. Until the bot is ready it asks for more time again and again, so
that a Telegram that cannot be reached yet is no failed start; while it works it feeds the watchdog, as
long as it is well; and while it ends it asks for time again. All that needs is a loop that turns: where
that stands still, so does this, and the bot is started anew.
"""

import os
import socket
import time
from collections.abc import Callable, Mapping

import anyio
import structlog

from bot.wording import count

log = structlog.get_logger()

_EVERY_S = 15.0
_MORE_TIME_S = 60
_MICRO = 1_000_000
_LATE_MS = 120_000


class Service:
    """The bot as its service manager sees it. `serve` must run for anything but READY and STOPPING to be told."""

    def __init__(self, environ: Mapping[str, str], *, pid: int | None = None) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self._watchdog_s = _watchdog_s(environ, os.getpid() if pid is None else pid)
        self._is_ready = False
        self._is_ending = False
        self._was_well = True
        self._well: Callable[[], bool] = lambda: True
        self._status: Callable[[], str] = lambda: "Starting"

    async def serve(self) -> None:
        """Tell how it goes until cancelled: twice in the time that the watchdog allows, or every 15 s."""
        if self._address is None:
            return
        every_s = min(_EVERY_S, self._watchdog_s / 2) if self._watchdog_s else _EVERY_S
        while True:
            self._tell(*self._sign_of_life(), f"STATUS={self._status()}")
            await anyio.sleep(every_s)

    def ready(self, *, well: Callable[[], bool], status: Callable[[], str]) -> None:
        """The bot asks for updates. `well` says from now on whether it does its work, `status` in one line what."""
        if self._is_ending:
            return
        self._well, self._status = well, status
        self._is_ready = True
        self._tell("READY=1", f"STATUS={status()}")

    def ending(self) -> None:
        """The bot ends: it may take as long as it needs."""
        self._is_ending = True
        self._status = lambda: "Ending"
        self._tell("STOPPING=1", "STATUS=Ending", _more_time())

    def restarting(self) -> None:
        """The bot ends to start anew as the same process: to its manager it reloads, until it is ready again."""
        self._is_ending = True
        self._status = lambda: "Restarting"
        since = f"MONOTONIC_USEC={time.monotonic_ns() // 1000}"
        self._tell("RELOADING=1", since, "STATUS=Restarting", _more_time())

    def _sign_of_life(self) -> tuple[str, ...]:
        if self._is_ending or not self._is_ready:
            return (_more_time(),)
        is_well = self._well()
        if is_well != self._was_well:
            self._was_well = is_well
            (log.info if is_well else log.error)("service.well" if is_well else "service.unwell")
        return ("WATCHDOG=1",) if is_well else ()

    def _tell(self, *assignments: str) -> None:
        if self._address is None:
            return
        text = "\n".join(" ".join(each.splitlines()) for each in assignments)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                # Full buffers of a manager that is busy must not hold up the bot; the next one comes soon.
                sender.setblocking(False)
                sender.sendto(text.encode(), self._address)
        except OSError as error:
            log.info("service.not_told", error=str(error))


def _address(text: str) -> str | None:
    """Where datagrams go: a path, or `@name` for one of Linux's abstract sockets; None for anything else."""
    if text.startswith("@"):
        return f"\0{text[1:]}"
    return text if text.startswith("/") else None


def _watchdog_s(environ: Mapping[str, str], pid: int) -> float:
    """The time within which a sign of life is awaited of this process; 0 if none is."""
    meant = environ.get("WATCHDOG_PID", "")
    allowed = environ.get("WATCHDOG_USEC", "")
    if not allowed.isdecimal() or (meant and meant != str(pid)):
        return 0.0
    return int(allowed) / _MICRO


def _more_time() -> str:
    return f"EXTEND_TIMEOUT_USEC={_MORE_TIME_S * _MICRO}"


def status_line(*, at_work: int, last_answer_ms: int | None, now_ms: int) -> str:
    """What the bot does, for `systemctl status`. An answer to a poll is late after two minutes."""
    said = f"{count(at_work, 'turn')} at work"
    if last_answer_ms is None or now_ms - last_answer_ms < _LATE_MS:
        return said
    since = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(last_answer_ms / 1000))
    return f"{said}; Telegram has not answered since {since}"
