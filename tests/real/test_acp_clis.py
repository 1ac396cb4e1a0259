"""The real Gemini CLI and OpenCode through our ACP codec and our supervisor, against a scripted model."""

import base64
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from cli_runner.agents import acp_wire
from cli_runner.agents.acp_wire import MODE, SESSION
from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalAnswer,
    ApprovalOption,
    ApprovalWanted,
    ApprovalWithdrawn,
    DetailKind,
    Finished,
    Garbled,
    Noticed,
    SessionStarted,
    TextSaid,
    ToolFinished,
    ToolStarted,
    Unrecognised,
)
from orchestrator.domain.agents import Attachment
from orchestrator.domain.run_events import OutputArrived, ProgramExited, RunGone
from orchestrator.domain.states import Mode
from tests.integration.hearing import nothing_left
from tests.real.acp_client import AGENTS, GRACE_S, POLITE_S, Acp, client, next_minute
from tests.real.model_server import ModelServer
from tests.real.sleepers import START_S, Sleepers
from tests.unit.transcripts import endings, said

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]
ONE_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An agent, where it works, and the model that it talks to."""

    acp: Acp
    home: Path
    model: ModelServer

    @property
    def is_gemini(self) -> bool:
        """Whose habits differ."""
        return self.acp is AGENTS["gemini"]

    @property
    def url(self) -> str:
        """The model's."""
        return self.model.url

    def prompts(self) -> list[str]:
        """What the model was asked, one for each step, without OpenCode's own request for a title."""
        return [asked.prompt for asked in self.model.asked if asked.tools]


@pytest.fixture(params=AGENTS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An agent that is installed, in an empty home. Nothing of it is left in the end."""
    acp = AGENTS[request.param]
    if reason := acp.cli.absent():
        pytest.skip(reason)
    with acp.cli.model() as model, nothing_left(tmp_path):
        yield Place(acp=acp, home=tmp_path, model=model)


def answer(events: list[AgentEvent]) -> str:
    """The answer of a turn that went well: one start, one end, nothing that was not understood."""
    (end,) = endings(events)
    assert end.ok, end
    assert isinstance(events[-1], Finished)
    assert [type(event) for event in events].count(SessionStarted) == 1
    assert not [event for event in events if isinstance(event, Garbled)]
    assert said(events) == end.answer
    return end.answer


def option(asked: ApprovalWanted, answer: ApprovalAnswer) -> ApprovalOption:
    """What it offers of a kind."""
    (found,) = [each for each in asked.options if each.answer is answer]
    return found


async def test_two_turns_of_one_process(place: Place) -> None:
    """Text as it comes; each prompt reaches the model once; the second turn goes on where the first ended."""
    async with client(place.home, place.acp, place.url) as speaking:
        events = await speaking.turn("@@ think: hm\n@@ say: Grüße, 世界 🎉 and so on")
        assert answer(events) == "Grüße, 世界 🎉 and so on"
        assert len([event for event in events if isinstance(event, TextSaid)]) > 1
        assert not [event for event in events if isinstance(event, Unrecognised)]
        assert answer(await speaking.turn("@@ say: second")) == "second"
    assert place.prompts() == ["@@ think: hm\n@@ say: Grüße, 世界 🎉 and so on", "@@ say: second"]


async def test_a_tool_runs(place: Place) -> None:
    """One start, with the command, and one end."""
    async with client(place.home, place.acp, place.url) as speaking:
        events = await speaking.turn("@@ bash: touch made && echo ok\n@@ say: done")
    assert answer(events) == "done"
    (began,) = [event for event in events if isinstance(event, ToolStarted)]
    (ended,) = [event for event in events if isinstance(event, ToolFinished)]
    assert (began.name, began.title) == ("execute", "touch made && echo ok")
    assert (ended.tool_id, ended.ok) == (began.tool_id, True)
    assert (place.home / "work" / "made").exists()


@pytest.mark.parametrize("allowed", [True, False])
async def test_a_permission_is_asked_for(place: Place, *, allowed: bool) -> None:
    """A «yes» lets the command run, a «no» does not, and the process takes further turns."""
    async with client(place.home, place.acp, place.url, mode=Mode.ASK, env=place.acp.asks) as speaking:
        await speaking.begin("@@ bash: touch made && echo ok")
        asked = await speaking.asked()
        assert (asked.detail, asked.detail_is) == ("touch made && echo ok", DetailKind.COMMAND)
        assert (asked.directory, asked.reason) == (str(place.home / "work"), "scripted")
        assert len(asked.options) == 3
        wanted = ApprovalAnswer.ALLOW_ONCE if allowed else ApprovalAnswer.REJECT_ONCE
        await speaking.give(speaking.codec.choose(asked.request_id, option(asked, wanted).option_id))
        assert speaking.codec.allow(asked.request_id) == b""
        (end,) = endings(await speaking.end())
        assert end.ok
        assert (place.home / "work" / "made").exists() == allowed
        assert answer(await speaking.turn("@@ say: next")) == "next"


async def test_what_the_session_is_allowed_a_second_process_asks_for_by_the_same_rule(place: Place) -> None:
    """The agent itself forgets it with its process; within it, it does not ask for the same again."""
    command = "@@ bash: touch made && echo ok"
    async with client(place.home, place.acp, place.url, mode=Mode.ASK, env=place.acp.asks) as speaking:
        await speaking.begin(command)
        asked = await speaking.asked()
        always = option(asked, ApprovalAnswer.ALLOW_ALWAYS)
        assert always.rule
        await speaking.give(speaking.codec.choose(asked.request_id, always.option_id))
        await speaking.end()
        events = await speaking.turn(command)
        assert answer(events)
        assert not [event for event in events if isinstance(event, ApprovalWanted)]
    async with client(place.home, place.acp, place.url, mode=Mode.ASK, run="again", env=place.acp.asks) as speaking:
        await speaking.begin(command)
        asked = await speaking.asked()
        assert option(asked, ApprovalAnswer.ALLOW_ALWAYS).rule == always.rule
        await speaking.give(speaking.codec.allow(asked.request_id))
        await speaking.end()
        await speaking.begin("@@ bash: touch other && echo ok")
        other = await speaking.asked()
        assert option(other, ApprovalAnswer.ALLOW_ALWAYS).rule != always.rule
        await speaking.give(speaking.codec.deny(other.request_id, "no"))
        assert endings(await speaking.end())[0].ok
    assert not (place.home / "work" / "other").exists()


async def test_another_mode_holds_in_the_same_process(place: Place) -> None:
    """Where the agent offers it: out of the planning mode, and back."""
    path = place.home / "work" / "new.md"
    writes = f"@@ write: {path}|x"
    async with client(place.home, place.acp, place.url, mode=Mode.PLAN) as speaking:
        await speaking.turn(writes)
        assert not path.exists()
        await speaking.give(speaking.codec.set_mode(Mode.ALL if place.is_gemini else Mode.ASK))
        await speaking.turn(writes)
        assert path.read_text() == "x"
        path.unlink()
        await speaking.give(speaking.codec.set_mode(Mode.PLAN))
        await speaking.turn(writes)
    assert not path.exists()


async def test_a_question_that_agents_do_not_know_is_answered_at_once(place: Place) -> None:
    """Also while a turn waits for permission: what is held back until then is not lost."""
    async with client(place.home, place.acp, place.url, mode=Mode.ASK, env=place.acp.asks) as speaking:
        await speaking.begin("@@ bash: touch made")
        asked = await speaking.asked()
        await speaking.give(acp_wire.ping(7))
        with anyio.fail_after(START_S):
            while b'"id":%d' % (acp_wire.FIRST_PING + 7) not in speaking.listening.output:
                await speaking.listening.hear(OutputArrived)
        await speaking.give(speaking.codec.deny(asked.request_id, "no"))


async def test_files_go_along_with_a_prompt(place: Place) -> None:
    """The model gets what is in them; and where they are, for those that the agent does not find by itself."""
    notes, other = place.home / "work" / "notes.txt", place.home / "work" / "other notes.txt"
    async with client(place.home, place.acp, place.url) as speaking:
        notes.write_text("THE HERON STANDS")
        picture = Attachment(path=str(place.home / "a.png"), media_type="image/png", data=ONE_PIXEL)
        texts = [Attachment(path=str(path), media_type="text/plain") for path in (notes, other)]
        await speaking.turn("see these", texts)
        await speaking.turn("see it", [*texts, picture])
    (body,) = [body for body in place.model.bodies if "see these" in body][-1:]
    assert f"Attached file: {other}" in body
    assert "THE HERON STANDS" in body
    if place.is_gemini:  # OpenCode leaves out what its model does not take
        assert base64.b64encode(ONE_PIXEL).decode() in place.model.bodies[-1]


async def test_a_copy_of_a_session(place: Place) -> None:
    """It has an id of its own and knows what was said, where the agent makes copies; else it says that it is none."""
    async with client(place.home, place.acp, place.url) as speaking:
        events = await speaking.turn("@@ say: before")
        (session,) = {event.cli_session_id for event in events if isinstance(event, SessionStarted)}
        await speaking.listening.run.finish()
        await speaking.listening.hear(ProgramExited)
    if place.is_gemini:
        await next_minute()
    async with client(place.home, place.acp, place.url, session=session, fork=True, run="copy") as speaking:
        events = await speaking.turn("@@ say: elsewhere")
    assert answer(events) == "elsewhere"
    (copy,) = {event.cli_session_id for event in events if isinstance(event, SessionStarted)}
    said_so = any("cannot copy" in event.text for event in events if isinstance(event, Noticed))
    assert (copy == session, said_so) == (place.is_gemini, place.is_gemini)
    (told,) = [body for body in place.model.bodies if "elsewhere" in body][-1:]
    assert "before" in told


async def test_a_file_is_served_to_an_agent_that_asks_for_it(place: Place) -> None:
    """One that is there: told that there is none, Gemini CLI 0.61 gives up, so that it can't make any."""
    path = place.home / "work" / "old.md"
    async with client(
        place.home, place.acp, place.url, mode=Mode.ASK, serves_files=True, env=place.acp.asks
    ) as speaking:
        path.write_text("# Old\n", encoding="utf-8")
        path.chmod(0o640)
        await speaking.begin(f"@@ write: {path}|# New")
        asked = await speaking.asked()
        assert {"-# Old", "+# New"} <= set(asked.detail.splitlines())
        await speaking.give(speaking.codec.allow(asked.request_id))
        (end,) = endings(await speaking.end())
    assert end.ok
    assert path.read_text(encoding="utf-8").rstrip("\n") == "# New"
    assert path.stat().st_mode & 0o777 == 0o640
    reads = [asked.path for asked in speaking.files if asked.text is None]
    writes = [(asked.path, (asked.text or "").rstrip("\n")) for asked in speaking.files if asked.text is not None]
    assert writes == [(str(path), "# New")]
    assert set(reads) == ({str(path)} if place.is_gemini else set())


async def test_a_file_is_written_after_a_yes(place: Place) -> None:
    """Although OpenCode then asks us to write it as well, which is refused."""
    path = place.home / "work" / "new.md"
    async with client(place.home, place.acp, place.url, mode=Mode.ASK, env=place.acp.asks) as speaking:
        await speaking.begin(f"@@ write: {path}|# New")
        asked = await speaking.asked()
        assert asked.detail_is is DetailKind.DIFF
        assert asked.detail.splitlines()[1:] == [
            f"+++ {path}",
            "@@ -0,0 +1 @@",
            "+# New",
            "\\ No newline at end of file",
        ]
        await speaking.give(speaking.codec.allow(asked.request_id))
        (end,) = endings(await speaking.end())
    assert end.ok
    assert path.read_text(encoding="utf-8") == "# New"


async def test_a_refusal_that_ends_the_turn_leaves_the_process_usable(place: Place) -> None:
    """The model is not asked what it makes of the refusal."""
    async with client(place.home, place.acp, place.url, mode=Mode.ASK, env=place.acp.asks) as speaking:
        await speaking.begin("@@ bash: touch made")
        asked = await speaking.asked()
        await speaking.give(speaking.codec.deny(asked.request_id, "stopped", ends_turn=True))
        (end,) = endings(await speaking.end())
        assert (end.ok, end.interrupted) == (False, True)
        assert len(place.prompts()) == 1
        assert answer(await speaking.turn("@@ say: still here")) == "still here"
    assert not (place.home / "work" / "made").exists()


async def test_an_interrupt_ends_the_turn_and_not_the_process(place: Place) -> None:
    """During text, while the model hangs, and while a permission waits, which is then withdrawn."""
    async with client(place.home, place.acp, place.url, mode=Mode.ASK, env=place.acp.asks) as speaking:
        await speaking.begin("@@ slow 20: one two three four five six")
        await speaking.until(lambda event: isinstance(event, TextSaid))
        await speaking.give(speaking.codec.interrupt())
        (end,) = endings(await speaking.end())
        assert (end.ok, end.interrupted) == (False, True)
        await speaking.begin("@@ hang")
        await anyio.to_thread.run_sync(place.model.wait_for, lambda asked: asked[-1].prompt == "@@ hang")
        await speaking.give(speaking.codec.interrupt())
        (end,) = endings(await speaking.end())
        assert end.interrupted
        await speaking.begin("@@ bash: touch made")
        asked = await speaking.asked()
        await speaking.give(speaking.codec.interrupt())
        events = await speaking.end()
        assert endings(events)[0].interrupted
        assert ApprovalWithdrawn(request_id=asked.request_id) in events
        assert answer(await speaking.turn("@@ say: still here")) == "still here"


async def test_a_stop_speaks_the_protocol_and_leaves_none_of_eight_sleepers(place: Place) -> None:
    """The supervisor was told how to interrupt once the session had its id; the agent says that it obeyed."""
    sleepers = Sleepers()
    async with client(place.home, place.acp, place.url) as speaking:
        await speaking.begin(f"@@ bash: {sleepers.command}")
        await sleepers.sleep()
        began = time.monotonic()
        await speaking.listening.run.stop()
        (end,) = endings(await speaking.end())
        await speaking.listening.run.through()
        gone = await speaking.listening.hear(RunGone)
        left = sleepers.living()
    print(f"{len(left)} left, {time.monotonic() - began:.2f} s in all")
    assert end.interrupted
    assert left == []
    assert gone.survivors == ()
    assert gone.took_s < POLITE_S + GRACE_S + 1


async def test_a_session_is_taken_up_by_a_new_process(place: Place) -> None:
    """None of its history is told again, the turn has its own answer only, and the model knows what was said."""
    async with client(place.home, place.acp, place.url) as speaking:
        events = await speaking.turn("@@ say: the heron stands")
        (session,) = {event.cli_session_id for event in events if isinstance(event, SessionStarted)}
        for number in range(5):
            assert answer(await speaking.turn(f"@@ bash: echo {number}\n@@ say: told {number}")) == f"told {number}"
        await speaking.listening.run.finish()
        await speaking.listening.hear(ProgramExited)
    if place.is_gemini:
        await next_minute()
    async with client(place.home, place.acp, place.url, session=session, run="again") as speaking:
        events = await speaking.turn("@@ say: and flies")
        assert answer(events) == "and flies"
        assert not [event for event in events if isinstance(event, ToolStarted | ApprovalWanted)]
        assert {event.cli_session_id for event in events if isinstance(event, SessionStarted)} == {session}
        output = speaking.listening.output
    if place.is_gemini:  # it answers the load before it has told all, and the mode only after that
        after = [output[output.index(b'"id":%d,"result"' % number) :] for number in (SESSION, MODE)]
        assert [b"user_message_chunk" in each for each in after] == [True, False]
    assert place.prompts()[-1] == "@@ say: and flies"
    (told,) = [body for body in place.model.bodies if "and flies" in body]
    assert "the heron stands" in told
    assert "told 4" in told


async def test_an_unknown_session_is_unusable(place: Place) -> None:
    """The error is one line, and nothing was sent to the model."""
    nobody = "00000000-0000-4000-8000-999999999999" if place.is_gemini else "ses_000000000000000000000000"
    async with client(place.home, place.acp, place.url, session=nobody) as speaking:
        (end,) = endings(await speaking.end())
        assert not speaking.codec.ready
        assert not speaking.codec.warm
    assert (end.ok, end.session_unusable) == (False, True)
    assert "\n" not in end.error
    assert place.prompts() == []


async def test_a_refusal_of_the_api_is_an_error_in_one_line(place: Place) -> None:
    """The process takes further turns."""
    async with client(place.home, place.acp, place.url) as speaking:
        (end,) = endings(await speaking.turn("@@ error: 400"))
        assert (end.ok, end.answer) == (False, "")
        assert end.error.endswith("scripted 400")
        assert answer(await speaking.turn("@@ say: next")) == "next"


async def test_in_the_planning_mode_nothing_is_written(place: Place) -> None:
    """Set by the protocol, whatever the command says."""
    async with client(place.home, place.acp, place.url, mode=Mode.PLAN) as speaking:
        await speaking.turn(f"@@ write: {place.home / 'work' / 'new.txt'}|x")
    assert not (place.home / "work" / "new.txt").exists()


@pytest.mark.parametrize("place", ["gemini"], indirect=True)
async def test_without_a_login_the_remedy_is_named(place: Place) -> None:
    """No key, no login; the agent says which ways it offers."""
    nothing = {"GEMINI_API_KEY": "", "GOOGLE_GEMINI_BASE_URL": ""}
    async with client(place.home, place.acp, place.url, mode=Mode.ASK, env=nothing) as speaking:
        (end,) = endings(await speaking.end())
    assert "not logged in" in end.error
    assert "[agents.NAME]" in end.error
    assert "Google" in end.error


async def test_a_hanging_model_is_stopped(place: Place) -> None:
    """By the protocol, in the polite time."""
    async with client(place.home, place.acp, place.url) as speaking:
        await speaking.begin("@@ hang")
        await anyio.to_thread.run_sync(place.model.wait_for, bool, START_S)
        await speaking.listening.run.stop()
        (end,) = endings(await speaking.end())
        await speaking.listening.run.through()
        gone = await speaking.listening.hear(RunGone)
    assert end.interrupted
    assert gone.survivors == ()
