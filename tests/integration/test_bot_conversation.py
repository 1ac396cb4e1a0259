"""A conversation with the bot, from a prompt to its answer."""

from pathlib import Path

from bot.sandbox.flood import FloodPolicy
from tests.whole_bot import ALICE, shell, whole_bot


async def test_answer_replies_to_the_prompt_in_its_topic(tmp_path: Path) -> None:
    """An answer comes as a new message in the prompt's topic and replies to the prompt."""
    async with whole_bot(tmp_path) as bot:
        api = bot.box.topic("api")
        prompt = bot.box.people["alice"].says(bot.box.workshop, api, "say hello there")
        answer = await bot.answer_to(prompt, "hello there")
        assert answer.thread_id == api.thread_id
        assert bot.box.messages(bot.box.workshop, bot.box.topic("website"), by_bot=True) == []


async def test_live_message_has_stop_button_and_ends_as_a_record(tmp_path: Path) -> None:
    """While it works a turn has one message with a Stop button; at its end the button is gone."""
    async with whole_bot(tmp_path) as bot:
        prompt = bot.box.people["alice"].says(bot.box.workshop, bot.box.topic("api"), "run sleep 2; echo ready")
        live = await bot.live_of(prompt)
        await bot.answer_to(prompt, "ready")
        ended = await bot.box.wait_for(lambda m: m.message_id == live.message_id and "Done in" in m.text)
        assert ended.buttons == ()
        assert "sleep 2" in ended.text


async def test_topics_work_at_the_same_time(tmp_path: Path) -> None:
    """A turn in one topic does not hold up a turn in another, nor in General or another chat."""
    async with whole_bot(tmp_path) as bot:
        alice, box = bot.box.people["alice"], bot.box
        slow = alice.says(box.workshop, box.topic("api"), "wait 60")
        await bot.live_of(slow)
        places = [
            (box.workshop, box.topic("website")),
            (box.workshop, None),
            (box.flat, None),
            (box.private("alice"), None),
        ]
        prompts = [alice.says(chat, topic, f"say number {nth}") for nth, (chat, topic) in enumerate(places)]
        for nth, prompt in enumerate(prompts):
            answer = await bot.answer_to(prompt, f"number {nth}")
            assert answer.thread_id == prompt.thread_id


async def test_prompts_of_a_topic_wait_in_order(tmp_path: Path) -> None:
    """A prompt that comes while a turn runs is queued visibly and answered after it."""
    async with whole_bot(tmp_path, policy=FloodPolicy(is_strict=False)) as bot:
        alice, api = bot.box.people["alice"], bot.box.topic("api")
        first = alice.says(bot.box.workshop, api, "run sleep 2; echo one")
        await bot.live_of(first)
        second = alice.says(bot.box.workshop, api, "say two")
        await bot.says("Queued")
        one, two = await bot.answer_to(first, "one"), await bot.answer_to(second, "two")
        assert one.message_id < two.message_id


async def test_session_is_remembered_and_new_begins_afresh(tmp_path: Path) -> None:
    """Turns of a topic share a session; /new opens another and keeps the old one."""
    async with whole_bot(tmp_path) as bot:
        alice, api = bot.box.people["alice"], bot.box.topic("api")
        await bot.answer_to(alice.says(bot.box.workshop, api, "remember the word is heron"))
        await bot.answer_to(alice.says(bot.box.workshop, api, "recall"), "heron")
        await bot.says("A fresh session", after=alice.says(bot.box.workshop, api, "/new"))
        again = await bot.answer_to(alice.says(bot.box.workshop, api, "recall"))
        assert "heron" not in again.text
        listing = await bot.says("Sessions here", after=alice.says(bot.box.workshop, api, "/sessions"))
        assert listing.text.count("demo") >= 2


async def test_background_task_leaves_the_conversation_free(tmp_path: Path) -> None:
    """A task works beside the conversation, is listed, and is ended by a reply with /stop."""
    async with whole_bot(tmp_path) as bot:
        alice, api = bot.box.people["alice"], bot.box.topic("api")
        task = alice.says(bot.box.workshop, api, "/bg wait 60")
        live = await bot.live_of(task)
        await bot.answer_to(alice.says(bot.box.workshop, api, "say free"), "free")
        tasks = await bot.says("Tasks of this chat", after=alice.says(bot.box.workshop, api, "/tasks"))
        assert "wait 60" in tasks.text
        alice.replies(live, "/stop")
        done = await bot.says("Stopped")
        assert "1 task" in done.text


async def test_choices_are_shown_set_and_used(tmp_path: Path) -> None:
    """Agent, model, mode, project and directory are set by command or button; the reply names them."""
    agents = {"demo": {"protocol": "demo", "mode": "all"}, "where": shell("cat >/dev/null; pwd")}
    work = tmp_path / "elsewhere"
    work.mkdir()
    async with whole_bot(tmp_path, agents=agents, projects={"site": {"path": str(work)}}) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        menu = await bot.says("Agent: demo", after=alice.says(box.workshop, api, "/agent"))
        await alice.presses(menu, "where")
        await box.wait_for(lambda m: m.message_id == menu.message_id and "Agent: where" in m.text)
        chosen = await bot.says("site", after=alice.says(box.workshop, api, "/project site"))
        assert str(work) in chosen.text
        await bot.answer_to(alice.says(box.workshop, api, "where are you?"), str(work))
        refused = await bot.says("⚠", after=alice.says(box.workshop, api, "/dir /does/not/exist"))
        assert "does not exist" in refused.text
        unknown = await bot.says("no agent", after=alice.says(box.workshop, api, "/agent nobody"))
        assert "demo" in unknown.text


async def test_information_commands(tmp_path: Path) -> None:
    """/start, /help, /whoami and /status answer, with and without the bot's name."""
    async with whole_bot(tmp_path, policy=FloodPolicy(is_strict=False)) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        for command, words in (
            ("/start", "coding agents"),
            ("/help", "/stop_all"),
            ("/help stop", "every process"),
            ("/whoami", str(ALICE)),
            ("/status", "Nothing is running"),
            ("/status all", "This chat"),
            (f"/status@{box.world.bot.username}", "Nothing is running"),
        ):
            asked = alice.says(box.workshop, api, command)
            answer = await bot.answer_to(asked, words)
            assert answer.thread_id == api.thread_id
