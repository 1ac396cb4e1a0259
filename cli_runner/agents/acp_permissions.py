"""Permissions that an ACP agent waits for, each answered by one of the options that it offered."""

from dataclasses import dataclass

from cli_runner.agents import acp_wire
from cli_runner.agents.acp_tools import Call
from cli_runner.agents.acp_wire import RpcId
from cli_runner.agents.json_lines import Fields, encode_line, inner, objects, text
from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalAnswer,
    ApprovalOption,
    ApprovalWanted,
    ApprovalWithdrawn,
)

_NO = (ApprovalAnswer.REJECT_ONCE, ApprovalAnswer.REJECT_ALWAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    rpc_id: RpcId
    tool_id: str
    options: tuple[ApprovalOption, ...]

    def chosen(self, *answers: ApprovalAnswer) -> bytes:
        """The first of these answers that was offered. Where none was, the agent hears that nobody decides."""
        for answer in answers:
            for option in self.options:
                if option.answer is answer:
                    return acp_wire.selected(self.rpc_id, option.option_id)
        return acp_wire.cancelled(self.rpc_id)


class Permissions:
    """The requests that wait. They are named by their order: agents may use an id again."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}
        self._count = 0

    def wanted(self, rpc_id: RpcId, params: Fields, call: Call) -> ApprovalWanted:
        """A `session/request_permission`."""
        self._count += 1
        request_id = f"ask-{self._count}"
        options = tuple(option for each in objects(params, "options") if (option := _option(each)))
        self._waiting[request_id] = _Waiting(rpc_id=rpc_id, tool_id=call.tool_id, options=options)
        return ApprovalWanted(
            request_id=request_id,
            tool_name=call.name,
            title=call.title or call.name,
            detail=call.detail,
            tool_id=call.tool_id,
            raw_input=encode_line(inner(call.fields, "rawInput")).decode("ascii").rstrip("\n"),
            options=options,
        )

    def allow(self, request_id: str) -> bytes:
        """«Yes, once», or nothing if it is no longer waited for. Never the «always» that nobody said."""
        waiting = self._waiting.pop(request_id, None)
        return waiting.chosen(ApprovalAnswer.ALLOW_ONCE) if waiting else b""

    def deny(self, request_id: str) -> bytes:
        """«No», or nothing if it is no longer waited for."""
        waiting = self._waiting.pop(request_id, None)
        return waiting.chosen(*_NO) if waiting else b""

    def abandon(self, request_id: str) -> bytes:
        """«Nobody decides any more», which goes with the end of the turn."""
        waiting = self._waiting.pop(request_id, None)
        return acp_wire.cancelled(waiting.rpc_id) if waiting else b""

    def abandoned(self) -> bytes:
        """What answers all that wait with «nobody decides any more», and changes nothing here."""
        return b"".join(acp_wire.cancelled(waiting.rpc_id) for waiting in self._waiting.values())

    def cancelled(self, params: Fields) -> list[AgentEvent]:
        """The agent takes a request back; it must not be answered then."""
        taken_back = params.get("requestId")
        return self._over([name for name, each in self._waiting.items() if each.rpc_id == taken_back])

    def tool_ended(self, tool_id: str) -> list[AgentEvent]:
        """A tool call ended: its request was answered, perhaps before a restart of the bot."""
        return self._over([name for name, each in self._waiting.items() if each.tool_id == tool_id])

    def withdraw_all(self) -> list[AgentEvent]:
        """The turn is over: nothing is waited for."""
        return self._over([*self._waiting])

    def _over(self, names: list[str]) -> list[AgentEvent]:
        for name in names:
            del self._waiting[name]
        return [ApprovalWithdrawn(request_id=name) for name in names]


def _option(option: Fields) -> ApprovalOption | None:
    """An option whose kind is known; nobody may choose one whose meaning is not."""
    kind = text(option, "kind")
    if kind not in tuple(ApprovalAnswer):
        return None
    option_id = text(option, "optionId")
    return ApprovalOption(option_id=option_id, answer=ApprovalAnswer(kind), label=text(option, "name") or kind)
