"""Log lines are complete, of one form, and free of secrets. Each test logs in a process of its own."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.redaction import REDACTED, redactor

ROOT = Path(__file__).parents[2]
REST = "AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
TOKEN = f"123456789:{REST}"
OTHER_TOKEN = "987654321:" + "ZZyyXXwwVVuuTTssRRqqPPooNNmmLLkkJJi"

PREPARED = """
import logging, sys, threading, warnings
import structlog
from bot.log import configure_logging
token, other = sys.argv[1], sys.argv[2]
configure_logging({format!r}, {level!r}, [token, 'pass"word\\n€'])
log = structlog.get_logger()
"""


def logged(program: str, *, format: str = "json", level: str = "info") -> str:  # noqa: A002
    """What a program writes to stderr; never a token."""
    done = subprocess.run(
        [sys.executable, "-c", PREPARED.format(format=format, level=level) + program, TOKEN, OTHER_TOKEN],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert REST not in done.stderr
    assert OTHER_TOKEN not in done.stderr
    assert done.stdout == ""
    return done.stderr


def lines(program: str, *, level: str = "info") -> list[dict[str, Any]]:
    """The same, read as JSON lines."""
    return [json.loads(line) for line in logged(program, level=level).splitlines()]


def test_an_event_is_one_line_of_json() -> None:
    """Event, level, time and fields, with what is bound to the context."""
    (line,) = lines("structlog.contextvars.bind_contextvars(topic='1/2')\nlog.info('turn.started', turn=3)")
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "turn.started", "level": "info", "turn": 3, "topic": "1/2"}


def test_the_level_is_for_our_events_only() -> None:
    """Debug shows our debug events, and of other libraries still only warnings and worse."""
    program = """
log.debug('a.debug')
log.info('a.info')
log.warning('a.warning')
logging.getLogger('aiohttp.access').info('b.info')
logging.getLogger('aiohttp.client').warning('b %s', 'warning')
logging.getLogger('asyncio').error('b.error')
"""
    ours, theirs = ["a.debug", "a.info", "a.warning"], ["b warning", "b.error"]
    assert [line["event"] for line in lines(program, level="debug")] == ours + theirs
    assert [line["event"] for line in lines(program, level="info")] == ours[1:] + theirs
    assert [line["event"] for line in lines(program, level="error")] == theirs[1:]


@pytest.mark.parametrize(
    "statement",
    [
        "log.info('x', url=f'https://api.telegram.org/bot{token}/getMe')",
        "log.info('x', url=f'https://api.telegram.org/bot{other}/getMe')",
        "log.info('x', url='/bot' + token.replace(':', '%3A'))",
        "log.info('x', rest=token.partition(':')[2])",
        "log.info(f'event {token}')",
        "log.info('x', **{token: 1})",
        "log.info('x', nested={'a': [{token: (token, [other])}]})",
        "log.info('x', raw=token.encode())",
        "log.info('x', many={token})",
        "log.info('x', thing=type('T', (), {'__repr__': lambda self: token})())",
        "log.info('x', error=ValueError(token))",
        "structlog.contextvars.bind_contextvars(t=token); log.info('x')",
        "log.info('x', stack_info=True, token=token)",
        "logging.getLogger('aiogram').error('refused %s', token)",
        "logging.getLogger('aiogram').error({'t': token})",
        "logging.getLogger(token).error('x')",
        "logging.getLogger('aiogram').error('%d', token)",
        "logging.getLogger('aiogram').error('x %s', type('T', (), {'__str__': lambda self: 1/0, 'a': token})())",
        "warnings.warn(token)",
    ],
)
@pytest.mark.parametrize("form", ["json", "console"])
def test_no_token_gets_through(statement: str, form: str) -> None:
    """Wherever it is hidden: a line is written, and the token is not in it."""
    written = logged(statement, format=form)
    assert written
    assert REDACTED in written or "log.unwritable" in written


@pytest.mark.parametrize(
    "program",
    [
        "try: raise ValueError(token)\nexcept ValueError: log.exception('x')",
        "try: raise ValueError(token)\nexcept ValueError: logging.getLogger('aiohttp').exception('x')",
        "try:\n try: raise KeyError(token)\n except KeyError as e: raise ValueError(other) from e\n"
        "except ValueError: log.exception('x')",
        "try: raise ExceptionGroup('x', [ValueError(token)])\nexcept* ValueError: log.exception('x')",
        "e = ValueError('x'); e.add_note(token)\ntry: raise e\nexcept ValueError: log.error('x', exc_info=True)",
        "raise ValueError(token)",
        "def f(): raise ValueError(token)\nt = threading.Thread(target=f); t.start(); t.join()",
        "class T:\n def __del__(self): raise ValueError(token)\nT()",
    ],
)
@pytest.mark.parametrize("form", ["json", "console"])
def test_no_traceback_shows_a_token(program: str, form: str) -> None:
    """Logged, uncaught, in a thread or a finaliser: the traceback is there, redacted."""
    written = logged(program, format=form)
    assert "Traceback" in written
    assert REDACTED in written


def test_an_uncaught_exception_is_an_event() -> None:
    """The line that the process dies with is of the same form as the others."""
    (line,) = lines("raise ValueError('why')")
    assert (line["event"], line["level"]) == ("process.crashed", "critical")
    assert "ValueError: why" in line["exception"]


def test_what_cannot_be_written_breaks_nobody() -> None:
    """A value whose text fails is told, and the program goes on."""
    broken = "type('T', (), {'__repr__': lambda self: 1 / 0})()"
    first, second = lines(f"log.info('turn.started', value={broken})\nlog.info('next')")
    assert (first["event"], first["error"], second["event"]) == ("log.unwritable", "ZeroDivisionError", "next")


def test_a_closed_stderr_breaks_nobody() -> None:
    """Where nobody reads the log any more, the bot goes on."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    program = "log.info('x')\nlogging.getLogger('x').error('y')\nsys.stdout.write('alive')"
    done = subprocess.run(
        [sys.executable, "-c", PREPARED.format(format="auto", level="info") + program, TOKEN, OTHER_TOKEN],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=write_end,
        timeout=30,
    )
    os.close(write_end)
    assert done.stdout == b"alive"


def test_a_terminal_gets_words_and_a_pipe_json() -> None:
    """`auto` writes for whoever reads."""
    assert logged("log.info('turn.started', turn=3)", format="auto").startswith("{")
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-c", PREPARED.format(format="auto", level="info") + "log.info('a.b')", TOKEN, OTHER_TOKEN],
        cwd=ROOT,
        stderr=theirs,
        timeout=30,
        check=True,
    )
    written = os.read(ours, 4096).decode()
    os.close(ours)
    os.close(theirs)
    assert "a.b" in written
    assert not written.startswith("{")


def test_secrets_are_found_as_they_are_written() -> None:
    """A secret is found plain and as JSON, repr and URLs write it; what is too short is left."""
    redact = redactor(['pass"word\n€', "abc", ""])
    written = ['pass"word\n€', json.dumps('pass"word\n€'), repr('pass"word\n€'), "?p=pass%22word%0A%E2%82%AC"]
    assert [redact(text) for text in written] == [REDACTED, f'"{REDACTED}"', f"'{REDACTED}'", f"?p={REDACTED}"]
    assert redact("abc 12:30 123456:short") == "abc 12:30 123456:short"
