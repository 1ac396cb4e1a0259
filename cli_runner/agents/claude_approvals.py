"""What a Claude Code process waits for: permissions, answers, the approval of a plan."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cli_runner.agents import claude_plan, claude_questions, claude_wire
from cli_runner.agents.claude_details import Detail, detail_of
from cli_runner.agents.claude_tools import short_title
from cli_runner.agents.claude_updates import Update, canonical, exactly, may_be_offered, suggested
from cli_runner.agents.json_lines import Fields, encode_line, inner, objects, text
from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalAnswer,
    ApprovalOption,
    ApprovalWanted,
    ApprovalWithdrawn,
    DetailKind,
    Question,
)

DENIED = "The user does not allow this."
NOBODY_THERE = "The turn is over, and nobody can be asked about this now."
_ONCE = ApprovalOption(option_id="once", answer=ApprovalAnswer.ALLOW_ONCE, label="Allow once")
_DENY = ApprovalOption(option_id="deny", answer=ApprovalAnswer.REJECT_ONCE, label="Deny")

Option = tuple[ApprovalOption, Fields | None]
"""An answer and the permission update that comes with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request that was not answered yet. `options` are all that can be chosen, `shown` those that are offered."""

    tool_input: Fields
    in_background: bool
    options: tuple[Option, ...] = ()
    shown: tuple[ApprovalOption, ...] = ()
    questions: tuple[Question, ...] = ()
    refusal: str = DENIED


def _always(update: Update, option_id: str) -> Option:
    answer = ApprovalAnswer.ALLOW_ALWAYS
    rule = "" if update.mode is not None else update.rule
    option = ApprovalOption(option_id=option_id, answer=answer, label=update.label, rule=rule, mode=update.mode)
    return option, update.wire


class Approvals:
    """Remembers each waiting tool call: the answer «yes» must repeat its input, as it came."""

    def __init__(self, directory: str = "", rules: Iterable[str] = ()) -> None:
        self._directory = directory
        self._in_force = set(rules)
        self._waiting: dict[str, Waiting] = {}
        self._by_tool: dict[str, str] = {}

    def wanted(self, line: Fields, called_with: Fields) -> ApprovalWanted:
        """A `can_use_tool` request. `called_with` is the input that the tool call itself showed.

        The plan of `ExitPlanMode` stands in the tool call only: the request's input is empty (2.1.329).
        """
        request_id, wish = text(line, "request_id"), inner(line, "request")
        name, tool_input = text(wish, "tool_name"), inner(wish, "input")
        shown = tool_input or called_with
        waiting = self._read(name, wish)
        detail = _detail(name, shown)
        self._waiting[request_id] = waiting
        self._by_tool[text(wish, "tool_use_id")] = request_id
        return ApprovalWanted(
            request_id=request_id,
            tool_name=name,
            title=claude_plan.TITLE if name == claude_plan.TOOL else short_title(shown) or name,
            detail=detail.text,
            detail_is=detail.kind,
            directory=self._directory,
            reason=_reason(name, wish, detail),
            tool_id=text(wish, "tool_use_id"),
            raw_input=encode_line(tool_input).decode("ascii").rstrip("\n"),
            options=waiting.shown,
            questions=waiting.questions,
        )

    def _read(self, name: str, wish: Fields) -> Waiting:
        tool_input, in_background = inner(wish, "input"), bool(text(wish, "agent_id"))
        if name == claude_plan.TOOL:
            return Waiting(
                tool_input=tool_input,
                in_background=in_background,
                options=claude_plan.OPTIONS,
                shown=tuple(option for option, _ in claude_plan.OPTIONS),
                refusal=claude_plan.NOT_YET,
            )
        if name == claude_questions.TOOL and (questions := claude_questions.questions_of(tool_input)):
            return Waiting(tool_input=tool_input, in_background=in_background, questions=questions)
        updates = suggested(objects(wish, "permission_suggestions"), self._directory)
        always = [_always(update, f"always-{number}") for number, update in enumerate(updates)]
        news = [may_be_offered(each, name, tool_input, self._in_force) for each in updates]
        shown = [option for (option, _), is_news in zip(always, news, strict=True) if is_news]
        exact = _always(exactly(name, tool_input), "exact")
        return Waiting(
            tool_input=tool_input,
            in_background=in_background,
            # All of them, whatever is shown: an answer given before a restart means the same after it.
            options=((_ONCE, None), *always, exact, (_DENY, None)),
            shown=(_ONCE, *(shown or [exact[0]]), _DENY),
        )

    def allow(self, request_id: str) -> bytes:
        """«Yes», or nothing if it is no longer waited for."""
        waiting = self._waiting.pop(request_id, None)
        return claude_wire.allowed(request_id, waiting.tool_input) if waiting else b""

    def deny(self, request_id: str, reason: str, *, ends_turn: bool) -> bytes:
        """«No», or nothing if it is no longer waited for."""
        waiting = self._waiting.pop(request_id, None)
        return claude_wire.denied(request_id, reason or waiting.refusal, interrupt=ends_turn) if waiting else b""

    def choose(self, request_id: str, option_id: str) -> bytes:
        """One of the options; what it allows for the session is in force from now on."""
        waiting = self._waiting.get(request_id)
        options = waiting.options if waiting else ()
        chosen = next((each for each in options if each[0].option_id == option_id), None)
        if waiting is None or chosen is None:
            return b""
        option, update = chosen
        if option.answer in (ApprovalAnswer.REJECT_ONCE, ApprovalAnswer.REJECT_ALWAYS):
            return self.deny(request_id, waiting.refusal, ends_turn=False)
        del self._waiting[request_id]
        if update is not None:
            self._in_force.add(canonical(update))
        return claude_wire.allowed(request_id, waiting.tool_input, update)

    def reply(self, request_id: str, answers: Mapping[str, Sequence[str]]) -> bytes:
        """Answers to questions."""
        waiting = self._waiting.get(request_id)
        if waiting is None or not waiting.questions:
            return b""
        del self._waiting[request_id]
        return claude_wire.allowed(request_id, claude_questions.answered(waiting.tool_input, answers))

    def cancelled(self, line: Fields) -> list[AgentEvent]:
        """The CLI takes a request back; it must not be answered then."""
        return self._over(text(line, "request_id"))

    def tool_ended(self, tool_id: str) -> list[AgentEvent]:
        """A tool call ended: its request was answered, perhaps before a restart of the bot."""
        return self._over(self._by_tool.pop(tool_id, ""))

    def withdraw_all(self) -> tuple[list[AgentEvent], list[bytes]]:
        """The turn is over: nothing is waited for. Agents in the background would wait on: they are refused."""
        self._by_tool = {}
        waiting, self._waiting = self._waiting, {}
        left = [request_id for request_id, request in waiting.items() if request.in_background]
        refusals = [claude_wire.denied(request_id, NOBODY_THERE, interrupt=False) for request_id in left]
        return [ApprovalWithdrawn(request_id=request_id) for request_id in waiting], refusals

    def _over(self, request_id: str) -> list[AgentEvent]:
        known = self._waiting.pop(request_id, None) is not None
        return [ApprovalWithdrawn(request_id=request_id)] if known else []


def _detail(name: str, tool_input: Fields) -> Detail:
    match name:
        case claude_plan.TOOL if plan := text(tool_input, "plan"):
            return Detail(text=plan, kind=DetailKind.PLAN)
        case claude_questions.TOOL if questions := claude_questions.questions_of(tool_input):
            return Detail(text="\n\n".join(map(claude_questions.shown, questions)), kind=DetailKind.TEXT)
        case _:
            return detail_of(name, tool_input)


def _reason(name: str, wish: Fields, detail: Detail) -> str:
    """What the agent says about a command (of other tools the CLI repeats there what is asked), and why it asks."""
    said = text(wish, "description") or text(inner(wish, "input"), "description") if name == "Bash" else ""
    return "\n".join(part for part in (said, *detail.notes, text(wish, "decision_reason")) if part)
