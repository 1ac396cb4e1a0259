"""What a person says while Claude Code works: messages into the turn under way.

The CLI takes one in after the next tool result; `command_lifecycle` says `started` then. If there is none any
more, it makes a turn of it. It drops a message whose `uuid` it has seen in this process, so the id is made of
the steer's own. A later process of the session knows only prompts again, of which it says no more than
`completed`: a steer that was taken in would be taken in once more (2.1.329).
"""

from uuid import UUID, uuid5

from cli_runner.agents import claude_wire
from cli_runner.agents.json_lines import Fields, text
from orchestrator.domain.agent_events import AgentEvent, SteerRefused, SteerTaken

_NAMESPACE = UUID("7a5c1be2-6f0e-4f6b-9a9b-0f3f6d1d2c11")


def uuid_of(steer_id: str) -> str:
    """The message's id: the same for the same steer."""
    return str(uuid5(_NAMESPACE, steer_id))


class Steers:
    """Knows which messages are steers, and tells what became of each, once."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._told: set[str] = set()
        self._taken_before: set[str] = set()
        self._late: list[AgentEvent] = []

    def give(self, steer_id: str, said: str) -> bytes:
        """The message. Of one that the output already told of, it is told with the next line."""
        uuid = uuid_of(steer_id)
        self._ids[uuid] = steer_id
        if uuid in self._taken_before:
            self._late += self.taken(uuid)
        return claude_wire.message(said, uuid)

    def knows(self, uuid: str) -> bool:
        """Whether a message is a steer."""
        return uuid in self._ids

    def given(self, steer_id: str) -> bool:
        """Whether it was given before."""
        return uuid_of(steer_id) in self._ids

    def taken(self, uuid: str) -> list[AgentEvent]:
        """It is part of a turn now."""
        steer_id = self.tell(uuid)
        return [SteerTaken(steer_id=steer_id)] if steer_id else []

    def tell(self, uuid: str) -> str:
        """The steer that is to be told of, empty if there is none or it was told of."""
        if uuid in self._told or uuid not in self._ids:
            return ""
        self._told.add(uuid)
        return self._ids[uuid]

    def started_unknown(self, uuid: str) -> None:
        """A message nobody here gave: perhaps a steer of before a restart of the bot, which will be given again."""
        self._taken_before.add(uuid)

    def lifecycle(self, line: Fields) -> list[AgentEvent]:
        """The states that say of a steer alone what became of it: it was known already, or was thrown away."""
        uuid, state = text(line, "command_uuid"), text(line, "state")
        if state == "completed":
            return self.taken(uuid)
        if state == "cancelled" and (steer_id := self.tell(uuid)):
            return [SteerRefused(steer_id=steer_id)]
        return []

    def told_late(self) -> list[AgentEvent]:
        """What `give` found out."""
        late, self._late = self._late, []
        return late

    def refuse_all(self) -> list[AgentEvent]:
        """The process is gone: what was not taken never will be."""
        left = [steer_id for uuid in self._ids if (steer_id := self.tell(uuid))]
        return [SteerRefused(steer_id=steer_id) for steer_id in left]
