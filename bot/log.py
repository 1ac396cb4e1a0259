"""What the bot tells its operator: lines on stderr, with no secret in any of them.

Events of ours are constant dotted words with fields; what the standard library's logging gets from
aiogram, aiohttp and asyncio takes the same way out, from WARNING on. Every line is redacted after it
is written out, as that is the one place where nothing can hide: keys, nested values, tracebacks and
the `repr` of foreign objects are all text there.
"""

import io
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any, TextIO, cast

import structlog

from bot.redaction import redactor

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure_logging(format: str, level: str, secrets: Iterable[str]) -> None:  # noqa: A002 - the setting's name
    """Set up all logging of the process; called once, before anything is logged.

    `format` is `json`, `console` or `auto` (console where stderr is a terminal), `level` that of our
    own events. `secrets` and whatever looks like a bot token appear in no line, those that are written
    when the process or a thread dies of an exception included.
    """
    stream = _Forgiving(sys.stderr)
    is_console = format == "console" or (format == "auto" and stream.isatty())
    renderer = _Redacted(_console(stream) if is_console else structlog.processors.JSONRenderer(), redactor(secrets))
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", stream)),
        cache_logger_on_first_use=False,
    )
    _route_standard_logging(stream, shared, renderer, level=max(logging.WARNING, _LEVELS[level]))
    _log_last_words()


class _Redacted:
    """Writes an event out and takes the secrets out of the line. Never raises."""

    def __init__(self, renderer: Callable[..., str | bytes], redact: Callable[[str], str]) -> None:
        self._renderer = renderer
        self._redact = redact

    def __call__(self, logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
        name = event.get("event")
        try:
            return self._redact(str(self._renderer(logger, method, event)))
        except Exception as error:  # noqa: BLE001 - a value that can't be written must not break who logs it
            words = {"event": "log.unwritable", "logged": repr(name), "error": type(error).__name__}
            return self._redact(str(structlog.processors.JSONRenderer()(logger, method, words)))


class _Forgiving(io.TextIOBase):
    """A stream that may be closed or full: whoever logs goes on."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            if self._stream is not None:
                self._stream.write(text)
        except (OSError, ValueError):
            pass
        return len(text)

    def flush(self) -> None:
        try:
            if self._stream is not None:
                self._stream.flush()
        except (OSError, ValueError):
            pass

    def isatty(self) -> bool:
        try:
            return self._stream is not None and self._stream.isatty()
        except ValueError:
            return False


class _Handler(logging.StreamHandler[_Forgiving]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Say that a record was unwritable. The library's own way would write its arguments unredacted."""
        log = structlog.get_logger()
        log.error("log.unwritable", logger=record.name, error=type(sys.exc_info()[1]).__name__)


def _console(stream: _Forgiving) -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty() and not os.environ.get("NO_COLOR"),
        exception_formatter=structlog.dev.plain_traceback,
    )


def _route_standard_logging(
    stream: _Forgiving, shared: list[structlog.typing.Processor], renderer: _Redacted, *, level: int
) -> None:
    handler = _Handler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            keep_exc_info=False,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)


def _log_last_words() -> None:
    """Exceptions that nobody caught are logged; Python's own way would write them unredacted."""
    log = structlog.get_logger()

    def of_process(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        log.critical("process.crashed", exc_info=(kind, error, trace))

    def of_thread(hook: threading.ExceptHookArgs) -> None:
        if hook.exc_type is not SystemExit:
            told = (hook.exc_type, hook.exc_value, hook.exc_traceback)
            log.critical("thread.crashed", thread=hook.thread.name if hook.thread else "", exc_info=told)

    def of_finalizer(hook: Any) -> None:
        told = (hook.exc_type, hook.exc_value, hook.exc_traceback)
        log.error("finalizer.failed", of=repr(hook.object), exc_info=told)

    sys.excepthook = of_process
    threading.excepthook = of_thread
    sys.unraisablehook = of_finalizer
