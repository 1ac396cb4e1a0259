"""What the demo agent asks: permission, by its mode; questions; verdicts on plans."""

from pathlib import Path

import pytest

from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalAnswer,
    ApprovalWanted,
    ApprovalWithdrawn,
    DetailKind,
    Planned,
    PlanState,
    ToolStarted,
)
from orchestrator.domain.states import Mode
from tests.integration.demo_talk import answer, talking
from tests.unit.transcripts import endings

DIFF = "--- a/app.py\n+++ b/app.py\n@@ -1,2 +1,2 @@\n-one = 1\n+one = 2\n two = 2\n"


def wants(events: list[AgentEvent]) -> list[ApprovalWanted]:
    """What was asked."""
    return [event for event in events if isinstance(event, ApprovalWanted)]


def option(asked: ApprovalWanted, meaning: ApprovalAnswer) -> str:
    """The id of the option that means this."""
    [found] = [each.option_id for each in asked.options if each.answer is meaning]
    return found


def into(asked: ApprovalWanted, mode: Mode) -> str:
    """The id of the option after which the session is in this mode."""
    [found] = [each.option_id for each in asked.options if each.mode is mode]
    return found


@pytest.mark.parametrize("allowed", [True, False])
def test_a_command_that_is_asked_about_runs_only_if_allowed(tmp_path: Path, allowed: bool) -> None:
    """All that a person decides by is there, and «no» reaches the agent with its reason."""
    with talking(tmp_path) as agent:
        asked = agent.asks("ask touch made")
        assert (asked.tool_name, asked.title) == ("shell", "touch made")
        assert (asked.detail, asked.detail_is) == ("touch made", DetailKind.COMMAND)
        assert asked.directory == str(tmp_path)
        assert asked.reason
        assert [each.label for each in asked.options] == ["Allow once", "Allow this command for this session", "Deny"]
        assert not (tmp_path / "made").exists()
        yes, no = agent.codec.allow, agent.codec.deny
        agent.write(yes(asked.request_id) if allowed else no(asked.request_id, "too risky"))
        events = agent.ends()
    assert not [event for event in events if isinstance(event, ApprovalWithdrawn)]
    assert (tmp_path / "made").exists() == allowed
    assert ("too risky" in answer(events)) != allowed


def test_once_is_once(tmp_path: Path) -> None:
    """The same command is asked about again."""
    with talking(tmp_path) as agent:
        for _ in range(2):
            asked = agent.asks("ask true")
            agent.write(agent.codec.choose(asked.request_id, option(asked, ApprovalAnswer.ALLOW_ONCE)))
            assert answer(agent.ends()) == "(no output)"


def test_what_is_allowed_for_the_session_is_exactly_that_command(tmp_path: Path) -> None:
    """In this process, and in a later one that is given the rule; anything more is asked about."""
    with talking(tmp_path) as agent:
        asked = agent.asks("ask touch made")
        [rule] = [each.rule for each in asked.options if each.rule]
        agent.write(agent.codec.choose(asked.request_id, option(asked, ApprovalAnswer.ALLOW_ALWAYS)))
        agent.ends()
        assert not wants(agent.turn("ask touch made"))
        assert rule not in [each.rule for each in agent.asks("ask touch made other").options]
    (tmp_path / "made").unlink()
    with talking(tmp_path, resume=True, rules=("something else", rule)) as agent:
        assert not wants(agent.turn("ask touch made"))
        assert (tmp_path / "made").exists()
        agent.asks("ask touch made other")
    assert not (tmp_path / "other").exists()


def test_a_no_can_end_the_turn(tmp_path: Path) -> None:
    """Nothing that comes after it is done."""
    with talking(tmp_path) as agent:
        asked = agent.asks("ask touch made\nrun touch after")
        agent.write(agent.codec.deny(asked.request_id, "stop", ends_turn=True))
        (end,) = endings(agent.ends())
    assert end.interrupted
    assert not (tmp_path / "after").exists()


def test_an_interrupt_withdraws_what_was_asked(tmp_path: Path) -> None:
    """And a late answer runs nothing."""
    with talking(tmp_path) as agent:
        asked = agent.asks("ask touch made")
        late = agent.codec.allow(asked.request_id)
        agent.write(agent.codec.interrupt())
        (end,) = endings(agent.ends())
        assert end.interrupted
        agent.write(late)
        assert answer(agent.turn("say on")) == "on"
    assert not (tmp_path / "made").exists()


def test_several_are_asked_at_once_and_done_as_they_are_answered(tmp_path: Path) -> None:
    """In any order."""
    with talking(tmp_path) as agent:
        first = agent.asks("several echo one | echo two | echo three")
        rest = [agent.next(ApprovalWanted) for _ in range(2)]
        assert [each.title for each in (first, *rest)] == ["echo one", "echo two", "echo three"]
        agent.write(agent.codec.allow(rest[1].request_id))
        assert agent.next(ToolStarted).title == "echo three"
        agent.write(agent.codec.deny(first.request_id, "not that"))
        agent.write(agent.codec.allow(rest[0].request_id))
        told = answer(agent.ends())
    assert told.index("three") < told.index("not that") < told.index("two")


def test_an_edit_shows_its_diff_and_is_then_made(tmp_path: Path) -> None:
    """Whole and unified; allowed for the session, the file is edited unasked, and no other one."""
    (tmp_path / "app.py").write_bytes(b"one = 1\r\ntwo = 2\r\n")
    (tmp_path / "other.py").write_text("one = 1\n")
    with talking(tmp_path) as agent:
        asked = agent.asks("edit app.py: one = 1 => one = 2")
        assert (asked.title, asked.detail_is) == ("app.py", DetailKind.DIFF)
        assert asked.detail.replace("\r\n", "\n") == DIFF
        agent.write(agent.codec.choose(asked.request_id, option(asked, ApprovalAnswer.ALLOW_ALWAYS)))
        assert "I changed `app.py`" in answer(agent.ends())
        assert (tmp_path / "app.py").read_bytes() == b"one = 2\r\ntwo = 2\r\n"
        assert not wants(agent.turn("edit app.py: two => 2"))
        agent.asks("edit other.py: one => 1")


def test_a_new_file_is_shown_whole(tmp_path: Path) -> None:
    """With directories that are not there yet."""
    with talking(tmp_path) as agent:
        asked = agent.asks("edit docs/new.md: => # A\\n\\nb")
        assert asked.detail == "--- /dev/null\n+++ b/docs/new.md\n@@ -0,0 +1,3 @@\n+# A\n+\n+b\n"
        agent.write(agent.codec.allow(asked.request_id))
        agent.ends()
    assert (tmp_path / "docs/new.md").read_text() == "# A\n\nb\n"


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ("edit ../out: => x", "below"),
        ("edit /etc/hosts: a => b", "below"),
        ("edit link/x: => y", "below"),
        ("edit app.py: nine => 9", "There is no «nine»"),
        ("edit app.py: => x", "is there already"),
        ("edit gone.py: a => b", "No such file"),
        ("edit app.py", "I want it as"),
    ],
)
def test_an_edit_that_cannot_be_made_is_an_error(tmp_path: Path, step: str, error: str) -> None:
    """Nothing outside of the directory is touched, whatever leads there."""
    outside = tmp_path / "outside"
    work = tmp_path / "work"
    outside.mkdir()
    work.mkdir()
    (work / "app.py").write_text("one\n")
    (work / "link").symlink_to(outside)
    with talking(work) as agent:
        (end,) = endings(agent.turn(step))
    assert not end.ok
    assert error in end.error
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    ("mode", "asks_edit", "asks_command"),
    [(Mode.ASK, True, True), (Mode.EDITS, False, True), (Mode.ALL, False, False)],
)
def test_the_mode_says_what_is_asked(tmp_path: Path, mode: Mode, asks_edit: bool, asks_command: bool) -> None:
    """Given at the start, or changed in the running process, which then says so."""
    with talking(tmp_path, mode=mode) as given, talking(tmp_path, "s2", mode=Mode.PLAN) as changed:
        changed.write(changed.codec.set_mode(mode))
        changed.write(changed.codec.set_model("big"))
        told = answer(changed.turn("mode"))
        assert f"`{mode}`" in told
        assert "`big`" in told
        for nth, agent in enumerate((given, changed)):
            for step, asks in ((f"edit f{nth}: => x", asks_edit), ("ask true", asks_command)):
                agent.write(agent.codec.begin_turn(step))
                seen = agent.until(lambda event: isinstance(event, ApprovalWanted) or bool(endings([event])))
                assert bool(wants(seen)) == asks
                if asks:
                    agent.write(agent.codec.deny(wants(seen)[0].request_id, "no"))
                    agent.ends()


def test_in_mode_plan_nothing_is_done(tmp_path: Path) -> None:
    """It says what it would do; an approved plan ends that."""
    with talking(tmp_path, mode=Mode.PLAN) as agent:
        told = answer(agent.turn("run touch a\nask touch b\nedit c: => x\nleave touch d"))
        assert told.count("I only plan") == 4
        assert {path.name for path in tmp_path.iterdir()} == {"state"}
        asked = agent.asks("plan make it\nmode")
        agent.write(agent.codec.choose(asked.request_id, into(asked, Mode.ASK)))
        assert "mode `ask`" in answer(agent.ends())


def test_a_question_is_answered_with_a_label_or_with_words(tmp_path: Path) -> None:
    """One, with choices."""
    with talking(tmp_path) as agent:
        asked = agent.asks("question Which colour? red | green")
        (question,) = asked.questions
        assert (question.text, question.takes_several, question.takes_text) == ("Which colour?", False, True)
        assert [choice.label for choice in question.choices] == ["red", "green"]
        assert not asked.options
        agent.write(agent.codec.reply(asked.request_id, {question.question_id: ["green"]}))
        assert answer(agent.ends()) == "You answered:\n- Which colour? **green**"
        asked = agent.asks("question")
        agent.write(agent.codec.deny(asked.request_id, "later"))
        assert answer(agent.ends()) == "You gave no answer: later"


def test_several_questions_come_at_once(tmp_path: Path) -> None:
    """Single choice, multiple choice and free text; what is left out is answered with nothing."""
    with talking(tmp_path) as agent:
        asked = agent.asks("questions Which? a | b; Which ones? * c | d | e; Your name?")
        assert [each.takes_several for each in asked.questions] == [False, True, False]
        assert [len(each.choices) for each in asked.questions] == [2, 3, 0]
        one, many, _ = (each.question_id for each in asked.questions)
        agent.write(agent.codec.reply(asked.request_id, {one: ["b"], many: ["c", "e"], "foreign": ["x"]}))
        assert (
            answer(agent.ends()) == "You answered:\n- Which? **b**\n- Which ones? **c, e**\n- Your name? **(nothing)**"
        )
        assert not endings(agent.turn("questions Only one?"))[0].ok


def test_a_plan_is_revised_by_words_and_then_approved(tmp_path: Path) -> None:
    """Each as Markdown; accepting edits is the mode from then on; its steps are then shown as they are done."""
    with talking(tmp_path) as agent:
        first = agent.asks("plan paint it")
        assert first.detail_is is DetailKind.PLAN
        assert first.detail.startswith("## Plan: paint it")
        agent.write(agent.codec.deny(first.request_id, "in blue"))
        second = agent.next(ApprovalWanted)
        assert second.request_id != first.request_id
        assert "in blue" in second.detail
        agent.write(agent.codec.choose(second.request_id, into(second, Mode.EDITS)))
        events = agent.ends()
        assert "mode `edits`" in answer(events)
        last = [event for event in events if isinstance(event, Planned)][-1]
        assert {step.state for step in last.steps} == {PlanState.COMPLETED}
        asked = agent.asks("plan")
        agent.write(agent.codec.deny(asked.request_id, ""))
        assert answer(agent.ends()) == "Then I leave it at that."
