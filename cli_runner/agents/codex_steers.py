"""What was said into a running turn, until Codex has taken it in or never will.

Measured with 0.169: the answer to `turn/steer` says only that it was queued. It is taken in when it shows as
a message of the turn, which then carries the id that we gave it; a turn that is interrupted before loses it.
Said twice it is heard twice, whatever its id: that is for the one who writes it to prevent.
"""

from cli_runner.agents.codex_wire import STEER
from cli_runner.agents.json_lines import Fields, text
from orchestrator.domain.agent_events import AgentEvent, SteerRefused, SteerTaken


class Steers:
    """Follows each to its one end; output that is read again leads to the same."""

    def __init__(self) -> None:
        self._waiting: dict[str, None] = {}
        self._settled: set[str] = set()

    def is_settled(self, steer_id: str) -> bool:
        """Whether its end was told."""
        return steer_id in self._settled

    def said(self, steer_id: str) -> None:
        """It was said, or Codex says that it was."""
        if steer_id not in self._settled:
            self._waiting[steer_id] = None

    def taken(self, message: Fields) -> list[AgentEvent]:
        """A message of the turn, which may be one of these."""
        client_id = text(message, "clientId")
        steer_id = client_id.removeprefix(STEER)
        return [SteerTaken(steer_id=steer_id)] if client_id != steer_id and self._settle(steer_id) else []

    def answered(self, request_id: str, *, refused: bool) -> list[AgentEvent]:
        """The answer to one of these requests."""
        steer_id = request_id.removeprefix(STEER)
        if refused:
            return [SteerRefused(steer_id=steer_id)] if self._settle(steer_id) else []
        self.said(steer_id)
        return []

    def turn_over(self) -> list[AgentEvent]:
        """The turn that they were said into is over, and does not hear them any more."""
        return [SteerRefused(steer_id=steer_id) for steer_id in [*self._waiting] if self._settle(steer_id)]

    def _settle(self, steer_id: str) -> bool:
        self._waiting.pop(steer_id, None)
        is_new = steer_id not in self._settled
        self._settled.add(steer_id)
        return is_new
