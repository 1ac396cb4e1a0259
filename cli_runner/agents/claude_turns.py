"""Whose turn Claude Code is working on: the one we asked for, or one that it began by itself.

When a background task of the agent ends, the CLI starts a turn of its own (`init`, text, `result`), at
any time: also between the bot's prompt and the turn for it. Taken for the answer, it would end the
wrong turn. What tells them apart, as measured with 2.1.329:

- our turn's `init` and `result` name our prompt in `user_message_uuids`, and a `command_lifecycle`
  line says `started` when the prompt's time has come, also when it is taken into a turn under way;
- the CLI's own `init` names nothing, and its `result` has `origin.kind` = `task-notification`.

A program that shows none of this is simple: its next `result` ends the turn that is open.
"""

from dataclasses import dataclass, field

from cli_runner.agents.json_lines import Fields, inner, text, texts
from cli_runner.agents.speech import Speech


@dataclass(slots=True, kw_only=True)
class Turn:
    """The turn that is owed a `Finished`."""

    speech: Speech = field(default_factory=Speech)
    thoughts: Speech = field(default_factory=Speech)
    synthetic: str = ""
    session_named: bool = False
    begun: bool = False
    aborted: bool = False
    interrupt_again: bool = False
    context_tokens: int | None = None


class TurnWatch:
    """Follows which turn the lines belong to."""

    def __init__(self) -> None:
        self.turn: Turn | None = None
        self._names_prompts = False
        self._foreign = False

    @property
    def mine(self) -> Turn | None:
        """The open turn, if what comes now belongs to it."""
        return None if self._foreign else self.turn

    def saw_init(self, line: Fields) -> None:
        """A turn began: ours or the CLI's own."""
        if texts(line, "user_message_uuids"):
            self._begin()
        elif self._names_prompts:
            self._foreign = not (self.turn and self.turn.begun)
        elif self.turn:
            self._foreign = False

    def saw_lifecycle(self, line: Fields) -> None:
        """A prompt's time has come; nobody but us gives prompts."""
        if text(line, "state") == "started":
            self._begin()

    def saw_content(self) -> None:
        """The agent itself speaks; with no open turn it does not speak to us."""
        if self.turn is None:
            self._foreign = True

    def ends_with(self, result: Fields) -> Turn | None:
        """The turn that this `result` ends, or None if it ends one of the CLI's own."""
        turn, foreign = self.turn, self._foreign
        self._foreign = False
        if turn is None:
            return None
        if not texts(result, "user_message_uuids") and not turn.begun:
            kind = text(inner(result, "origin"), "kind")
            if foreign or kind == "task-notification":
                turn.speech, turn.thoughts = Speech(), Speech()
                return None
        self.turn = None
        return turn

    def _begin(self) -> None:
        self._names_prompts = True
        self._foreign = False
        if self.turn:
            self.turn.begun = True
