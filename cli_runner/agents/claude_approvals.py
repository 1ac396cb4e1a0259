"""Permissions that a Claude Code process waits for."""

from cli_runner.agents import claude_wire
from cli_runner.agents.claude_tools import full_input, full_title
from cli_runner.agents.json_lines import Fields, encode_line, inner, text
from orchestrator.domain.agent_events import AgentEvent, ApprovalWanted, ApprovalWithdrawn


class Approvals:
    """Remembers the input of each waiting tool call: the answer «yes» must repeat it."""

    def __init__(self) -> None:
        self._inputs: dict[str, Fields] = {}
        self._by_tool: dict[str, str] = {}

    def wanted(self, line: Fields, called_with: Fields) -> ApprovalWanted:
        """A `can_use_tool` request. `called_with` is the input that the tool call itself showed.

        The plan of `ExitPlanMode` stands in the tool call only: the request's input is empty (2.1.329).
        """
        request_id, wish = text(line, "request_id"), inner(line, "request")
        name, tool_input = text(wish, "tool_name"), inner(wish, "input")
        self._inputs[request_id] = tool_input
        self._by_tool[text(wish, "tool_use_id")] = request_id
        shown = tool_input or called_with
        return ApprovalWanted(
            request_id=request_id,
            tool_name=name,
            title=full_title(name, shown),
            detail=full_input(name, shown),
            tool_id=text(wish, "tool_use_id"),
            raw_input=encode_line(tool_input).decode("ascii").rstrip("\n"),
        )

    def allow(self, request_id: str) -> bytes:
        """«Yes», or nothing if it is no longer waited for."""
        tool_input = self._inputs.pop(request_id, None)
        return b"" if tool_input is None else claude_wire.allowed(request_id, tool_input)

    def deny(self, request_id: str, reason: str, *, ends_turn: bool) -> bytes:
        """«No», or nothing if it is no longer waited for."""
        known = self._inputs.pop(request_id, None) is not None
        return claude_wire.denied(request_id, reason, interrupt=ends_turn) if known else b""

    def cancelled(self, line: Fields) -> list[AgentEvent]:
        """The CLI takes a request back; it must not be answered then."""
        return self._over(text(line, "request_id"))

    def tool_ended(self, tool_id: str) -> list[AgentEvent]:
        """A tool call ended: its request was answered, perhaps before a restart of the bot."""
        return self._over(self._by_tool.pop(tool_id, ""))

    def withdraw_all(self) -> list[AgentEvent]:
        """The turn is over: nothing is waited for."""
        self._by_tool = {}
        return [event for request_id in [*self._inputs] for event in self._over(request_id)]

    def _over(self, request_id: str) -> list[AgentEvent]:
        known = self._inputs.pop(request_id, None) is not None
        return [ApprovalWithdrawn(request_id=request_id)] if known else []
