"""Permissions that an ACP agent waits for, each answered by one of the options that it offered.

OpenCode may ask before it has told what the tool would do, and tell it right after. So a request for a call
that was begun without its input is held back until a report brings that. Whether one will come, no clock has
to say: with the request held, the agent is asked for something that it has not, and once it has answered,
nothing was on its way. Every agent answers that, as the protocol demands; and nothing is lost with it.
"""

from dataclasses import dataclass, replace

from cli_runner.agents import acp_wire
from cli_runner.agents.acp_asked import asked_about
from cli_runner.agents.acp_tools import TITLE_CHARS, Call
from cli_runner.agents.acp_wire import RpcId
from cli_runner.agents.endings import one_line
from cli_runner.agents.json_lines import Fields, encode_line, inner, objects, text
from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalAnswer,
    ApprovalOption,
    ApprovalWanted,
    ApprovalWithdrawn,
)

_NO = (ApprovalAnswer.REJECT_ONCE, ApprovalAnswer.REJECT_ALWAYS)
_PLAIN = {ApprovalAnswer.ALLOW_ONCE: "Allow once", ApprovalAnswer.REJECT_ONCE: "Deny"}
_DENY = ApprovalOption(option_id="topicd: deny", answer=ApprovalAnswer.REJECT_ONCE, label="Deny")
"""A «no» for agents that offer none: nobody decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A request. `number` counts them; while it is `held`, nobody has been told of it."""

    number: int
    rpc_id: RpcId
    call: Call
    offered: tuple[Fields, ...]
    held: bool

    def chosen(self, *answers: ApprovalAnswer) -> bytes:
        """The first of these answers that was offered. Where none was, the agent hears that nobody decides."""
        for answer in answers:
            for option in self.offered:
                if text(option, "kind") == answer:
                    return acp_wire.selected(self.rpc_id, text(option, "optionId"))
        return acp_wire.cancelled(self.rpc_id)

    def options(self, rule: str) -> tuple[ApprovalOption, ...]:
        """What was offered, of the kinds that are known: nobody may choose one whose meaning is not."""
        known = tuple(_option(option, rule) for option in self.offered)
        return known if any(option.answer is ApprovalAnswer.REJECT_ONCE for option in known) else (*known, _DENY)


class Permissions:
    """The requests that wait. They are named by their order: agents may use an id again."""

    def __init__(self, directory: str) -> None:
        """`directory` is the session's."""
        self._directory = directory
        self._waiting: dict[str, _Waiting] = {}
        self._count = 0

    def wanted(self, rpc_id: RpcId, params: Fields, call: Call) -> tuple[list[AgentEvent], bytes]:
        """A `session/request_permission`: what is told of it, and what is to be written at once."""
        self._count += 1
        held = not call.is_told
        waiting = _Waiting(
            number=self._count,
            rpc_id=rpc_id,
            call=call,
            offered=tuple(each for each in objects(params, "options") if text(each, "kind") in tuple(ApprovalAnswer)),
            held=held,
        )
        self._waiting[f"ask-{self._count}"] = waiting
        return ([], acp_wire.ping(self._count)) if held else ([self._told(waiting)], b"")

    def told_of(self, tool_id: str) -> list[AgentEvent]:
        """A report of a tool call came."""
        held = [each for each in self._waiting.values() if each.held]
        return [self._let_go(each) for each in held if each.call.tool_id == tool_id and each.call.is_told]

    def echoed(self, number: int) -> list[AgentEvent]:
        """The agent has answered what was asked when a request was held back."""
        waiting = self._waiting.get(f"ask-{number}")
        return [self._let_go(waiting)] if waiting and waiting.held else []

    def allow(self, request_id: str) -> bytes:
        """«Yes, once», or nothing if it is no longer waited for. Never the «always» that nobody said."""
        waiting = self._waiting.pop(request_id, None)
        return waiting.chosen(ApprovalAnswer.ALLOW_ONCE) if waiting else b""

    def deny(self, request_id: str) -> bytes:
        """«No», or nothing if it is no longer waited for."""
        waiting = self._waiting.pop(request_id, None)
        return waiting.chosen(*_NO) if waiting else b""

    def choose(self, request_id: str, option_id: str) -> bytes:
        """The option, or nothing if it was not offered, or is no longer waited for."""
        waiting = self._waiting.get(request_id)
        if waiting is None:
            return b""
        if option_id == _DENY.option_id:
            return self.deny(request_id)
        if option_id not in [text(option, "optionId") for option in waiting.offered]:
            return b""
        del self._waiting[request_id]
        return acp_wire.selected(waiting.rpc_id, option_id)

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
        return self._over([name for name, each in self._waiting.items() if each.call.tool_id == tool_id])

    def withdraw_all(self) -> list[AgentEvent]:
        """The turn is over: nothing is waited for."""
        return self._over([*self._waiting])

    def _over(self, names: list[str]) -> list[AgentEvent]:
        over = [(name, self._waiting.pop(name)) for name in names]
        return [ApprovalWithdrawn(request_id=name) for name, waiting in over if not waiting.held]

    def _let_go(self, waiting: _Waiting) -> ApprovalWanted:
        free = replace(waiting, held=False)
        self._waiting[f"ask-{waiting.number}"] = free
        return self._told(free)

    def _told(self, waiting: _Waiting) -> ApprovalWanted:
        call = waiting.call
        asked = asked_about(call, self._directory)
        return ApprovalWanted(
            request_id=f"ask-{waiting.number}",
            tool_name=call.name,
            title=one_line(call.title or call.name, TITLE_CHARS),
            detail=asked.detail,
            detail_is=asked.detail_is,
            directory=asked.directory,
            reason=asked.reason,
            tool_id=call.tool_id,
            raw_input=encode_line(inner(call.fields, "rawInput")).decode("ascii").rstrip("\n"),
            options=waiting.options(asked.rule),
        )


def _option(option: Fields, rule: str) -> ApprovalOption:
    """An option in the agent's words; the two that every agent has are called the same everywhere."""
    answer = ApprovalAnswer(text(option, "kind"))
    return ApprovalOption(
        option_id=text(option, "optionId"),
        answer=answer,
        label=_PLAIN.get(answer) or text(option, "name") or answer.replace("_", " ").capitalize(),
        rule=rule if answer is ApprovalAnswer.ALLOW_ALWAYS else "",
    )
