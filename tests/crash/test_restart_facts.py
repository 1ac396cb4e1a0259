"""What a restart must not depend on: the age of a message, the order of ids, who asked for it."""

import time
from pathlib import Path

from bot.sandbox.flood import FloodPolicy
from storage.database import Database
from storage.inbox import Inbox
from tests.whole_bot import shell, whole_bot

_HOURS_S = 3600.0

# Ends the bot that started it, politely, and goes on.
RESTARTER = 'read -r bot; kill -TERM "$bot"; while kill -0 "$bot"; do sleep 0.05; done; echo "ended $bot"'


async def test_an_update_with_a_lower_id_than_those_before_is_handled(db: Database) -> None:
    """Updates are known one by one; no highest number says what was handled."""
    inbox = Inbox(db)
    await inbox.add([(700, "{}")], at=1)
    await inbox.done(700, at=2)
    await inbox.add([(600, "{}"), (700, "{}")], at=3)
    assert [update.update_id for update in await inbox.unhandled(10)] == [600]


async def test_a_message_of_yesterday_is_answered(tmp_path: Path) -> None:
    """What Telegram still has is handled, however old it is when the bot comes back."""
    async with whole_bot(tmp_path, start=False, now=lambda: time.time() - 20 * _HOURS_S) as bot:
        prompt = bot.box.people["alice"].says(bot.box.workshop, bot.box.topic("api"), "say late but here")
        await bot.start()
        await bot.answer_to(prompt, "late but here")


async def test_an_agent_that_ends_its_bot_does_not_hold_it_up(tmp_path: Path) -> None:
    """The bot does not wait for the turn that asked for its end, and the next one delivers its answer."""
    async with whole_bot(
        tmp_path,
        policy=FloodPolicy(is_strict=False),
        agents={"restarter": shell(RESTARTER)},
        defaults={"agent": "restarter"},
    ) as bot:
        assert bot.process is not None
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, str(bot.process.pid))
        assert await bot.process.wait() == 0
        await bot.start()
        await bot.answer_to(prompt, f"ended {prompt.text}")
