"""Errors of the domain: ours (a bug) and theirs (something to tell a person)."""

from orchestrator.domain.words import Argument, Words, words


class TopicdError(Exception):
    """Base of all errors that topicd raises itself."""


class ImpossibleEvent(TopicdError):
    """A bug of ours: an event came in a state that has no place for it."""

    def __init__(self, subject: str, state: str, event: str) -> None:
        super().__init__(f"cannot take {event} in state {state} ({subject})")
        self.subject = subject
        self.state = state
        self.event = event


class Refusal(TopicdError):
    """Something that was asked for cannot be done: one line for the person who asked.

    Named with what it is about, as `words` does: `Refusal("refusal-no-agent", agent="codex")`.
    """

    def __init__(self, id: str | Words, /, **arguments: Argument) -> None:  # noqa: A002 -- the word for it
        self.words = words(id, **arguments) if isinstance(id, str) else id
        super().__init__(str(self.words))


class StoreError(TopicdError):
    """The database cannot be used. The text says what to do."""


class StateDirectoryInUse(TopicdError):
    """Another bot works on this state directory."""


def in_words(error: Exception) -> Words:
    """An error as a sentence; one that is no refusal, as it is."""
    return error.words if isinstance(error, Refusal) else words("refusal-as-it-is", text=str(error))


def as_stored(error: Exception) -> str:
    """An error as it is stored with a turn."""
    return error.words.stored() if isinstance(error, Refusal) else str(error)
