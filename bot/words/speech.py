"""Everything that the bot says, said here: `say("queue-empty")`, `say_rich("stop-done", took="2 s")`.

The sentences are in the Fluent files beside this module, one directory for each language. Arguments
are texts, rich texts, numbers, truths (`yes`, `no`) and `Words`; nothing in them is ever markup.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import structlog

from bot.render.cleaning import cleaned
from bot.render.entities import RichText
from bot.words import markup
from bot.words.errors import Unsayable
from orchestrator.domain.words import Words
from orchestrator.domain.words import said as what_is_said

if TYPE_CHECKING:
    from bot.words.language import Language

ENGLISH = "en"

log = structlog.get_logger()

Argument: TypeAlias = str | int | float | RichText | Words


@dataclass(frozen=True, slots=True)
class _Voice:
    """What is spoken. A forgiving one says something readable where a sentence is missing."""

    language: str = ENGLISH
    forgiving: bool = False


_ENGLISH = _Voice()
_VOICE: ContextVar[_Voice] = ContextVar("voice", default=_ENGLISH)


@contextmanager
def speaking(language: str, *, forgiving: bool = False) -> Iterator[None]:
    """Speak a language in here and in all tasks that begin in here."""
    token = _VOICE.set(_Voice(language, forgiving))
    try:
        yield
    finally:
        _VOICE.reset(token)


def spoken() -> str:
    """The language that is spoken here."""
    return _VOICE.get().language


def say(id: str, /, **arguments: Argument) -> str:  # noqa: A002 -- the word for it
    """A sentence as plain text: for buttons, toasts and command descriptions."""
    return markup.filled(*_sentence(id, arguments))


def say_rich(id: str, /, **arguments: Argument) -> RichText:  # noqa: A002 -- the word for it
    """A sentence with its markup, as a message or a piece of one."""
    return markup.rich(*_sentence(id, arguments))


def worded(said: Words | str) -> str:
    """What the orchestrator has to say, in words; a text is taken as it was stored."""
    return worded_rich(said).text


def worded_rich(said: Words | str) -> RichText:
    """The same, with its markup."""
    if isinstance(said, str):
        said = what_is_said(said)
    if isinstance(said, str):
        return RichText(cleaned(said))
    return say_rich(said.id, **dict(said.arguments))


def _sentence(name: str, arguments: dict[str, Argument]) -> tuple[str, list[markup.Text]]:
    voice = _VOICE.get()
    told = {key: worded_rich(value) if isinstance(value, Words) else value for key, value in arguments.items()}
    if not voice.forgiving:
        return _language(voice.language).sentence(name, told)
    for language in dict.fromkeys((voice.language, ENGLISH)):
        try:
            return _language(language).sentence(name, told)
        except Unsayable as error:
            _complain(str(error))
    known = ", ".join(str(value.text if isinstance(value, RichText) else value) for value in told.values())
    return markup.slot(0), [cleaned(f"{name.replace('-', ' ')}: {known}" if known else name.replace("-", " "))]


def in_language(language: str) -> Callable[[str], str]:
    """Say sentences without arguments in another language, of which nothing is kept."""
    from bot.words.language import Language

    spoken_there = Language(language)

    def say_there(name: str) -> str:
        try:
            return markup.filled(*spoken_there.sentence(name, {}))
        except Unsayable as error:
            _complain(str(error))
            return say(name)

    return say_there


@cache
def _language(name: str) -> "Language":
    # Here because it takes its time: what says nothing does without.
    from bot.words.language import Language

    return Language(name)


@cache
def _complain(error: str) -> None:
    """Log what can't be said, once."""
    log.error("words.unsayable", error=error)
