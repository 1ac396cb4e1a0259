"""Telegram's limits and bad days, with the whole bot."""

from collections.abc import Callable
from pathlib import Path

from bot.sandbox.calls import Outcome
from bot.sandbox.faults import Fault
from tests.whole_bot import whole_bot


async def test_busy_topics_never_exceed_the_limits(tmp_path: Path) -> None:
    """Eight turns that stream in one forum cause no 429, and their answers all come."""
    async with whole_bot(tmp_path, runs={"limit": 8}) as bot:
        alice, box = bot.box.people["alice"], bot.box
        topics = [alice.creates_topic(box.workshop, f"topic {n}") for n in range(8)]
        prompts = [alice.says(box.workshop, topic, "run sleep 8; echo finished") for topic in topics]
        for prompt in prompts:
            await bot.answer_to(prompt, "finished", timeout_s=50)
        refused = [call for call in box.calls if call.error is not None and call.error.code == 429]
        assert refused == []


async def test_a_restart_is_no_new_minute(tmp_path: Path) -> None:
    """Killed and started again at once, with a live message and a dozen answers behind it, the bot causes no 429."""
    async with whole_bot(tmp_path, runs={"limit": 20}) as bot:
        alice, box = bot.box.people["alice"], bot.box
        topics = [alice.creates_topic(box.workshop, f"topic {n}") for n in range(12)]
        await bot.live_of(alice.says(box.workshop, box.topic("api"), "wait 600"))
        prompts = [alice.says(box.workshop, topic, "say first") for topic in topics]
        for prompt in prompts[:10]:
            await bot.answer_to(prompt, "first", timeout_s=50)
        await bot.kill()
        await bot.start()
        for prompt in prompts[10:]:
            await bot.answer_to(prompt, "first", timeout_s=50)
        assert [call for call in box.calls if call.error is not None and call.error.code == 429] == []


async def test_bad_days_lose_no_answer(tmp_path: Path) -> None:
    """429, 500, HTML 502, a dropped connection and a lost reply: each answer arrives."""
    async with whole_bot(tmp_path) as bot:
        alice, box, faults = bot.box.people["alice"], bot.box, bot.box.faults
        chat = box.private("alice")
        strikes: dict[str, Callable[[], Fault]] = {
            "server error": lambda: faults.server_error("sendMessage"),
            "bad gateway": lambda: faults.bad_gateway("sendMessage"),
            "dropped": lambda: faults.drop("sendMessage"),
            "lost reply": lambda: faults.lose_reply("sendMessage"),
            "flood": lambda: faults.flood(2, method="sendMessage"),
        }
        for name, strike in strikes.items():
            strike()
            await bot.answer_to(alice.says(chat, None, f"say {name}"), name, timeout_s=20)
        said = [m.text for m in box.messages(chat, None, by_bot=True)]
        assert [text for text in said if text == "server error"] == ["server error"]
        assert any(text.startswith("lost reply") and "Sent again" in text for text in said)


async def test_intake_survives_an_outage(tmp_path: Path) -> None:
    """Telegram is away for a while: the bot waits, and answers what was written in the meantime."""
    async with whole_bot(tmp_path) as bot:
        alice, box = bot.box.people["alice"], bot.box
        box.faults.begin_outage(3)
        await bot.answer_to(alice.says(box.private("alice"), None, "say back again"), "back again", timeout_s=30)


async def test_conflict_and_odd_pages_while_polling(tmp_path: Path) -> None:
    """409, a 500 and an HTML page in answer to getUpdates only delay."""
    async with whole_bot(tmp_path) as bot:
        alice, box = bot.box.people["alice"], bot.box
        box.faults.bad_gateway("getUpdates")
        box.faults.server_error("getUpdates")
        box.faults.conflict(times=1)
        await bot.answer_to(alice.says(box.private("alice"), None, "say still polling"), "still polling", timeout_s=30)
        assert any(call.outcome is Outcome.GARBAGE for call in box.calls.of("getUpdates"))
