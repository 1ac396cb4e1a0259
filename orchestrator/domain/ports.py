"""What the orchestrator needs of the outside that people see, and of time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from orchestrator.domain.agents import Attachment
from orchestrator.domain.ids import TurnId
from orchestrator.domain.notices import Notice
from orchestrator.domain.progress import Progress
from orchestrator.domain.records import Letter, StoredLetter, Turn
from orchestrator.domain.states import Verbosity

Clock: TypeAlias = Callable[[], int]
"""UTC epoch milliseconds."""


@dataclass(slots=True, kw_only=True)
class LiveTurn:
    """A turn that works, for its live message. `progress` goes on changing, `verbosity` when a person wants it to.

    `directory` is where its agent works.
    """

    turn: Turn
    agent: str
    progress: Progress = field(default_factory=Progress)
    waits_for_place: bool = False
    waits_for_person: bool = False
    attachments: Sequence[Attachment] = ()
    directory: str = ""
    verbosity: Verbosity = Verbosity.NORMAL


class Composer(Protocol):
    """Writes letters. Pure: the same notice gives the same letters."""

    async def prepare(self, answer: str) -> None:
        """Do what is slow about a long answer beforehand, beside everything else, so that `compose` is quick."""
        ...

    def compose(self, notice: Notice) -> Sequence[Letter]:
        """The Bot API calls that tell people; in order."""
        ...


class Post(Protocol):
    """Where stored letters are sent from. Those of a turn whose token says so are not sent any more."""

    def put(self, letters: Sequence[StoredLetter]) -> None:
        """Letters were committed: send them when the budget allows. Does not wait."""
        ...


class Views(Protocol):
    """Live messages. No call waits."""

    def opened(self, live: LiveTurn) -> None:
        """A turn works."""
        ...

    def changed(self, turn_id: TurnId) -> None:
        """There is something new to see."""
        ...

    def waiting(self, turn_id: TurnId, *, for_person: bool) -> None:
        """A turn waits for a person, or goes on."""
        ...

    def heard(self, chat_id: int, message_id: int | None) -> None:
        """The agent took in what a message said."""
        ...

    def moved(self, old: int, new: int) -> None:
        """A group became a supergroup, and its turns moved along; no message of the old chat can be edited."""
        ...

    def stopping(self, turn_id: TurnId) -> None:
        """A stop was accepted: the live message says so, loses its buttons, and is never touched again."""
        ...

    def closed(self, turn: Turn) -> None:
        """The turn ended: the live message becomes its record and loses its buttons."""
        ...
