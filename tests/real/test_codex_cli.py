"""The real Codex: tools, permissions, modes and interrupts, as our codec has them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.domain.agent_events import (
    ApprovalAnswer,
    ApprovalWanted,
    ApprovalWithdrawn,
    DetailKind,
    SessionStarted,
    TextSaid,
    Thought,
    ToolFinished,
    ToolStarted,
    Used,
)
from orchestrator.domain.states import Mode
from tests.integration.hearing import nothing_left
from tests.real.clis import CODEX
from tests.real.codex_talk import Place, answer, asked_in, codex, rule, session
from tests.real.model_openai import OpenAiApi
from tests.unit.transcripts import endings, said

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(CODEX.absent()), reason=CODEX.absent() or "it is there"),
    pytest.mark.timeout(120),
]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A fresh home and a scripted model. No process is left in the end."""
    with nothing_left(tmp_path), OpenAiApi() as api:
        yield Place(home=tmp_path, api=api)


async def test_text_is_streamed_once_and_the_process_stays_for_further_turns(place: Place) -> None:
    """Thoughts, words and the usage of each turn; one thread, each prompt once."""
    async with codex(place) as cli:
        first = await cli.turn("@@ think: Let me see\n@@ say: Hello from the model, Grüße 🎉")
        second = await cli.turn("and the second")
    assert answer(first) == said(first) == "Hello from the model, Grüße 🎉"
    assert len([event for event in first if isinstance(event, TextSaid)]) > 3
    assert "".join(event.delta for event in first if isinstance(event, Thought)) == "Let me see"
    assert answer(second) == "echo: and the second"
    assert session(first) == session(second)
    assert [endings(turn)[0].usage.input_tokens for turn in (first, second)] == [120, 120]
    (used,) = [event.usage for event in first if isinstance(event, Used)]
    assert (used.context_tokens, used.context_limit) == (140, 258_400)
    assert [asked.prompt for asked in place.api.asked] == [
        "@@ think: Let me see\n@@ say: Hello from the model, Grüße 🎉",
        "and the second",
    ]


async def test_commands_and_files_are_tools(place: Place) -> None:
    """In mode `all` nothing is asked."""
    async with codex(place) as cli:
        ran = await cli.turn("@@ bash: touch made && echo it is made")
        wrote = await cli.turn("@@ write: notes.md|# Notes")
    assert (place.work / "made").exists()
    assert (place.work / "notes.md").read_text() == "# Notes\n"
    assert [event.title for event in ran if isinstance(event, ToolStarted)] == ["touch made && echo it is made"]
    assert [(event.ok, event.summary) for event in ran if isinstance(event, ToolFinished)] == [(True, "it is made")]
    assert [event.name for event in wrote if isinstance(event, ToolStarted)] == ["edit"]
    assert "it is made" in answer(ran)


async def test_a_refused_change_is_not_made_and_the_model_is_told_why(place: Place) -> None:
    """Mode `ask`. A second answer to the same request changes nothing."""
    async with codex(place, mode=Mode.ASK) as cli:
        await cli.begin("@@ write: notes.md|# Notes")
        wanted = await cli.asked()
        assert wanted.title == f"add {place.work}/notes.md"
        assert wanted.detail == f"--- /dev/null\n+++ {place.work}/notes.md\n@@ -0,0 +1 @@\n+# Notes\n"
        assert (wanted.detail_is, wanted.directory) == (DetailKind.DIFF, str(place.work))
        await cli.give(cli.codec.deny(wanted.request_id, "too risky"))
        assert cli.codec.allow(wanted.request_id) == b""
        events = await cli.end()
    assert answer(events) == "echo: too risky"
    assert [(event.ok, event.summary) for event in events if isinstance(event, ToolFinished)] == [
        (False, "not allowed")
    ]
    assert not (place.work / "notes.md").exists()


async def test_an_allowed_change_is_made(place: Place) -> None:
    """Once; and from then on, whatever is in the file, where the session is allowed it."""
    async with codex(place, mode=Mode.ASK) as cli:
        await cli.begin("@@ write: one.md|1")
        once = await cli.asked()
        await cli.give(cli.codec.choose(once.request_id, "accept"))
        answer(await cli.end())
        await cli.begin("@@ write: one.md|2")
        always = await cli.asked()
        assert rule(always) == rule(once)
        await cli.give(cli.codec.choose(always.request_id, "acceptForSession"))
        answer(await cli.end())
        assert not asked_in(await cli.turn("@@ write: one.md|3"))
    assert (place.work / "one.md").read_text() == "3\n"


async def test_what_the_session_is_allowed_a_second_process_asks_for_by_the_same_rule(place: Place) -> None:
    """Codex itself forgets it with its process; it takes «for this session» without having offered it."""
    escape = f"@@ escalate: touch {place.home}/made"
    async with codex(place, mode=Mode.ASK) as cli:
        await cli.begin(escape)
        wanted = await cli.asked()
        assert (wanted.detail, wanted.detail_is) == (f"touch {place.home}/made", DetailKind.COMMAND)
        assert (wanted.directory, wanted.reason) == (str(place.work), "May I leave the sandbox?")
        await cli.give(cli.codec.choose(wanted.request_id, "acceptForSession"))
        answer(await cli.end())
        events = await cli.turn(escape)
        assert not asked_in(events)
        thread = session(events)
    async with codex(place, mode=Mode.ASK, resume=thread, run="second") as cli:
        await cli.begin(escape)
        again = await cli.asked()
        assert rule(again) == rule(wanted)
        await cli.give(cli.codec.choose(again.request_id, "acceptForSession"))
        answer(await cli.end())
        await cli.begin(f"@@ escalate: touch {place.home}/other")
        other = await cli.asked()
        assert rule(other) != rule(wanted)
        await cli.give(cli.codec.deny(other.request_id, "no"))
        answer(await cli.end())


async def test_what_codex_keeps_holds_in_every_process_for_all_that_begins_so(place: Place) -> None:
    """As the button says: it is a line in a file of Codex's own."""
    async with codex(place, mode=Mode.ASK) as cli:
        await cli.begin("@@ escalate: git status")
        wanted = await cli.asked()
        (kept,) = [option for option in wanted.options if option.label.endswith("(kept by Codex)")]
        assert (kept.label, kept.rule) == ("Always allow `git status …` (kept by Codex)", "")
        await cli.give(cli.codec.choose(wanted.request_id, kept.option_id))
        answer(await cli.end())
    rules = (place.home / "codex" / "rules" / "default.rules").read_text()
    assert 'pattern=["git", "status"]' in rules
    async with codex(place, mode=Mode.ASK, run="second") as cli:
        assert not asked_in(await cli.turn("@@ escalate: git status --short"))


async def test_a_refusal_that_ends_the_turn_leaves_the_process_usable(place: Place) -> None:
    """The model is not asked what it makes of the refusal."""
    async with codex(place, mode=Mode.ASK) as cli:
        await cli.begin(f"@@ escalate: touch {place.work}/made")
        wanted = await cli.asked()
        assert wanted.title == f"touch {place.work}/made"
        assert {option.answer for option in wanted.options} > {ApprovalAnswer.ALLOW_ONCE, ApprovalAnswer.REJECT_ONCE}
        await cli.give(cli.codec.deny(wanted.request_id, "stopped", ends_turn=True))
        (end,) = endings(await cli.end())
        assert (end.ok, end.interrupted) == (False, True)
        assert len(place.api.asked) == 1
        assert answer(await cli.turn("@@ say: still here")) == "still here"
    assert not (place.work / "made").exists()


@pytest.mark.parametrize(("mode", "made"), [(Mode.ASK, False), (Mode.PLAN, False), (Mode.EDITS, True)])
async def test_what_the_sandbox_lets_a_command_do(place: Place, mode: Mode, made: bool) -> None:
    """Nothing is asked for a command that stays inside: there it can only do what the mode allows."""
    async with codex(place, mode=mode) as cli:
        events = await cli.turn("@@ bash: touch made; ls -d .")
    assert not [event for event in events if isinstance(event, ApprovalWanted)]
    assert answer(events)
    assert (place.work / "made").exists() == made


async def test_a_plan_writes_nothing_even_if_the_model_wants_to(place: Place) -> None:
    """And nobody is asked."""
    async with codex(place, mode=Mode.PLAN) as cli:
        events = await cli.turn("@@ write: notes.md|# Notes")
    assert not [event for event in events if isinstance(event, ApprovalWanted)]
    assert not (place.work / "notes.md").exists()


async def test_another_mode_holds_from_the_next_turn_on(place: Place) -> None:
    """In the same process."""
    async with codex(place, mode=Mode.PLAN) as cli:
        answer(await cli.turn("@@ bash: touch before"))
        cli.codec.set_mode(Mode.ALL)
        answer(await cli.turn("@@ bash: touch after"))
    assert not (place.work / "before").exists()
    assert (place.work / "after").exists()


async def test_an_interrupt_ends_a_stream_and_the_process_goes_on(place: Place) -> None:
    """What was said stays the answer; the next turn is untouched."""
    async with codex(place) as cli:
        await cli.begin("@@ slow 12: one two three four five six seven eight nine ten eleven twelve")
        await cli.until(lambda event: isinstance(event, TextSaid))
        await cli.give(cli.codec.interrupt())
        (end,) = endings(await cli.end())
        assert (end.ok, end.interrupted) == (False, True)
        assert end.answer.startswith("one")
        assert answer(await cli.turn("@@ say: still here")) == "still here"


async def test_an_interrupt_as_soon_as_there_is_one_ends_the_turn(place: Place) -> None:
    """Before `turn/started` Codex refuses it: the codec offers it from then on."""
    async with codex(place) as cli:
        for _ in range(5):
            await cli.begin("@@ hang")
            await cli.until(lambda event: isinstance(event, SessionStarted))
            await cli.give(cli.codec.interrupt())
            assert endings(await cli.end())[0].interrupted


async def test_an_interrupt_while_a_permission_is_pending_withdraws_it(place: Place) -> None:
    """A late «yes» writes nothing."""
    async with codex(place, mode=Mode.ASK) as cli:
        await cli.begin("@@ write: notes.md|# Notes")
        wanted = await cli.asked()
        await cli.give(cli.codec.interrupt())
        events = await cli.end()
        assert [each.request_id for each in events if isinstance(each, ApprovalWithdrawn)] == [wanted.request_id]
        assert cli.codec.allow(wanted.request_id) == b""
        assert answer(await cli.turn("@@ say: still here")) == "still here"
