"""`/restart`: the bot ends in an orderly way and comes back by itself, with whatever works left alone."""

import os
from pathlib import Path

import pytest

from bot.sandbox.model import Message
from tests.integration.notifications import Manager
from tests.integration.test_bot_deadlines import stored
from tests.whole_bot import WholeBot, whole_bot


def says(bot: WholeBot, text: str, who: str = "alice") -> Message:
    """Somebody writes in the topic «api»."""
    return bot.box.people[who].says(bot.box.workshop, bot.box.topic("api"), text)


async def restarts(bot: WholeBot) -> Message:
    """An admin restarts the bot; the word that it is done."""
    since = len(bot.box.calls)
    asked = says(bot, "/restart")
    told = await bot.answer_to(asked, "Restart")
    await bot.box.wait_call("setMyCommands", since=since, timeout_s=20)
    return await bot.box.wait_for(lambda m: m.message_id == told.message_id and "Restarted" in m.text)


@pytest.mark.parametrize("agents_at_shutdown", ["keep", "stop"])
async def test_a_restart_leaves_what_works_alone(tmp_path: Path, agents_at_shutdown: str) -> None:
    """The process is the same, the agents go on and are taken up again, and one message tells of it."""
    async with whole_bot(tmp_path, shutdown={"agents": agents_at_shutdown}) as bot:
        prompt = says(bot, "run sleep 8; echo through")
        await bot.live_of(prompt, "sleep 8")
        assert bot.process is not None
        pid, living = bot.process.pid, sorted(bot.living())
        told = await restarts(bot)
        assert told.text.startswith("✓ Restarted")
        assert bot.process.returncode is None
        assert os.getpgid(pid) == pid
        assert sorted(bot.living()) == living
        await bot.says("Still running", after=prompt)
        await bot.answer_to(prompt, "through", timeout_s=30)
        assert stored(bot, "SELECT state FROM turns") == [("done",)]
        assert len(bot.runs()) == 1


async def test_a_restart_is_made_once(tmp_path: Path) -> None:
    """The update is done before it begins: neither the next life nor one after a kill sees it again."""
    async with whole_bot(tmp_path) as bot:
        await restarts(bot)
        await bot.kill()
        await bot.start()
        await bot.answer_to(says(bot, "say here I am"), "here I am")
        lives = [call for call in bot.box.calls if call.method == "getMe"]
        assert len(lives) == 3
        assert bot.log_text().count('"app.restart_asked"') == 1
        told = bot.box.messages(bot.box.workshop, bot.box.topic("api"), by_bot=True)
        assert len([message for message in told if "Restart" in message.text]) == 1


async def test_only_admins_restart(tmp_path: Path) -> None:
    """Everybody else is told so, and nothing happens."""
    async with whole_bot(tmp_path) as bot:
        await bot.answer_to(says(bot, "/restart", "bob"), "Only admins")
        await bot.answer_to(says(bot, "say still the same"), "still the same")
        assert "app.restart_asked" not in bot.log_text()


async def test_a_mistake_in_the_configuration_keeps_the_bot_alive(tmp_path: Path) -> None:
    """It would not come back: so it says what is wrong, and works on as it is."""
    async with whole_bot(tmp_path) as bot:
        bot.config.write_text(bot.config.read_text() + "\n[turns]\ntimeuot = '1m'\n")
        refused = await bot.answer_to(says(bot, "/restart"), "Not restarted")
        assert "timeuot" in refused.text
        await bot.answer_to(says(bot, "say on we go"), "on we go")


async def test_a_new_configuration_holds_after_a_restart(tmp_path: Path) -> None:
    """It is read anew."""
    async with whole_bot(tmp_path) as bot:
        bot.config.write_text(bot.config.read_text() + '\n[agents.second]\nprotocol = "demo"\n')
        await restarts(bot)
        await bot.answer_to(says(bot, "/agent second"), "second")


async def test_a_service_manager_sees_a_reload(tmp_path: Path) -> None:
    """It is not told of an end, after which it would end what is left; and of being ready again."""
    name = f"@topicd-test-{os.getpid()}"
    with Manager(name) as manager:
        async with whole_bot(tmp_path, start=False) as bot:
            bot.environment["NOTIFY_SOCKET"] = name
            await bot.start()
            await manager.until("READY=1")
            says(bot, "/restart")
            said = await manager.until("RELOADING=1")
            said += await manager.until("READY=1")
            assert any(word.startswith("MONOTONIC_USEC=") for word in said)
            assert "STOPPING=1" not in said
