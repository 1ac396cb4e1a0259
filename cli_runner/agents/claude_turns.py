"""Whose turn Claude Code is working on: the one we asked for, or one that it began by itself.

When a background task of the agent ends, the CLI begins a turn of its own (`init`, text, `result`), at any
time: also between the bot's prompt and the turn for it. What a person said too late for a turn becomes one
too. What tells them apart, as measured with 2.1.329:

- our turn's `init` and `result` name our prompt in `user_message_uuids`, and a `command_lifecycle` line says
  `started` when the prompt's time has come: before the `init`, or when it is taken into a turn under way;
- a turn for what came too late names that, and may name our prompt beside it: then it is our turn;
- the CLI's own `init` names nothing, and its `result` has `origin.kind` = `task-notification`.

A program that names nothing is simple: its next `result` ends the turn that is open.
"""

from dataclasses import dataclass, field

from cli_runner.agents.claude_steers import Steers
from cli_runner.agents.claude_tasks import Tasks
from cli_runner.agents.claude_usage import Meter
from cli_runner.agents.json_lines import Fields, inner, text, texts
from cli_runner.agents.speech import Speech
from orchestrator.domain.agent_events import AgentEvent, Finished, TurnBegan


@dataclass(slots=True, kw_only=True)
class Turn:
    """A turn that is owed a `Finished`."""

    speech: Speech = field(default_factory=Speech)
    thoughts: Speech = field(default_factory=Speech)
    meter: Meter = field(default_factory=Meter)
    synthetic: str = ""
    session_named: bool = False
    begun: bool = False
    aborted: bool = False


class TurnWatch:
    """Follows which turn the lines belong to."""

    def __init__(self, steers: Steers, tasks: Tasks) -> None:
        self._steers = steers
        self._tasks = tasks
        self._prompted: Turn | None = None
        self._own: Turn | None = None
        self._names_prompts = False
        self._is_working = False
        self._foreign = False

    @property
    def current(self) -> Turn | None:
        """The open turn that what comes now belongs to."""
        return self._own or (None if self._foreign else self._prompted)

    @property
    def is_open(self) -> bool:
        """Whether a turn is owed a `Finished`."""
        return self._own is not None or self._prompted is not None

    def prompt_given(self) -> None:
        """A prompt was written; its turn will come."""
        self._prompted = Turn()

    def saw_init(self, line: Fields) -> list[AgentEvent]:
        """A turn began: ours or the CLI's own."""
        self._is_working = True
        named = texts(line, "user_message_uuids")
        steers = [uuid for uuid in named if self._steers.knows(uuid)]
        if len(steers) < len(named) and self._prompted:
            return self._prompt_begins() + self._taken(steers)
        if steers:
            steer_id = self._steers.tell(steers[0])
            return self._own_begins(TurnBegan(steer_id=steer_id)) + self._taken(steers[1:])
        if named or (self._prompted is None and self._own is None):
            return self._own_begins(TurnBegan(reason=self._tasks.why()))
        if self._names_prompts and self._prompted and not self._prompted.begun:
            return self._own_begins(TurnBegan(reason=self._tasks.why()))
        self._foreign = False
        return []

    def saw_lifecycle(self, line: Fields) -> list[AgentEvent]:
        """What became of a message: its time has come, or it is in."""
        uuid = text(line, "command_uuid")
        if text(line, "state") != "started":
            return self._steers.lifecycle(line)
        if self._steers.knows(uuid):
            # Between turns the `init` that follows says whose turn it is.
            return self._steers.taken(uuid) if self._is_working else []
        if self._prompted is None or self._prompted.begun:
            self._steers.started_unknown(uuid)
            return []
        return self._prompt_begins()

    def saw_content(self) -> None:
        """The agent itself speaks; with no open turn it does not speak to us."""
        if not self.is_open:
            self._foreign = True

    def ends_with(self, result: Fields) -> tuple[list[AgentEvent], Turn | None]:
        """The turn that this `result` ends, None if nobody waits for it, and what is to be said before its end."""
        foreign, self._foreign, self._is_working = self._foreign, False, False
        named = texts(result, "user_message_uuids")
        events = self._taken(named)
        if any(not self._steers.knows(uuid) for uuid in named) and self._prompted:
            events += self._prompt_begins()
        if self._own:
            own, self._own = self._own, None
            return events, own
        turn = self._prompted
        if turn and not named and not turn.begun:
            kind = text(inner(result, "origin"), "kind")
            if foreign or kind == "task-notification":
                turn.speech, turn.thoughts = Speech(), Speech()
                return events, None
        self._prompted = None
        return events, turn

    def all_open(self) -> list[Turn]:
        """The process is gone: every turn that is owed an end, in the order in which they have to end."""
        turns = [turn for turn in (self._own, self._prompted) if turn]
        self._own = self._prompted = None
        return turns

    def _own_begins(self, began: TurnBegan) -> list[AgentEvent]:
        ended = self._own_ends()
        self._own = Turn()
        self._foreign = False
        return [*ended, began]

    def _own_ends(self) -> list[AgentEvent]:
        """What the CLI did by itself flows into the next turn: no `result` will end it."""
        own, self._own = self._own, None
        return [Finished(ok=True, answer=own.speech.text)] if own else []

    def _prompt_begins(self) -> list[AgentEvent]:
        ended = self._own_ends()
        self._names_prompts = True
        self._foreign = False
        if self._prompted:
            self._prompted.begun = True
        return ended

    def _taken(self, uuids: list[str]) -> list[AgentEvent]:
        return [event for uuid in uuids for event in self._steers.taken(uuid)]
