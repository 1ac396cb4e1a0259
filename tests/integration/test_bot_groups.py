"""The bot's place in its groups, with the whole bot: being added, rights, being removed."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.sandbox.flood import FloodPolicy
from bot.sandbox.model import Chat, ChatKind, Membership
from storage.database import DATABASE_NAME
from tests.integration.test_bot_topics import looked_at
from tests.whole_bot import BOB, DEMO, WholeBot, shell, whole_bot

RELAXED = FloodPolicy(is_strict=False)
NEW_GROUP = -1002000000333
WAITS = shell('cat >/dev/null; while [ ! -e "$HOME/go" ]; do sleep 0.05; done; echo the answer')


def a_group(bot: WholeBot, owner: str, *, has_topics: bool = True, kind: ChatKind = ChatKind.SUPERGROUP) -> Chat:
    """A group without the bot, with Bob in it."""
    group = bot.box.people[owner].makes_group(NEW_GROUP, "New group", kind=kind, has_topics=has_topics)
    group.members[BOB] = Membership.MEMBER
    return group


def is_inside(bot: WholeBot, chat: Chat) -> bool:
    """Whether the bot is in a chat."""
    return chat.members.get(bot.box.world.bot.id, Membership.LEFT).is_inside


async def test_an_admin_who_adds_the_bot_is_asked_there_and_told_what_is_missing(tmp_path: Path) -> None:
    """Nobody else's press counts; after the yes it works for everybody on the list, also after a restart."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, bob, box = bot.box.people["alice"], bot.box.people["bob"], bot.box
        box.world.can_read_all_group_messages = False
        await bot.kill()
        await bot.start()
        group = a_group(bot, "alice", has_topics=False)
        alice.adds_bot(group, as_admin=False)
        asked = await box.wait_for(lambda m: "May I?" in m.text, chat=group)
        bob.presses(asked, "Work here")
        box.people["mallory"].presses(asked, "Work here")
        await alice.presses(asked, "Work here")
        said = await box.wait_for(lambda m: "I work in this chat now" in m.text, chat=group)
        assert "privacy mode" in said.text
        assert "The group has no topics" in said.text
        await bot.kill()
        await bot.start()
        alice.adds_bot(group, as_admin=True)
        await bot.answer_to(bob.says(group, None, "say welcome"), "welcome")


async def test_whom_a_stranger_adds_says_nothing_there(tmp_path: Path) -> None:
    """Admins are asked in private; a yes there lets it work, and is no yes of anybody else."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, bob, box = bot.box.people["alice"], bot.box.people["bob"], bot.box
        group = a_group(bot, "mallory")
        box.people["mallory"].adds_bot(group)
        asked = await box.wait_for(lambda m: "added me to «New group»" in m.text, chat=box.private("alice"))
        assert "Mallory (333333333)" in asked.text
        assert box.messages(box.private("bob"), None, by_bot=True) == []
        forged = box.world.post(box.private("bob"), box.world.bot, text="x")
        assert (await bob.sends_callback(forged, asked.buttons[0].callback_data)).text == "Only admins may do that."
        bob.says(group, None, "say too early")
        await alice.presses(asked, "Work there")
        await box.wait_for(lambda m: "I work in «New group» now" in m.text, chat=box.private("alice"))
        await bot.answer_to(bob.says(group, None, "say welcome"), "welcome")
        assert not any("too early" in m.text for m in box.messages(group, None, by_bot=True))
        assert (await alice.sends_callback(asked, asked.buttons[1].callback_data)).text == "I work there already."
        assert is_inside(bot, group)


async def test_a_no_makes_the_bot_leave(tmp_path: Path) -> None:
    """At once, and the question can be asked anew when it is added again."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, box = bot.box.people["alice"], bot.box
        group = a_group(bot, "mallory")
        for _ in range(2):
            since = len(box.calls)
            asked_before = len(box.messages(box.private("alice"), None, by_bot=True))
            box.people["mallory"].adds_bot(group)
            asked = await box.wait_for(
                lambda m, n=asked_before: "added me to" in m.text and bool(m.buttons) and m.message_id > n,  # type: ignore[misc]
                chat=box.private("alice"),
            )
            await alice.presses(asked, "Leave")
            await box.wait_call("leaveChat", since=since)
            await box.wait_for(lambda m, i=asked.message_id: m.message_id == i and not m.buttons)  # type: ignore[misc]
            assert not is_inside(bot, group)
        assert box.messages(group, None, by_bot=True) == []


async def test_without_a_yes_it_leaves_after_an_hour_also_over_a_restart(tmp_path: Path) -> None:
    """Nobody has to remember: what was asked when is stored, and admins are told that it left."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        box = bot.box
        group = a_group(bot, "mallory")
        box.people["mallory"].adds_bot(group)
        await box.wait_for(lambda m: "added me to" in m.text, chat=box.private("alice"))
        await bot.kill()
        await bot.start()
        assert is_inside(bot, group)
        await bot.kill()
        with closing(sqlite3.connect(bot.state / DATABASE_NAME)) as db:
            db.execute("UPDATE chats SET asked_at = asked_at - 3600001 WHERE chat_id = ?", (group.id,))
            db.commit()
        since = len(box.calls)
        await bot.start()
        await box.wait_call("leaveChat", since=since)
        await box.wait_for(lambda m: "I left «New group»" in m.text, chat=box.private("alice"))
        assert not is_inside(bot, group)


async def test_a_channel_is_left(tmp_path: Path) -> None:
    """The bot works in groups: it says so to admins and goes."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        box = bot.box
        channel = a_group(bot, "mallory", kind=ChatKind.CHANNEL)
        box.people["mallory"].adds_bot(channel)
        await box.wait_call("leaveChat", since=0)
        await box.wait_for(lambda m: "is a channel" in m.text, chat=box.private("alice"))


async def test_muted_and_back(tmp_path: Path) -> None:
    """What is owed is held, admins are told once what to grant, and all of it comes when the right is back."""
    agents = {"demo": DEMO, "slow": WAITS}
    async with whole_bot(tmp_path, agents=agents, defaults={"agent": "slow"}, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await looked_at(bot, box.workshop.id)
        prompt = alice.says(box.workshop, api, "go")
        await bot.live_of(prompt)
        alice.mutes_bot(box.workshop)
        told = await box.wait_for(lambda m: "can't write to «Workshop»" in m.text, chat=box.private("alice"))
        assert "Send Messages" in told.text
        (tmp_path / "go").touch()
        await box.wait_call("sendMessage", lambda call: call.error is not None and "rights" in call.error.description)
        await bot.kill()
        await bot.start()
        assert bot.living() == []
        alice.adds_bot(box.workshop)
        await bot.answer_to(prompt, "the answer")
        await box.wait_for(lambda m: "I can write to «Workshop» again" in m.text, chat=box.private("alice"))
        said = [m.text for m in box.messages(box.private("alice"), None, by_bot=True)]
        assert sum("can't write to" in text for text in said) == 1


async def test_removed_while_the_bot_is_down_is_noticed_at_start(tmp_path: Path) -> None:
    """Whatever updates were lost: Telegram is asked at start; the turn goes on, its answer comes once it is back."""
    agents = {"demo": DEMO, "slow": WAITS}
    async with whole_bot(tmp_path, agents=agents, defaults={"agent": "slow"}, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await looked_at(bot, box.workshop.id)
        prompt = alice.says(box.workshop, api, "go")
        await bot.live_of(prompt)
        await bot.kill()
        alice.removes_bot(box.workshop)
        box.world.updates.clear()
        await bot.start()
        await box.wait_for(lambda m: "not in «Workshop» any more" in m.text, chat=box.private("alice"))
        assert bot.living()
        (tmp_path / "go").touch()
        await box.wait_call("sendMessage", lambda call: call.error is not None and call.error.code == 403)
        alice.adds_bot(box.workshop)
        await bot.answer_to(prompt, "the answer")


async def test_who_blocks_the_bot_is_not_told_on(tmp_path: Path) -> None:
    """What is owed to a person waits until they come back."""
    agents = {"demo": DEMO, "slow": WAITS}
    async with whole_bot(tmp_path, agents=agents, defaults={"agent": "slow"}, policy=RELAXED) as bot:
        alice, box = bot.box.people["alice"], bot.box
        prompt = alice.says(None, None, "go")
        await bot.live_of(prompt)
        alice.removes_bot(box.private("alice"))
        (tmp_path / "go").touch()
        await box.wait_call("sendMessage", lambda call: call.error is not None and call.error.code == 403)
        alice.adds_bot(box.private("alice"), as_admin=False)
        await bot.answer_to(prompt, "the answer")
