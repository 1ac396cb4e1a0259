"""Bad input of every kind: a clear message to the right person, and the bot goes on."""

import asyncio
import sys
from pathlib import Path

import pytest

from bot.sandbox.flood import FloodPolicy
from bot.sandbox.model import MediaKind, Membership
from bot.sandbox.server import Sandbox
from tests.whole_bot import ALICE, DEMO, WholeBot, shell, whole_bot

RELAXED = FloodPolicy(is_strict=False)


async def _ended(bot: WholeBot) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "run", "--config", str(bot.config)),
        env=bot.environment,
        cwd=bot.home,
        stderr=asyncio.subprocess.PIPE,
    )
    _, stderr = await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode is not None
    return process.returncode, stderr.decode()


async def test_refused_token_ends_with_4(tmp_path: Path) -> None:
    """A token that Telegram refuses ends the bot with 4 and one line that says what to do."""
    async with Sandbox() as box:
        bot = WholeBot(box, tmp_path, {"telegram": {"token": "7100000001:AAanother-token-that-nobody-knows0000"}})
        code, stderr = await _ended(bot)
        assert code == 4
        assert "BotFather" in stderr
        assert "Traceback" not in stderr
        assert "another-token" not in stderr


BROKEN = {
    "missing": ({"protocol": "text", "command": ["no-such-program"]}, "not found"),
    "locked": ({"protocol": "text", "command": ["/etc/passwd"]}, "not executable"),
    "dies": (shell("echo some reason >&2; exit 3"), "some reason"),
    "dies-at-once": ({"protocol": "claude", "command": ["false"], "mode": "all"}, "exit code 1"),
    "garbage": (
        {"protocol": "claude", "command": ["sh", "-c", "head -c 5000 /dev/urandom; exit 1"], "mode": "all"},
        "exit code 1",
    ),
    "killed": (shell("kill -9 $$"), "SIGKILL"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_broken_agent_is_explained(tmp_path: Path, name: str) -> None:
    """An agent that can't be found, can't be run, dies or prints garbage is explained in one line."""
    agent, words = BROKEN[name]
    async with whole_bot(tmp_path, agents={"demo": DEMO, name: agent}, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        error = await bot.answer_to(alice.says(box.workshop, api, f"/new {name} do it"), words)
        assert name in error.text
        assert "Traceback" not in error.text
        await bot.answer_to(alice.says(box.workshop, api, "/new demo say fine"), "fine")


async def test_strange_output_is_answered(tmp_path: Path) -> None:
    """A line of 50 MB, invalid UTF-8, and a stdout that is closed by a program that stays: all are answers."""
    agents = {
        "demo": DEMO,
        "big": shell("cat >/dev/null; head -c 50000000 /dev/zero | tr '\\0' x"),
        "latin": shell("cat >/dev/null; printf 'caf\\351 ready'"),
        "closer": shell("cat >/dev/null; echo all said; exec >&- 2>&-; sleep 600"),
        "silent": shell("cat >/dev/null"),
    }
    async with whole_bot(tmp_path, agents=agents, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.answer_to(alice.says(box.workshop, api, "/new latin go"), "ready")
        await bot.answer_to(alice.says(box.workshop, api, "/new silent go"), "without a word")
        await bot.answer_to(alice.says(box.workshop, api, "/new closer go"), "all said")
        big = alice.says(box.workshop, api, "/new big go")
        await bot.answer_to(big, "xxxx", timeout_s=30)
        await box.wait_for(lambda m: m.media is not None and m.reply_to == big.message_id, timeout_s=30)


async def test_missing_directory_is_explained(tmp_path: Path) -> None:
    """A directory that vanished is named, with what to do."""
    async with whole_bot(tmp_path, defaults={"agent": "demo", "directory": str(tmp_path / "gone")}) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        error = await bot.answer_to(alice.says(box.workshop, api, "say hi"), "does not exist")
        assert "/dir" in error.text


async def test_only_listed_people_get_in(tmp_path: Path) -> None:
    """Strangers, anonymous admins, channels and forged buttons change nothing and get nothing in groups."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, mallory, box = bot.box.people["alice"], bot.box.people["mallory"], bot.box
        api = box.topic("api")
        live = await bot.live_of(alice.says(box.workshop, api, "wait 60"))
        mallory.says(box.workshop, api, "say intruder")
        mallory.says(box.workshop, api, "/stop")
        mallory.says(None, None, "say intruder")
        alice.says_as_chat(box.workshop, api, "/stop")
        mallory.sends_callback(live, live.buttons[0].callback_data)
        who = mallory.says(None, None, "/whoami")
        answer = await bot.answer_to(who, str(mallory.id))
        assert "nothing here" in answer.text
        await bot.answer_to(alice.says(box.workshop, box.topic("website"), "say still here"), "still here")
        assert bot.living()
        assert not any("intruder" in m.text for m in box.messages(box.workshop, api, by_bot=True))
        assert [m.text for m in box.messages(box.private("mallory"), by_bot=True)] == [answer.text]


async def test_forged_button_means_nothing(tmp_path: Path) -> None:
    """Callback data that is not ours, or names what isn't there, is refused with an alert."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        live = await bot.live_of(alice.says(box.workshop, api, "wait 60"))
        for data in ("nonsense", "stop||999999", "stop|x|1", "resume||1 OR 1=1", "set||colour:red", "chat||1"):
            answer = await alice.sends_callback(live, data)
            assert answer.text
        assert bot.living()


@pytest.mark.parametrize(
    "text", ["-rf --version", "/nonsense of mine", "/usr/bin/env", "--", "«»\u202e\u200bx", "x" * 4096]
)
async def test_odd_prompts_reach_the_agent_whole(tmp_path: Path, text: str) -> None:
    """A prompt is data: it may begin with - or /, be long, or hold odd characters."""
    async with whole_bot(
        tmp_path, agents={"demo": DEMO, "wc": shell("tr -d '\\n' | wc -c")}, defaults={"agent": "wc"}
    ) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.answer_to(alice.says(box.workshop, api, text), str(len(text.encode())))


async def test_what_no_agent_can_take_is_refused_kindly(tmp_path: Path) -> None:
    """What can't be given to an agent is said, and nothing is started."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.answer_to(alice.sends_sticker(box.workshop, api), "sticker")
        voice = alice.sends_file(box.workshop, api, b"data", name="a.ogg", kind=MediaKind.VOICE)
        await bot.answer_to(voice, "voice")
        assert bot.runs() == []


async def test_closed_topic_holds_its_answer(tmp_path: Path) -> None:
    """An answer for a topic that was closed is held, an admin is told, and it comes when the topic is back."""
    slow = shell('cat >/dev/null; while [ ! -e "$HOME/go" ]; do sleep 0.05; done; echo the answer')
    async with whole_bot(tmp_path, agents={"demo": DEMO, "slow": slow}, defaults={"agent": "slow"}) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, "go")
        await bot.live_of(prompt)
        box.world.set_membership(box.workshop, box.world.bot.id, Membership.MEMBER)
        alice.closes_topic(box.workshop, api)
        (tmp_path / "go").touch()
        await box.wait_for(lambda m: "can't write to" in m.text, chat=box.private("alice"))
        assert not any("the answer" in m.text for m in box.messages(box.workshop, None, by_bot=True))
        alice.reopens_topic(box.workshop, api)
        await bot.answer_to(prompt, "the answer")


async def test_deleted_topic_gets_nothing_into_general(tmp_path: Path) -> None:
    """An answer for a topic that was deleted is held; an admin is told and may have it; General stays quiet."""
    slow = shell('cat >/dev/null; while [ ! -e "$HOME/go" ]; do sleep 0.05; done; echo the answer')
    async with whole_bot(tmp_path, agents={"demo": DEMO, "slow": slow}, defaults={"agent": "slow"}) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.live_of(alice.says(box.workshop, api, "go"))
        alice.deletes_topic(box.workshop, api)
        (tmp_path / "go").touch()
        notice = await box.wait_for(lambda m: "can't write to" in m.text, chat=box.private("alice"))
        assert box.messages(box.workshop, None, by_bot=True) == []
        await alice.presses(notice, "Deliver it here")
        await box.wait_for(lambda m: m.text == "the answer", chat=box.private("alice"))
        assert (await alice.presses(box.versions(notice)[0], "Deliver")).text == "Nothing is held there any more."


async def test_group_that_becomes_a_supergroup_keeps_everything(tmp_path: Path) -> None:
    """After a migration the running turn's answer comes in the supergroup, and the session goes on there."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, box = bot.box.people["alice"], bot.box
        await bot.answer_to(alice.says(box.flat, None, "remember the word is heron"))
        await bot.live_of(alice.says(box.flat, None, "run sleep 2; echo moved"))
        moved = alice.migrates(box.flat, -1002000000099)
        await box.wait_for(lambda m: m.text == "moved", chat=moved, timeout_s=15)
        await bot.answer_to(alice.says(moved, None, "recall"), "heron")


async def test_updates_that_cannot_be_read_are_set_aside(tmp_path: Path) -> None:
    """An update with unknown members does not hold up the others; a prompt in it is still understood."""
    async with whole_bot(tmp_path, start=False, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        box.world.updates.push_raw({"message": {"message_id": "not a number", "chat": 5}})
        box.world.updates.push_raw({"a_kind_from_the_future": {"x": 1}})
        prompt = alice.says(box.workshop, api, "say understood")
        await bot.start()
        await bot.answer_to(prompt, "understood")


def _raw(bot: WholeBot, message_id: int, **more: object) -> dict[str, object]:
    """A message in General as the Bot API would send it, with whatever else a test wants."""
    chat = {"id": bot.box.workshop.id, "type": "supergroup", "title": "Workshop", "is_forum": True}
    person = {"id": ALICE, "is_bot": False, "first_name": "Alice"}
    return {"message_id": message_id, "date": 1, "chat": chat, "from": person, **more}


async def test_very_long_and_empty_prompts(tmp_path: Path) -> None:
    """A prompt of 100 kB reaches the agent whole; an empty one is refused."""
    agents = {"demo": DEMO, "wc": shell("tr -d '\\n' | wc -c")}
    async with whole_bot(tmp_path, agents=agents, defaults={"agent": "wc"}, policy=RELAXED) as bot:
        bot.box.world.updates.push_raw({"message": _raw(bot, 900_001, text="y" * 100_000)})
        await bot.says("100000")
        bot.box.world.updates.push_raw({"message": _raw(bot, 900_002, text=" \n ")})
        await bot.says("empty")
        assert len(bot.runs()) == 1


async def test_channels_are_refused(tmp_path: Path) -> None:
    """What is written in the name of a channel starts nothing, whoever is named as its author."""
    channel = {"id": -1009999999999, "type": "channel", "title": "A channel"}
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, box = bot.box.people["alice"], bot.box
        box.world.updates.push_raw({"message": _raw(bot, 900_001, text="say intruder", sender_chat=channel)})
        box.world.updates.push_raw({"channel_post": {**_raw(bot, 900_002, text="say intruder"), "chat": channel}})
        await bot.answer_to(alice.says(box.workshop, None, "say done"), "done")
        assert not any("intruder" in m.text for m in box.messages(box.workshop, None, by_bot=True))
        assert len(bot.runs()) == 1


async def test_the_same_message_twice_is_one_turn(tmp_path: Path) -> None:
    """A message that comes again, even under another update id, has its effect once."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, box = bot.box.people["alice"], bot.box
        for _ in range(3):
            box.world.updates.push_raw({"message": _raw(bot, 900_001, text="say once")})
        await bot.answer_to(alice.says(box.workshop, None, "say done"), "done")
        assert [m.text for m in box.messages(box.workshop, None, by_bot=True)].count("once") == 1
