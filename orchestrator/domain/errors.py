"""Errors of the domain: ours (a bug) and theirs (something to tell a person)."""


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
    """Something that was asked for cannot be done; the text is one line for the person who asked."""


class StoreError(TopicdError):
    """The database cannot be used. The text says what to do."""


class StateDirectoryInUse(TopicdError):
    """Another bot works on this state directory."""
