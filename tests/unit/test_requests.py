"""What a person's act makes of a request: pure decisions, their rules, modes, and who may make them."""

import pytest

from orchestrator.domain.agent_events import (
    ApprovalAnswer,
    ApprovalOption,
    ApprovalWanted,
)
from orchestrator.domain.errors import Refusal
from orchestrator.domain.requests import (
    MOST_WORDS,
    Act,
    ChooseOption,
    Chosen,
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
    is_plan,
    may_decide,
    mode_after,
    options,
    rule_of,
)
from orchestrator.domain.states import Mode
from tests.unit.asking import (
    ALICE,
    BOB,
    CLOSED,
    COLOUR,
    INTERVIEW,
    NAME,
    NEVER,
    NO,
    ONCE,
    PARTS,
    PERMISSION,
    SESSION,
    after,
    after_choice,
    only,
    wanted,
)

# Permission


def test_what_names_no_options_takes_once_and_no() -> None:
    """And their decisions need no option of the agent's."""
    asked = wanted()
    assert [each.answer for each in options(asked)] == [ApprovalAnswer.ALLOW_ONCE, ApprovalAnswer.REJECT_ONCE]
    assert after(asked, ChooseOption(index=0)) == Chosen(option_id="", label="Allow once")
    assert after(asked, ChooseOption(index=1)) == Denied()


def test_an_agent_s_own_options_are_chosen_by_their_place() -> None:
    """All four kinds; the refusals are options of its own too."""
    assert options(PERMISSION) == (ONCE, SESSION, NO, NEVER)
    for index, option in enumerate(options(PERMISSION)):
        assert after(PERMISSION, ChooseOption(index=index)) == Chosen(option_id=option.option_id, label=option.label)


@pytest.mark.parametrize("index", [-1, 4, 99])
def test_what_was_not_offered_can_t_be_chosen(index: int) -> None:
    """Also not from the end of the list."""
    with pytest.raises(Refusal, match="refusal-not-offered"):
        act(PERMISSION, Draft(), ChooseOption(index=index))


def test_questions_offer_no_options() -> None:
    """Whatever an agent adds to them: nobody allows by a button what is a question."""
    asked = wanted(ONCE, questions=(COLOUR,))
    assert options(asked) == ()
    with pytest.raises(Refusal, match="refusal-not-offered"):
        act(asked, Draft(), ChooseOption(index=0))


def test_words_deny_and_are_the_reason() -> None:
    """Of a permission and of a plan alike, without what surrounds them."""
    for asked in (PERMISSION, wanted(ONCE, NO, plan=True), wanted()):
        assert after(asked, Say(text="  Not on a Friday.\n")) == Denied(reason="Not on a Friday.")


@pytest.mark.parametrize("text", ["", " \n ", "x" * (MOST_WORDS + 1)])
def test_no_words_and_too_many_are_refused(text: str) -> None:
    """As a reason and as an answer."""
    for asked in (PERMISSION, wanted(questions=(NAME,))):
        with pytest.raises(Refusal):
            act(asked, Draft(), Say(text=text))
    assert after(PERMISSION, Say(text="x" * MOST_WORDS)) == Denied(reason="x" * MOST_WORDS)


@pytest.mark.parametrize("done", [PickChoice(question=0, choice=0), FinishPicking(question=0), GoBack(), Dismiss()])
def test_a_permission_is_not_answered_like_a_question(done: Act) -> None:
    """Those acts mean nothing to it."""
    with pytest.raises(Refusal, match="refusal-not-asked-for"):
        act(PERMISSION, Draft(), done)


def test_a_plan_is_one_by_its_detail() -> None:
    """Nothing else makes it one."""
    assert is_plan(wanted(ONCE, plan=True))
    assert not is_plan(PERMISSION)


# Questions


def test_questions_are_answered_in_order_and_decided_with_the_last() -> None:
    """One choice, several, and words."""
    acts: list[Act] = [
        PickChoice(question=0, choice=1),
        PickChoice(question=1, choice=2),
        PickChoice(question=1, choice=0),
        FinishPicking(question=1),
        Say(text=" Ada "),
    ]
    for count in range(len(acts)):
        assert isinstance(after(INTERVIEW, *acts[:count]), Draft)
    assert after(INTERVIEW, *acts) == Replied(
        answers=(("colour", ("green",)), ("parts", ("a", "c")), ("name", ("Ada",)))
    )


def test_the_current_question_is_the_first_without_an_answer() -> None:
    """With its place; none once all have one."""
    assert current(INTERVIEW, Draft()) == (0, COLOUR)
    assert current(INTERVIEW, Draft(answers=(("red",),), picked=(1,))) == (1, PARTS)
    assert current(INTERVIEW, Draft(answers=(("red",), ("a",), ("Ada",)))) is None


def test_words_answer_a_question_with_choices_too() -> None:
    """Unless it wants one of them."""
    assert after(wanted(questions=(COLOUR,)), Say(text="blue")) == Replied(answers=(("colour", ("blue",)),))
    with pytest.raises(Refusal, match="refusal-wants-choice"):
        act(wanted(questions=(CLOSED,)), Draft(), Say(text="perhaps"))


def test_words_come_after_what_was_picked() -> None:
    """They end a multiple choice."""
    asked = wanted(questions=(PARTS,))
    done = after(asked, PickChoice(question=0, choice=1), Say(text="and the roof"))
    assert done == Replied(answers=(("parts", ("b", "and the roof")),))


def test_what_is_picked_twice_is_left_out() -> None:
    """And nothing picked is no answer."""
    asked = wanted(questions=(PARTS,))
    empty = only(Draft, after(asked, PickChoice(question=0, choice=1), PickChoice(question=0, choice=1)))
    assert empty == Draft()
    with pytest.raises(Refusal, match="refusal-pick-one"):
        act(asked, empty, FinishPicking(question=0))


def test_back_takes_the_last_answer_and_what_was_picked_since() -> None:
    """Before the first question there is none."""
    picked = after(INTERVIEW, PickChoice(question=0, choice=0), PickChoice(question=1, choice=0))
    assert picked == Draft(answers=(("red",),), picked=(0,))
    assert act(INTERVIEW, only(Draft, picked), GoBack()) == Draft()
    with pytest.raises(Refusal, match="refusal-first-question"):
        act(INTERVIEW, Draft(), GoBack())


@pytest.mark.parametrize("done", [PickChoice(question=0, choice=0), FinishPicking(question=0)])
def test_a_button_of_a_question_that_is_answered_answers_no_other(done: Act) -> None:
    """The message showed it a moment ago."""
    with pytest.raises(Refusal, match="refusal-question-answered"):
        act(INTERVIEW, Draft(answers=(("red",),), picked=(1,)), done)


@pytest.mark.parametrize("choice", [-1, 2, 99])
def test_a_choice_that_is_none_is_refused(choice: int) -> None:
    """Also not from the end of the list."""
    with pytest.raises(Refusal, match="refusal-no-choice"):
        act(wanted(questions=(COLOUR,)), Draft(), PickChoice(question=0, choice=choice))


def test_a_single_choice_is_not_finished_but_made() -> None:
    """There is nothing that could be picked for it."""
    with pytest.raises(Refusal, match="refusal-pick-one"):
        act(wanted(questions=(COLOUR,)), Draft(), FinishPicking(question=0))


def test_not_to_answer_is_a_denial_at_any_time() -> None:
    """With a reason that the agent understands."""
    for draft in (Draft(), Draft(answers=(("red",),), picked=(0,))):
        assert only(Denied, act(INTERVIEW, draft, Dismiss())).reason


# Rules of a session


def test_a_rule_is_made_by_allowing_for_the_session_alone() -> None:
    """Neither by «once» nor by any refusal, with or without a rule of its own."""
    made = [rule_of(PERMISSION, after_choice(PERMISSION, index)) for index in range(4)]
    assert made == [None, ("shell: make", SESSION.label), None, None]
    assert rule_of(PERMISSION, Denied(reason="no")) is None
    assert rule_of(INTERVIEW, Replied(answers=())) is None


def test_what_is_allowed_for_the_session_but_can_t_be_kept_makes_no_rule() -> None:
    """The agent keeps it, as long as it can."""
    asked = wanted(ApprovalOption(option_id="s", answer=ApprovalAnswer.ALLOW_ALWAYS, label="Always"), NO)
    assert rule_of(asked, after_choice(asked, 0)) is None
    assert allowed_before(asked, {"": "Always"}) is None


def test_a_kept_rule_answers_the_same_request_again() -> None:
    """With the option that made it, and no other rule does."""
    assert allowed_before(PERMISSION, {"shell: make": "…"}) == Chosen(option_id="session", label=SESSION.label)
    assert allowed_before(PERMISSION, {"shell: make install": "…", "shell": "…"}) is None
    assert allowed_before(wanted(), {"shell: make": "…"}) is None
    assert allowed_before(INTERVIEW, {"shell: make": "…"}) is None


def test_a_rule_never_refuses() -> None:
    """One that only a lasting refusal has is no permission."""
    assert allowed_before(wanted(ONCE, NO, NEVER), {"shell: make": "…"}) is None


# What a decision means


def test_what_allows_and_what_does_not() -> None:
    """Refusals among the options don't; answers do."""
    assert [allows(PERMISSION, after_choice(PERMISSION, index)) for index in range(4)] == [True, True, False, False]
    assert not allows(PERMISSION, Denied())
    assert not allows(wanted(), after_choice(wanted(), 1))
    assert allows(INTERVIEW, Replied(answers=()))
    assert not allows(INTERVIEW, Denied(reason="no"))


def test_a_plain_yes_allows() -> None:
    """Of what names no options."""
    assert allows(wanted(), after_choice(wanted(), 0))


def in_mode(mode: Mode | None, answer: ApprovalAnswer = ApprovalAnswer.ALLOW_ALWAYS) -> ApprovalWanted:
    """A plan with an option that leads to a mode."""
    return wanted(ApprovalOption(option_id="go", answer=answer, label="Go", mode=mode), NO, plan=True)


def test_an_approved_plan_ends_the_plan_mode() -> None:
    """In the mode that its option names."""
    for target in (Mode.ASK, Mode.EDITS, Mode.ALL):
        assert mode_after(in_mode(target), after_choice(in_mode(target), 0), Mode.PLAN) is target


def test_what_names_no_mode_changes_none() -> None:
    """Nor does a denial, an answer, or another option."""
    for mode in Mode:
        assert mode_after(in_mode(None), after_choice(in_mode(None), 0), mode) is mode
        assert mode_after(in_mode(Mode.EDITS), Denied(reason="other"), mode) is mode
        assert mode_after(in_mode(Mode.EDITS), after_choice(in_mode(Mode.EDITS), 1), mode) is mode
        assert mode_after(INTERVIEW, Replied(answers=()), mode) is mode


@pytest.mark.parametrize("target", [Mode.ASK, Mode.EDITS, Mode.ALL])
@pytest.mark.parametrize("mode", Mode)
def test_a_decision_takes_no_rights_away(mode: Mode, target: Mode) -> None:
    """Whoever has more already keeps it."""
    rights = [Mode.PLAN, Mode.ASK, Mode.EDITS, Mode.ALL]
    then = mode_after(in_mode(target), after_choice(in_mode(target), 0), mode)
    assert rights.index(then) == max(rights.index(mode), rights.index(target))


# Who


def test_the_asker_and_admins_may_decide() -> None:
    """Nobody else, also not somebody without a name; of a turn that nobody asked for, everybody may."""
    assert may_decide(ALICE, ALICE, is_admin=False)
    assert not may_decide(ALICE, BOB, is_admin=False)
    assert not may_decide(ALICE, None, is_admin=False)
    assert may_decide(ALICE, BOB, is_admin=True)
    assert may_decide(ALICE, None, is_admin=True)
    assert may_decide(None, BOB, is_admin=False)
