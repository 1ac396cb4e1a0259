"""kill -9 at random instants, again and again: every prompt gets its one turn and its one answer."""

import os
import random
import time
from pathlib import Path

import anyio
import pytest

from bot.sandbox.flood import FloodPolicy
from bot.sandbox.model import Message
from tests.whole_bot import WholeBot, shell, whole_bot

SECONDS = float(os.environ.get("CRASH_SECONDS", "20"))
SEED = int(os.environ.get("CRASH_SEED", "20261121"))

# Writes each prompt that it gets to a file, works a moment, writes it to another, and answers with it.
WITNESS = """
read -r prompt
echo "$prompt by $$" >> "$HOME/given"
sleep 0.$(( $$ % 7 ))
echo "$prompt by $$" >> "$HOME/done"
echo "answer to $prompt"
"""


def _answers(bot: WholeBot, prompt: Message) -> list[str]:
    replies = bot.box.messages(prompt.chat_id, prompt.thread_id, by_bot=True)
    return [each.text for each in replies if each.text.startswith(f"answer to {prompt.text}")]


@pytest.mark.timeout(SECONDS + 150)
async def test_random_kills_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    """Whenever the bot is killed: no prompt is given twice, none is lost, no agent disturbed, each answer comes."""
    chance = random.Random(SEED)
    policy = FloodPolicy(is_strict=False)
    async with whole_bot(
        tmp_path, agents={"witness": shell(WITNESS)}, defaults={"agent": "witness"}, policy=policy
    ) as bot:
        alice, box = bot.box.people["alice"], bot.box
        topics = [(box.workshop, box.topic("api")), (box.workshop, box.topic("website"))]
        places = [*topics, (box.private("alice"), None), (box.private("bob"), None), (box.flat, None)]
        people = {box.private("bob").id: bot.box.people["bob"]}
        prompts: list[Message] = []
        until = time.monotonic() + SECONDS
        kills = 0
        while time.monotonic() < until:
            for _ in range(chance.randint(0, 2)):
                chat, thread = chance.choice(places)
                person = people.get(chat.id, alice)
                prompts.append(person.says(chat, thread, f"prompt {len(prompts):03d}"))
            # The instant of the kill is what is random here; there is nothing to wait for.
            with anyio.move_on_after(chance.choice([0.0, 0.002, 0.01, 0.03, 0.1, 0.4])):
                await box.wait_change(lambda _: False)
            await bot.kill()
            kills += 1
            if chance.random() < 0.3:
                prompts.append(alice.says(box.flat, None, f"prompt {len(prompts):03d}"))
            await bot.start()
        for prompt in prompts:
            await bot.says(f"answer to {prompt.text}", timeout_s=90)
        given = (tmp_path / "given").read_text().splitlines()
        assert sorted(line.partition(" by ")[0] for line in given) == sorted(prompt.text for prompt in prompts)
        assert sorted((tmp_path / "done").read_text().splitlines()) == sorted(given)
        for prompt in prompts:
            answers = _answers(bot, prompt)
            assert len(answers) == 1 or any("Sent again" in text for text in answers), answers
        print(f"{kills} kills, {len(prompts)} prompts, seed {SEED}")
