"""Stopping the real Claude Code, through the whole bot, in every state that it can be in; the session goes on."""

from pathlib import Path

import pytest

from tests.integration.hearing import come_true
from tests.real.proofs import Agent
from tests.real.real_bot import real_bot
from tests.real.sleepers import Sleepers

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]
CLAUDE = Agent.CLAUDE


async def test_stop_during_a_tool_that_detached_without_an_environment(tmp_path: Path) -> None:
    """The one that neither a walk of the tree nor a search for a cookie finds; in the first turn of a session."""
    sleepers = Sleepers()
    number = sleepers.numbers[0]
    async with real_bot(tmp_path, CLAUDE) as real:
        await real.begun(f"@@ bash: true; setsid -f env -i sleep {number}; tail -f /dev/null", "Bash")
        await come_true(lambda: sleepers.living() == [number], "it sleeps")
        await real.stopped()
        assert sleepers.living() == []
        await real.goes_on(number)


async def test_stop_during_streaming(tmp_path: Path) -> None:
    """In the middle of a sentence."""
    async with real_bot(tmp_path, CLAUDE) as real:
        await real.begun("@@ slow 60: " + " ".join(f"word{n}" for n in range(60)), "word1")
        await real.stopped()
        await real.goes_on("word59")
        box = real.bot.box
        said = box.messages(box.workshop, box.topic("api"), by_bot=True)
        assert not any("word59" in message.text for message in said)


async def test_stop_after_a_no(tmp_path: Path) -> None:
    """What the agent does after a refusal is stopped like anything else, and it remembers the refusal."""
    async with real_bot(tmp_path, CLAUDE, mode="ask") as real:
        prompt = real.says("@@ bash: touch made\n@@ slow 60: after the refusal " + "word " * 60)
        await real.presses(await real.asked(prompt, "touch made"), "Deny")
        await real.bot.live_of(prompt, "after the refusal", timeout_s=30)
        await real.stopped()
        assert not real.made.exists()
        await real.goes_on("after the refusal", "touch made")


async def test_all_that_a_turn_left_running_is_named_and_a_stop_ends_it(tmp_path: Path) -> None:
    """`&`, nohup, setsid, and `setsid -f` without an environment, after a turn that ended by itself."""
    sleepers = Sleepers()
    plain, nohup, setsid, bare = sleepers.numbers[:4]
    command = (
        f"true; (sleep {plain} >/dev/null 2>&1 &); nohup sleep {nohup} >/dev/null 2>&1 & "
        f"setsid sleep {setsid} >/dev/null 2>&1 & setsid -f env -i sleep {bare} >/dev/null 2>&1; echo all started"
    )
    async with real_bot(tmp_path, CLAUDE) as real:
        told = await real.turn(f"@@ bash: {command}", "all started")
        assert sleepers.living() == [plain, nohup, setsid, bare]
        assert "Left running" in told.text
        named = [number for number in sleepers.living() if number in told.text]
        assert named, told.text
        if len(named) < 4:
            assert "more" in told.text
        listing = await real.turn("/tasks", "Left running")
        assert all(number in listing.text for number in named)
        await real.stopped()
        assert sleepers.living() == []
        await real.goes_on("all started")


async def test_what_the_agent_itself_keeps_in_the_background_is_named_and_a_stop_ends_it(tmp_path: Path) -> None:
    """A tool that was sent to the background stays a child of Claude Code."""
    sleepers = Sleepers()
    number = sleepers.numbers[0]
    async with real_bot(tmp_path, CLAUDE) as real:
        told = await real.turn(
            f"@@ bashbg: true; sleep {number}\n@@ slow 1: it works on in the background", "in the background"
        )
        assert sleepers.living() == [number]
        assert "Left running" in told.text
        assert number in told.text
        await real.stopped()
        assert sleepers.living() == []
        await real.goes_on(number)
