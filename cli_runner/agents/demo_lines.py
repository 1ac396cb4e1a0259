"""What the lines of the demo protocol mean, each by itself."""

from collections.abc import Callable, Mapping

from cli_runner.agents.endings import one_line
from cli_runner.agents.json_lines import Fields, flag, inner, number, objects, text, whole
from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalAnswer,
    ApprovalOption,
    ApprovalWanted,
    DetailKind,
    Finished,
    ModelOffer,
    Noticed,
    Planned,
    PlanState,
    PlanStep,
    Question,
    QuestionChoice,
    SessionStarted,
    SteerRefused,
    SteerTaken,
    Thought,
    ToolFinished,
    ToolStarted,
    Usage,
    Used,
)
from orchestrator.domain.states import Mode

_YES_OR_NO = (
    ApprovalOption(option_id="allow", answer=ApprovalAnswer.ALLOW_ONCE, label="Allow once"),
    ApprovalOption(option_id="deny", answer=ApprovalAnswer.REJECT_ONCE, label="Deny"),
)
"""The options of a request that names none."""


def finished(line: Fields, said: str) -> Finished:
    """The end of a turn in which `said` was streamed."""
    ok = flag(line, "ok")
    return Finished(
        ok=ok,
        answer=text(line, "answer") or said,
        error="" if ok else one_line(text(line, "error")) or "The agent gave no reason.",
        interrupted=flag(line, "interrupted"),
        session_unusable=flag(line, "session_unusable"),
        usage=_usage(inner(line, "usage")),
    )


def approval(line: Fields) -> ApprovalWanted:
    """A request for permission, for answers, or for a verdict on a plan. What it is unclear about is plain text."""
    detail, kind = text(line, "detail"), text(line, "detail_is")
    questions = tuple(_question(each, nth) for nth, each in enumerate(objects(line, "questions"), start=1))
    return ApprovalWanted(
        request_id=text(line, "id"),
        tool_name=text(line, "name"),
        title=one_line(text(line, "title")) or text(line, "name"),
        detail=detail,
        detail_is=DetailKind(kind) if kind in list(DetailKind) else DetailKind.TEXT,
        directory=text(line, "directory"),
        reason=text(line, "reason"),
        tool_id=text(line, "tool_id"),
        options=() if questions else _options(line),
        questions=questions,
    )


def _options(line: Fields) -> tuple[ApprovalOption, ...]:
    """Those that have an id and a known meaning. «Yes, once» and «no» are always among them."""
    told = tuple(
        ApprovalOption(
            option_id=text(option, "id"),
            answer=ApprovalAnswer(text(option, "answer")),
            label=one_line(text(option, "label")) or text(option, "id"),
            rule=text(option, "rule"),
            mode=Mode(mode) if (mode := text(option, "mode")) in list(Mode) else None,
        )
        for option in objects(line, "options")
        if text(option, "id") and text(option, "answer") in list(ApprovalAnswer)
    )
    meant = {option.answer for option in told}
    return told if meant >= {option.answer for option in _YES_OR_NO} else _YES_OR_NO


def _question(fields: Fields, nth: int) -> Question:
    return Question(
        question_id=text(fields, "id") or f"q{nth}",
        text=text(fields, "text"),
        header=one_line(text(fields, "header")),
        choices=tuple(
            QuestionChoice(label=text(choice, "label"), detail=text(choice, "detail"))
            for choice in objects(fields, "choices")
            if text(choice, "label")
        ),
        takes_text=fields.get("takes_text") is not False,
        takes_several=flag(fields, "several"),
        is_secret=flag(fields, "secret"),
    )


def _usage(fields: Fields) -> Usage:
    return Usage(
        input_tokens=whole(fields, "input_tokens"),
        output_tokens=whole(fields, "output_tokens"),
        cost_usd=number(fields, "cost_usd"),
        context_tokens=whole(fields, "context_tokens"),
        context_limit=whole(fields, "context_limit"),
    )


def _steps(line: Fields) -> tuple[PlanStep, ...]:
    return tuple(
        PlanStep(
            text=one_line(text(step, "text")),
            state=PlanState(state) if (state := text(step, "state")) in list(PlanState) else PlanState.PENDING,
        )
        for step in objects(line, "steps")
    )


BESIDE: Mapping[str, Callable[[Fields], AgentEvent]] = {
    "session": lambda line: SessionStarted(
        cli_session_id=text(line, "id"),
        model=text(line, "model"),
        models=tuple(
            ModelOffer(name=name, about=one_line(text(each, "about")))
            for each in objects(line, "models")
            if (name := text(each, "name"))
        ),
    ),
    "thought": lambda line: Thought(delta=text(line, "delta")),
    "tool": lambda line: ToolStarted(
        tool_id=text(line, "id"),
        name=text(line, "name"),
        title=one_line(text(line, "title")),
        parent_id=text(line, "parent"),
    ),
    "tool_end": lambda line: ToolFinished(
        tool_id=text(line, "id"), ok=flag(line, "ok"), summary=one_line(text(line, "summary"))
    ),
    "notice": lambda line: Noticed(text=text(line, "text")),
    "plan": lambda line: Planned(steps=_steps(line)),
    "used": lambda line: Used(usage=_usage(inner(line, "usage"))),
    "steer_taken": lambda line: SteerTaken(steer_id=text(line, "id")),
    "steer_refused": lambda line: SteerRefused(steer_id=text(line, "id")),
}
"""Lines that mean one event, whatever came before."""
