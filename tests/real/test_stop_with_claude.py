"""Stopping the real Claude Code, through the whole bot: nothing is left, and the session goes on."""

from pathlib import Path

import pytest

from bot.sandbox.model import Message
from tests.integration.hearing import come_true
from tests.real.claude_bot import claude_bot
from tests.real.install import missing
from tests.real.model_api import ModelApi
from tests.real.sleepers import Sleepers
from tests.whole_bot import WholeBot

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(missing()), reason="run python -m tests.real.install first"),
    pytest.mark.timeout(120),
]
TIMEOUT_S = 30.0


def prompt(bot: WholeBot, text: str) -> Message:
    """What Alice writes in her topic."""
    return bot.box.people["alice"].says(bot.box.workshop, bot.box.topic("api"), text)


async def answer(bot: WholeBot, text: str, words: str) -> Message:
    """The answer to a prompt, with these words in it."""
    return await bot.answer_to(prompt(bot, text), words, timeout_s=TIMEOUT_S)


async def begun(bot: WholeBot, text: str, shown: str) -> None:
    """A prompt, until its live message shows something."""
    await bot.live_of(prompt(bot, text), shown, timeout_s=TIMEOUT_S)


async def stopped(bot: WholeBot, *, times: int = 1) -> str:
    """So many `/stop` in a row, and the notice. When it is there, nothing of any run is left."""
    commands = [prompt(bot, "/stop") for _ in range(times)]
    notice = await bot.says("Stopped", after=commands[0], timeout_s=TIMEOUT_S)
    assert bot.living() == []
    assert "Still alive" not in notice.text
    print(notice.text)
    return notice.text


async def goes_on(bot: WholeBot, api: ModelApi, *remembered: str) -> None:
    """The next prompt continues the session: the model is told the earlier ones, and none was begun twice."""
    await answer(bot, "@@ say: still here", "still here")
    assert api.requests[-1].prompt == "@@ say: still here"
    for text in remembered:
        assert text in api.requests[-1].conversation
        assert len([each for each in api.prompts() if text in each]) == 1


async def test_stop_during_a_tool_with_eight_processes_that_want_to_stay(tmp_path: Path) -> None:
    """Detached, in other sessions, deaf, without environment: all gone when the notice is there."""
    sleepers = Sleepers()
    async with claude_bot(tmp_path) as (bot, api):
        await answer(bot, "@@ say: remember me", "remember me")
        await begun(bot, f"@@ bash: true the second; {sleepers.command}", "Bash")
        await come_true(lambda: len(sleepers.living()) == 8, "all of them sleep")
        await stopped(bot)
        assert sleepers.living() == []
        await goes_on(bot, api, "remember me", "true the second")
        assert len(bot.runs()) == 2


async def test_stop_during_a_tool_that_detached_without_an_environment(tmp_path: Path) -> None:
    """The one that neither a walk of the tree nor a search for a cookie finds; in the first turn of a session."""
    sleepers = Sleepers()
    number = sleepers.numbers[0]
    async with claude_bot(tmp_path) as (bot, api):
        await begun(bot, f"@@ bash: true; setsid -f env -i sleep {number}; tail -f /dev/null", "Bash")
        await come_true(lambda: sleepers.living() == [number], "it sleeps")
        await stopped(bot)
        assert sleepers.living() == []
        await goes_on(bot, api, number)


async def test_stop_during_streaming(tmp_path: Path) -> None:
    """In the middle of a sentence."""
    async with claude_bot(tmp_path) as (bot, api):
        await begun(bot, "@@ slow 60: " + " ".join(f"word{n}" for n in range(60)), "word1")
        await stopped(bot)
        await goes_on(bot, api, "word59")
        said = bot.box.messages(bot.box.workshop, bot.box.topic("api"), by_bot=True)
        assert not any("word59" in message.text for message in said)


async def test_stop_while_the_model_does_not_answer(tmp_path: Path) -> None:
    """A request that hangs for ever."""
    async with claude_bot(tmp_path) as (bot, api):
        await answer(bot, "@@ say: remember me", "remember me")
        hanging = prompt(bot, "@@ hang")
        await come_true(lambda: "@@ hang" in api.prompts(), "the model was asked")
        await bot.live_of(hanging, timeout_s=TIMEOUT_S)
        await stopped(bot)
        await goes_on(bot, api, "remember me", "@@ hang")


async def test_two_stops_in_a_row_are_one(tmp_path: Path) -> None:
    """One notice, and the prompt that follows at once is not hit by either."""
    sleepers = Sleepers()
    async with claude_bot(tmp_path) as (bot, api):
        await begun(bot, f"@@ bash: true; {sleepers.command}", "Bash")
        await come_true(lambda: len(sleepers.living()) == 8, "all of them sleep")
        await stopped(bot, times=2)
        assert sleepers.living() == []
        await goes_on(bot, api, sleepers.numbers[0])
        said = bot.box.messages(bot.box.workshop, bot.box.topic("api"), by_bot=True)
        assert len([message for message in said if "⏹ Stopped" in message.text]) == 1


async def test_a_request_to_be_allowed_something_is_refused_and_the_turn_can_be_stopped(tmp_path: Path) -> None:
    """In mode «ask» the bot refuses at once; what the agent does next is stopped like anything else."""
    async with claude_bot(tmp_path, mode="ask") as (bot, api):
        await begun(bot, "@@ bash: touch made\n@@ slow 60: after the refusal " + "word " * 60, "after the refusal")
        assert not (tmp_path / "work" / "made").exists()
        await stopped(bot)
        await goes_on(bot, api, "after the refusal")


async def test_what_a_turn_left_running_is_named_and_a_stop_ends_it(tmp_path: Path) -> None:
    """`&`, nohup, setsid, and `setsid -f` without an environment, after a turn that ended by itself."""
    sleepers = Sleepers()
    plain, nohup, setsid, bare = sleepers.numbers[:4]
    command = (
        f"true; (sleep {plain} >/dev/null 2>&1 &); nohup sleep {nohup} >/dev/null 2>&1 & "
        f"setsid sleep {setsid} >/dev/null 2>&1 & setsid -f env -i sleep {bare} >/dev/null 2>&1; echo all started"
    )
    async with claude_bot(tmp_path) as (bot, api):
        told = await answer(bot, f"@@ bash: {command}", "all started")
        assert sleepers.living() == [plain, nohup, setsid, bare]
        assert "Left running" in told.text
        named = [number for number in sleepers.living() if number in told.text]
        assert named, told.text
        if len(named) < 4:
            assert "more" in told.text
        listing = await bot.says("Left running", after=prompt(bot, "/tasks"))
        assert all(number in listing.text for number in named)
        await stopped(bot)
        assert sleepers.living() == []
        await goes_on(bot, api, "all started")


async def test_what_the_agent_itself_keeps_in_the_background_is_named_and_a_stop_ends_it(tmp_path: Path) -> None:
    """A tool that was sent to the background stays a child of Claude Code."""
    sleepers = Sleepers()
    number = sleepers.numbers[0]
    async with claude_bot(tmp_path) as (bot, api):
        script = f"@@ bashbg: true; sleep {number}\n@@ slow 1: it works on in the background"
        told = await answer(bot, script, "in the background")
        assert sleepers.living() == [number]
        assert "Left running" in told.text
        assert number in told.text
        await stopped(bot)
        assert sleepers.living() == []
        await goes_on(bot, api, number)
