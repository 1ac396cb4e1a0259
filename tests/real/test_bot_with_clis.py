"""The whole bot with each of the real CLIs, against a scripted model: turns, stops, what is said meanwhile, errors."""

import json
from pathlib import Path

import pytest

from tests.integration.hearing import come_true
from tests.integration.test_bot_deadlines import stored
from tests.real.acp_client import next_minute
from tests.real.proofs import ALL, Agent, Row, also_proves, proves
from tests.real.real_bot import TIMEOUT_S, real_bot
from tests.real.sleepers import Sleepers

pytestmark = [pytest.mark.real, pytest.mark.timeout(150)]

CLAUDE, CODEX, GEMINI, OPENCODE = ALL
TELLS_NONE = "its protocol knows none"
QUEUED = "not in its protocol; it is queued as the next prompt, and that is said"


@proves(Row.CONVERSATION)
async def test_text_tool_and_further_turn(tmp_path: Path, agent: Agent) -> None:
    """All go to one process; each prompt reaches the model once."""
    async with real_bot(tmp_path, agent) as real:
        await real.turn("@@ say: the heron stands", "the heron stands")
        await real.turn("@@ bash: touch made; echo from the shell\n@@ say: it is made", "it is made")
        assert real.made.exists()
        await real.turn("@@ say: and flies", "and flies")
        assert len(real.bot.runs()) == 1
        assert [real.times_told(text) for text in ("heron", "it is made", "and flies")] == [1, 1, 1]


@also_proves(Row.RESUME, by=ALL, notes={GEMINI: "but not in the minute in which it began"})
@proves(Row.STOP_TOOL)
async def test_a_stop_during_a_tool_leaves_nothing_and_the_next_process_remembers(tmp_path: Path, agent: Agent) -> None:
    """Of eight processes that want to stay; the live message is closed, and one notice says it, for two stops."""
    sleepers = Sleepers()
    async with real_bot(tmp_path, agent) as real:
        await real.turn("@@ say: remember me", "remember me")
        await real.begun(f"@@ bash: true; {sleepers.command}", "true;")
        await sleepers.sleep()
        await real.stopped(times=2)
        assert sleepers.living() == []
        if agent is GEMINI:
            await next_minute()
        await real.goes_on("remember me", sleepers.numbers[0])
        assert len(real.bot.runs()) == 2
        box = real.bot.box
        notices = [m for m in box.messages(box.workshop, box.topic("api"), by_bot=True) if "⏹ Stopped" in m.text]
        assert len(notices) == 1


@proves(Row.STOP_GREETING, Row.STOP_HANGING)
async def test_a_stop_during_the_greeting_and_while_the_model_does_not_answer(tmp_path: Path, agent: Agent) -> None:
    """The prompt that was not given yet never is."""
    async with real_bot(tmp_path, agent) as real:
        real.says("@@ say: never")
        await come_true(lambda: bool(real.bot.runs()) and bool(real.bot.living()), "its program runs")
        await real.stopped()
        hanging = await real.begun("@@ hang")
        await come_true(lambda: real.times_told("@@ hang") == 1, "the model was asked")
        await real.bot.live_of(hanging, timeout_s=TIMEOUT_S)
        await real.stopped()
        await real.turn("@@ say: still here", "still here")
        assert not [each for each in real.model.asked if each.prompt == "@@ say: never"]


@proves(Row.LEFT_RUNNING)
async def test_what_a_turn_left_running_is_named_and_a_stop_ends_it(tmp_path: Path, agent: Agent) -> None:
    """In the answer and in `/tasks`."""
    sleepers = Sleepers()
    number = sleepers.numbers[0]
    async with real_bot(tmp_path, agent) as real:
        told = await real.turn(
            f"@@ bash: true; setsid -f sleep {number} >/dev/null 2>&1\n@@ say: it sleeps", "it sleeps"
        )
        assert sleepers.living() == [number]
        assert "Left running" in told.text
        assert number in told.text
        await real.turn("/tasks", number)
        await real.stopped()
        assert sleepers.living() == []


@proves(Row.BACKGROUND, by=(CLAUDE, CODEX), lacks={GEMINI: TELLS_NONE, OPENCODE: TELLS_NONE})
async def test_a_task_in_the_background_is_ended_alone(tmp_path: Path, agent: Agent) -> None:
    """By its button in `/tasks`; the conversation goes on in the same process."""
    sleepers = Sleepers()
    number = sleepers.numbers[0]
    async with real_bot(tmp_path, agent) as real:
        await real.turn(f"@@ bashbg: true; sleep {number}\n@@ say: meanwhile", "meanwhile")
        listed = await real.turn("/tasks", "in the background")
        await real.presses(listed, "End")
        await real.bot.says("Ended: ", timeout_s=TIMEOUT_S)
        await come_true(lambda: sleepers.living() == [], "it is ended")
        await real.turn("@@ say: still here", "still here")
        assert len(real.bot.runs()) == 1


@proves(
    Row.SPEAKS_UP,
    by=(CLAUDE,),
    lacks={CODEX: "its model is not told of the end", GEMINI: TELLS_NONE, OPENCODE: TELLS_NONE},
)
async def test_a_background_task_ends_and_the_agent_goes_on_by_itself(tmp_path: Path, agent: Agent) -> None:
    """That is a turn of its own, which is shown and answered."""
    async with real_bot(tmp_path, agent) as real:
        script = ("@@ bashbg: until test -e go; do sleep 0.1; done", "@@ say: meanwhile", "@@ say: it came")
        await real.turn("\n".join(script), "meanwhile")
        (real.bot.work / "go").touch()
        await real.bot.says("Begun by the agent itself", timeout_s=TIMEOUT_S)
        await real.bot.says("it came", timeout_s=TIMEOUT_S)
        await real.over()
        assert stored(real.bot, "SELECT by_agent, state FROM turns ORDER BY id") == [(0, "done"), (1, "done")]
        await real.turn("@@ say: still here", "still here")


@proves(Row.BOT_KILLED)
async def test_the_bot_killed_during_a_turn_delivers_its_answer(tmp_path: Path, agent: Agent) -> None:
    """The next bot reads the output from its beginning, gives nothing twice, and the process goes on."""
    async with real_bot(tmp_path, agent) as real:
        prompt = await real.begun("@@ slow 6: " + " ".join(f"word{n}" for n in range(30)), "word1")
        await real.bot.kill()
        await real.bot.start()
        await real.answer(prompt, "word29")
        assert real.times_told("word29") == 1
        given = (real.bot.runs()[0] / "given.ndjson").read_text(encoding="utf-8").splitlines()
        names = [json.loads(row)["id"] for row in given]
        assert len(names) == len(set(names))
        await real.turn("@@ say: still here", "still here")
        assert len(real.bot.runs()) == 1


@proves(Row.STEER, by=(CLAUDE, CODEX))
async def test_what_is_said_meanwhile_is_taken_in(tmp_path: Path, agent: Agent) -> None:
    """By command and as a reply to the live message: one turn, and the model is told both."""
    async with real_bot(tmp_path, agent) as real:
        await real.turn("@@ say: warm", "warm")
        prompt = await real.begun("@@ bash: until test -e go; do sleep 0.1; done; echo over", "until")
        live = await real.bot.live_of(prompt)
        said = real.says("/steer mind the gap")
        also = real.says("and the cat", to=live)
        await come_true(
            lambda: len(stored(real.bot, "SELECT 1 FROM steers WHERE state = 'given'")) == 2, "both are given"
        )
        (real.bot.work / "go").touch()
        await come_true(lambda: real.turns() == ["done", "done"], "the turn is over")
        await come_true(lambda: all("👌" in str(real.bot.box.now(each)) for each in (said, also)), "both are heard")
        assert stored(real.bot, "SELECT DISTINCT state FROM steers") == [("taken",)]
        told = real.model.bodies[-1]
        assert ("mind the gap" in told, "and the cat" in told) == (True, True)


@also_proves(Row.STEER, by=(), lacks={GEMINI: QUEUED, OPENCODE: QUEUED})
@pytest.mark.parametrize("agent", [GEMINI, OPENCODE])
async def test_an_agent_that_takes_nothing_in_gets_it_as_the_next_prompt(tmp_path: Path, agent: Agent) -> None:
    """It waits, and that is said."""
    async with real_bot(tmp_path, agent) as real:
        prompt = await real.begun("@@ bash: until test -e go; do sleep 0.1; done\n@@ say: first", "until")
        steer = real.says("/steer @@ say: second")
        await real.bot.says("Queued · its agent takes nothing in while it works")
        (real.bot.work / "go").touch()
        await real.answer(prompt, "first")
        await real.answer(steer, "second")


LIMITED = (CLAUDE, CODEX, GEMINI)


@also_proves(Row.RATE_LIMIT, by=LIMITED, lacks={OPENCODE: "it tries again for ever, and says nothing"})
@proves(Row.API_ERROR)
async def test_an_error_of_the_api_is_one_line(tmp_path: Path, agent: Agent) -> None:
    """With the words of the API, or with what can be done about it; the process takes further turns."""
    async with real_bot(tmp_path, agent) as real:
        for status, words in ((400, "scripted 400"), (429, "limits"))[: 1 + (agent in LIMITED)]:
            said = await real.turn(f"@@ error: {status}", words)
            (line,) = said.text.splitlines()
            assert line.startswith(f"✗ {agent} failed: ")
            print(line)
        await real.turn("@@ say: next", "next")
        assert len(real.bot.runs()) == 1
