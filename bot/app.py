"""The composition root: the only place where the parts are put together, started and ended.

Start: the state directory is taken, the database opened and brought up to date; what is owed and what
still runs is taken over; then updates are asked for. End, in this order: no more updates, agents kept
or stopped as set, what can be delivered in 5 s is, the database is closed.
"""

import gc
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import anyio
import structlog

from bot.assembly import Parts, assemble, now_ms
from bot.desk import Me
from bot.intake import TokenRefusedError
from bot.restarting import Restarter
from bot.service import Service, status_line
from bot.settings import Settings
from bot.telegram import CallError, RefusedError, Telegram, UnauthorizedError
from bot.version import VERSION
from bot.webhook import Webhook
from bot.words.speech import speaking
from cli_runner.local_runs import LocalRunner
from storage.database import DATABASE_NAME, Database, StateLock

log = structlog.get_logger()

_FLUSH_S = 5.0
_RETRY_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class App:
    """One life of the bot. `fault` says what of the configuration would keep it from another one.

    `restarts` says, once `run` returned, that it is to be followed by another one.
    """

    def __init__(
        self, settings: Settings, environ: Mapping[str, str], *, fault: Callable[[], str] = lambda: ""
    ) -> None:
        self._settings = settings
        self._environ = environ
        self._token = settings.telegram.token.get_secret_value()
        self._directory = settings.state.directory
        self._service = Service(environ)
        self._fault = fault
        self._told_to_end = False
        self.restarts = False
        self._listening: anyio.CancelScope | None = None

    async def run(self) -> None:
        """Work until told to end.

        Raises StateDirectoryInUse, StoreError, TokenRefusedError.
        """
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = StateLock(self._directory)
        lock.take()
        try:
            with speaking(self._settings.delivery.language, forgiving=True):
                await self._with_database()
        finally:
            lock.release()

    async def _with_database(self) -> None:
        async with (
            Database(self._directory / DATABASE_NAME) as db,
            Telegram(token=self._token, api_url=self._settings.telegram.api_url) as telegram,
        ):
            await self._live(db, telegram)

    async def _live(self, db: Database, telegram: Telegram) -> None:
        async with anyio.create_task_group() as signals:
            signals.start_soon(self._heed_signals)
            signals.start_soon(self._service.serve, name="service")
            async with anyio.create_task_group() as tasks:
                runner = LocalRunner(self._directory / "runs")
                await tasks.start(runner.serve)
                me = await self._get_me(telegram)
                if me is not None:
                    parts = await assemble(
                        settings=self._settings,
                        environ=self._environ,
                        db=db,
                        telegram=telegram,
                        runner=runner,
                        me=me,
                        tasks=tasks,
                        restarter=Restarter(begin=self.restart, fault=self._fault),
                    )
                    await self._work(parts)
                tasks.cancel_scope.cancel()
            signals.cancel_scope.cancel()

    async def _heed_signals(self) -> None:
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as received:
            async for number in received:
                if self._told_to_end and not self.restarts:
                    log.warning("app.ended_at_once", signal=signal.Signals(number).name)
                    os._exit(0)
                log.info("app.stopping", signal=signal.Signals(number).name)
                self.end()

    def end(self) -> None:
        """Begin to shut down."""
        self.restarts = False
        self._service.ending()
        self._stop_listening()

    def restart(self) -> None:
        """Begin to shut down, only to start anew: agents are left alone, whatever is set for a shutdown."""
        if self._told_to_end:
            return
        self.restarts = True
        self._service.restarting()
        self._stop_listening()

    def _stop_listening(self) -> None:
        self._told_to_end = True
        if self._listening is not None:
            self._listening.cancel()

    @contextmanager
    def _until_told_to_end(self) -> Iterator[None]:
        with anyio.CancelScope() as self._listening:
            if self._told_to_end:
                self._listening.cancel()
            yield

    async def _get_me(self, telegram: Telegram) -> Me | None:
        """Who the bot is; None if it was told to end before Telegram could be reached.

        Raises TokenRefusedError.
        """
        failures = 0
        with self._until_told_to_end():
            while True:
                try:
                    found = await telegram.call("getMe", timeout_s=15)
                    return Me(
                        id=int(found["id"]),
                        username=str(found.get("username", "")),
                        reads_all=bool(found.get("can_read_all_group_messages", True)),
                    )
                except (UnauthorizedError, RefusedError) as error:
                    raise TokenRefusedError(str(error)) from None
                except CallError as error:
                    delay = _RETRY_S[min(failures, len(_RETRY_S) - 1)]
                    failures += 1
                    log.warning("telegram.unreachable", error=str(error), retry_in_s=delay)
                    await anyio.sleep(delay)
        return None

    async def _work(self, parts: Parts) -> None:
        gc.freeze()  # what was imported stays for ever: no full collection has to look at it again
        log.info("app.ready", version=VERSION, state=str(self._directory))
        with self._until_told_to_end():
            async with anyio.create_task_group() as intake:
                intake.start_soon(self._receiver(parts), name="receiver")
                intake.start_soon(parts.intake.sort, name="sorter")
                self._service.ready(well=lambda: parts.intake.polls, status=lambda: _status(parts))
        await self._end(parts)

    def _receiver(self, parts: Parts) -> Callable[[], Coroutine[Any, Any, None]]:
        """What brings updates in: the poller, or the webhook's server."""
        webhook = self._settings.telegram.webhook
        if self._settings.telegram.mode != "webhook" or webhook is None:
            return parts.intake.poll
        return Webhook(
            telegram=parts.telegram,
            listen=webhook.listen,
            url=webhook.url,
            secret=webhook.secret.get_secret_value(),
            store=lambda update: parts.intake.store([update]),
        ).serve

    async def _end(self, parts: Parts) -> None:
        policy = parts.orchestrator.kit.policy
        if self._settings.shutdown.agents == "stop" and not self.restarts:
            with anyio.move_on_after(policy.polite_s + policy.grace_s + 2.0):
                await parts.orchestrator.end_all()
        with anyio.move_on_after(_FLUSH_S):
            await parts.postman.drained()
        kept = [run for lane in parts.orchestrator.lanes for run in lane.runs.values() if not run.program_ended]
        for run in kept if not self.restarts else ():
            sys.stderr.write(f"Still running: {run.run_id} (end it with: python -m bot runs --stop {run.run_id})\n")
        log.info("app.ended", kept_runs=len(kept), restarts=self.restarts)


def _status(parts: Parts) -> str:
    at_work = sum(len(lane.live) for lane in parts.orchestrator.lanes)
    return status_line(at_work=at_work, last_answer_ms=parts.intake.last_success_ms, now_ms=now_ms())
