"""What agents ask of people: permissions, answers to questions, the approval of plans. Pure.

A request is asked once, in one topic, for one turn and one tool call, and takes one decision. Several may
be open at once. Its turn is `waiting` exactly as long as one of its requests is open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from orchestrator.domain.agent_events import (
    ApprovalAnswer,
    ApprovalOption,
    ApprovalWanted,
    DetailKind,
    Question,
)
from orchestrator.domain.errors import Refusal
from orchestrator.domain.ids import RequestId, RunId, TopicKey, TurnId, UserId
from orchestrator.domain.states import Mode

MOST_WORDS = 20_000
"""Characters of an answer or a reason."""

_PLAIN = (
    ApprovalOption(option_id="", answer=ApprovalAnswer.ALLOW_ONCE, label="Allow once"),
    ApprovalOption(option_id="", answer=ApprovalAnswer.REJECT_ONCE, label="Deny"),
)


_REFUSALS = (ApprovalAnswer.REJECT_ONCE, ApprovalAnswer.REJECT_ALWAYS)


class RequestState(StrEnum):
    """Where a request is in its life."""

    OPEN = "open"  # nobody decided yet
    DECIDED = "decided"  # somebody, or an earlier decision, did
    EXPIRED = "expired"  # nobody did in time: it was denied
    VOID = "void"  # it does not matter any more: its turn ended, or the agent took it back


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One of the options that were offered; without an id, «yes, once»."""

    option_id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """Answers to all of the questions, by their ids."""

    answers: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """«No». The reason reaches the agent; of a plan it is what should be different."""

    reason: str = ""


Decision: TypeAlias = Chosen | Replied | Denied


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Answers to questions as far as they were given; `picked` are those of a multiple choice that is not done."""

    answers: tuple[tuple[str, ...], ...] = ()
    picked: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something that is asked of a person, as it is stored. `letter_id` is the letter that asks it.

    Only who knows its `nonce` (its buttons do) or replies to its message may decide. `expires_at` is None
    where it waits for ever.
    """

    id: RequestId
    turn_id: TurnId
    run_id: RunId
    topic: TopicKey
    asked: ApprovalWanted
    nonce: str
    state: RequestState
    draft: Draft
    decision: Decision | None
    by_id: UserId | None
    by_name: str
    asked_at: int
    expires_at: int | None
    letter_id: int | None

    @property
    def is_open(self) -> bool:
        """Whether a decision is awaited."""
        return self.state is RequestState.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseOption:
    """Decide with an option, by its place among `options`."""

    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PickChoice:
    """Answer a question with a choice, both by their places; of a multiple choice, pick it or leave it out."""

    question: int
    choice: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishPicking:
    """A multiple choice is done."""

    question: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GoBack:
    """Answer the question before this one again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismiss:
    """Answer none of the questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Words: the answer to a question, else a denial with its reason."""

    text: str


Act: TypeAlias = ChooseOption | PickChoice | FinishPicking | GoBack | Dismiss | Say


def options(asked: ApprovalWanted) -> tuple[ApprovalOption, ...]:
    """What can be chosen. Something that names no options takes «yes, once» and «no»; questions take neither."""
    if asked.questions:
        return ()
    return asked.options or _PLAIN


def is_plan(asked: ApprovalWanted) -> bool:
    """Whether it is a plan that is to be approved."""
    return asked.detail_is is DetailKind.PLAN


def current(asked: ApprovalWanted, draft: Draft) -> tuple[int, Question] | None:
    """The question that is to be answered next, with its place; None if all are."""
    place = len(draft.answers)
    return (place, asked.questions[place]) if place < len(asked.questions) else None


def act(asked: ApprovalWanted, draft: Draft, done: Act) -> Draft | Decision:
    """What a person's act makes of a request: a decision, or a step towards one.

    Raises Refusal, with one line for the person, for what does not fit any more or never did.
    """
    match done:
        case ChooseOption():
            return _chosen(asked, done.index)
        case Say() if not asked.questions:
            return Denied(reason=_words(done.text))
        case Dismiss() if asked.questions:
            return Denied(reason="The person does not want to answer this.")
        case PickChoice() | FinishPicking() | GoBack() | Say() if asked.questions:
            return _complete(asked, _answered(asked, draft, done))
        case _:
            raise Refusal("refusal-not-asked-for")


def _chosen(asked: ApprovalWanted, index: int) -> Decision:
    offered = options(asked)
    if not 0 <= index < len(offered):
        raise Refusal("refusal-not-offered")
    option = offered[index]
    if not option.option_id and option.answer in _REFUSALS:
        return Denied()
    return Chosen(option_id=option.option_id, label=option.label)


def _answered(asked: ApprovalWanted, draft: Draft, done: PickChoice | FinishPicking | GoBack | Say) -> Draft:
    if isinstance(done, GoBack):
        if not draft.answers:
            raise Refusal("refusal-first-question")
        return Draft(answers=draft.answers[:-1])
    found = current(asked, draft)
    if found is None:
        raise Refusal("refusal-all-answered")
    place, question = found
    if isinstance(done, Say):
        if not question.takes_text:
            raise Refusal("refusal-wants-choice")
        picked = tuple(question.choices[each].label for each in draft.picked)
        return Draft(answers=(*draft.answers, (*picked, _words(done.text))))
    if done.question != place:
        raise Refusal("refusal-question-answered")
    if isinstance(done, FinishPicking):
        if not draft.picked:
            raise Refusal("refusal-pick-one")
        return Draft(answers=(*draft.answers, tuple(question.choices[each].label for each in draft.picked)))
    if not 0 <= done.choice < len(question.choices):
        raise Refusal("refusal-no-choice")
    if not question.takes_several:
        return Draft(answers=(*draft.answers, (question.choices[done.choice].label,)))
    others = tuple(each for each in draft.picked if each != done.choice)
    picked_now = others if done.choice in draft.picked else (*others, done.choice)
    return replace(draft, picked=tuple(sorted(picked_now)))


def _complete(asked: ApprovalWanted, draft: Draft) -> Draft | Decision:
    if current(asked, draft) is not None:
        return draft
    return Replied(
        answers=tuple(
            (question.question_id, answer) for question, answer in zip(asked.questions, draft.answers, strict=True)
        )
    )


def _words(text: str) -> str:
    words = text.strip()
    if not words:
        raise Refusal("refusal-empty")
    if len(words) > MOST_WORDS:
        raise Refusal("refusal-too-long", most=MOST_WORDS)
    return words


def allowed_before(asked: ApprovalWanted, rules: Mapping[str, str]) -> Chosen | None:
    """The option that an earlier decision for the session chooses. `rules` are those decisions, with their labels."""
    for option in options(asked):
        if option.rule and option.rule in rules and option.answer is ApprovalAnswer.ALLOW_ALWAYS:
            return Chosen(option_id=option.option_id, label=option.label)
    return None


def rule_of(asked: ApprovalWanted, decision: Decision) -> tuple[str, str] | None:
    """The rule that a decision makes for the session, with its label; None if it makes none."""
    if not isinstance(decision, Chosen):
        return None
    for option in options(asked):
        if option.option_id == decision.option_id and option.rule and option.answer is ApprovalAnswer.ALLOW_ALWAYS:
            return option.rule, option.label
    return None


def mode_after(asked: ApprovalWanted, decision: Decision, mode: Mode) -> Mode:
    """The mode that a session is in after a decision. An approved plan ends `plan`; nothing takes rights away."""
    if not isinstance(decision, Chosen) or mode is Mode.ALL:
        return mode
    for option in options(asked):
        if option.option_id == decision.option_id and option.mode not in (None, Mode.PLAN):
            return mode if option.mode is Mode.ASK and mode is not Mode.PLAN else option.mode
    return mode


def allows(asked: ApprovalWanted, decision: Decision) -> bool:
    """Whether the agent may go on with what it asked for."""
    match decision:
        case Chosen():
            found = [option for option in options(asked) if option.option_id == decision.option_id]
            return not decision.option_id or not any(option.answer in _REFUSALS for option in found)
        case Replied():
            return True
        case Denied():
            return False


def may_decide(asker: UserId | None, person: UserId | None, *, is_admin: bool) -> bool:
    """Whether somebody may decide for the turn that `asker` asked for: they themselves, or an admin."""
    return is_admin or asker is None or (person is not None and person == asker)
