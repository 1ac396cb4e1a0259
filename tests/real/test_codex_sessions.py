"""The real Codex: sessions, files, steers, questions, background work and errors, as our codec has them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.domain.agent_events import (
    Planned,
    Retrying,
    SteerRefused,
    SteerTaken,
    TaskEnded,
    TaskStarted,
    TextSaid,
    ToolStarted,
)
from orchestrator.domain.agents import Attachment
from tests.integration.hearing import nothing_left
from tests.real.clis import CODEX
from tests.real.codex_talk import NOBODY, ONE_PIXEL, Place, answer, codex, session
from tests.real.model_openai import OpenAiApi
from tests.unit.transcripts import endings

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
