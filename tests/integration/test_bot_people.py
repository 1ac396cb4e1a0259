"""Several people in one topic, and what each may do, with the whole bot."""

from pathlib import Path

from bot.sandbox.flood import FloodPolicy
from tests.whole_bot import ALICE, BOB, WholeBot, whole_bot

RELAXED = FloodPolicy(is_strict=False)


async def test_who_asked_is_shown_where_several_ask(tmp_path: Path) -> None:
    """In the live message and in what says that a prompt waits; where one person asks alone, nothing of it."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, bob, box = bot.box.people["alice"], bot.box.people["bob"], bot.box
        api, website = box.topic("api"), box.topic("website")
        await bot.live_of(alice.says(box.workshop, api, "wait 600"))
        waits = bob.says(box.workshop, api, "say queued")
        queued = await box.wait_for(lambda m: "Queued" in m.text and m.reply_to == waits.message_id)
        assert "asked by Bob" in queued.text
        alice.says(box.workshop, api, "/stop")
        await box.wait_for(lambda m: "Stopped" in m.text, thread=api)
        live = await bot.live_of(alice.says(box.workshop, api, "wait 600"), "asked by Alice")
        await alice.presses(live, "Stop")
        alone = await bot.live_of(alice.says(box.workshop, website, "wait 600"))
        assert not any("asked by" in version.text for version in box.versions(alone))


async def test_an_answer_replies_to_who_asked_for_it(tmp_path: Path) -> None:
    """So the one who asked is rung, and the other is not taken for it."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, bob, box = bot.box.people["alice"], bot.box.people["bob"], bot.box
        api = box.topic("api")
        mine = alice.says(box.workshop, api, "say for alice")
        his = bob.says(box.workshop, api, "say for bob")
        assert (await bot.answer_to(mine, "for alice")).reply_to == mine.message_id
        assert (await bot.answer_to(his, "for bob")).reply_to == his.message_id


async def test_whoami_says_all_ids_and_what_one_may_do(tmp_path: Path) -> None:
    """In a topic with its name; an admin, a user, a stranger in private; a stranger in a group gets nothing."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, bob, mallory, box = *(bot.box.people[name] for name in ("alice", "bob", "mallory")), bot.box
        topic = alice.creates_topic(box.workshop, "Docs")
        mine = (await bot.answer_to(alice.says(box.workshop, topic, "/whoami"), str(ALICE))).text
        for part in ("@alice", str(box.workshop.id), "Workshop", "Docs", str(topic.thread_id), "administer it"):
            assert part in mine
        his = (await bot.answer_to(bob.says(None, None, "/whoami"), str(BOB))).text
        assert "You may use this bot" in his
        assert "administer it" not in his
        mallory.says(box.workshop, topic, "/whoami")
        stranger = await bot.answer_to(mallory.says(None, None, "/WHOAMI@topicd_sandbox_bot"), str(mallory.id))
        assert "[access] users" in stranger.text
        assert not any(str(mallory.id) in m.text for m in box.messages(box.workshop, topic, by_bot=True))


async def test_an_anonymous_admin_is_let_in_by_the_chat_and_is_no_admin_of_ours(tmp_path: Path) -> None:
    """Listed in `sender_chats` it may ask; what is for admins is refused."""
    access = {"users": [ALICE], "chats": [-1002000000001], "sender_chats": [-1002000000001]}
    async with whole_bot(tmp_path, access=access, policy=RELAXED) as bot:
        alice, box = bot.box.people["alice"], bot.box
        await bot.answer_to(alice.says_as_chat(box.workshop, None, "say let in"), "let in")
        refused = await bot.answer_to(alice.says_as_chat(box.workshop, None, "/stop_all"), "admins")
        assert "Only admins" in refused.text
        who = await bot.answer_to(alice.says_as_chat(box.workshop, None, "/whoami"), "Workshop")
        assert str(ALICE) not in who.text


async def test_edits_and_leaving_by_strangers_change_nothing(tmp_path: Path) -> None:
    """A stranger's edited message is no prompt; a bot's message is none either."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        mallory, box = bot.box.people["mallory"], bot.box
        said = mallory.says(box.workshop, None, "hello")
        mallory.edits(said, "say intruder")
        robot = {"id": 999, "is_bot": True, "first_name": "Robot"}
        chat = {"id": box.workshop.id, "type": "supergroup", "title": "Workshop", "is_forum": True}
        message = {"message_id": 900_001, "date": 1, "chat": chat, "from": robot, "text": "say intruder"}
        box.world.updates.push_raw({"message": message})
        for kind in ("inline_query", "chosen_inline_result", "poll_answer", "message_reaction", "guest_message"):
            box.world.updates.push_raw({kind: {**message, "id": "1", "query": "x", "offset": "", "user": robot}})
        await _done(bot)
        assert not any("intruder" in m.text for m in box.messages(box.workshop, None, by_bot=True))
        assert len(bot.runs()) == 1


async def _done(bot: WholeBot) -> None:
    alice, box = bot.box.people["alice"], bot.box
    await bot.answer_to(alice.says(box.workshop, None, "say done"), "done")
