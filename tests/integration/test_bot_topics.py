"""The lives of topics, with the whole bot: closed while something works, deleted, hidden, open again, moved."""

from pathlib import Path

import pytest

from bot.buttons import Press, Verb
from bot.sandbox.flood import FloodPolicy
from bot.sandbox.model import ChatKind, Membership
from tests.whole_bot import ALICE, BOB, DEMO, WholeBot, shell, whole_bot

RELAXED = FloodPolicy(is_strict=False)
WAITS = shell('cat >/dev/null; while [ ! -e "$HOME/go" ]; do sleep 0.05; done; echo the answer')
SLOW = {"agents": {"demo": DEMO, "slow": WAITS}, "defaults": {"agent": "slow"}, "policy": RELAXED}


async def looked_at(bot: WholeBot, chat_id: int) -> None:
    """The bot knows by now what it may do in a chat."""
    await bot.box.wait_call("getChatMember", lambda call: call.chat_id == chat_id, since=0)


async def test_a_closed_topic_asks_there_whether_its_work_is_to_stop(tmp_path: Path) -> None:
    """With the right to manage topics the bot asks in the topic; Stop stops, and the notice says so there."""
    async with whole_bot(tmp_path, **SLOW) as bot:  # type: ignore[arg-type]
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.live_of(alice.says(box.workshop, api, "go"))
        alice.closes_topic(box.workshop, api)
        asked = await box.wait_for(lambda m: "was closed" in m.text, thread=api)
        assert asked.button("Let it go on") is not None
        assert (await alice.presses(asked, "Stop it")).text == "Stopping…"
        await box.wait_for(lambda m: "Stopped" in m.text, thread=api)
        await box.wait_for(lambda m: "was closed" in m.text and not m.buttons, thread=api)
        assert bot.living() == []
        assert (await alice.sends_callback(asked, asked.buttons[0].callback_data)).text == "Nothing is running there."


async def test_what_works_in_a_closed_topic_may_go_on(tmp_path: Path) -> None:
    """The question loses its buttons, nothing is stopped, the answer comes; a closed idle topic asks nothing."""
    async with whole_bot(tmp_path, **SLOW) as bot:  # type: ignore[arg-type]
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, "go")
        await bot.live_of(prompt)
        alice.closes_topic(box.workshop, box.topic("website"))
        alice.closes_topic(box.workshop, api)
        asked = await box.wait_for(lambda m: "was closed" in m.text)
        assert asked.thread_id == api.thread_id, "nothing works in the other"
        await alice.presses(asked, "go on")
        await box.wait_for(lambda m: "was closed" in m.text and not m.buttons, thread=api)
        (tmp_path / "go").touch()
        await bot.answer_to(prompt, "the answer")
        assert box.messages(box.workshop, box.topic("website"), by_bot=True) == []


async def test_where_the_bot_may_not_write_admins_are_asked_in_private(tmp_path: Path) -> None:
    """What comes is held; the stop works from private, for admins only; open again, the topic gets what was held."""
    async with whole_bot(tmp_path, **SLOW) as bot:  # type: ignore[arg-type]
        alice, bob, box = bot.box.people["alice"], bot.box.people["bob"], bot.box
        api = box.topic("api")
        await looked_at(bot, box.workshop.id)
        alice.lets_bot_manage_topics(box.workshop, may=False)
        await box.wait_for(lambda m: "lost rights" in m.text and "Manage Topics" in m.text, chat=box.private("alice"))
        await bot.live_of(alice.says(box.workshop, api, "go"))
        alice.closes_topic(box.workshop, api)
        asked = await box.wait_for(lambda m: "Closed: topic «api»" in m.text, chat=box.private("alice"))
        assert box.messages(box.private("bob"), None, by_bot=True) == [], "he is no admin"
        data = asked.buttons[0].callback_data
        forged = box.world.post(box.private("bob"), box.world.bot, text="x")
        assert (await bob.sends_callback(forged, data)).text == "Only admins may do that."
        assert bot.living()
        await alice.presses(asked, "Stop it")
        await box.wait_for(lambda m: "can't write to topic «api»" in m.text, chat=box.private("alice"))
        assert bot.living() == []
        assert box.messages(box.workshop, None, by_bot=True) == [], "General gets nothing of it"
        alice.reopens_topic(box.workshop, api)
        await box.wait_for(lambda m: "Stopped" in m.text, thread=api)
        await box.wait_for(lambda m: "held while this topic was closed" in m.text, thread=api)


async def test_a_stranger_who_closes_a_topic_gets_nothing_said(tmp_path: Path) -> None:
    """It is closed all the same; admins are asked in private, the group sees nothing."""
    async with whole_bot(tmp_path, **SLOW) as bot:  # type: ignore[arg-type]
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.live_of(alice.says(box.workshop, api, "go"))
        box.people["mallory"].closes_topic(box.workshop, api)
        await box.wait_for(lambda m: "Closed: topic «api»" in m.text, chat=box.private("alice"))
        assert not any("closed" in m.text for m in box.messages(box.workshop, api, by_bot=True))
        assert bot.living()


async def test_a_hidden_general_is_a_closed_one(tmp_path: Path) -> None:
    """It asks like any topic, and is open once it is shown again."""
    async with whole_bot(tmp_path, **SLOW) as bot:  # type: ignore[arg-type]
        alice, box = bot.box.people["alice"], bot.box
        prompt = alice.says(box.workshop, None, "go")
        await bot.live_of(prompt)
        await looked_at(bot, box.workshop.id)
        alice.lets_bot_manage_topics(box.workshop, may=False)
        await bot.says("lost rights")
        alice.hides_general(box.workshop)
        await box.wait_for(lambda m: "Closed: the General topic of «Workshop»" in m.text, chat=box.private("alice"))
        (tmp_path / "go").touch()
        await box.wait_for(lambda m: "can't write to the General topic" in m.text, chat=box.private("alice"))
        alice.shows_general(box.workshop)
        await bot.answer_to(prompt, "the answer")


async def test_work_in_a_deleted_topic_can_be_stopped_from_private(tmp_path: Path) -> None:
    """Telegram tells nobody of a deletion: it is learnt while the turn works, and the admin's message has a Stop."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.live_of(alice.says(box.workshop, api, "wait 600"))
        alice.deletes_topic(box.workshop, api)
        told = await box.wait_for(
            lambda m: "can't write to topic «api»" in m.text, chat=box.private("alice"), timeout_s=40
        )
        assert "still works" in told.text
        since = len(box.calls)
        await alice.presses(told, "Stop what works there")
        # The notice is tried where it belongs, and held there.
        await box.wait_call("sendMessage", lambda call: "Stopped" in str(call.params.get("text")), since=since)
        assert bot.living() == []
        await bot.answer_to(alice.says(box.workshop, None, "say after"), "after")
        assert not any("Stopped" in m.text for m in box.messages(box.workshop, None, by_bot=True))


async def test_a_deleted_live_message_comes_again(tmp_path: Path) -> None:
    """With its Stop button: what works must be stoppable."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        live = await bot.live_of(alice.says(box.workshop, api, "wait 600"))
        alice.deletes(live)
        again = await box.wait_for(lambda m: m.button("Stop") is not None, thread=api, after=live, timeout_s=40)
        await alice.presses(again, "Stop")
        await box.wait_for(lambda m: "Stopped" in m.text, thread=api)


async def test_a_topic_that_people_still_write_to_gets_what_was_held(tmp_path: Path) -> None:
    """A thread that Telegram once did not find is tried again when somebody writes there."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, "say hidden")
        del box.workshop.topics[api.thread_id]
        await box.wait_for(lambda m: "can't write to" in m.text, chat=box.private("alice"))
        box.workshop.topics[api.thread_id] = api
        await bot.kill()
        await bot.start()
        await bot.answer_to(alice.says(box.workshop, api, "say shown"), "shown")
        await bot.answer_to(prompt, "hidden")


async def _old_group(bot: WholeBot) -> tuple[int, int]:
    """A basic group with the bot in it, and the id that it will have."""
    alice, box = bot.box.people["alice"], bot.box
    group = alice.makes_group(-77001, "Old group", kind=ChatKind.GROUP)
    group.members[BOB] = Membership.MEMBER
    group.members[333333333] = Membership.MEMBER
    box.world.set_membership(group, box.world.bot.id, Membership.ADMINISTRATOR)
    return group.id, -1002000000777


@pytest.mark.parametrize("who", ["alice", "mallory"])
async def test_turning_topics_on_keeps_what_works_and_its_buttons(tmp_path: Path, who: str) -> None:
    """Whoever does it: the running turn gets a live message there, old buttons still mean it, also after a restart."""
    async with whole_bot(
        tmp_path, start=False, access={"users": [ALICE, BOB], "chats": [-77001]}, policy=RELAXED
    ) as bot:
        old_id, new_id = await _old_group(bot)
        await bot.start()
        alice, box = bot.box.people["alice"], bot.box
        live = await bot.live_of(alice.says(old_id, None, "wait 600"))
        new = box.people[who].turns_topics_on(old_id, new_id)
        again = await box.wait_for(lambda m: m.button("Stop") is not None, chat=new)
        assert bot.living()
        await bot.kill()
        await bot.start()
        topic = alice.creates_topic(new, "first")
        await bot.answer_to(alice.says(new, topic, "say here"), "here")
        assert (await alice.sends_callback(live, live.buttons[0].callback_data)).text == "Stopping…"
        await box.wait_for(lambda m: "Stopped" in m.text, chat=new)
        assert again.chat_id == new_id


async def test_a_press_about_another_chat_is_nothing(tmp_path: Path) -> None:
    """A listed person can't stop by a forged button what works in a chat that they press it outside of."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, bob, box = bot.box.people["alice"], bot.box.people["bob"], bot.box
        api = box.topic("api")
        await bot.live_of(alice.says(box.workshop, api, "wait 600"))
        shown = await bot.answer_to(alice.says(box.flat, None, "say x"), "x")
        data = Press(Verb.STOP_PLACE, str(box.workshop.id), api.thread_id).data()
        assert (await bob.sends_callback(shown, data)).text == "Only admins may do that."
        assert bot.living()
