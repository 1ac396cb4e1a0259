"""Starting the bot anew: what is asked before, and how the process does it."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from bot.letter_body import send_text
from bot.version import VERSION
from bot.words.speech import say_rich
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.records import Letter
from orchestrator.domain.states import Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarter:
    """`begin` ends the bot in an orderly way, agents left alone, so that it starts anew; `fault` says what of the
    configuration, as it is in its file now, would keep it from that, empty for nothing."""

    begin: Callable[[], None] = lambda: None
    fault: Callable[[], str] = lambda: ""


def done(topic: TopicKey, letter_id: int) -> Letter:
    """The word that it is done, in place of the one before."""
    body = send_text(topic, say_rich("restart-done", version=VERSION))
    return Letter(topic=topic, priority=Priority.NOTICE, body=body.to_json(), edits_id=letter_id)


def start_anew() -> NoReturn:
    """The same program with the same arguments, environment and process id: nobody who watches it has to do anything.

    Raises OSError if the interpreter is not there any more.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - what runs already, not a shell
