"""What a newcomer does in the sandbox, with the real command, the real bot and the real page."""

import re

import pytest
from playwright.async_api import expect

from scripts.stage import DEADLINE_MS, Stage, sandbox, visit

pytestmark = pytest.mark.browser

ELAPSED = re.compile(r"· ([1-9]\d*) s")


async def test_two_topics_work_at_once_and_one_is_stopped() -> None:
    """Stop ends the turn of its own topic only; the other's live message goes on being edited."""
    async with sandbox() as address, visit(address) as stage:
        await stage.open_topic("website")
        await stage.say("wait 300")
        await stage.shows("▸ wait")
        await stage.open_topic("api")
        await stage.say("leave sleep 300\nwait 300")
        working = await stage.shows("▸ wait")
        await expect(stage.preview("website")).to_contain_text("demo: wait")

        await stage.shows(ELAPSED)
        await stage.changes(working)

        await stage.key("Stop").click()
        stopped = await stage.shows("⏹ Stopped")
        await expect(stopped).to_contain_text("ended the turn")
        await expect(stage.messages("Stop requested")).to_have_count(1)
        await expect(stage.key("Stop")).to_have_count(0)

        await stage.changes(stage.preview("website"))
        await stage.open_topic("website")
        await expect(stage.key("Stop")).to_have_count(1)
        await expect(stage.messages("Stopped")).to_have_count(0)


async def test_a_killed_bot_takes_its_agents_up_again() -> None:
    """Kill -9 and Start on the page: the topic is told, the same live message goes on, one answer comes."""
    async with sandbox() as address, visit(address) as stage:
        await stage.open_topic("api")
        await stage.say("wait 12\nsay I did not notice.")
        await stage.shows("▸ wait")
        await stage.kill_bot()
        await stage.open_topic("website")
        await stage.say("say Heard all the same.")
        await stage.start_bot()

        await stage.shows("Heard all the same.")
        await stage.open_topic("api")
        await stage.shows("Still running: wait 12")
        await expect(stage.key("Stop")).to_have_count(1)
        await stage.shows("I did not notice.")
        await stage.shows("Done in 1")
        await expect(stage.messages("Waited 12 s.")).to_have_count(1)


async def test_an_answer_is_formatted_and_a_session_goes_on() -> None:
    """Markdown arrives as formatting; the next prompt of the topic knows what was said before."""
    async with sandbox() as address, visit(address) as stage:
        await stage.open_topic("api")
        await stage.say("markdown")
        answer = await stage.shows("A quotation.")
        await expect(answer.locator('[data-testid="pre"][data-language="python"]')).to_contain_text("def greet")
        await expect(answer.locator("strong", has_text="bold")).to_be_visible()
        await stage.say("remember the kettle")
        await stage.shows("I will remember that.")
        await stage.say("recall")
        await stage.shows("the kettle")
        await forget(stage)


async def forget(stage: Stage) -> None:
    """After `/new` the same question has another answer."""
    await stage.say("/new")
    await stage.shows("A fresh session")
    await stage.say("recall")
    await expect(stage.messages("I was asked to remember nothing.")).to_have_count(1, timeout=DEADLINE_MS)
