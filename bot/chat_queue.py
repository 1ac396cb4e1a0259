"""What waits to be sent to one chat, and which of it goes next."""

from dataclasses import dataclass, field

import anyio

from bot.letter_body import Body
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.records import StoredLetter
from orchestrator.domain.states import Priority

RANK = {priority: rank for rank, priority in enumerate(Priority)}
PATIENCE = 4
"""After so many tries a letter no longer holds up those behind it."""


@dataclass(slots=True, eq=False)
class ChatQueue:
    """The letters that wait for one chat, and how its last calls went. `begun` ones have no outcome yet.

    By priority; those of one topic in order, topics of the same priority by turns, so that a long answer
    in one of them does not hold up another's.
    """

    letters: list[StoredLetter] = field(default_factory=list)
    begun: set[int] = field(default_factory=set)
    woken: anyio.Event = field(default_factory=anyio.Event)
    working: bool = False
    sending: bool = False
    failures: int = 0
    paused_until: float = 0.0
    retry_at: dict[int, float] = field(default_factory=dict)
    dropped: list[StoredLetter] = field(default_factory=list)
    _fleeting: set[int] = field(default_factory=set)
    _pages: dict[int, StoredLetter] = field(default_factory=dict)
    _served: dict[TopicKey, int] = field(default_factory=dict)
    _count: int = 0

    def add(self, letter: StoredLetter, *, retry_at: float | None = None) -> None:
        """A letter waits (again); not before `retry_at`, where one is given."""
        self.letters.append(letter)
        if retry_at is not None:
            self.retry_at[letter.id] = retry_at
        body = Body.from_json(letter.letter.body)
        if letter.letter.priority is Priority.URGENT and body.fleeting:
            self._fleeting.add(letter.id)
        self._supersede(letter, body)

    def _supersede(self, letter: StoredLetter, body: Body) -> None:
        """Of the pages of a menu that wait to be shown in one message, only the newest is."""
        if body.method != "editMessageText" or letter.letter.edits_id is not None:
            return
        other = self._pages.get(body.params["message_id"])
        if other is not None and other.id > letter.id:
            self.drop(letter)
            return
        if other is not None:
            self.drop(other)
        self._pages[body.params["message_id"]] = letter

    def take(self, letter: StoredLetter) -> None:
        """A letter is being sent: it waits no more, and its topic had its turn."""
        self._remove(letter)
        topic = letter.letter.topic
        self._count += 1
        if any(each.letter.topic == topic for each in self.letters):
            self._served[topic] = self._count
        else:
            self._served.pop(topic, None)

    def drop(self, letter: StoredLetter) -> None:
        """A letter that waits is not to be sent any more."""
        self._remove(letter)
        self.dropped.append(letter)

    def made(self, letter: StoredLetter) -> None:
        """A fleeting edit was made, or refused. The notice of a stop waits for one of them at most, the newest
        whose message is there: the others are `dropped`."""
        if self.notice_behind(letter):
            newest = max(each.id for each in self.letters if is_stop_notice(each))
            for each in [each for each in self.letters if each.id in self._fleeting and each.id < newest]:
                self.drop(each)

    def is_fleeting(self, letter: StoredLetter) -> bool:
        """Whether a letter that waits is made at once or never."""
        return letter.id in self._fleeting

    def _remove(self, letter: StoredLetter) -> None:
        self.letters.remove(letter)
        self.retry_at.pop(letter.id, None)
        self._fleeting.discard(letter.id)
        self._pages = {where: each for where, each in self._pages.items() if each.id != letter.id}

    def first(self, now: float) -> StoredLetter | None:
        """The letter that goes next. One that waits for another try holds up its own topic, so that
        an answer stays in order, but no stop and no other topic; after a few tries not even its own.

        After the notice of a stop no message of its turns may change any more, so edits that are older
        go before it, and those of them that failed are `dropped`.
        """
        waiting = {each.id: each for each in self.letters if self.retry_at.get(each.id, 0.0) > now}
        held_up = {each.letter.topic for each in waiting.values() if each.attempts < PATIENCE}
        ready = [each for each in self.letters if each.id not in waiting]
        free = [each for each in ready if each.letter.topic not in held_up or each.letter.priority is Priority.URGENT]
        found = min(free, key=self._order, default=None)
        if found is None or not is_stop_notice(found):
            return found
        before = [each for each in self.letters if each.id < found.id and self._is_about_a_turn(each)]
        for each in before:
            if each.id in waiting:
                self.drop(each)
        return min((each for each in before if each.id not in waiting), key=self._before_notice, default=found)

    def notice_behind(self, letter: StoredLetter) -> bool:
        """Whether the notice of a stop waits for a letter to be sent."""
        return any(is_stop_notice(each) and each.id > letter.id for each in self.letters)

    def next_retry(self, now: float) -> float | None:
        """How long until a letter that waits for another try may go; None if none waits."""
        times = [self.retry_at[each.id] for each in self.letters if each.id in self.retry_at]
        return max(0.0, min(times) - now) if times else None

    def _order(self, each: StoredLetter) -> tuple[int, bool, int, tuple[int, int]]:
        served = self._served.get(each.letter.topic, 0)
        return (RANK[each.letter.priority], each.id in self._fleeting, served, each.order)

    def _before_notice(self, each: StoredLetter) -> tuple[bool, int]:
        fleeting = each.id in self._fleeting
        return (fleeting, -each.id if fleeting else each.id)

    def _is_about_a_turn(self, each: StoredLetter) -> bool:
        """Whether a letter changes a message of a turn, also after its stop."""
        told = each.letter.edits_id is not None and each.letter.turn_id is not None and not each.letter.fenced
        return told or each.id in self._fleeting


def is_stop_notice(each: StoredLetter) -> bool:
    """Whether a letter says what became of a stop: of all that is urgent it alone belongs to no turn."""
    return each.letter.priority is Priority.URGENT and each.letter.turn_id is None
