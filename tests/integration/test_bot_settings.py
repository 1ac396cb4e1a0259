"""What is chosen for a topic: by menus, by commands with a value, and what it means for what runs."""

from pathlib import Path

from bot.sandbox.model import Message
from tests.integration.test_bot_deadlines import stored
from tests.whole_bot import DEMO, WholeBot, whole_bot

AGENTS = {"demo": DEMO, "other": {"protocol": "demo", "mode": "ask"}}


def says(bot: WholeBot, text: str, who: str = "alice") -> Message:
    """Somebody writes in the topic «api»."""
    return bot.box.people[who].says(bot.box.workshop, bot.box.topic("api"), text)


def buttons(message: Message) -> list[str]:
    """The labels below a message."""
    return [button.text for row in message.keyboard for button in row]


async def presses(bot: WholeBot, menu: Message, label: str, shows: str, who: str = "alice") -> Message:
    """Press a button of a menu; the same message as it is then."""
    await bot.box.people[who].presses(menu, label)
    return await bot.box.wait_for(lambda m: m.message_id == menu.message_id and shows in m.text)


async def test_settings_is_a_menu_that_is_edited_in_place(tmp_path: Path) -> None:
    """What holds is marked, and each press shows in the same message; the way back leads to the overview."""
    async with whole_bot(tmp_path, agents=AGENTS) as bot:
        asked = says(bot, "/settings")
        menu = await bot.answer_to(asked, "Settings of this topic")
        assert "Agent: demo" in menu.text
        assert "Live messages: normal" in menu.text
        assert "While one works: queue" in menu.text
        before = len(bot.box.messages(bot.box.workshop, bot.box.topic("api"), by_bot=True))
        menu = await presses(bot, menu, "Live messages", "How much you see")
        assert "✓ Default (normal)" in buttons(menu)
        menu = await presses(bot, menu, "quiet", "Live messages: quiet")
        assert "✓ quiet" in buttons(menu)
        menu = await presses(bot, menu, "Settings", "Settings of this topic")
        assert "Live messages: quiet" in menu.text
        await presses(bot, menu, "Where it works", str(bot.work))
        assert len(bot.box.messages(bot.box.workshop, bot.box.topic("api"), by_bot=True)) == before
        assert stored(bot, "SELECT verbosity FROM topics WHERE verbosity <> ''") == [("quiet",)]


async def test_a_menu_works_after_a_kill_and_forgery_changes_nothing(tmp_path: Path) -> None:
    """All that a button means is in the button, and is looked up."""
    async with whole_bot(tmp_path, agents=AGENTS) as bot:
        menu = await bot.answer_to(says(bot, "/mode"), "Mode")
        await bot.kill()
        await bot.start()
        menu = await presses(bot, menu, "plan", "Mode: plan")
        good = next(each.callback_data for row in menu.keyboard for each in row if each.text == "edits")
        answer = await bot.box.people["alice"].sends_callback(menu, good.replace("mode", "modes"))
        assert "not there any more" in answer.text
        assert stored(bot, "SELECT mode FROM topics WHERE mode <> ''") == [("plan",)]


async def test_only_admins_have_settings(tmp_path: Path) -> None:
    """By command, with a value, and by a button that they can see; /mode is for all."""
    async with whole_bot(tmp_path, agents=AGENTS) as bot:
        await bot.answer_to(says(bot, "/settings", "bob"), "Only admins")
        await bot.answer_to(says(bot, "/settings verbosity full", "bob"), "Only admins")
        menu = await bot.answer_to(says(bot, "/settings"), "Settings of this topic")
        refused = await bot.box.people["bob"].presses(menu, "Live messages")
        assert "Only admins" in refused.text
        forged = await bot.box.people["bob"].sends_callback(menu, "set||verbosity:full")
        assert "means nothing" in forged.text
        assert stored(bot, "SELECT count(*) FROM topics WHERE verbosity <> ''") == [(0,)]
        menu = await bot.answer_to(says(bot, "/mode", "bob"), "Mode")
        await presses(bot, menu, "edits", "Mode: edits", "bob")


async def test_typed_settings_say_what_is_set(tmp_path: Path) -> None:
    """Each by its name; what there is not is refused with what there is."""
    async with whole_bot(tmp_path, agents=AGENTS) as bot:
        await bot.answer_to(says(bot, "/settings verbosity full"), "full")
        await bot.answer_to(says(bot, "/settings busy interrupt"), "While one works: interrupt")
        await bot.answer_to(says(bot, "/settings model opus-9"), "opus-9")
        await bot.answer_to(says(bot, "/settings verbosity loud"), "quiet, normal, full")
        await bot.answer_to(says(bot, "/settings colour red"), "verbosity")
        await bot.answer_to(says(bot, "/settings verbosity default"), "normal")
        menu = await bot.answer_to(says(bot, "/model"), "Model: opus-9")
        assert "✓ opus-9" in buttons(menu)
        menu = await bot.answer_to(says(bot, "/settings mode"), "What the agent may do")


async def test_the_menu_of_agents_begins_a_fresh_session(tmp_path: Path) -> None:
    """And says so."""
    async with whole_bot(tmp_path, agents=AGENTS) as bot:
        await bot.answer_to(says(bot, "say one"), "one")
        menu = await bot.answer_to(says(bot, "/agent"), "Agent: demo")
        answer = await bot.box.people["alice"].presses(menu, "other")
        assert "fresh session" in answer.text
        menu = await bot.box.wait_for(lambda m: m.message_id == menu.message_id and "Agent: other" in m.text)
        assert "✓ other" in buttons(menu)
        await bot.answer_to(says(bot, "say two"), "two")
        assert stored(bot, "SELECT agent FROM sessions ORDER BY id") == [("demo",), ("other",)]


async def test_models_that_were_used_are_offered(tmp_path: Path) -> None:
    """By any session of the agent, in whatever topic."""
    async with whole_bot(tmp_path, agents=AGENTS) as bot:
        await bot.answer_to(says(bot, "/model haiku-5"), "haiku-5")
        await bot.answer_to(says(bot, "say one"), "one")
        await bot.answer_to(says(bot, "/model default"), "default")
        other = bot.box.people["alice"].says(bot.box.workshop, bot.box.topic("website"), "/model")
        menu = await bot.answer_to(other, "Model: the agent's own default")
        assert "haiku-5" in buttons(menu)
        await presses(bot, menu, "haiku-5", "Model: haiku-5")


async def test_models_that_the_agent_tells_of_are_offered(tmp_path: Path) -> None:
    """Once one of its programs has told; with its words about each."""
    async with whole_bot(tmp_path, agents=AGENTS) as bot:
        await bot.answer_to(says(bot, "say one"), "one")
        menu = await bot.answer_to(says(bot, "/model"), "under another name")
        assert {"demo", "demo-2"} <= set(buttons(menu))
        await presses(bot, menu, "demo-2", "Model: demo-2")


async def test_verbosity_holds_for_the_turn_at_work(tmp_path: Path) -> None:
    """At once, and for those that come."""
    async with whole_bot(tmp_path, agents=AGENTS, delivery={"live_interval": "0.5s"}) as bot:
        prompt = says(bot, "think hard\nrun sleep 60")
        live = await bot.live_of(prompt, "sleep 60")
        await bot.answer_to(says(bot, "/settings verbosity quiet"), "quiet")
        quiet = await bot.box.wait_for(lambda m: m.message_id == live.message_id and "sleep" not in m.text)
        assert quiet.text.startswith("⚙ demo works")
        assert len(quiet.text.splitlines()) == 1
        task = await bot.live_of(says(bot, "/bg run sleep 60"))
        assert task.text == "Task 2 · ⚙ demo works"


async def test_each_topic_says_what_becomes_of_a_prompt_that_comes_meanwhile(tmp_path: Path) -> None:
    """Where one interrupts, another still waits its turn."""
    async with whole_bot(tmp_path, agents=AGENTS) as bot:
        alice, website = bot.box.people["alice"], bot.box.topic("website")
        await bot.answer_to(says(bot, "/settings busy interrupt"), "interrupt")
        await bot.live_of(says(bot, "wait 60"))
        await bot.live_of(alice.says(bot.box.workshop, website, "wait 60"))
        await bot.answer_to(says(bot, "say mine comes first"), "mine comes first")
        await bot.answer_to(alice.says(bot.box.workshop, website, "say patience"), "Queued")


async def test_a_topic_whose_prompts_steer_says_them_into_its_turn(tmp_path: Path) -> None:
    """As `[turns] when_busy` would for all."""
    async with whole_bot(tmp_path, agents=AGENTS) as bot:
        await bot.answer_to(says(bot, "/settings busy steer"), "steer")
        prompt = says(bot, "wait 6\nsay through")
        await bot.live_of(prompt)
        says(bot, "mind the gap")
        assert "mind the gap" in (await bot.answer_to(prompt, "through", timeout_s=30)).text
