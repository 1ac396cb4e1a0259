"""Saying something into a running turn, and turns that agents begin by themselves, seen from outside."""

from pathlib import Path

from tests.integration.hearing import come_true
from tests.integration.test_bot_approvals import a_bot, says, shows
from tests.integration.test_bot_deadlines import stored
from tests.whole_bot import shell

STEERS = "SELECT state FROM steers"


async def test_what_is_said_meanwhile_is_taken_in(tmp_path: Path) -> None:
    """By command or as a reply to the live message: one turn, told where it was taken."""
    async with a_bot(tmp_path) as bot:
        prompt = says(bot, "wait 2\nwait 2\nsay through")
        live = await bot.live_of(prompt)
        said = says(bot, "/steer mind the gap")
        await shows(bot, live, "You said")
        await come_true(lambda: "👌" in str(bot.box.now(said)), "it is acknowledged")
        also = says(bot, "and the cat", who="bob", to=live)
        answer = await bot.answer_to(prompt, "through", timeout_s=30)
        assert "mind the gap" in answer.text
        assert "and the cat" in answer.text
        await come_true(lambda: "👌" in str(bot.box.now(also)), "so is that")
        assert stored(bot, "SELECT count(*) FROM turns") == [(1,)]
        assert stored(bot, STEERS) == [("taken",), ("taken",)]


async def test_where_prompts_steer_they_go_into_the_running_turn(tmp_path: Path) -> None:
    """`when_busy = "steer"`; with nothing running a prompt is a prompt."""
    async with a_bot(tmp_path, turns={"when_busy": "steer"}) as bot:
        prompt = says(bot, "wait 3\nsay through")
        await bot.live_of(prompt)
        says(bot, "mind the gap")
        assert "mind the gap" in (await bot.answer_to(prompt, "through")).text
        assert stored(bot, "SELECT count(*) FROM turns") == [(1,)]


async def test_an_agent_that_takes_nothing_in_gets_it_as_the_next_prompt(tmp_path: Path) -> None:
    """It waits, and that is said."""
    agents = {"shell": shell("read line; sleep 2; echo heard $line")}
    async with a_bot(tmp_path, agents=agents, defaults={"agent": "shell"}) as bot:
        prompt = says(bot, "one")
        await bot.live_of(prompt)
        steer = says(bot, "/steer two")
        await bot.says("Queued · its agent takes nothing in while it works")
        await bot.answer_to(prompt, "heard one")
        await bot.answer_to(steer, "heard two")


async def test_nothing_runs_so_it_is_a_prompt(tmp_path: Path) -> None:
    """`/steer` without a running turn asks at once; without words it says how it is written."""
    async with a_bot(tmp_path) as bot:
        await bot.answer_to(says(bot, "/steer say hello"), "hello")
        await bot.answer_to(says(bot, "/steer"), "/steer TEXT")


async def test_a_stop_takes_what_was_said_with_it(tmp_path: Path) -> None:
    """It is not asked later."""
    async with a_bot(tmp_path) as bot:
        prompt = says(bot, "run sleep 30\nsay through")
        live = await bot.live_of(prompt, "sleep 30")
        says(bot, "mind the gap", to=live)
        await come_true(lambda: len(stored(bot, STEERS)) == 1, "it is stored")
        await bot.answer_to(says(bot, "/stop"), "Stopped")
        assert stored(bot, STEERS) == [("void",)]
        assert stored(bot, "SELECT count(*) FROM turns") == [(1,)]


async def test_what_was_said_survives_the_death_of_the_bot(tmp_path: Path) -> None:
    """It is said once, whether the agent had it or not."""
    async with a_bot(tmp_path) as bot:
        prompt = says(bot, "run sleep 4\nwait 1\nsay through")
        live = await bot.live_of(prompt, "sleep 4")
        says(bot, "mind the gap", to=live)
        await come_true(lambda: len(stored(bot, STEERS)) == 1, "it is stored")
        await bot.kill()
        await bot.start()
        answer = await bot.answer_to(prompt, "through", timeout_s=30)
        assert answer.text.count("mind the gap") == 1


async def test_a_background_task_ends_and_the_agent_goes_on_by_itself(tmp_path: Path) -> None:
    """That is a turn of its own, which is shown, answered, and can be stopped."""
    async with a_bot(tmp_path) as bot:
        prompt = says(bot, "background 3 the tests\nsay meanwhile")
        await bot.answer_to(prompt, "meanwhile")
        listed = await bot.answer_to(says(bot, "/tasks"), "the tests")
        assert "Agents' own, in the background" in listed.text
        later = await bot.says("Begun by the agent itself")
        assert "the tests" in later.text
        assert stored(bot, "SELECT by_agent, state FROM turns ORDER BY id") == [(0, "done"), (1, "done")]
        await bot.answer_to(says(bot, "say still here"), "still here")


async def test_a_background_task_is_ended_alone(tmp_path: Path) -> None:
    """By its button in `/tasks`; the conversation goes on."""
    async with a_bot(tmp_path) as bot:
        await bot.answer_to(says(bot, "background 60 the tests\nsay meanwhile"), "meanwhile")
        listed = await bot.answer_to(says(bot, "/tasks"), "the tests")
        await bot.box.people["alice"].presses(listed, "End")
        await bot.says("Ended: the tests")
        await bot.answer_to(says(bot, "say still here"), "still here")


async def test_a_stop_takes_the_agents_own_tasks(tmp_path: Path) -> None:
    """With no turn at work: what it does in the background ends with its program."""
    async with a_bot(tmp_path) as bot:
        await bot.answer_to(says(bot, "background 60 the tests\nsay meanwhile"), "meanwhile")
        await bot.answer_to(says(bot, "/stop"), "Stopped")
        assert bot.living() == []


async def test_a_prompt_meanwhile_has_its_own_answer(tmp_path: Path) -> None:
    """The agent speaks up by itself while it works on a prompt: both arrive, each once."""
    async with a_bot(tmp_path) as bot:
        await bot.answer_to(says(bot, "background 2 the tests\nsay meanwhile"), "meanwhile")
        prompt = says(bot, "wait 4\nsay through")
        answer = await bot.answer_to(prompt, "through", timeout_s=30)
        assert "the tests" not in answer.text or "Begun" not in answer.text
        await bot.says("the tests", after=prompt)


async def test_a_turn_of_the_agents_own_survives_the_death_of_the_bot(tmp_path: Path) -> None:
    """It is found again among the turns of its run, and its end is told."""
    async with a_bot(tmp_path) as bot:
        await bot.answer_to(says(bot, "background 1 wait 6\nsay meanwhile"), "meanwhile")
        await come_true(
            lambda: stored(bot, "SELECT state FROM turns WHERE by_agent = 1") == [("running",)], "it works by itself"
        )
        await bot.kill()
        await bot.start()
        await bot.says("Begun by the agent itself", timeout_s=20)
        assert stored(bot, "SELECT state FROM turns ORDER BY id") == [("done",), ("done",)]
        await bot.answer_to(says(bot, "say still here"), "still here")


async def test_a_turn_of_the_agents_own_is_stopped_like_others(tmp_path: Path) -> None:
    """Nothing of it is left, and nothing follows."""
    async with a_bot(tmp_path) as bot:
        await bot.answer_to(says(bot, "background 1 run sleep 60\nsay meanwhile"), "meanwhile")
        await come_true(
            lambda: stored(bot, "SELECT state FROM turns WHERE by_agent = 1") == [("running",)], "it works by itself"
        )
        await bot.answer_to(says(bot, "/stop"), "Stopped")
        assert stored(bot, "SELECT state FROM turns ORDER BY id") == [("done",), ("stopped",)]
        assert bot.living() == []


async def test_what_was_said_before_a_shutdown_is_asked_after_it(tmp_path: Path) -> None:
    """A bot that takes its agents along loses nothing that people wrote."""
    async with a_bot(tmp_path, shutdown={"agents": "stop"}) as bot:
        prompt = says(bot, "run sleep 6\nsay through")
        live = await bot.live_of(prompt, "sleep 6")
        said = says(bot, "say mind the gap", to=live)
        await come_true(lambda: len(stored(bot, STEERS)) == 1, "it is stored")
        await bot.terminate()
        await bot.start()
        await bot.answer_to(said, "mind the gap", timeout_s=40)


async def test_a_background_task_goes_on_over_a_restart(tmp_path: Path) -> None:
    """Its end is told by the next life of the bot."""
    async with a_bot(tmp_path) as bot:
        await bot.answer_to(says(bot, "background 6 the tests\nsay meanwhile"), "meanwhile")
        await bot.kill()
        await bot.start()
        await bot.says("My background task is done: the tests", timeout_s=30)
