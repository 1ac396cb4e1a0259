"""TEMPORARY stand-in until the real one lands."""
import sys
from collections.abc import Sequence
import structlog

def configure_logging(format_: str, level: str, secrets: Sequence[str]) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr), processors=[structlog.contextvars.merge_contextvars, structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)])
