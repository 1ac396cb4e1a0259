"""The real Codex behind our codec, in a supervised run of its own, against a scripted model."""

import base64
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli_runner.agents.codex import CodexAgent, CodexCodec
from orchestrator.domain.agent_events import (
    AgentEvent,
    ApprovalAnswer,
    ApprovalWanted,
    ApprovalWithdrawn,
    DetailKind,
    Finished,
    Garbled,
    Planned,
    Retrying,
    SessionStarted,
    SteerRefused,
    SteerTaken,
    TaskEnded,
    TaskStarted,
    TextSaid,
    Thought,
    ToolFinished,
    ToolStarted,
    Unrecognised,
    Used,
)
from orchestrator.domain.agents import AgentSpec, Attachment, Conversation
from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import Gift, OutputArrived, RunGone, RunOrder
from orchestrator.domain.states import Mode
from tests.integration.hearing import Ear, ear, local_runner, nothing_left
from tests.real.clis import CODEX
from tests.real.model_openai import OpenAiApi
from tests.real.model_server import ModelServer
from tests.unit.transcripts import endings, said

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(CODEX.absent()), reason=CODEX.absent() or "it is there"),
    pytest.mark.timeout(120),
]
TIMEOUT_S = 30.0
ONE_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NOBODY = "00000000-0000-7000-8000-999999999999"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where Codex works, and the model it talks to."""

    home: Path
    api: ModelServer

    @property
    def work(self) -> Path:
        """The directory of the conversation."""
        return self.home / "work"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A fresh home and a scripted model. No process is left in the end."""
    with nothing_left(tmp_path), OpenAiApi() as api:
        yield Place(home=tmp_path, api=api)


class Talk:
    """One run and its codec, led as the bot leads it: what the codec says is a gift, named once."""

    def __init__(self, listening: Ear, codec: CodexCodec) -> None:
        self.listening = listening
        self.codec = codec
        self._gifts = 0
        self._interrupt: bytes | None = None
        self._heard: list[AgentEvent] = []

    async def give(self, data: bytes | None) -> None:
        """Write to its stdin."""
        assert data
        self._gifts += 1
        await self.listening.run.give(Gift(gift_id=f"gift-{self._gifts}", data=data))

    async def _hear(self) -> None:
        self._heard += self.codec.feed((await self.listening.hear(OutputArrived)).data)
        for reply in self.codec.replies():
            await self.give(reply)
        if (interrupt := self.codec.interrupt()) != self._interrupt:
            self._interrupt = interrupt
            await self.listening.run.set_interrupt(interrupt or b"")

    async def greeted(self) -> None:
        """Until a prompt can be given, or never will be."""
        while not self.codec.ready and self.codec.warm:
            await self._hear()

    async def until(self, wanted: Callable[[AgentEvent], bool]) -> list[AgentEvent]:
        """Its events up to the first one that is wanted, which is the last."""
        while (at := next((at for at, event in enumerate(self._heard) if wanted(event)), None)) is None:
            await self._hear()
        events, self._heard = self._heard[: at + 1], self._heard[at + 1 :]
        return events

    async def begin(self, prompt: str) -> None:
        """Give a prompt."""
        await self.greeted()
        await self.give(self.codec.begin_turn(prompt))

    async def end(self) -> list[AgentEvent]:
        """The rest of the turn."""
        return await self.until(lambda event: isinstance(event, Finished))

    async def turn(self, prompt: str) -> list[AgentEvent]:
        """A whole turn."""
        await self.begin(prompt)
        return await self.end()

    async def asked(self) -> ApprovalWanted:
        """The next thing that it asks."""
        event = (await self.until(lambda event: isinstance(event, ApprovalWanted)))[-1]
        assert isinstance(event, ApprovalWanted)
        return event


@asynccontextmanager
async def codex(
    place: Place,
    *,
    mode: Mode = Mode.ALL,
    resume: str = "",
    fork: bool = False,
    run: str = "run",
    options: tuple[str, ...] = (),
    **env: str,
) -> AsyncIterator[Talk]:
    """A supervised run of Codex. It is stopped in the end, and nothing of it survives."""
    spec = AgentSpec(name="codex", protocol="codex", command=(*CODEX.program, *options))
    conversation = Conversation(
        directory=str(place.work), model="", mode=mode, cli_session_id=resume, resume=bool(resume), fork=fork
    )
    codec = CodexAgent().open(spec, conversation, "")
    assert isinstance(codec, CodexCodec)
    order = RunOrder(
        run_id=RunId(run),
        argv=codec.argv,
        cwd=str(place.work),
        env={**CODEX.environment(place.home, place.api.url), **codec.env, **env},
        gifts=(Gift(gift_id="hello", data=codec.hello),),
        grace_s=1.0,
    )
    async with local_runner(place.home) as runner, ear(await runner.start(order)) as listening:
        yield Talk(listening, codec)
        await listening.run.stop()
        assert (await listening.hear(RunGone)).survivors == ()


def answer(events: list[AgentEvent]) -> str:
    """The answer of a turn that went well, in which everything was understood."""
    assert not [event for event in events if isinstance(event, Garbled | Unrecognised)]
    (end,) = endings(events)
    assert end.ok, end.error
    return end.answer


def asked_in(events: list[AgentEvent]) -> list[ApprovalWanted]:
    """What a turn asked permission for."""
    assert endings(events)[0].ok
    return [event for event in events if isinstance(event, ApprovalWanted)]


def rule(wanted: ApprovalWanted) -> str:
    """What «for this session» allows."""
    (option,) = [option for option in wanted.options if option.option_id == "acceptForSession"]
    assert option.rule
    return option.rule


def session(events: list[AgentEvent]) -> str:
    """The thread that a turn named."""
    (named,) = [event for event in events if isinstance(event, SessionStarted)]
    return named.cli_session_id


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


async def test_a_session_goes_on_in_a_new_process(place: Place) -> None:
    """Also after a turn that was stopped in the middle; the model gets the earlier turns again."""
    async with codex(place) as cli:
        thread = session(await cli.turn("@@ say: before"))
        await cli.begin("@@ bash: true the second; sleep 60")
        await cli.until(lambda event: isinstance(event, ToolStarted))
    async with codex(place, resume=thread, run="second") as cli:
        events = await cli.turn("@@ say: after")
    assert answer(events) == "after"
    assert session(events) == thread
    assert endings(events)[0].usage.input_tokens == 120
    assert "@@ say: before" in place.api.bodies[-1]
    assert "true the second" in place.api.bodies[-1]


async def test_a_copy_of_a_session_goes_its_own_way(place: Place) -> None:
    """It knows what was said before, and the other does not know what it says."""
    async with codex(place) as cli:
        thread = session(await cli.turn("@@ say: before"))
    async with codex(place, resume=thread, fork=True, run="copy") as cli:
        events = await cli.turn("@@ say: elsewhere")
        assert answer(events) == "elsewhere"
        assert session(events) != thread
        assert "@@ say: before" in place.api.bodies[-1]
    async with codex(place, resume=thread, run="second") as cli:
        assert session(await cli.turn("@@ say: after")) == thread
    assert "@@ say: before" in place.api.bodies[-1]
    assert "elsewhere" not in place.api.bodies[-1]


async def test_a_picture_reaches_the_model_and_a_file_is_named(place: Place) -> None:
    """By its content; the other by its path."""
    async with codex(place) as cli:
        picture, notes = place.home / "one pixel.png", place.home / "my notes.txt"
        picture.write_bytes(ONE_PIXEL)
        files = (
            Attachment(path=str(picture), media_type="image/png", data=ONE_PIXEL),
            Attachment(path=str(notes), media_type="text/plain"),
        )
        await cli.greeted()
        await cli.give(cli.codec.begin_turn("look at these", files))
        answer(await cli.end())
    assert "data:image/png;base64," in place.api.bodies[-1]
    assert f"Attached file: {notes}" in place.api.bodies[-1]


@pytest.mark.parametrize("thread", [NOBODY, "no thread at all"])
async def test_an_unknown_session_is_unusable(place: Place, thread: str) -> None:
    """And nothing was sent to the model."""
    async with codex(place, resume=thread) as cli:
        await cli.greeted()
        (end,) = endings(await cli.end())
        assert (end.ok, end.session_unusable) == (False, True)
        assert not cli.codec.ready
    assert place.api.asked == []


async def test_what_is_said_into_a_turn_is_answered_by_it(place: Place) -> None:
    """During a tool; one end."""
    async with codex(place) as cli:
        await cli.begin("@@ bash: sleep 1; echo slept\n@@ say: not reached")
        await cli.until(lambda event: isinstance(event, ToolStarted))
        await cli.give(cli.codec.steer("s1", "@@ say: steered"))
        events = await cli.end()
        assert SteerTaken(steer_id="s1") in events
        assert answer(events) == "steered"


async def test_what_a_stop_overtook_is_refused_and_not_heard_later(place: Place) -> None:
    """Codex had accepted it."""
    async with codex(place) as cli:
        await cli.begin("@@ slow 9: one two three four five six seven eight nine")
        await cli.until(lambda event: isinstance(event, TextSaid))
        await cli.give(cli.codec.steer("s1", "@@ say: steered"))
        await cli.give(cli.codec.interrupt())
        assert SteerRefused(steer_id="s1") in await cli.end()
        assert answer(await cli.turn("@@ say: next")) == "next"
    assert "steered" not in place.api.bodies[-1]


async def test_a_question_is_answered_by_a_choice(place: Place) -> None:
    """The tool has to be switched on in this version."""
    async with codex(place, options=("--enable", "default_mode_request_user_input")) as cli:
        await cli.begin("@@ ask: Which colour?|Blue|Red")
        (question,) = (wanted := await cli.asked()).questions
        assert [choice.label for choice in question.choices] == ["Blue", "Red"]
        await cli.give(cli.codec.reply(wanted.request_id, {question.question_id: ("Red",)}))
        assert '"Red"' in answer(await cli.end())


async def test_a_plan_is_told(place: Place) -> None:
    """The tool has to be switched on in this version."""
    async with codex(place, options=("-c", "tools.update_plan.enabled=true")) as cli:
        events = await cli.turn("@@ plan: Read|Change\n@@ say: That is it.")
    assert [[step.text for step in event.steps] for event in events if isinstance(event, Planned)] == [
        ["Read", "Change"]
    ]


async def test_a_command_in_the_background_ends_after_its_turn(place: Place) -> None:
    """It becomes a task; the next turn has its own answer."""
    async with codex(place) as cli:
        first = await cli.turn("@@ bashbg: sleep 1; echo late\n@@ say: first")
        assert answer(first) == "first"
        (task,) = [event for event in first if isinstance(event, TaskStarted)]
        ended = (await cli.until(lambda event: isinstance(event, TaskEnded)))[-1]
        assert ended == TaskEnded(task_id=task.task_id)
        assert answer(await cli.turn("@@ say: second")) == "second"


async def test_a_command_in_the_background_is_ended_alone(place: Place) -> None:
    """The process goes on, and the conversation with it."""
    async with codex(place) as cli:
        first = await cli.turn("@@ bashbg: sleep 4712\n@@ say: first")
        (task,) = [event for event in first if isinstance(event, TaskStarted)]
        assert task.can_stop
        await cli.give(cli.codec.stop_task(task.task_id))
        ended = (await cli.until(lambda event: isinstance(event, TaskEnded)))[-1]
        assert ended == TaskEnded(task_id=task.task_id, ok=False)
        seen = answer(await cli.turn("@@ bash: pgrep -fx 'sleep 4712' || echo it is gone"))
        assert "it is gone" in seen


async def test_errors_of_the_model_are_one_line_and_the_process_goes_on(place: Place) -> None:
    """A refusal, a key that is not accepted, an outage; retries are visible."""
    async with codex(place) as cli:
        (refused,) = endings(await cli.turn("@@ error: 400"))
        assert (refused.ok, refused.answer, refused.error) == (False, "", "scripted 400")
        events = await cli.turn("@@ error: 401")
        assert [event for event in events if isinstance(event, Retrying)]
        assert "codex login" in endings(events)[0].error
        assert answer(await cli.turn("@@ say: next")) == "next"


async def test_without_a_key_the_remedy_is_named(place: Place) -> None:
    """Of a provider with a key of its own."""
    async with codex(place, SCRIPTED_KEY="") as cli:
        (end,) = endings(await cli.turn("hi"))
    assert 'pass_env = ["SCRIPTED_KEY"]' in end.error
