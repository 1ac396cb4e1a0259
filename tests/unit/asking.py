"""What tests of requests ask with."""

from typing import TypeVar

from orchestrator.domain.agent_events import (
    ApprovalAnswer,
    ApprovalOption,
    ApprovalWanted,
    DetailKind,
    Question,
    QuestionChoice,
)
from orchestrator.domain.ids import UserId
from orchestrator.domain.requests import (
    Act,
    ChooseOption,
    Decision,
    Draft,
    act,
)

T = TypeVar("T")

ONCE = ApprovalOption(option_id="once", answer=ApprovalAnswer.ALLOW_ONCE, label="Allow once")
SESSION = ApprovalOption(
    option_id="session", answer=ApprovalAnswer.ALLOW_ALWAYS, label="Allow `make` for this session", rule="shell: make"
)
NO = ApprovalOption(option_id="no", answer=ApprovalAnswer.REJECT_ONCE, label="Deny")
NEVER = ApprovalOption(option_id="never", answer=ApprovalAnswer.REJECT_ALWAYS, label="Never", rule="shell: make")
ALICE, BOB = UserId(1), UserId(2)


def wanted(*offered: ApprovalOption, questions: tuple[Question, ...] = (), plan: bool = False) -> ApprovalWanted:
    """A request that offers these options, or asks these questions."""
    kind = DetailKind.PLAN if plan else DetailKind.COMMAND
    return ApprovalWanted(
        request_id="r1", tool_name="shell", title="make", detail_is=kind, options=offered, questions=questions
    )


def question(name: str, *choices: str, text: bool = True, several: bool = False) -> Question:
    """A question with these choices."""
    made = tuple(QuestionChoice(label=label) for label in choices)
    return Question(question_id=name, text=f"{name}?", choices=made, takes_text=text, takes_several=several)


def after(asked: ApprovalWanted, *acts: Act) -> Draft | Decision:
    """What comes of acts, one after the other."""
    found: Draft | Decision = Draft()
    for each in acts:
        assert isinstance(found, Draft), f"{each} comes after {found}"
        found = act(asked, found, each)
    return found


def only(kind: type[T], found: object) -> T:
    """The same, which has to be of this kind."""
    assert isinstance(found, kind)
    return found


PERMISSION = wanted(ONCE, SESSION, NO, NEVER)
COLOUR = question("colour", "red", "green")
PARTS = question("parts", "a", "b", "c", several=True)
CLOSED = question("closed", "yes", "no", text=False)
NAME = question("name")
INTERVIEW = wanted(questions=(COLOUR, PARTS, NAME))


def after_choice(asked: ApprovalWanted, index: int) -> Decision:
    """The decision for an option."""
    found = act(asked, Draft(), ChooseOption(index=index))
    assert not isinstance(found, Draft)
    return found
