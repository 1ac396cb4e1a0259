"""Whether a lost turn is resumed by itself is decided from few facts, and never for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain import resume_policy
from orchestrator.domain.agent_events import Finished
from orchestrator.domain.ids import TurnId
from orchestrator.domain.policy import Policy
from orchestrator.domain.resume_policy import INSTANT_S, REASONS, Loss, Verdict, verdict
from orchestrator.domain.states import TakenUp
from tests.builders import a_turn

POLICY = Policy(resume_attempts=2, fresh_s=3600.0)
WELL, BADLY = Finished(ok=True), Finished(ok=False, error="no")
LOSSES = st.builds(
    Loss,
    attempts=st.integers(0, 5),
    age_s=st.floats(-1e6, 1e6),
    has_session=st.booleans(),
    stopped=st.booleans(),
)
POLICIES = st.builds(Policy, resume_attempts=st.integers(0, 4), fresh_s=st.floats(0, 1e5))


def a_loss(**changes: object) -> Loss:
    """A turn that was lost just now, for the first time."""
    return Loss(**{"attempts": 0, "age_s": 0.0, "has_session": True, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (a_loss(), Verdict.RESUME),
        (a_loss(attempts=1), Verdict.RESUME),
        (a_loss(attempts=2), Verdict.EXHAUSTED),
        (a_loss(age_s=3600.0), Verdict.RESUME),
        (a_loss(age_s=3600.1), Verdict.STALE),
        (a_loss(age_s=-500.0), Verdict.RESUME),
        (a_loss(stopped=True), Verdict.STOPPED),
        (a_loss(has_session=False), Verdict.NO_SESSION),
    ],
)
def test_each_limit_has_its_verdict(loss: Loss, expected: Verdict) -> None:
    """A clock that was put back makes nothing old."""
    assert verdict(loss, POLICY) is expected


def test_with_no_attempts_nothing_is_resumed() -> None:
    """That is how it is switched off."""
    assert verdict(a_loss(), Policy(resume_attempts=0)) is Verdict.OFF


@given(LOSSES, POLICIES)
def test_nothing_is_resumed_that_is_stopped_old_exhausted_or_without_a_session(loss: Loss, policy: Policy) -> None:
    """Whatever else holds."""
    resumed = verdict(loss, policy) is Verdict.RESUME
    assert resumed == (
        not loss.stopped
        and loss.attempts < policy.resume_attempts
        and loss.age_s <= policy.fresh_s
        and loss.has_session
    )


@given(POLICIES, st.lists(st.floats(-100, 1e5), min_size=10, max_size=10))
def test_a_turn_that_is_lost_each_time_comes_to_an_end(policy: Policy, ages: list[float]) -> None:
    """However it goes, there are no more attempts than allowed."""
    attempts = 0
    for age_s in ages:
        if verdict(a_loss(attempts=attempts, age_s=age_s), policy) is Verdict.RESUME:
            attempts += 1
    assert attempts <= policy.resume_attempts


def test_only_reasons_that_help_are_told() -> None:
    """A verdict that a person brought about needs no reason."""
    assert set(Verdict) - set(REASONS) == {Verdict.RESUME, Verdict.OFF, Verdict.STOPPED}


@given(st.text())
def test_the_request_stands_whole_at_the_end_of_what_the_agent_is_told(prompt: str) -> None:
    """After one paragraph that says what to mind; a request with braces is no template."""
    told = resume_policy.request(a_turn(prompt=prompt, taken_up=TakenUp.ITSELF))
    preface, _, asked = told.partition("\n\n")
    assert asked == prompt
    assert "\n" not in preface
    for word in ("interrupted", "may or may not have run", "Check", "restarts or shuts down"):
        assert word in preface


def test_what_is_no_resumption_is_told_as_it_was_written() -> None:
    """Also what continues a turn that timed out; and only a new conversation is told that it is new."""
    assert resume_policy.request(a_turn(prompt="go")) == "go"
    assert resume_policy.request(a_turn(prompt="continue", resumes_id=TurnId(3))) == "continue"
    assert resume_policy.request(a_turn(prompt="go", afresh=True)) == "go"
    assert "new conversation" in resume_policy.request(a_turn(taken_up=TakenUp.PERSON, afresh=True))
    assert "new conversation" not in resume_policy.request(a_turn(taken_up=TakenUp.PERSON))


@pytest.mark.parametrize(
    ("result", "tools", "took_s", "expected"),
    [
        (WELL, 0, 0.1, True),
        (Finished(ok=True, answer=" \n"), 0, INSTANT_S, True),
        (WELL, 0, INSTANT_S + 0.1, False),
        (WELL, 1, 0.1, False),
        (Finished(ok=True, answer="done"), 0, 0.1, False),
        (BADLY, 0, 0.1, False),
    ],
)
def test_ending_well_at_once_with_nothing_said_or_done_is_no_success(
    result: Finished, tools: int, took_s: float, expected: bool
) -> None:
    """A program that works in silence for a while may have done what it was asked."""
    assert resume_policy.came_to_nothing(result, tools=tools, took_s=took_s) is expected


@pytest.mark.parametrize(
    ("result", "tools", "expected"),
    [
        (Finished(ok=False, session_unusable=True), 0, True),
        (Finished(ok=False, session_unusable=True), 1, False),
        (Finished(ok=False, session_unusable=True, answer="I began"), 0, False),
        (Finished(ok=False, session_unusable=True, interrupted=True), 0, False),
        (BADLY, 0, False),
    ],
)
def test_a_prompt_runs_again_only_if_certainly_nothing_was_done_with_it(
    result: Finished, tools: int, expected: bool
) -> None:
    """The agent said that it does not know the session, and had said and done nothing else."""
    assert resume_policy.was_refused(result, tools=tools) is expected


@pytest.mark.parametrize(
    ("age_s", "attempts", "expected"), [(0, 1, True), (3600, 2, True), (3601, 1, False), (0, 3, False)]
)
def test_a_turn_that_did_not_get_to_resume_may_do_so_while_it_is_fresh(
    age_s: int, attempts: int, expected: bool
) -> None:
    """Nor if fewer attempts are allowed by now."""
    turn = a_turn(taken_up=TakenUp.ITSELF, attempts=attempts, created_at=1_000)
    assert resume_policy.may_still_start(turn, 1_000 + age_s * 1000, POLICY) is expected
