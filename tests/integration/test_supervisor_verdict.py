"""An exit code that a stop of ours caused is no error, whatever it says."""

from pathlib import Path

import pytest

from bot.sandbox.flood import FloodPolicy
from tests.whole_bot import DEMO, shell, whole_bot

# What the prompt asks for is how the program ends when it gets SIGTERM.
AGENT = """
read prompt
case $prompt in
next) echo the next answer; exit 0;;
SIGKILL) trap '' TERM;;
*) trap "echo broken >&2; exit $prompt" TERM;;
esac
echo working; while :; do sleep 0.05; done
"""


@pytest.mark.parametrize("ending", ["143", "137", "SIGKILL"])
async def test_a_stopped_turn_is_stopped_and_not_failed(tmp_path: Path, ending: str) -> None:
    """One notice, no error, and nothing is begun again: not by itself, and not with the next prompt."""
    async with whole_bot(
        tmp_path,
        policy=FloodPolicy(is_strict=False),
        agents={"demo": DEMO, "worker": shell(AGENT)},
        defaults={"agent": "worker"},
    ) as bot:
        alice, topic, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        live = await bot.live_of(alice.says(box.workshop, topic, ending), "working")
        await bot.says("Stopped", after=alice.says(box.workshop, topic, "/stop"))
        await bot.answer_to(alice.says(box.workshop, topic, "next"), "the next answer")
        said = [each for each in box.messages(box.workshop, topic, by_bot=True) if each.message_id > live.message_id]
        assert len([each for each in said if "Stopped" in each.text]) == 1
        shown = " ".join([box.text_of(live), *(each.text for each in said)]).lower()
        assert not [word for word in ("failed", "exit code", "sigterm", "sigkill", "broken", "⚠") if word in shown]
        assert len(bot.runs()) == 2
