"""Any acts on any request: refused, or one decision that fits it."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.agent_events import (
    ApprovalAnswer,
    ApprovalOption,
    ApprovalWanted,
    DetailKind,
    Question,
    QuestionChoice,
)
from orchestrator.domain.errors import Refusal
from orchestrator.domain.requests import (
    MOST_WORDS,
    Act,
    ChooseOption,
    Chosen,
    Decision,
    Denied,
    Dismiss,
    Draft,
    FinishPicking,
    GoBack,
    PickChoice,
    Replied,
    Say,
    act,
    allowed_before,
    allows,
    current,
    options,
    rule_of,
)
from orchestrator.domain.states import Mode
from tests.unit.asking import after, only

LABELS = st.text("abc", min_size=1, max_size=3)
QUESTIONS = st.builds(
    lambda number, choices, text, several: Question(
        question_id=f"q{number}",
        text="?",
        choices=tuple(QuestionChoice(label=label) for label in choices),
        takes_text=text,
        takes_several=several,
    ),
    st.integers(0, 9),
    st.lists(LABELS, max_size=3),
    st.booleans(),
    st.booleans(),
)
OPTIONS = st.builds(
    ApprovalOption,
    option_id=st.sampled_from(["a", "b", "c"]),
    answer=st.sampled_from(ApprovalAnswer),
    label=LABELS,
    rule=st.sampled_from(["", "r1", "r2"]),
    mode=st.sampled_from([None, *Mode]),
)
ASKED = st.builds(
    ApprovalWanted,
    request_id=st.just("r"),
    tool_name=st.just("shell"),
    title=st.just("t"),
    detail_is=st.sampled_from(DetailKind),
    options=st.lists(OPTIONS, max_size=3, unique_by=lambda option: option.option_id).map(tuple),
    questions=st.lists(QUESTIONS, max_size=3, unique_by=lambda each: each.question_id).map(tuple),
)
PLACES = st.integers(-2, 4)
ACTS: st.SearchStrategy[Act] = st.one_of(
    st.builds(ChooseOption, index=PLACES),
    st.builds(PickChoice, question=PLACES, choice=PLACES),
    st.builds(FinishPicking, question=PLACES),
    st.builds(GoBack),
    st.builds(Dismiss),
    st.builds(Say, text=st.sampled_from(["", " ", "some words", "x" * (MOST_WORDS + 1)])),
)


@given(ASKED, st.lists(ACTS, max_size=25))
def test_any_acts_are_refused_or_lead_to_one_decision_that_answers_all(asked: ApprovalWanted, acts: list[Act]) -> None:
    """Nothing but a Refusal is raised; a draft fits what is asked; a decision fits it too, and ends it."""
    draft, told = Draft(), list[str]()
    for done in acts:
        try:
            outcome = act(asked, draft, done)
        except Refusal as refusal:
            told.append(str(refusal))
            continue
        if not isinstance(outcome, Draft):
            assert_fits(asked, outcome)
            return
        assert asked.questions
        place, at = only(tuple, current(asked, outcome))
        assert place == len(outcome.answers)
        assert list(outcome.picked) == sorted(set(outcome.picked))
        assert all(0 <= each < len(at.choices) for each in outcome.picked)
        assert not outcome.picked or at.takes_several
        draft = outcome
    assert all(text and "\n" not in text for text in told)


def assert_fits(asked: ApprovalWanted, decision: Decision) -> None:
    """It is one that the request takes."""
    match decision:
        case Chosen():
            assert not asked.questions
            assert decision.option_id in {option.option_id for option in options(asked)}
        case Replied():
            assert [name for name, _ in decision.answers] == [each.question_id for each in asked.questions]
            for each, (_, answer) in zip(asked.questions, decision.answers, strict=True):
                labels = {choice.label for choice in each.choices}
                assert answer
                assert len(answer) == 1 or each.takes_several
                assert each.takes_text or set(answer) <= labels
        case Denied():
            assert decision == Denied() or decision.reason.strip()
            assert not asked.questions or decision.reason


@given(ASKED, st.lists(ACTS, max_size=25))
def test_what_was_done_in_vain_changes_nothing(asked: ApprovalWanted, acts: list[Act]) -> None:
    """Left out of the acts, what was refused makes no difference."""
    draft, heard = Draft(), []
    outcome: Draft | Decision = draft
    for done in acts:
        try:
            outcome = act(asked, draft, done)
        except Refusal:
            continue
        heard.append(done)
        if not isinstance(outcome, Draft):
            break
        draft = outcome
    assert after(asked, *heard) == outcome


@given(ASKED, st.lists(ACTS, max_size=6))
def test_what_a_decision_allows_for_the_session_is_allowed_later(asked: ApprovalWanted, acts: list[Act]) -> None:
    """The rule that it makes answers the same request by itself, as something that is allowed."""
    for done in acts:
        try:
            decision = act(asked, Draft(), done)
        except Refusal:
            continue
        made = None if isinstance(decision, Draft) else rule_of(asked, decision)
        if made is not None:
            again = only(Chosen, allowed_before(asked, dict([made])))
            assert allows(asked, again)
            assert rule_of(asked, again) is not None
