"""What the real Claude Code asks for, through our codec: permissions, rules of a session, questions, plans."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalAnswer,
    ApprovalWanted,
    DetailKind,
    Finished,
    Noticed,
    ToolFinished,
)
from orchestrator.domain.states import Mode
from tests.real.claude_talk import Talk, answer, new_id, talk, tool
from tests.real.install import missing
from tests.real.model_anthropic import AnthropicApi

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(missing()), reason="run python -m tests.real.install first"),
]
QUESTIONS = [
    {
        "question": "Which colour?",
        "header": "Colour",
        "options": [{"label": "Red", "description": "warm"}, {"label": "Blue", "description": "cold"}],
        "multiSelect": False,
    },
    {
        "question": "Which parts?",
        "header": "Parts",
        "options": [{"label": "Door", "description": ""}, {"label": "Roof", "description": ""}],
        "multiSelect": True,
    },
]
PLAN = tool("ExitPlanMode", plan="# Plan\n1. look\n2. leap")


@pytest.fixture
def model() -> Iterator[AnthropicApi]:
    """A scripted model."""
    made = AnthropicApi()
    with made:
        yield made


def wants(events: list[AgentEvent]) -> list[ApprovalWanted]:
    """What was asked for in these events."""
    return [event for event in events if isinstance(event, ApprovalWanted)]


def bash(command: str) -> str:
    """A call of the shell."""
    return tool("Bash", command=command, description="as scripted")


def asks(cli: Talk, prompt: str) -> bool:
    """Whether this prompt's turn asks for something; it is refused then."""
    cli.begin(prompt)
    events = cli.until(lambda event: isinstance(event, ApprovalWanted | Finished))
    for wanted in wants(events):
        cli.write(cli.codec.deny(wanted.request_id, "no"))
        cli.finish()
    return bool(wants(events))


@pytest.mark.parametrize(
    ("step", "again", "other", "label"),
    [
        (bash("touch made && echo ok"), bash("touch made"), bash("touch more"), "Allow Bash(touch made *)"),
        (bash("npm run x"), bash("npm run y"), bash("npm exec z"), "Allow Bash(npm run *)"),
        (bash("rm -rf 'b (x'"), bash("rm -rf 'b (x'"), bash("rm -rf 'b (y'"), "Allow Bash(rm -rf 'b (x')"),
        (
            bash("rm -rf build; npm run x"),
            bash("npm run x; rm -rf build"),
            bash("rm -rf build2"),
            "Allow Bash(rm -rf build), Bash(npm run *)",
        ),
        (
            tool("Read", file_path="/etc/hostname"),
            tool("Read", file_path="/etc/passwd"),
            tool("Read", file_path="/opt/x"),
            "Allow Read(//etc/**)",
        ),
        (tool("WebSearch", query="one"), tool("WebSearch", query="two"), bash("npm run x"), "Allow WebSearch for this"),
    ],
    ids=["prefix", "words", "parentheses", "several", "directory", "tool"],
)
def test_what_is_allowed_for_the_session_is_not_asked_again_warm_or_cold(
    tmp_path: Path, model: AnthropicApi, step: str, again: str, other: str, label: str
) -> None:
    """The same process and a new one that was given the rule do the like unasked, and ask for what is not."""
    environment, session_id = model.environment(str(tmp_path)), new_id()
    with talk(tmp_path, environment, session_id=session_id) as cli:
        wanted = cli.asked(step)
        assert [wanted.options[0].label, wanted.options[-1].label] == ["Allow once", "Deny"]
        chosen = cli.choose(wanted, label)
        assert (chosen.answer, bool(chosen.rule)) == (ApprovalAnswer.ALLOW_ALWAYS, True)
        cli.finish()
        assert not asks(cli, again)
        assert asks(cli, other)
    with talk(tmp_path, environment, session_id=session_id, resume=True, rules=(chosen.rule,)) as cli:
        assert not asks(cli, again)
        assert asks(cli, other)
    with talk(tmp_path, environment, session_id=session_id, resume=True) as cli:
        assert asks(cli, again)


def test_a_directory_that_was_added_is_one_in_a_new_process_too(tmp_path: Path, model: AnthropicApi) -> None:
    """Edits beside the working directory need both: the mode in which they are accepted, and the directory."""
    environment, other = model.environment(str(tmp_path)), tmp_path / "other"
    other.mkdir()
    with talk(tmp_path, environment) as cli:
        wanted = cli.asked(tool("Write", file_path=str(other / "first"), content="x"))
        edits = cli.choose(wanted, "Accept edits from now on")
        assert (edits.answer, edits.rule, edits.mode) == (ApprovalAnswer.ALLOW_ALWAYS, "", Mode.EDITS)
        cli.finish()
        wanted = cli.asked(tool("Write", file_path=str(other / "second"), content="x"))
        rule = cli.choose(wanted, f"Work in {other} too").rule
        assert rule
        cli.finish()
        assert not asks(cli, tool("Write", file_path=str(other / "new"), content="x"))
    with talk(tmp_path, environment, mode=Mode.EDITS, rules=(rule,)) as cli:
        assert not asks(cli, tool("Write", file_path=str(other / "newer"), content="x"))
    with talk(tmp_path, environment, mode=Mode.EDITS) as cli:
        assert asks(cli, tool("Write", file_path=str(other / "newest"), content="x"))


def test_a_command_without_a_suggestion_can_be_allowed_exactly(tmp_path: Path, model: AnthropicApi) -> None:
    """The CLI asks again; the rule is the same for the same command, and for no other."""
    with talk(tmp_path, model.environment(str(tmp_path))) as cli:
        first = cli.asked(bash('echo "$(date)"'))
        (always,) = [option for option in first.options if option.answer is ApprovalAnswer.ALLOW_ALWAYS]
        assert always.label == "Allow this exact command for this session"
        assert first.reason.startswith("as scripted\n")
        cli.choose(first, always.label)
        cli.finish()
        again = cli.asked(bash('echo "$(date)"'))
        assert always.rule in [option.rule for option in again.options]
        cli.write(cli.codec.deny(again.request_id, "no"))
        cli.finish()
        other = cli.asked(bash('echo "$(date -u)"'))
        assert always.rule not in [option.rule for option in other.options]


def test_an_edit_is_shown_as_a_diff(tmp_path: Path, model: AnthropicApi) -> None:
    """Of an edit both sides, of a new file all of its lines."""
    with talk(tmp_path, model.environment(str(tmp_path))) as cli:
        path = tmp_path / "work" / "poem"
        path.write_text("roses\nare\nred\n")
        read = tool("Read", file_path=str(path))
        wanted = cli.asked(f"{read}\n{tool('Edit', file_path=str(path), old_string='roses', new_string='violets')}")
        assert (wanted.detail_is, wanted.directory) == (DetailKind.DIFF, str(tmp_path / "work"))
        assert wanted.detail == f"--- {path}\n+++ {path}\n@@ @@\n-roses\n+violets"
        cli.choose(wanted, "Allow once")
        cli.finish()
        assert path.read_text() == "violets\nare\nred\n"
        wanted = cli.asked(tool("Write", file_path=str(path.with_name("new")), content="a\nb"))
        assert wanted.detail == f"+++ {path.with_name('new')}\n@@ @@\n+a\n+b"
        cli.choose(wanted, "Deny")
        assert not wants(cli.finish())
        assert not path.with_name("new").exists()


def test_questions_are_answered_with_labels_and_words(tmp_path: Path, model: AnthropicApi) -> None:
    """One choice in own words, several choices; then a refusal to answer."""
    with talk(tmp_path, model.environment(str(tmp_path))) as cli:
        wanted = cli.asked(tool("AskUserQuestion", questions=QUESTIONS))
        assert wanted.options == ()
        assert [(each.takes_several, each.takes_text, len(each.choices)) for each in wanted.questions] == [
            (False, True, 2),
            (True, True, 2),
        ]
        first, second = (each.question_id for each in wanted.questions)
        cli.write(cli.codec.reply(wanted.request_id, {first: ["a greenish grey"], second: ["Door", "Roof"]}))
        said = answer(cli.finish())
        assert '"Which colour?"="a greenish grey", "Which parts?"="Door, Roof"' in said
        wanted = cli.asked(tool("AskUserQuestion", questions=QUESTIONS))
        cli.write(cli.codec.deny(wanted.request_id, "ask me tomorrow"))
        assert answer(cli.finish()) == "done: ask me tomorrow"


@pytest.mark.parametrize(("label", "is_asked"), [("Approve", True), ("Approve, accept edits", False)])
def test_an_approved_plan_is_carried_out(tmp_path: Path, model: AnthropicApi, label: str, is_asked: bool) -> None:
    """With edits accepted nobody is asked about them, for the rest of the session."""
    with talk(tmp_path, model.environment(str(tmp_path)), mode=Mode.PLAN) as cli:
        wanted = cli.asked(f"{PLAN}\n{tool('Write', file_path=str(tmp_path / 'work' / 'x'), content='y')}")
        assert (wanted.detail, wanted.detail_is) == ("# Plan\n1. look\n2. leap", DetailKind.PLAN)
        assert [option.label for option in wanted.options] == ["Approve", "Approve, accept edits", "Keep planning"]
        option = next(option for option in wanted.options if option.label == label)
        cli.write(cli.codec.choose(wanted.request_id, option.option_id))
        events = cli.until(lambda event: isinstance(event, ApprovalWanted | Finished))
        assert [each.tool_name for each in wants(events)] == (["Write"] if is_asked else [])


def test_a_plan_that_is_refused_is_revised(tmp_path: Path, model: AnthropicApi) -> None:
    """The words reach the agent, which is still planning."""
    with talk(tmp_path, model.environment(str(tmp_path)), mode=Mode.PLAN) as cli:
        wanted = cli.asked(PLAN)
        cli.write(cli.codec.deny(wanted.request_id, "first look twice"))
        assert answer(cli.finish()) == "done: first look twice"
        wanted = cli.asked(PLAN)
        cli.choose(wanted, "Keep planning")
        (told,) = [event for event in cli.finish() if isinstance(event, ToolFinished)]
        assert not told.ok


def test_the_mode_is_changed_in_a_running_session(tmp_path: Path, model: AnthropicApi) -> None:
    """To and fro; `all` needs a process that was started so."""
    with talk(tmp_path, model.environment(str(tmp_path))) as cli:
        assert cli.codec.set_mode(Mode.ALL) is None
        cli.write(cli.codec.set_mode(Mode.EDITS))
        assert not asks(cli, tool("Write", file_path="a", content="x"))
        cli.write(cli.codec.set_mode(Mode.ASK))
        assert asks(cli, tool("Write", file_path="b", content="x"))
    with talk(tmp_path, model.environment(str(tmp_path)), mode=Mode.ALL) as cli:
        cli.write(cli.codec.set_mode(Mode.ASK))
        assert asks(cli, bash("npm run x"))
        cli.write(cli.codec.set_mode(Mode.ALL))
        assert not asks(cli, bash("npm run x"))


def test_the_model_is_changed_in_a_running_session(tmp_path: Path, model: AnthropicApi) -> None:
    """From the next turn on; without a name it is the CLI's default again."""
    with talk(tmp_path, model.environment(str(tmp_path))) as cli:
        for name in ("", "claude-sonnet-4-5", ""):
            if model.models:
                cli.write(cli.codec.set_model(name))
            assert not [event for event in cli.turn("@@ say: x") if isinstance(event, Noticed)]
    first, second, third = model.models
    assert (second, first == third) == ("claude-sonnet-4-5", True)
