"""One stop that somebody asked for, from its acceptance to the notice that it is done.

A `/stop` concerns one lane, a `/stop_all` every lane of a chat. The lane whose turn is the last to
be gone tells people, so that there is one notice for one stop.
"""

from copy import copy
from dataclasses import dataclass, field, fields

from orchestrator.domain.deadline import Limit
from orchestrator.domain.ids import RunId, TopicKey, TurnId
from orchestrator.domain.notices import StopDone, StopFoundNothing
from orchestrator.domain.progress import Progress
from orchestrator.domain.records import Turn
from orchestrator.domain.run_events import ProcessNote

_LISTS = ("turns", "tasks", "agents", "tasks_left", "survivors", "owed")


@dataclass(slots=True, kw_only=True, eq=False)
class StopTicket:
    """What a stop takes, and what of it is gone. `lanes` is how many have to say what they stop.

    Of a stop by a `deadline`, `late` is the turn and `progress` what it does until its end.
    """

    topic: TopicKey
    reply_to: int | None
    lanes: int
    began_ms: int
    turns: list[TurnId] = field(default_factory=list)
    tasks: list[TurnId] = field(default_factory=list)
    pending: set[TurnId | RunId] = field(default_factory=set)
    strays: int = 0
    dropped: int = 0
    held: int = 0
    agents: list[str] = field(default_factory=list)
    tasks_left: list[Turn] = field(default_factory=list)
    finished_just_now: bool = False
    answer_owed: bool = False
    ended_tools: int = 0
    survivors: list[ProcessNote] = field(default_factory=list)
    begun_letter: int | None = None
    owed: list[TurnId] = field(default_factory=list)
    told: bool = False
    deadline: Limit | None = None
    late: TurnId | None = None
    progress: Progress | None = None
    _joined: int = 0

    def join(self, turns: list[TurnId], tasks: list[TurnId], left_behind: list[RunId]) -> None:
        """A lane says what it stops: turns, and runs that only have strays."""
        self._joined += 1
        self.turns += turns
        self.tasks += tasks
        self.strays += len(left_behind)
        self.pending |= {*turns, *tasks, *left_behind}

    def gone(self, what: TurnId | RunId, survivors: tuple[ProcessNote, ...] = (), ended_tools: int = 0) -> None:
        """One of them has no process left but `survivors`."""
        self.pending.discard(what)
        self.survivors += survivors
        self.ended_tools += ended_tools

    def mark(self) -> "StopTicket":
        """How it stands, for `back_to`."""
        found = copy(self)
        for name in _LISTS:
            setattr(found, name, list(getattr(self, name)))
        found.pending = set(self.pending)
        return found

    def back_to(self, mark: "StopTicket") -> None:
        """What was said since was not stored. Of a stop of several lanes others may have said more meanwhile."""
        fresh = mark.mark()
        for each in fields(self) if self.lanes == 1 else ():
            setattr(self, each.name, getattr(fresh, each.name))
        self.told = mark.told

    @property
    def complete(self) -> bool:
        """Whether everything is said and gone, and nobody was told yet."""
        return not self.told and self._joined >= self.lanes and not self.pending

    @property
    def found_nothing(self) -> bool:
        """Whether there was nothing to stop."""
        return not (self.turns or self.tasks or self.dropped or self.strays)

    def notice(self, now_ms: int) -> StopDone | StopFoundNothing:
        """What people are told once it is complete."""
        if self.found_nothing:
            return StopFoundNothing(
                topic=self.topic,
                reply_to=self.reply_to,
                held=self.held,
                tasks_left=tuple(self.tasks_left),
                finished=self.finished_just_now or self.answer_owed,
                answer_owed=self.answer_owed,
            )
        return StopDone(
            topic=self.topic,
            reply_to=self.reply_to,
            turns=tuple(self.turns),
            tasks=tuple(self.tasks),
            dropped=self.dropped,
            held=self.held,
            tasks_left=tuple(self.tasks_left),
            agents=tuple(self.agents),
            left_running=self.strays,
            took_s=(now_ms - self.began_ms) / 1000,
            ended_tools=self.ended_tools,
            survivors=tuple(self.survivors),
            deadline=self.deadline,
            late=self.late,
            partial="" if self.progress is None else self.progress.tail,
            edits=self.begun_letter,
        )
